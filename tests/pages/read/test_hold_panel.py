"""The sentence, chart, link and export of the Read page agree on what is held."""

import functools
import io
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow.parquet as pq
import pytest

from pages.components.read import hold_panel, holding
from pages.components.shared.address import pack, unpack
from pages.components.shared.format import signed
from rnn_core.figures.text import percent
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.clamps import MOST_CLAMPS, Patch, parse_clamps, read_clamped
from rnn_core.inspection.tables import table_facts
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.symbols import CELLS
from tests.pages.conftest import TEXT
from tests.pages.elements import as_written, click, figures

pytestmark = pytest.mark.slow

OTHER = "the dull dull film"
HOLD = "Hold a gate"


@pytest.fixture
def open_hold(open_read):
    """A function that opens the panel with a network."""
    return functools.partial(open_read, HOLD)


def keys_of(controls, begin):
    return [control.key for control in controls if control.key.startswith(begin)]


def held_in(app):
    """Return all that is held by the address."""
    return app.query_params.get("hold", "")


def readings(held="", *patches, layer=None):
    """The text as it is and with what is held, read by the library."""
    model = Model.load(pretrained_folder() / "model")
    before = trace(model, TEXT, layer=layer)
    return before, read_clamped(model, before, parse_clamps(held), patches)


def sentence(held="", *patches):
    """Return the sentence that the panel must say."""
    before, after = readings(held, *patches)
    return (
        f"**{percent(after.probability)}** positive in place of {percent(before.probability)}: the logit "
        f"changes by **{signed(after.logits[-1] - before.logits[-1])}**."
    )


@pytest.mark.parametrize(
    ("cell", "label", "held"),
    [
        ("gru", "Update gate shut after “but <unk>” (6)", "z=0@6:"),
        ("gru", "Reset gate: never reset", "r=1"),
        ("lstm", "Forget gate always open", "f=1"),
    ],
)
def test_a_ready_button_holds_what_it_says(open_hold, cell, label, held):
    app = open_hold(cell=cell)
    assert "Nothing is held" in as_written(app)
    assert keys_of(app.button, "ready_") == ["ready_0", "ready_1"]
    [button] = [button for button in app.button if button.label.replace("\\", "") == label]
    button.click().run()
    assert held_in(app) == held
    assert sentence(held) in as_written(app)


def test_without_a_but_the_gate_is_shut_at_the_cursor(open_hold):
    """After its token; and what is held stays while other questions are asked."""
    app = open_hold(text="The film is great", token=4)
    assert app.get_by_key("ready_0").disabled
    assert "last token" in app.get_by_key("ready_0").help
    app = open_hold(text="The film is great", token=2)
    click(app, "ready_0")
    assert app.get_by_key("ready_0").label == "Update gate shut after “film” (3)"
    assert held_in(app) == "z=0@3:"
    app.get_by_key("held_value_0").set_value(0.25).run()
    for panel in ("At this token", HOLD):
        app.get_by_key("read_panel").set_value(panel).run()
    assert app.get_by_key("held_value_0").value == 0.25
    assert held_in(app) == "z=0.25@3:"


@pytest.mark.parametrize(
    ("cell", "letter", "when", "written"),
    [
        ("elman", "h", "At this token", "@2"),
        ("gru", "n", "From this token on", "@2:"),
        ("lstm", "c", "Throughout", ""),
    ],
)
def test_any_quantity_is_held_where_it_is_chosen(open_hold, cell, letter, when, written):
    app = open_hold(cell=cell)
    assert (cell == "elman") == (not keys_of(app.button, "ready_"))
    [choice] = [group for group in app.get("button_group") if group.proto.label == "Gate or state"]
    app.get_by_key(choice.key).set_value(letter)
    app.get_by_key("hold_when").set_value(when).run()
    click(app, "hold_it")
    assert held_in(app) == f"{letter}=0{written}"
    app.get_by_key("held_value_0").set_value(0.5).run()
    assert held_in(app) == f"{letter}=0.5{written}"
    assert sentence(f"{letter}=0.5{written}") in as_written(app)


