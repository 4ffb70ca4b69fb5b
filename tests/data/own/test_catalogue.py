"""Names of corpora, their recipes, and what becomes of one that is removed."""

import shutil
from functools import partial

import filelock
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.own import catalogue
from rnn_core.data.own.catalogue import (
    alone_with,
    check_new_name,
    name_for,
    own_corpora,
    own_folder,
    own_names,
    remove,
    working_folder,
)
from rnn_core.data.own.recipe import Recipe, parse_merge, parse_thresholds
from rnn_core.data.sources import bare_config, load_corpus, prepare, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.paths import own_corpora_folder
from tests.data.own.made import added, table, two_classes
from tests.refusals import refusals


@pytest.fixture
def tickets(tmp_path):
    return added(table(tmp_path, two_classes()), "tickets")


SHIPPED = ["imdb", "IMDB", "verdict", "Verdict", "verdict-50", "VERDICT-7"]
NO_NAMES = ["", ".", "..", "../x", "a/b", "a\\b", "/tmp/x", "a b", "x" * 51, "-x", "é", "a\n", "a.lock", "C:"]


@pytest.mark.parametrize("name", [*SHIPPED, *NO_NAMES])
def test_a_name_that_cannot_be_is_refused(name):
    """Names of the app, and names that are none or lead out of the folder."""
    what = "belongs to a corpus that comes with" if name in SHIPPED else "1 to 50 letters from A to Z"
    with pytest.raises(DataError, match=what):
        check_new_name(name)
    for use in (own_folder, *([] if name in SHIPPED else [load_corpus])):
        with pytest.raises(DataError):
            use(name)


@pytest.mark.parametrize("name", ["tickets", "Tickets", "TICKETS"])
def test_a_name_that_differs_in_case_alone_is_taken(tickets, name):
    """A file of it gets a number."""
    with pytest.raises(DataError, match=r"There is a corpus 'tickets' already.*data remove tickets"):
        check_new_name(name)
    assert name_for(f"{name}.csv") == f"{name}-2"


NAMES_FOR = {
    "/tmp/x/tickets.csv": "tickets",
    "imdb.csv": "imdb-2",
    "..zip": "zip",
    "列表.csv": "texts",
    "a" * 90 + ".csv": "a" * 40,
    "-_x y!.csv": "x-y",
}


@pytest.mark.parametrize("file", NAMES_FOR)
def test_a_file_gives_a_free_name_that_a_corpus_may_have(file):
    assert name_for(file) == NAMES_FOR[file]
    check_new_name(name_for(file))


def test_a_name_near_to_a_reserved_one_may_be_given(tmp_path):
    source = table(tmp_path, two_classes())
    for name in ("imdb-2024", "verdicts", "imdb_2", "verdict-a", "my_texts-1"):
        assert RunConfig(data=added(source, name).name).data == name


def test_every_corpus_is_listed_with_its_size_and_opened(tickets, tmp_path, monkeypatch):
    added(table(tmp_path, [*two_classes(60), *[(f"more {i}", "c") for i in range(20)]]), "Zeta")
    for name in (".tickets.0a0a0a0a", "a b", "verdict-3"):  # what is no corpus is not listed
        (own_corpora_folder() / name).mkdir()
    (own_corpora_folder() / "file").write_text("x")
    of_two, of_three = own_corpora()  # in the order of the alphabet, whatever the capital letters
    assert (of_three.name, of_three.classes, of_three.texts) == ("Zeta", ("a", "b", "c"), 80)
    assert (of_two.name, of_two.texts, of_two.problem) == ("tickets", 40, "")
    folder = own_corpora_folder() / "tickets"
    assert of_two.bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert offered_names() == (*shipped_names(), "tickets", "Zeta")
    monkeypatch.setattr(catalogue, "own_names", lambda: ["gone", "tickets"])  # removed in another window
    assert [corpus.name for corpus in own_corpora()] == ["tickets"]
    assert corpus_named("tickets").folder == folder
    assert list(prepare("tickets")) == []
    assert (load_corpus("tickets").name, len(load_corpus("tickets"))) == ("tickets", 40)


