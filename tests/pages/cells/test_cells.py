"""Cells without a browser: numbers, sentences, code and speed of every cell; a cell set by hand."""

import re

import numpy as np
import pytest
import torch

from pages.components.cells import all_cells, chosen_cell, forms
from pages.components.cells.forms import TimedVariant, joining_paragraph, speed_of_resets, speed_sentence
from pages.components.cells.hand_values import ByHand, unpack
from pages.components.cells.vanishing import memory_in_words
from pages.components.shared.format import literal
from pages.components.shared.token_strip import Chip, around_html
from rnn_core.bench.forms import FormTimes, usual_cell
from rnn_core.equations.words import CellText
from rnn_core.errors import CellError
from rnn_core.inspection.by_hand import Bench, Kind, knobs, play
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.symbols import CELLS, KINDS, CellDeclaration
from tests.pages.elements import figures, put, said

pytestmark = pytest.mark.slow

SETTINGS = {name: declared.run_settings for name, declared in CELLS.items()}
TIMES = {"naive": 240.0, "fused": 180.0, "sequence": 80.0, "torch": 120.0, "floor": 60.0}


def drawing(app):
    return figures(app)[0]


def numbers(app):
    return {name: value for name, value, _ in drawing(app)["data"][0]["customdata"]}


def code(app):
    return "\n".join(block.value for block in app.code)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_variant_has_numbers_equations_and_code(open_app, make_model, name):
    """The numbers are those of a model of this variant; others can't be picked."""
    make_model("model", **SETTINGS[name])
    make_model("other", cell="elman" if CELLS[name].kind != "elman" else "gru")
    app = open_app("cells", {"variant": name})
    [option] = app.get_by_key(f"cells_model_{name}").options
    assert option.endswith("on verdict corpus · model")
    assert "h after" in numbers(app)
    assert len(app.latex) == (4 if name.startswith("gru") else 2)  # of a GRU both resets side by side, too
    assert code(app).count("def naive(") == code(app).count("def update(") == 1
    assert all(part in code(app) for part in ("class _Backwards", "def forward(self", "def backward(self"))


@pytest.mark.parametrize("layer", ["1", "2"])
def test_numbers_are_those_of_layer_token_and_unit(open_app, make_model, layer):
    """Layer, token and unit stand in the address; this one names the variant as earlier versions did."""
    make_model("model", layers=2)
    text = "the film is great"
    query = {"variant": "gru-before", "layer": layer, "token": "2", "unit": "3"}
    app = open_app("cells", query, review_text=text)
    assert app.get_by_key("cells_variant").value == app.query_params["variant"] == "gru"
    assert app.slider(key="token_slider").value == 3
    assert f"Time step 3 in layer {layer} of 2, unit 3 of 5" in said(app)
    read = trace(Model.load(find_model("model")), text, layer=int(layer))
    assert numbers(app)["h after"] == pytest.approx(float(read.arrays["h"][2, 3]), abs=1e-6)
    assert ("from the layer below" in str(drawing(app))) == (layer == "2")


def test_cells_read_and_home_begin_with_the_same(open_app, make_model):
    for names, usual in (("best compact gru-small", "best"), ("gru", "gru"), ("reader", "reader")):
        for name in names.split():
            make_model(name)
        assert open_app("cells").get_by_key("cells_model_gru").value == usual
    assert open_app("read").get_by_key("model_picked").value == usual
    assert f"· {usual}, read just now" in said(open_app())
    assert open_app("cells", {"model": "gru"}).get_by_key("cells_model_gru").value == "gru"


@pytest.mark.parametrize(
    "query", [{"variant": "rwkv", "token": "900", "unit": "77"}, {"token": "9" * 5_000, "model": "../x"}]
)
def test_what_an_address_asks_in_vain_is_passed_over(open_app, make_model, query):
    """Left empty, the unit is the one that changes most."""
    make_model("gru")
    app = open_app("cells", query)
    assert app.get_by_key("cells_variant").value == "gru"
    assert "h after" in numbers(app)
    assert "of 5" in said(app)
    assert "the one whose hidden state changes most at this token" in said(open_app("cells"))


def test_a_token_goes_on_from_the_state_before(open_app, make_model):
    """A text of one token, of none, or a shorter one has a token that it has."""
    make_model("gru")
    app = open_app("cells", unit=1)
    app.slider(key="token_slider").set_value(1).run()
    first = numbers(app)
    assert first["h before"] == 0
    app.slider(key="token_slider").set_value(2).run()
    assert numbers(app)["h before"] == first["h after"]
    put(app, review_text="film")
    assert app.slider(key="token_slider").max == 2
    put(app, review_text="...")
    assert "no word in this text" in app.warning[0].value
    assert "def naive(" in code(app)
    make_model("gru", start_token=False)
    app = open_app("cells", review_text="film")
    assert "token_slider" not in [slider.key for slider in app.slider]  # of one token
    assert numbers(app)["h before"] == 0