def test_units_are_held_by_their_numbers(open_hold):
    app = open_hold()
    app.get_by_key("hold_units").set_value("By number").run()
    for wrong, why in (("5", "counted from 0 to 4, got 5."), ("x", "numbers and ranges")):
        app.get_by_key("hold_numbers").set_value(wrong).run()
        assert why in app.warning[0].value
        assert "hold_it" not in keys_of(app.button, "hold_it")
    app.get_by_key("hold_numbers").set_value("3, 0-1").run()
    click(app, "hold_it")
    assert held_in(app) == "z=0@2:#0-1,3"


def test_the_units_that_count_most_are_most_relevant(open_hold, monkeypatch):
    """The memory is c of an LSTM."""
    monkeypatch.setattr(hold_panel, "MOST_UNITS", 2)
    app = open_hold(cell="lstm")
    app.get_by_key("hold_units").set_value("The 10 that count most").run()
    click(app, "hold_it")
    [held] = parse_clamps(held_in(app))
    model = Model.load(pretrained_folder() / "model")
    relevance = attribute(model, trace(model, TEXT)).relevance["c"]
    assert len(held.units) == 2
    others = [unit for unit in range(5) if unit not in held.units]
    assert min(relevance[list(held.units)]) > max(relevance[others])


def test_several_are_held_at_once_and_each_can_be_let_go(open_hold):
    app = open_hold(query={"hold": "z=0.25@3: r=1 h=0.5@4#1 f=1"})  # which a GRU hasn't
    assert sentence("z=0.25@3: r=1 h=0.5@4#1") in as_written(app)
    assert [slider.label for slider in app.slider if slider.key.startswith("held_value")] == [
        "Update gate z, from “is” (4) on",
        "Reset gate r, throughout",
        "Hidden state h, at “great” (5), unit 1",
    ]
    click(app, "let_go_1")
    assert held_in(app) == "z=0.25@3: h=0.5@4#1 f=1"
    assert sentence("z=0.25@3: h=0.5@4#1") in as_written(app)
    for number in (0, 2, 3):
        click(app, f"let_go_{number}")
    assert "Nothing is held" in as_written(app)
    assert "hold" not in app.query_params


def test_a_held_value_stays_when_its_slider_changes(open_hold):
    """Whose ends are those of a text and of what is held."""
    app = open_hold(cell="lstm", query={"hold": "c=50@3"})
    for value in (20, 15):
        app.slider(key="held_value_0").set_value(float(value)).run()
        app.run()
        slider = app.slider(key="held_value_0")
        assert (slider.value, slider.max, held_in(app)) == (value, value, f"c={value}@3")


def patch_of(token, at, layer=None):
    source = trace(Model.load(pretrained_folder() / "model"), OTHER, layer=layer)
    return Patch(source=source, token=token, at=at)


def test_the_state_of_another_text_is_taken(open_hold):
    app = open_hold(cell="lstm", token=6)
    app.get_by_key("other_text_0").set_value(OTHER).run()
    assert sentence("", patch_of(4, 6)) in as_written(app)
    assert "after “film” (5) of the other text" in as_written(app)
    app.get_by_key("other_text_token_0").set_value(3)
    app.get_by_key("other_text_at_0_0").set_value(10).run()
    assert sentence("", patch_of(2, 9)) in as_written(app)
    assert app.query_params["patch"] == "9=2"
    assert unpack(app.query_params["patch_text"], 100) == OTHER
    app.get_by_key("other_text_0").set_value("...").run()
    assert "There is no word in this text" in as_written(app)
    app.get_by_key("other_text_0").set_value("").run()
    assert "Nothing is held" in as_written(app)
    assert not {"patch", "patch_text"} & set(app.query_params)


