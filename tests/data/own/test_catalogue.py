"""Names of corpora, what is there, and what becomes of one that is removed."""

import shutil

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


@pytest.fixture
def tickets(tmp_path):
    return added(table(tmp_path, two_classes()), "tickets")


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (
            ["imdb", "IMDB", "verdict", "Verdict", "verdict-50", "VERDICT-7"],
            "belongs to a corpus that comes with",
        ),
        (["", ".", "..", "../x", "a/b", "a\\b", "/tmp/x"], "1 to 50 letters from A to Z"),
        (["a b", "x" * 51, "-x", "é", "a\n", "a.lock", "C:"], "1 to 50 letters from A to Z"),
    ],
)
def test_names_of_the_app_and_names_that_are_none_or_lead_out_of_the_folder_are_refused(names, what):
    for name in names:
        with pytest.raises(DataError, match=what):
            check_new_name(name)
        with pytest.raises(DataError):
            own_folder(name)
        if "letters" in what:
            with pytest.raises(DataError):
                load_corpus(name)


@pytest.mark.parametrize("name", ["tickets", "Tickets", "TICKETS"])
def test_a_name_that_exists_or_differs_in_case_alone_is_refused_and_a_file_of_it_gets_a_number(tickets, name):
    with pytest.raises(DataError, match=r"There is a corpus 'tickets' already.*data remove tickets"):
        check_new_name(name)
    assert name_for(f"{name}.csv") == f"{name}-2"


def test_every_corpus_is_listed_with_its_size(tickets, tmp_path):
    added(table(tmp_path, [*two_classes(60), *[(f"more {i}", "c") for i in range(20)]]), "Alpha")
    first, second = own_corpora()
    assert (first.name, first.classes, first.texts) == ("Alpha", ("a", "b", "c"), 80)
    assert (second.name, second.texts, second.problem) == ("tickets", 40, "")
    folder = own_corpora_folder() / "tickets"
    assert second.bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert offered_names() == (*shipped_names(), "Alpha", "tickets")


def test_what_is_no_corpus_is_not_listed(tickets):
    for name in (".tickets.0a0a0a0a", "a b", "verdict-3"):
        (own_corpora_folder() / name).mkdir()
    (own_corpora_folder() / "file").write_text("x")
    assert own_names() == ["tickets"]


@pytest.mark.parametrize("damaged", [{"about.json": b"{"}, {"offsets.npy": b"", "ids.npy": b""}])
def test_a_damaged_corpus_is_listed_with_its_problem_and_can_be_removed(tickets, damaged):
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


def test_a_corpus_is_opened_by_its_name_as_those_of_the_app_are(tickets):
    assert corpus_named("tickets").is_prepared()
    assert list(prepare("tickets")) == []
    corpus = load_corpus("tickets")
    assert (corpus.name, len(corpus)) == ("tickets", 40)
    assert corpus_named("tickets").folder == own_corpora_folder() / "tickets"


def test_a_corpus_that_is_gone_is_said_with_what_to_do(tickets, tmp_path):
    added(table(tmp_path, two_classes()), "letters")
    assert remove("tickets") > 1_000
    said = r"There is no corpus 'tickets' on this machine. Add it again on Data or with .*There are letters"
    for ask in (load_corpus, lambda name: list(prepare(name)), remove, catalogue.recipe_of):
        with pytest.raises(DataError, match=said):
            ask("tickets")
    for name in ("tickets", "Letters"):  # other capital letters are another name
        assert not corpus_named(name).is_prepared()
    with pytest.raises(DataError, match="There is no corpus 'Letters'"):
        load_corpus("Letters")
    assert [path.name for path in own_corpora_folder().iterdir() if path.suffix != ".lock"] == ["letters"]


def test_what_was_opened_stays_readable_when_it_is_removed(tickets):
    remove("tickets")
    assert [tickets.text(i) for i in range(40)] == [text for text, _ in two_classes()]


def test_a_corpus_that_is_being_added_is_not_removed(tickets):
    with (
        filelock.FileLock(own_corpora_folder() / ".tickets.lock"),
        pytest.raises(DataError, match="Another window is adding or removing 'tickets'"),
    ):
        remove("tickets")
    assert own_names() == ["tickets"]


def test_what_a_killed_adding_has_left_is_cleared_away_under_any_name(tickets):
    left, in_work = working_folder("Letters"), working_folder("poems")
    for folder in (left, in_work):
        folder.mkdir()
        (folder / "reviews.arrow").write_text("half of it")
    with filelock.FileLock(own_corpora_folder() / ".poems.lock"), alone_with("other"):
        assert not left.exists()
        assert in_work.exists()
    assert own_names() == ["tickets"]


def test_a_corpus_of_the_app_is_not_said_to_be_gone():
    for name in ("imdb", "verdict-50"):
        with pytest.raises(DataError, match="comes with Gatescope"):
            remove(name)


def test_a_corpus_that_another_window_removes_is_not_listed(tickets, monkeypatch):
    monkeypatch.setattr(catalogue, "own_names", lambda: ["gone", "tickets"])
    assert [corpus.name for corpus in own_corpora()] == ["tickets"]


def test_the_usual_settings_have_the_classes_of_the_corpus_even_when_it_is_gone(tickets):
    usual = recommended_config("tickets")
    assert (usual.data, usual.classes) == ("tickets", ("a", "b"))
    assert bare_config("tickets").classes == ("a", "b")
    assert not bare_config("tickets").model.label_odds
    assert recommended_config("imdb") == recommended_config("imdb")
    remove("tickets")
    assert recommended_config("tickets", ["x", "y"]) == RunConfig(data="tickets", classes=("x", "y"))


def test_another_corpus_of_the_same_name_has_other_usual_settings(tickets, tmp_path):
    before = recommended_config("tickets")
    remove("tickets")
    added(table(tmp_path, [(f"yes{i} " * 30, "no yes".split()[i % 2]) for i in range(60)]), "tickets")
    after = recommended_config("tickets")
    assert after.classes == ("no", "yes")
    assert after.text.max_length == 31 != before.text.max_length


def test_a_name_near_to_a_reserved_one_may_be_given_and_be_that_of_a_run(tmp_path):
    source = table(tmp_path, two_classes())
    for name in ("imdb-2024", "verdicts", "imdb_2", "verdict-a", "my_texts-1"):
        assert RunConfig(data=added(source, name).name).data == name


def test_a_corpus_whose_files_can_not_be_deleted_at_once_is_removed_all_the_same(
    tickets, tmp_path, monkeypatch
):
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


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("/tmp/x/tickets.csv", "tickets"),
        ("imdb.csv", "imdb-2"),
        ("..zip", "zip"),
        ("列表.csv", "texts"),
        ("a" * 90 + ".csv", "a" * 40),
        ("-_x y!.csv", "x-y"),
    ],
)
def test_a_file_gives_a_free_name_that_a_corpus_may_have(file, name):
    assert name_for(file) == name
    check_new_name(name_for(file))
