"""Your own texts on Data: a table is looked at, mapped, counted, added, shown and deleted."""

import json
import os
import shutil
import time
from types import SimpleNamespace

import pytest

from pages.components.shared import belongings, table_source
from pages.components.shared.belongings import uploads
from rnn_core.data.own import catalogue, make
from rnn_core.data.own.catalogue import alone_with
from rnn_core.data.own.make import add
from rnn_core.data.own.recipe import Recipe
from rnn_core.paths import own_corpora_folder
from rnn_core.tables.apart import ask
from rnn_core.text.tokenizer import tokenize
from tests.own import make_own
from tests.pages.elements import as_written, choose, click, labels, press, put, said, texts
from tests.tables.made import JSON_LINES, parquet, workbook

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "tables_here")]

CLASSES = {"billing": "invoice", "access": "password", "<b>other</b>": "parking"}


@pytest.fixture
def tickets(tmp_path):
    """A table of 90 tickets in three queues."""
    path = tmp_path / "tickets.csv"
    queues = enumerate(list(CLASSES.items()) * 30)
    rows = [f"{number},my {word} {number} is late today,{queue}" for number, (queue, word) in queues]
    path.write_text("\n".join(["id,message,queue", *rows]) + "\n")
    return path


@pytest.fixture
def page(open_app, settle, tickets):
    """Data with the table looked at and counted."""
    return count(settle, open_app("data", own_source=str(tickets)))


def count(settle, app):
    for _ in range(3):  # the look, the labels, the count with them
        settle(app)
    return app


def labelled(app, kind, label):
    return next(part for part in app.get(kind) if part.label == label)


def test_columns_are_guessed_and_a_table_is_counted(page, tickets):
    """The counts are those by class and split."""
    chosen = [labelled(page, "selectbox", label).value for label in ("Text", "Class", "Split")]
    assert chosen == ["message", "queue", "none "]
    assert "**90 texts in 3 classes**" in said(page)
    assert "CSV" in said(page)
    table = next(shown.value for shown in page.dataframe if "access" in shown.value.index)
    splits = [(split, what) for split in ("training", "test") for what in ("texts", "words")]
    assert list(table.columns) == [*splits, ("most telling", "words")]
    lines = tickets.read_text().splitlines()
    words = sum(len(tokenize(line.split(",")[1])) for line in lines if line.endswith("access"))
    training, in_training, test, in_test, telling = table.loc["access"]
    assert (training, test, in_training + in_test) == (24, 6, words)
    assert "password" in telling.split(", ")
    assert "0.0% of the rows have no text" in said(page)
    assert "Words of a text: the shortest has 6" in said(page)


def test_exact_tokens_are_blanks_too(page, settle):
    """Folding is out of reach then."""
    labelled(page, "toggle", "Exact").set_value(True)
    count(settle, page)
    assert all(labelled(page, "toggle", label).disabled for label in ("Lower case", "Keep accents"))
    assert "Words of a text: the shortest has 11" in said(page)


def test_a_corpus_is_added_shown_and_deleted(open_app, settle, tickets, monkeypatch):
    """Here the table is read in processes of their own, as for a user."""
    monkeypatch.setattr(make, "ask", ask)
    page = count(settle, open_app("data", own_source=str(tickets)))
    assert "None yet. Add a table" in said(page)
    page.text_input(key="own_name").set_value("queue-1").run()
    press(page, "Add the corpus")
    settle(page)
    assert "queue-1 is ready" in said(page)
    assert [corpus.name for corpus in catalogue.own_corpora()] == ["queue-1"]
    assert page.get_by_key("data_reviews").value == "queue-1"
    assert "labelled billing" in said(page)
    click(page, "own_delete_now_queue-1")
    assert catalogue.own_corpora() == []
    assert page.get_by_key("data_reviews").value == "verdict"


def test_a_corpus_is_named_after_its_file(page):
    """A name that can't be is refused at the button."""
    assert page.text_input(key="own_name").value == "tickets"
    assert not labelled(page, "button", "Add the corpus").disabled
    for name, why in {
        "imdb": "belongs to a corpus that comes with Gatescope",
        "two words": "has 1 to 50 letters",
        " ": "Give the corpus a name, then it can be added",
    }.items():
        page.text_input(key="own_name").set_value(name).run()
        assert labelled(page, "button", "Add the corpus").disabled
        assert why in said(page)


def test_a_class_and_thresholds_are_asked_for(page, settle, tmp_path):
    """Where no column is one of classes, and where one has too many values for classes."""
    labelled(page, "selectbox", "Class").set_value("id").run()
    settle(page)
    assert "more than 50 different values, too many for classes. If it is a rating" in said(page)
    labelled(page, "text_input", "Thresholds of a rating").set_value("30").run()
    count(settle, page)
    assert "**90 texts in 2 classes**" in said(page)
    labelled(page, "text_input", "Thresholds of a rating").set_value("x").run()
    assert "Thresholds must be numbers" in said(page)
    path = tmp_path / "notes.csv"
    rows = [f"a note {number} that is long,another note {number} of the same length" for number in range(90)]
    path.write_text("\n".join(["first,second", *rows]))
    settle(put(page, own_source=str(path)))
    assert labelled(page, "selectbox", "Class").value is None
    assert "Say which column has the texts" in said(page)