@pytest.mark.parametrize("damaged", [{"about.json": b"{"}, {"offsets.npy": b"", "ids.npy": b""}])
def test_a_damaged_corpus_is_listed_and_can_be_removed(tickets, damaged):
    for file in damaged:
        (own_corpora_folder() / "tickets" / file).write_bytes(damaged[file])
    [listed] = own_corpora()
    assert listed.problem.startswith("It can't be read: ")
    said = r"The corpus 'tickets' can't be read. Remove it .* and add it again"
    with pytest.raises(DataError, match=said) as refused:
        load_corpus("tickets")
    assert "made again" not in str(refused.value)  # as those of the app are
    assert not str(refused.value).endswith("..")
    remove("tickets")
    assert own_corpora() == []


def test_a_corpus_that_is_gone_is_said_with_what_to_do(tickets, tmp_path):
    """A corpus that was opened stays readable."""
    added(table(tmp_path, two_classes()), "letters")
    assert remove("tickets") > 1_000
    assert [tickets.text(i) for i in range(40)] == [text for text, _ in two_classes()]
    said = r"There is no corpus 'tickets' on this machine. Add it again on Data or with .*There are letters"
    for ask in (
        load_corpus,
        lambda name: list(prepare(name)),
        remove,
        lambda name: corpus_named(name).provenance(),
    ):
        with pytest.raises(DataError, match=said):
            ask("tickets")
    for name in ("tickets", "Letters"):  # other capital letters are another name
        assert not corpus_named(name).is_prepared()
    with pytest.raises(DataError, match="There is no corpus 'Letters'"):
        load_corpus("Letters")
    assert [path.name for path in own_corpora_folder().iterdir() if path.suffix != ".lock"] == ["letters"]


def while_it_is_added(tickets):
    with filelock.FileLock(own_corpora_folder() / ".tickets.lock"):
        remove("tickets")


def test_what_a_killed_adding_has_left_is_cleared_away(tickets):
    """It is cleared away under any name, unless it is still at work."""
    left, in_work = working_folder("Letters"), working_folder("poems")
    for folder in (left, in_work):
        folder.mkdir()
        (folder / "reviews.arrow").write_text("half of it")
    with filelock.FileLock(own_corpora_folder() / ".poems.lock"), alone_with("other"):
        assert not left.exists()
        assert in_work.exists()
    with alone_with("poems"):
        assert not in_work.exists()
    assert own_names() == ["tickets"]


def test_a_corpus_whose_files_are_in_use_is_removed(tickets, tmp_path, monkeypatch):
    def busy(folder, ignore_errors=False):
        if not ignore_errors:
            raise PermissionError(13, "in use")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", busy)
        assert remove("tickets") > 0
    assert own_names() == []
    assert any(path.is_dir() for path in own_corpora_folder().iterdir())
    added(table(tmp_path, two_classes()), "other")
    assert [path.name for path in own_corpora_folder().iterdir() if path.is_dir()] == ["other"]


def test_the_usual_settings_are_those_of_the_corpus(tickets, tmp_path):
    """Its classes even when it is gone; another corpus of its name has others."""
    before = recommended_config("tickets")
    assert (before.data, before.classes) == ("tickets", ("a", "b"))
    assert bare_config("tickets").classes == ("a", "b")
    assert not bare_config("tickets").model.label_odds
    remove("tickets")
    assert recommended_config("tickets", before.identity) == RunConfig.plain("tickets", before.identity)
    added(table(tmp_path, [(f"yes{i} " * 30, "no yes".split()[i % 2]) for i in range(60)]), "tickets")
    after = recommended_config("tickets")
    assert after.classes == ("no", "yes")
    assert after.text.max_length == 31 != before.text.max_length


anything = st.text(st.characters(exclude_categories=["Cs"]))
some_names = anything.filter(str.strip)
recipes = st.builds(
    Recipe,
    source=anything,
    text=st.just("message"),
    label=st.sampled_from(["class", "kind of text"]),
    split=st.sampled_from(["", "part"]),
    group=st.sampled_from(["", "author"]),
    merges=st.dictionaries(some_names, some_names, max_size=4).map(lambda pairs: tuple(pairs.items())),
    thresholds=st.sets(st.floats(-1e9, 1e9, allow_subnormal=False), max_size=4).map(sorted).map(tuple),
    test_share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**31 - 1),
    tokens=st.builds(TokenRules, unit=st.sampled_from(["words", "characters"]), lowercase=st.booleans()),
    contradictory=st.sampled_from(["leave-out", "keep-first", "keep-all"]),
)


