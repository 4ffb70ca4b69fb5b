"""A cell that is typed on Build: what is wrong at its place, what it is beside, saved, undone, deleted."""

import pytest

from pages.components.build.equations_field import NOTHING, TEXT
from pages.components.shared.address import pack
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.typed import save_cell, saved_cells
from rnn_core.config.run import RunConfig
from rnn_core.equations.words import ideas
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELLS
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


def test_a_mistake_has_its_place(open_typed):
    """The equations that stood there before stay in sight."""
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


LINES = [f"a{number}=tanh({'+'.join(['x@W'] * 22)})" for number in range(36)]
LONG = "\n".join([*LINES, f"h'={'+'.join(f'a{number}' for number in range(36))}"])


@pytest.mark.parametrize(("text", "what"), [(LONG, "at most 4,000"), (f"h' = {'-' * 40}(x @ W)", "brackets")])
def test_what_is_too_much_as_it_is_kept_is_a_mistake(open_typed, text, what):
    """The kept text has more blanks and brackets than the typed one."""
    [(kind, line, _, sentence)] = notes(open_typed(equations=pack(text)))
    assert (kind, line) == ("wrong", 1)
    assert what in sentence


def test_what_is_new_and_gone_beside_a_cell_is_said(open_typed):
    app = open_typed(begun_from="lstm")
    assert r"\colorbox" not in app.latex[0].value
    assert "is new is marked" in said(app)
    choose(app, "build_idea", "JANET")
    assert field(app)["value"] == ideas()["JANET"].text
    assert app.get_by_key("build_from_cell").value == "lstm"
    assert app.latex[0].value.count(r"\colorbox") == 1  # h' alone
    assert "Gone: i, o, c" in said(app)
    assert ideas()["JANET"].paper in said(app)


def test_weights_are_as_many_as_the_network_gets(open_typed):
    """And there are as many products as @ in the text."""
    text = ideas()["JANET"].text
    app = open_typed(equations=pack(text))
    cell = make_cell(RunConfig().with_settings(cell=text).model, vocab_size=1)
    assert f"**{sum(weights.numel() for weights in cell.parameters()):,}** weights" in as_written(app)
    assert f"**{text.count('@')}** products at a time step: 2 with the word" in as_written(app)
    assert "**not in parallel**" in as_written(app)
    put(app, **{TEXT: "f = sigmoid(x @ W_f)\nh' = f * h + x @ W_n"})
    assert "**in parallel**" in as_written(app)
    put(app, **{TEXT: "h' = tanh(x @ W + b)"})
    assert "**1** product at a time step: 1 with the word, none with the memory" in as_written(app)


def test_odd_equations_are_shown_as_well(open_typed):
    """Equations that can't be drawn stand in a table."""
    app = open_typed()
    shared_matrix = "n = tanh(x @ W + h @ U)\nh' = tanh(x @ W + n @ V)"
    for text in (
        shared_matrix,
        "h' = x @ W / 0 * h",
        "c' = c + x @ W\nh' = tanh(c' * h)",
        "h' = mean(h) + x @ W",
    ):
        put(app, **{TEXT: text})
        assert notes(app)[0][0] != "wrong"
        assert "what stood there before" not in said(app)


LONG_LETTERS = "constructor = sigmoid(x @ W)\ng = tanh(x @ V)\nh' = constructor * h + (1 - constructor) * g"
KEEPS_AND_SHOWS = (
    "f = sigmoid(x @ W_f + h @ U_f)\ng = tanh(x @ W_g + h @ U_g)\nc' = f * c + (1 - f) * g\nh' = f * tanh(c')"
)
STATES = "\n".join(f"s{n}' = tanh(x @ W{n} + h @ U{n})" for n in range(3)) + "\nh' = tanh(s0' + s1' + s2')"


@pytest.mark.parametrize(
    ("text", "letter"), [(LONG_LETTERS, "constructor"), (KEEPS_AND_SHOWS, "f"), (STATES, "s_2")]
)
def test_what_would_overlap_is_a_table(open_typed, text, letter):
    """Letters wider than their box, and a gate whose row is that of the memory and of h, too."""
    app = open_typed(equations=pack(text))
    assert "| | | unit" in as_written(app)
    assert letter in as_written(app)


def test_undo_goes_back_step_by_step(open_typed):
    app = open_typed()
    first = field(app)["value"]
    assert app.button(key="build_undo").disabled
    choose(app, "build_from_cell", "elman")
    put(app, **{TEXT: RIGHT})
    click(app, "build_undo")
    elman = CELLS["elman"].source.text
    assert (field(app)["value"], app.get_by_key("build_from_cell").value) == (elman, "elman")
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


def test_a_cell_called_nothing_is_a_cell(open_typed):
    """The word for beginning from no cell is none that a cell can be called."""
    save_cell("nothing", RIGHT)
    assert field(open_typed(begun_from="nothing"))["value"] == RIGHT
    assert field(open_typed(begun_from=NOTHING))["value"] == ""


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
    assert notes(app)[0][3] == "This is saved as mine."
    again = open_typed(equations=pack(RIGHT))
    assert again.text_input(key="build_cell_name").value == "mine"
    assert "Train with mine" in [link.proto.label for link in app.get("page_link")]
    put(app, **{TEXT: RIGHT.replace("tanh", "relu")})
    assert "as it was saved" in said(app)
    click(app, "build_save")
    assert "relu" in saved_cells()[0].text
    put(app, **{TEXT: f"# after JANET\n{saved_cells()[0].written}  # all of it"})
    click(app, "build_save")
    assert field(open_typed(begun_from="mine"))["value"] == field(app)["value"]  # its comments, too
    click(app, "build_delete")
    assert not saved_cells()
    assert "relu" in field(app)["value"]  # Save makes it again
