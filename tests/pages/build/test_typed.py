"""A cell that is typed on Build: what is wrong at its place, what it is beside, saved, undone, deleted."""

import pytest

from pages.components.build.draft import TEXT
from pages.components.shared.address import pack
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.typed_files import saved_cells
from rnn_core.equations.to_try import ideas
from tests.pages.elements import as_written, choose, click, given, put, said

WRONG = "f = sigmod(x @ W_f + h @ U_f)\nh' = f * h + (1 - f) * tanh(x @ W + h @ U)"
RIGHT = WRONG.replace("sigmod", "sigmoid")


@pytest.fixture
def open_typed(open_app):
    """A function that opens the page with what an address says."""
    return lambda **query: open_app("build", {"exercise": "equations", **query})


def notes(app):
    return [(note["kind"], note["line"], note["column"], note["sentence"]) for note in field(app)["notes"]]


def field(app):
    [field] = given(app, "notes")
    return field


def test_a_mistake_has_its_place_and_the_last_picture_stays(open_typed):
    app = open_typed()
    assert notes(app) == [("right", 0, 1, "This is a GRU.")]
    before = app.latex[0].value
    put(app, **{TEXT: WRONG})
    [(kind, line, column, sentence)] = notes(app)
    assert (kind, line, column) == ("wrong", 1, 5)
    assert "did you mean sigmoid" in sentence
    assert app.latex[0].value == before
    assert "what stood there before" in said(app)
    put(app, **{TEXT: RIGHT})
    assert notes(app) == [("right", 0, 1, "These equations make a cell.")]
    assert app.latex[0].value != before
    assert "what stood there before" not in said(app)
    put(app, **{TEXT: "g = sigmoid(x @ W)\nh' = h + g"})
    assert notes(app)[0][:2] == ("doubtful", 2)
    assert "can only grow" in notes(app)[0][3]
    put(app, **{TEXT: " "})
    assert "begin from a cell above" in notes(app)[0][3]


def test_what_is_new_is_marked_and_what_is_gone_is_said(open_typed):
    app = open_typed(begun_from="lstm")
    assert r"\colorbox" not in app.latex[0].value
    choose(app, "build_idea", "JANET")
    assert field(app)["value"] == ideas()["JANET"].text
    assert app.get_by_key("build_from_cell").value == "lstm"
    assert app.latex[0].value.count(r"\colorbox") == 1  # h' alone
    assert "Gone: i, o, c" in said(app)
    assert ideas()["JANET"].paper in said(app)


def test_undo_goes_back_step_by_step(open_typed):
    app = open_typed()
    first = field(app)["value"]
    assert app.button(key="build_undo").disabled
    choose(app, "build_from_cell", "elman")
    put(app, **{TEXT: RIGHT})
    click(app, "build_undo")
    assert (field(app)["value"], app.get_by_key("build_from_cell").value) != (first, "gru")
    click(app, "build_undo")
    assert (field(app)["value"], app.get_by_key("build_from_cell").value) == (first, "gru")
    assert app.button(key="build_undo").disabled


def test_a_link_carries_the_equations(open_typed):
    app = open_typed(begun_from="lstm", equations=pack(RIGHT))
    assert field(app)["value"] == RIGHT
    assert app.get_by_key("build_from_cell").value == "lstm"
    assert "equations" not in open_typed().query_params
    damaged = open_typed(equations=pack(RIGHT)[:-9])
    assert "damaged" in damaged.warning[0].value
    assert notes(damaged)[0][3] == "This is a GRU."


def test_a_cell_is_saved_replaced_and_deleted(open_typed, monkeypatch):
    """It works where the code of own files is off, and leads to Train."""
    monkeypatch.setenv(SWITCH, "0")
    app = open_typed(equations=pack(RIGHT))
    assert app.text_input(key="build_cell_name").value == "mine"
    app.text_input(key="build_cell_name").set_value("gru").run()
    click(app, "build_save")
    assert "There is already a cell called gru" in as_written(app)
    app.text_input(key="build_cell_name").set_value("mine").run()
    click(app, "build_save")
    assert [cell.name for cell in saved_cells()] == ["mine"]
    assert app.button(key="build_save").disabled
    assert "Train with mine" in [link.proto.label for link in app.get("page_link")]
    put(app, **{TEXT: RIGHT.replace("tanh", "relu")})
    assert "as it was saved" in said(app)
    click(app, "build_save")
    assert "relu" in saved_cells()[0].text
    click(app, "build_delete")
    assert not saved_cells()
    assert "relu" in field(app)["value"]  # Save makes it again