@given(recipes)
def test_a_recipe_comes_back_from_its_json(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe


@given(some_names, some_names)
def test_a_merge_can_name_classes_with_any_signs(old, new):
    typed = "=".join(name.replace("\\", r"\\").replace("=", r"\=") for name in (old, new))
    assert parse_merge(typed) == (old.strip(), new.strip())


def test_merges_and_thresholds_are_read_as_typed():
    assert parse_merge(" pos = positive ") == ("pos", "positive")
    assert parse_merge(r"a\b=c=d") == (r"a\b", "c=d")
    assert parse_thresholds("4, 7.5") == (4.0, 7.5)
    assert parse_thresholds("") == ()


def changed(**choices):
    return lambda: Recipe(**{"source": "a.csv", "text": "text", "label": "label", **choices})


SHARE = "The test share must be between 0 and 1"
NO_RECIPE = {
    "no texts": (changed(text=""), "Name the column with the texts"),
    "one column": (changed(label="text"), "must be columns of their own, got 'text', 'text'"),
    "a group by class": (changed(group="label"), "must be columns of their own"),
    "no share": (changed(test_share=0.0), f"{SHARE}, such as 0.2, got 0"),
    "a share of nan": (changed(test_share=float("nan")), SHARE),
    "a seed": (changed(seed=-1), "The seed must be between 0 and"),
    "falling": (changed(thresholds=(7.0, 4.0)), "rise, each above the one before, got 7, 4"),
    "infinite": (changed(thresholds=(float("inf"),)), "Thresholds must be numbers"),
    "merged twice": (changed(merges=(("a", "b"), ("a", "c"))), "The class 'a' is merged twice"),
    "merged into nothing": (changed(merges=(("a", " "),)), "A merge needs two names"),
    **{f"typed {words}": (partial(parse_merge, words), "as OLD=NEW") for words in ("pos", "=new", "old=")},
    "words": (lambda: parse_thresholds("low,high"), "Thresholds must be numbers with commas between"),
}
test_no_recipe = refusals(ConfigError, NO_RECIPE)


def read_recipe(more):
    return lambda: Recipe.from_json('{"source": "a", "text": "t", "label": "l"' + more)


REFUSED = {
    "removed while it is added": (while_it_is_added, "Another window is adding or removing 'tickets'"),
    "removed of the app": (partial(remove, "imdb"), "comes with Gatescope"),
    "removed with a distance": (partial(remove, "verdict-50"), "comes with Gatescope"),
    "nothing": (lambda: Recipe.from_json("{}"), "it must have source"),
    "seed": (read_recipe(', "seed": "many"}'), "seed: it must be a whole number"),
    "duplicates": (read_recipe(', "duplicates": "burn"}'), "it can't be 'burn'"),
    "tokens": (read_recipe(', "tokens": {"unit": "lines"}}'), "tokens must be one of"),
    "cut": (read_recipe(""), "it must be JSON, and whole"),
}
test_refused = refusals(DataError, REFUSED)


def test_an_uploaded_table_is_kept_by_its_name_alone():
    """The corpus is the same."""
    columns = {"text": "text", "label": "label"}
    kept = Recipe(source="/srv/.uploads/0f/tickets.csv", uploaded=True, **columns).as_kept()
    assert kept == Recipe(source="tickets.csv", uploaded=True, **columns)
    assert "tickets.csv, which was uploaded and not kept" in kept.made_of
    at_a_path = Recipe(source="/srv/tickets.csv", **columns)
    assert at_a_path.as_kept() == at_a_path
    assert at_a_path.made_of == "/srv/tickets.csv"
    assert at_a_path.mark == kept.mark
    # as before there were uploads in recipes, so that runs of then still know their corpus
    assert at_a_path.mark == "f13d5cbc4ce66fede4b1029495eb66e490d5fd199009c62f7597dd95e75feb66"