def test_a_damaged_model_is_named_and_the_page_stands(open_app, make_model):
    (make_model("gru") / "weights.safetensors").write_bytes(b"half")
    app = open_app("cells")
    assert literal("weights.safetensors") in app.error[0].value
    assert "def naive(" in code(app)


@pytest.fixture
def soon_timed(monkeypatch):
    """Two rounds with sequences of three time steps."""
    for name, value in (("ROUNDS", 2), ("BATCH", 2), ("LENGTH", 3)):
        monkeypatch.setattr(forms, name, value)


@pytest.mark.usefixtures("soon_timed")
def test_forms_are_timed_and_what_was_measured_stays(open_app):
    app = open_app("cells")
    assert "No GRU, reset before is trained on this machine yet" in app.info[0].value
    assert "The button measures" in said(app)
    assert " ms" not in said(app)
    app.get_by_key("time_forms").click().run()
    assert "median of 2 rounds: 2 sequences of 3 time steps" in said(app)
    assert "torch has no such cell" in said(app)
    assert "Its products alone take" in said(app)
    assert len(app.get("plotly_chart")) == 1
    app.get_by_key("cells_variant").set_value("elman").run()
    assert not app.get("plotly_chart")
    app.get_by_key("cells_variant").set_value("gru").run()
    assert len(app.get("plotly_chart")) == 1


class Fails(CellDeclaration):
    """A cell whose equations can't be had."""

    def read_equations(self):
        raise CellError("Its equations are not known.")


@pytest.mark.usefixtures("soon_timed")
def test_all_cells_are_in_a_table_and_are_timed(open_app, monkeypatch):
    """All are timed beside the LSTM in one run, one registered later, too; one that fails is left out."""
    monkeypatch.setattr(forms, "ROUNDS", 1)
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))

    later = CellText.read("# name: Later\n# summary: A cell that came later.\nh' = tanh(x @ W + h @ U)")
    CELLS.register("later", CellDeclaration(later.equations, "later", later))
    CELLS.register("fails", Fails(later.equations, "fails"))
    app = open_app("cells")
    table = app.table[0].value
    names = [literal(known.name) for known in KINDS.values()]
    assert [name.strip("*") for name in table["Cell"]] == names
    assert list(table.iloc[-2]) == ["Later", "A cell that came later.", "1: h", "1 + 1", "no"]
    app.get_by_key("time_cells").click().run()
    milliseconds = app.session_state["cell_times"].times.milliseconds
    beside = [f"{milliseconds[kind] / milliseconds['lstm']:.2f} ×" for kind in KINDS if kind != "fails"]
    assert list(app.table[0].value["Time beside an LSTM"]) == [*beside, "not timed"]
    assert "are not known" in app.warning[0].value
    assert "through the cell alone, without the optimizer. The LSTM takes" in said(app)
    assert "one round: 2 sequences of 3 time steps" in said(app)

    def fails(*_, **__):
        raise CellError("No cell can be timed.")
        yield

    monkeypatch.setattr(all_cells, "time_cells", fails)
    app.get_by_key("time_cells").click().run()
    assert "No cell can be timed" in said(app)


@pytest.mark.parametrize("name", CELLS)
def test_a_paragraph_counts_the_products_of_each_form(name):
    """They are counted as they are computed in tests/test_symbols.py. It has the milliseconds measured."""
    said = joining_paragraph(name, None)
    assert not any(sign.isdigit() for sign in said.replace("S6", ""))
    timed = joining_paragraph(name, TimedVariant(FormTimes(TIMES, 3), "a machine", busy=False))
    assert all(number in timed for number in ("240 ms", "180 ms", "80 ms", "60 ms", "25%", "75%"))
    for took, says in ((239.0, "saves next to nothing here"), (300.0, "is slower here")):
        no_faster = TimedVariant(FormTimes({**TIMES, "fused": took}, 3), "a machine", busy=False)
        assert f"{CELLS[name].title}, that {says}: **240 ms** naive" in joining_paragraph(name, no_faster)
    with_x, _, with_h = CELLS[name].products
    waits = CELLS[name].reset is not None and not CELLS[name].reset.after
    assert ("r * h by another" in said) == ("That with r * h has to wait for r" in said) == waits
    if with_h < 2:
        assert f"has {'a single' if with_h else 'no'} product with h" in said
        return
    number = "none one two three four".split()
    assert f"h by {number[with_h - waits]} matrices" in said
    assert f"x by {number[with_x]} more" in said
    assert "one product with h" in said