def test_a_column_of_no_use_gets_a_sentence(open_app, settle, tmp_path):
    """One of lists, whose name is no markdown; one called none, where texts of a class are in one group."""
    columns = {"none": "somebody", "**loud** <b>": []}
    rows = [{"words": f"a text {n}", "kind": "ab"[n % 2], **columns} for n in range(40)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    app = settle(open_app("data", own_source=str(tmp_path / "t.jsonl")))
    assert "hold lists or objects: \\*\\*loud\\*\\* \\<b\\>" in as_written(app)
    labelled(app, "selectbox", "Group").set_value("none").run()
    assert "are in groups that can't be split" in said(count(settle, app))


def test_after_a_failure_a_name_can_be_tried_again(page, settle):
    for name in ("queue-1", "queue-2"):
        page.text_input(key="own_name").set_value(name).run()
        with alone_with(name):
            press(page, "Add the corpus")
            settle(page)
            assert "Another window is adding or removing" in said(page)
    press(page, "Add the corpus")
    settle(page)
    assert catalogue.own_names() == ["queue-2"]


def test_a_table_that_changed_lists_its_new_classes(page, settle, tickets):
    tickets.write_text(tickets.read_text().replace("billing", "money"))
    os.utime(tickets, (time.time() + 9, time.time() + 9))
    count(settle, page)
    assert "**90 texts in 3 classes**" in said(page)
    assert any("money" in set(table.value.get("class", ())) for table in page.dataframe)


@pytest.mark.parametrize("path", ["~no-such-user/a.csv", "a\0b.csv", "x" * 5_000])
def test_a_path_that_can_not_be_gets_a_sentence(open_app, settle, path):
    app = open_app("data", own_open=True)
    app.text_input(key="own_path").set_value(path).run()
    settle(app)
    assert len(app.error) == 1


def test_names_of_files_are_safe_and_short():
    safe = table_source._safe_name
    assert safe("../../<b>$(x)`.csv") == "_b___x__.csv"
    assert safe("\u0e01" * 300 + ".csv").endswith("\u0e01.csv")
    assert len(safe("\u0e01" * 300 + ".csv").encode()) <= 100
    assert [safe(name) for name in ("", "..", ".csv", "///")] == ["table", "table", "csv", "table"]


def test_an_upload_that_another_deletes_is_no_error(monkeypatch):
    folder = uploads() / "0123456789abcdef"
    folder.mkdir(parents=True)
    monkeypatch.setattr(belongings, "time", SimpleNamespace(time=lambda: folder.rmdir() or time.time()))
    belongings.clear_old()
    assert not folder.exists()


def test_of_a_damaged_corpus_no_texts_are_counted(open_app):
    """Its files can be deleted."""
    make_own("letters", ("no", "yes"), [20, 20])
    (own_corpora_folder() / "letters" / "about.json").write_text("{")
    app = open_app("data")
    assert "Deletes the damaged files of **letters** (" in said(app)
    assert "0 texts" not in said(app)


WESTERN = "text;label\nrien de café;a\nthé;b\n".encode("windows-1252")


def options(app):
    """Label -> placeholder of the controls of how the table is read."""
    labels = ("Encoding", "Delimiter", "Sheet")
    return {line.label: line.placeholder for line in app.text_input if line.label in labels}


def test_only_what_fits_the_format_is_offered(open_app, settle, tmp_path):
    """Each option has what was guessed; of a table that never could be read every option is there."""
    for name, (content, offered) in {
        "t.csv": (WESTERN, {"Encoding": "guessed: windows-1252", "Delimiter": "guessed: ;"}),
        "t.jsonl": (JSON_LINES.encode(), {"Encoding": "guessed: utf-8"}),
        "t.parquet": (parquet(), {}),
        "t.xlsx": (workbook(), {"Sheet": "guessed: Films"}),
    }.items():
        (tmp_path / name).write_bytes(content)
        app = settle(open_app("data", own_source=str(tmp_path / name)))
        assert options(app) == offered, name
    (tmp_path / "t.csv").write_text("text,label\n")
    for name, problem in {"t.csv": "no rows below it", "missing.csv": "missing"}.items():
        app = settle(open_app("data", own_source=str(tmp_path / name)))
        assert problem in texts(app, "error")
        assert list(options(app)) == ["Encoding", "Delimiter", "Sheet"]
        assert "Try again" in labels(app)


def test_an_encoding_that_is_wrong_can_be_taken_back(page, settle, tickets):
    labelled(page, "text_input", "Encoding").set_value("utf-16").run()
    settle(page)
    assert not [table for table in page.dataframe if "queue" in table.value]
    assert texts(page, "error")
    assert list(options(page)) == ["Encoding", "Delimiter"]
    assert labelled(page, "text_input", "Encoding").value == "utf-16"
    labelled(page, "text_input", "Encoding").set_value("").run()
    settle(page)
    assert [table for table in page.dataframe if "queue" in table.value]
    assert not texts(page, "error")


def test_views_speak_of_one_of_three_classes(open_app, tickets):
    list(add("queue-1", Recipe(source=str(tickets), text="message", label="queue")))
    address = {"data_reviews": "queue-1", "data_search": "invoice"}
    app = open_app("data", {**address, "data_view": "Search"})
    assert "**30 texts**: 100% labelled billing" in said(app)
    app = open_app("data", {**address, "data_view": "Telling words"})
    choose(app, "data_class_queue-1", 1)
    assert "is the clearest sign of access texts" in said(app)


def test_an_upload_is_deleted_once_it_is_a_corpus(page, settle, tickets):
    folder = own_corpora_folder() / ".uploads" / "0123456789abcdef"
    folder.mkdir(parents=True)
    page.session_state["own_source"] = str(shutil.copy(tickets, folder))
    count(settle, page)
    page.text_input(key="own_name").set_value("queue-2").run()
    press(page, "Add the corpus")
    settle(page)
    assert not folder.exists()
    recipe = catalogue.OwnTexts("queue-2").provenance()[0]
    assert (recipe.source, recipe.uploaded) == ("tickets.csv", True)