DAMAGED = "The other text in this link is damaged"
SAID = {
    "no such quantity": ({"hold": "f=1"}, "f=1 is not held here. A GRU has no quantity called 'f': hold z,"),
    "a letter with markup": ({"hold": "x`[click](//evil.example)`x=0"}, "no quantity called 'x`[click]("),
    "a clamp that is none": ({"hold": "z=0 <b>"}, "What this link holds can't be read, so nothing is held."),
    "a place that is none": ({"patch": "x", "patch_text": pack(OTHER)}, DAMAGED),
    "a text that is none": ({"patch": "6=2", "patch_text": "%"}, DAMAGED),
}


@pytest.mark.parametrize(("query", "says"), SAID.values(), ids=SAID)
def test_what_can_not_be_held_is_said(open_hold, query, says):
    """Once, where the link is damaged; a link brings no markup of its own."""
    app = open_hold(query=query)
    assert says in as_written(app).replace("\\", "")
    assert "Nothing is held" in as_written(app)
    assert not re.search(r"(?<!\\)`x|(?<!\\)\[click|(?<!\\)<b", as_written(app))
    if app.warning:
        assert not {*query} & set(app.query_params)
        assert not app.run().warning


def test_no_more_are_held_than_can_be(open_hold):
    """Only the cell that reads forwards can be held."""
    app = open_hold(query={"hold": " ".join(["z=0.5"] * (MOST_CLAMPS + 5))}, bidirectional=True)
    assert len(keys_of(app.slider, "held_value")) == MOST_CLAMPS
    assert app.get_by_key("hold_it").disabled
    assert app.get_by_key("ready_0").disabled
    assert "The cell that reads forwards is held" in as_written(app)
    assert sentence("z=0.5") in as_written(app)


def test_export_and_its_link_have_what_is_held(open_read, open_app, files):
    app = open_read("Export", query={"hold": "z=0.5@9:", "patch": "6=2", "patch_text": pack(OTHER)})
    assert "Beside them stands the reading with what is held" in as_written(app)
    assert "trace MODEL TEXT --clamp z=0.5@9: --patch 6=2 OTHER_TEXT --out FILE.parquet" in as_written(app)
    table = pq.read_table(io.BytesIO(files["gatescope-model-trace.parquet"]()))
    assert table_facts(table)["patches"] == [{"tokens": OTHER.split(), "token": 2, "at": 6}]
    assert table.column("held_z")[9].as_py() == [0.5] * 5
    [link] = re.findall(r"\?\S+", app.code[0].value)
    query = {name: value for name, [value] in parse_qs(urlsplit(link).query).items()}
    again = open_app("read", query)
    assert again.get_by_key("other_text_1").value == OTHER
    assert sentence("z=0.5@9:", patch_of(2, 6)) in as_written(again)


def test_both_readings_are_drawn_held_in_the_layer_shown(open_hold):
    query = {"hold": "z=0@6:", "patch": "6=2", "patch_text": pack(OTHER), "layer": "1"}
    app = open_hold(layers=2, query=query)
    before, after = readings("z=0@6:", patch_of(2, 6, layer=1), layer=1)
    assert f"changes by **{signed(after.logits[-1] - before.logits[-1])}**" in as_written(app)
    drawn = [one["y"] for one in figures(app)[-1]["data"]]
    apart = np.linalg.norm(after.arrays["h"] - before.arrays["h"], axis=1)
    both = (before.probabilities, after.probabilities)
    for shown, expected in zip(drawn, (*both, both[1] - both[0], apart), strict=False):
        np.testing.assert_allclose(shown, expected, atol=1e-6)


def test_the_slider_of_the_unbounded_ends_with_the_text():
    step, weight, gate = (CELLS[cell][letter] for cell, letter in (("s6", "Δ"), ("s6", "B1"), ("gru", "z")))
    read = SimpleNamespace(arrays={"Δ": np.array([[0.5], [2.3]]), "B1": np.array([[-4.2], [2.0]])})
    assert holding.bounds(step, read, 0.0) == (0.0, 3.0)
    assert holding.bounds(weight, read, 0.0) == (-5.0, 5.0)
    assert holding.bounds(gate, read, 0.0) == (0.0, 1.0)