def test_speeds_are_said_when_they_were_measured():
    assert "Time both" in speed_of_resets(80.0, None)
    assert speed_of_resets(80.4, 71.6).count("80 ms") == speed_of_resets(80.4, 71.6).count("72 ms") == 1
    times = {"naive": 300.0, "fused": 200.0, "sequence": 100.0}
    says = "The sequence form is 3.0 times faster than the naive one"
    assert speed_sentence(times) == f"{says}."
    assert speed_sentence({**times, "torch": 90.0}) == f"{says}, and 1.1 times slower than torch's module."


def test_neighbours_of_the_token_are_text_not_markup():
    texts = {"<start>": "special", "<b>": "unknown", "x" * 99: "word"}
    strip = [Chip(text, kind, step, 0.0) for step, (text, kind) in enumerate(texts.items())]
    drawn = around_html(strip, 1)
    assert "&lt;b&gt;" in drawn
    assert "&lt;start&gt;" in drawn
    assert "x" * 25 not in drawn


def test_only_units_that_remember_alone_have_constants(open_app, make_model):
    """Time constants are drawn where a unit remembers by itself."""
    make_model("each", cell="indrnn")
    make_model("all")
    sentence = "with nothing new to read, what it holds has then fallen to 1/e"
    assert sentence in said(open_app("cells", {"variant": "indrnn"}))
    assert sentence not in said(open_app("cells", {"variant": "gru"}))
    words = memory_in_words(np.array([0.5, 2.0, 3.0, 40.0, np.inf]), "word")
    assert words == "Half of the units forget within 3 words, and the last that forgets at all takes 40."
    assert memory_in_words(np.full(3, np.inf), "word") == "Half of the units or more never forget."


@pytest.mark.parametrize("name", CELLS)
def test_a_drawn_time_step_says_what_is_kept_and_taken(name):
    declared = CELLS[name]
    cell = usual_cell(name, hidden_size=1, embedding_size=1)
    torch.manual_seed(1)
    values = {knob.name: torch.randn(()).item() for knob in knobs(cell)} | {"h": 0.4}
    step = play(cell, declared, values, 1).one_step(0, 0)
    said = re.findall(r"[−\d][\d.,]*", chosen_cell.memory_sentence(step, "word"))
    assert len(said) == 2
    if declared.update is not None:
        kept, taken = (float(number.rstrip(".").replace("−", "-")) / 100 for number in said)
        taken *= 100 if declared.update.tracks else 1  # it is no share
        memory, candidate = declared.update.memory, step.parts[declared.update.candidate].value
        after = kept * step.before[memory] + taken * candidate
        assert after == pytest.approx(step.after[memory], abs=2e-3)


def said_of_unit(app):
    return next(part.value for part in app.markdown if part.value.startswith("**It "))


def drawn_by_hand(app):
    [drawn] = [figure["data"][0] for figure in figures(app) if figure["data"][0].get("name") == "numbers"]
    return {name: value for name, value, _ in drawn["customdata"]}


def slider(app, variant, name, units=1):
    return app.slider(key=f"by_hand_{variant}_{units}_{name}")


def in_address(app):
    found = app.query_params.get("by_hand")
    return found[0] if isinstance(found, list) else found


@pytest.mark.parametrize("variant", ["gru-after", "lstm", "s6"])
def test_the_drawing_has_the_numbers_of_the_cell(open_app, variant):
    """It begins with a unit that leaks, and follows the sliders. Those of all are in tests/figures."""
    app = open_app("cells", {"variant": variant})
    assert re.search(r"half of the way is gone after \*\*\d+\.\d\*\* time steps", said_of_unit(app))
    assert in_address(app) is None
    for kind, values in Bench(variant).presets.items():
        assert app.get_by_key(f"by_hand_{kind}").disabled == (values is None)
    weights = [one.label for one in app.slider if one.key.startswith(f"by_hand_{variant}_1_")]
    assert all(len(label.split()[0]) <= 2 for label in weights)  # a letter, as in the equations, and no word
    declared = CELLS[variant]
    letter = declared.parts[0]
    slider(app, variant, f"W{letter}").set_value(1.5)
    slider(app, variant, f"b{letter}").set_value(-0.25).run()
    assert drawn_by_hand(app)[f"{letter} word"] == pytest.approx(1.25)
    values = {**Bench(variant).presets[Kind.LEAKS], f"W{letter}": 1.5, f"b{letter}": -0.25}
    cell = usual_cell(variant, hidden_size=1, embedding_size=1)
    played = play(cell, declared, values, 40)
    assert drawn_by_hand(app)["h after"] == pytest.approx(played.states["h"][1, 0])
    app.slider(key="by_hand_time").set_value(17).run()
    memory = declared.carriers[-1]
    assert drawn_by_hand(app)[f"{memory} before"] == pytest.approx(played.states[memory][16, 0])
    assert drawn_by_hand(app)["h after"] == pytest.approx(played.states["h"][17, 0])


