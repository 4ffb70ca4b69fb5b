"""A whole table on Read: it is read in a process of its own, and its file is the session's alone."""

import csv

import pytest

from pages.components.shared.belongings import uploads
from pages.components.shared.jobs import jobs
from rnn_core.child_process import ask
from rnn_core.labelling import process
from rnn_core.labelling.table import label_texts
from rnn_core.models.model import Model
from tests.pages.elements import press, texts

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tables_here")]

CLASSES = ("billing", "delivery", "login")
TEXTS = ["the film is dull", "a great film, great", "", "is it the dull film"]


@pytest.fixture
def page(open_app, settle, tables_here, make_own_model, tmp_path):
    """Read with the panel open and a table of four rows in it; the model."""
    model = Model.load(make_own_model("own", *CLASSES))
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("number", "message"), *enumerate(TEXTS)])
    source = str(tmp_path / "new.csv")
    app = open_app("read", review_text=TEXTS[0], read_panel="A whole table", labelled_source=source)
    settle(app)
    return app, model


def read(app, settle):
    press(app, "Read the table")
    settle(app)


def files():
    return [path for path in uploads().rglob("*") if path.is_file()]


def test_the_table_is_read_and_offered_with_the_texts_of_each_class(page, settle, monkeypatch):
    """Here it is read in a process of its own, as for a user."""
    monkeypatch.setattr(process, "ask", ask)
    app, model = page
    read(app, settle)
    assert "**3 texts read.**" in texts(app, "markdown")
    said = label_texts(model, TEXTS)
    [counts] = [table.value for table in app.dataframe if "texts" in table.value]
    of = [CLASSES[one.label] for one in said if one is not None]
    expected = {name: of.count(name) for name in CLASSES}
    assert dict(zip(counts["class"], counts["texts"], strict=True)) == expected
    [written] = files()
    with written.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == [(one and CLASSES[one.label]) or "" for one in said]
    assert len(app.get("download_button")) >= 1


def test_what_is_wrong_with_the_table_is_said_and_nothing_is_left(page, settle, tmp_path):
    app, _ = page
    (tmp_path / "new.csv").write_text("number,message\n1,a,b,c\n")
    press(app, "Read the table")
    settle(app)
    assert "has 4 cells where the table has 2 columns" in texts(app, "error")
    assert files() == []


def test_only_the_last_reading_is_kept_and_when_the_session_ends_it_is_deleted(page, settle):
    app, _ = page
    kept = []
    for _ in range(2):
        read(app, settle)
        kept.append(files())
    [[first], [second]] = kept
    assert first != second
    app.session_state["belongings"].end()
    assert files() == []
    assert not [name for name in jobs()._jobs if name.startswith("labelled")]
