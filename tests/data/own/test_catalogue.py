"""Names of corpora, what is there, and what becomes of one that is removed."""

import shutil
from functools import partial

import filelock
import pytest

from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.config.run import RunConfig
from rnn_core.data.own import catalogue
from rnn_core.data.own.alone import alone_with, working_folder
from rnn_core.data.own.catalogue import check_new_name, name_for, own_corpora, own_folder, own_names, remove
from rnn_core.data.sources import bare_config, load_corpus, prepare, recommended_config
from rnn_core.errors import DataError
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
    added(table(tmp_path, [*two_classes(60), *[(f"more {i}", "c") for i in range(20)]]), "Alpha")
    for name in (".tickets.0a0a0a0a", "a b", "verdict-3"):  # what is no corpus is not listed
        (own_corpora_folder() / name).mkdir()
    (own_corpora_folder() / "file").write_text("x")
    first, second = own_corpora()
    assert (first.name, first.classes, first.texts) == ("Alpha", ("a", "b", "c"), 80)
    assert (second.name, second.texts, second.problem) == ("tickets", 40, "")
    folder = own_corpora_folder() / "tickets"
    assert second.bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert offered_names() == (*shipped_names(), "Alpha", "tickets")
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
    """What was opened stays readable."""
    added(table(tmp_path, two_classes()), "letters")
    assert remove("tickets") > 1_000
    assert [tickets.text(i) for i in range(40)] == [text for text, _ in two_classes()]
    said = r"There is no corpus 'tickets' on this machine. Add it again on Data or with .*There are letters"
    for ask in (load_corpus, lambda name: list(prepare(name)), remove, catalogue.recipe_of):
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


test_remove = refusals(
    DataError,
    {
        "while it is added": (while_it_is_added, "Another window is adding or removing 'tickets'"),
        **{
            f"{name} of the app": (partial(remove, name), "comes with Gatescope")
            for name in ("imdb", "verdict-50")
        },
    },
)


def test_what_a_killed_adding_has_left_is_cleared_away(tickets):
    """Under any name, unless it is still at work."""
    left, in_work = working_folder("Letters"), working_folder("poems")
    for folder in (left, in_work):
        folder.mkdir()
        (folder / "reviews.arrow").write_text("half of it")
    with filelock.FileLock(own_corpora_folder() / ".poems.lock"), alone_with("other"):
        assert not left.exists()
        assert in_work.exists()
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
    assert recommended_config("tickets", ["x", "y"]) == RunConfig(data="tickets", classes=("x", "y"))
    added(table(tmp_path, [(f"yes{i} " * 30, "no yes".split()[i % 2]) for i in range(60)]), "tickets")
    after = recommended_config("tickets")
    assert after.classes == ("no", "yes")
    assert after.text.max_length == 31 != before.text.max_length