def test_a_preset_is_what_it_is_called(open_app):
    """Reset goes back to it; it keeps the time steps that were chosen."""
    app = open_app("cells", {"variant": "lstm"})
    for kind in Bench("lstm").presets:
        app.get_by_key(f"by_hand_{kind}").click().run()
        assert said_of_unit(app).startswith(f"**It {kind}.**")
    app.get_by_key("by_hand_holds").click().run()
    before = said_of_unit(app)
    app.slider(key="by_hand_steps").set_value(80).run()
    assert said_of_unit(app) != before
    app.get_by_key("by_hand_reset").click().run()
    assert said_of_unit(app) == before
    app.slider(key="by_hand_steps").set_value(80).run()
    app.get_by_key("by_hand_holds").click().run()
    assert "It holds.** In 80 time steps" in said_of_unit(app)


def test_what_is_set_is_in_the_address_and_opens_again(open_app):
    """The unit is kept for the cell that it was chosen for."""
    app = open_app("cells", {"variant": "lstm"})
    slider(app, "lstm", "bf").set_value(1.0)
    slider(app, "lstm", "c").set_value(2.0)
    app.slider(key="by_hand_steps").set_value(60).run()
    address = in_address(app)
    assert address.startswith("1~60~")
    again = open_app("cells", {"variant": "lstm", "by_hand": address})
    assert slider(again, "lstm", "bf").value == 1.0
    assert slider(again, "lstm", "c").value == 2.0
    assert said_of_unit(again) == said_of_unit(app)
    assert in_address(again) == address
    again.get_by_key("cells_variant").set_value("elman").run()
    assert slider(again, "elman", "Uh").value == pytest.approx(0.9)
    assert in_address(again) is None


def test_an_address_is_its_values_within_their_bounds():
    """One that makes no sense is none."""
    for asked in ("", "7~40", "1~x", "1~40~bz_1e9", "1~40~q_1~bz_nan~_~bz", "x" * 5000, "²~40"):
        read = unpack(asked, "gru")
        assert read is None or not read.values, asked
    by_hand = ByHand(2, 60, {"bzu0": -2.2, "Un1u0": 0.05, "hu1": -0.8})
    assert unpack(by_hand.packed(), "gru") == by_hand
    assert unpack("1~999~h_-5~bz_50~nothing_1", "gru") == ByHand(1, 200, {"h": -1.0, "bz": 8.0})
    assert Bench("lstm").reach["h"] == (-1.0, 1.0)
    assert Bench("lstm").reach["c"] == (-3.0, 3.0)
    assert Bench("lstm-coupled-gates").reach["c"] == (-1.0, 1.0)
    assert Bench("slstm").reach["d"] == (0.0, 3.0)


def test_units_have_sliders_and_weights_between_them(open_app):
    app = open_app("cells", {"variant": "elman"})
    app.get_by_key("by_hand_units_elman").set_value(2).run()
    slider(app, "elman", "Uh1u0", 2).set_value(2.0).run()
    step = drawn_by_hand(app)
    assert step["h memory"] == pytest.approx(0.9 * 0.8 + 2.0 * 0.8)
    of_the_first = said_of_unit(app)
    app.get_by_key("by_hand_unit_2").set_value(1).run()
    assert drawn_by_hand(app)["h memory"] == pytest.approx(0.9 * 0.8)
    assert said_of_unit(app) != of_the_first
    assert in_address(app).startswith("2~40~")


def test_play_ends_at_the_last_time_step(open_app):
    app = open_app("cells", {"by_hand": "7~40"})  # of seven units, which makes no sense
    assert app.get_by_key("by_hand_units_gru").value == 1
    app.slider(key="by_hand_steps").set_value(5).run()
    app.get_by_key("by_hand_play").click().run()
    assert app.get_by_key("by_hand_play").label == "Stop"
    assert app.slider(key="by_hand_time").value == 2
    for _ in range(4):
        app.run()
    assert app.slider(key="by_hand_time").value == 5
    assert app.get_by_key("by_hand_play").label == "Play"
    app.get_by_key("by_hand_play").click().run()
    assert app.slider(key="by_hand_time").value == 1


def test_one_click_shows_memory_without_a_gradient(open_app):
    app = open_app("cells", {"variant": "gru"})
    assert not any("forgotten" in part.value for part in app.caption)
    app.get_by_key("hold_without_gradient").click().run()
    assert app.get_by_key("cells_variant").value == "elman"
    assert slider(app, "elman", "Uh").value == 3.0
    assert said_of_unit(app).startswith("**It holds.** In 100 time steps")
    assert any(re.search(r"e-15\d times as large after 100 time steps", part.value) for part in app.caption)
