"""Cells without a browser: its numbers, its sentences, its code and its speed, for every cell."""

import json
import re
from collections import Counter

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from pages.components.cells import all_cells, forms, step_drawing
from pages.components.cells.forms import Timed, in_one_sentence, speed_of_resets, why_joining_helps
from pages.components.cells.vanishing import memory_in_words
from pages.components.shared.format import literal
from pages.components.shared.token_strip import Chip, around_html
from rnn_core.bench.forms import FormTimes, usual_cell
from rnn_core.errors import CellError
from rnn_core.figures.colours import LIGHT
from rnn_core.inspection.by_hand import knobs, play
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.nn.own_cell import register_cell
from rnn_core.symbols import CELLS, KINDS
from tests.pages.elements import put, said

pytestmark = pytest.mark.slow

SETTINGS = {name: declared.run_settings for name, declared in CELLS.items()}
TIMES = {"naive": 240.0, "fused": 180.0, "sequence": 80.0, "torch": 120.0, "floor": 60.0}


def drawing(app):
    return json.loads(app.get("plotly_chart")[0].spec)


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
    """As an address has them; this one names the variant as earlier versions did."""
    make_model("model", layers=2)
    text = "the film is great"
    query = {"variant": "gru-before", "layer": layer, "token": "2", "unit": "3"}
    app = open_app("cells", query, review_text=text)
    assert app.get_by_key("cells_variant").value == app.query_params["variant"] == "gru"
    assert app.slider(key="token_slider").value == 3
    assert f"Time step 3 in layer {layer} of 2, unit 3 of 5" in said(app)
    read = trace(Model.load(find_model("model")), text, layer=int(layer))
    assert numbers(app)["h after"] == pytest.approx(float(read.arrays["h"][2, 3]), abs=1e-6)
    assert ("from the layer below" in json.dumps(drawing(app))) == (layer == "2")


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


@pytest.mark.usefixtures("soon_timed")
def test_all_cells_are_in_a_table_and_are_timed(open_app, monkeypatch):
    """In one run, each beside the LSTM, also one that is registered later; one that fails is left out."""
    monkeypatch.setattr(forms, "ROUNDS", 1)
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))

    class Later:
        """A cell that came later."""

        def step(self, a, state, hold):
            return {"h": hold("h", torch.tanh(a + state[0] @ self.U))}

    class Fails(Later):
        def milliseconds_elsewhere(self, batch_size, length):
            raise CellError("Its file is gone.")

    register_cell("later")(Later)
    register_cell("fails")(Fails)
    app = open_app("cells")
    table = app.table[0].value
    names = [literal(known.name) for known in KINDS.values()]
    assert [name.strip("*") for name in table["Cell"]] == names
    assert list(table.iloc[-2]) == ["Later", "A cell that came later.", "1: h", "1 + 1", "no"]
    app.get_by_key("time_cells").click().run()
    milliseconds = app.session_state["cell_times"].times.milliseconds
    beside = [f"{milliseconds[kind] / milliseconds['lstm']:.2f} ×" for kind in KINDS if kind != "fails"]
    assert list(app.table[0].value["Time beside an LSTM"]) == [*beside, "not timed"]
    assert "Its file is gone" in app.warning[0].value
    assert "through the cell alone, without the optimizer. The LSTM takes" in said(app)
    assert "one round: 2 sequences of 3 time steps" in said(app)

    def fails(*_, **__):
        raise CellError("No cell can be timed.")
        yield

    monkeypatch.setattr(all_cells, "time_cells", fails)
    app.get_by_key("time_cells").click().run()
    assert "No cell can be timed" in said(app)


class _Products(TorchFunctionMode):
    """Counts matrix products by what stands on their left."""

    def __init__(self, **known):
        super().__init__()
        self.known, self.counts = known, Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in (torch.Tensor.matmul, torch.Tensor.__matmul__, torch.matmul):
            left = next((name for name, tensor in self.known.items() if args[0] is tensor), "other")
            self.counts[left] += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", SETTINGS)
def test_a_paragraph_counts_the_products_of_each_form(name):
    """It has the milliseconds that were measured."""
    cell = usual_cell(name)
    x, state = torch.zeros(1, cell.input_size), cell.initial_state(1)
    with _Products(h=state[0], x=x) as naive:
        cell.naive(x, state)
    with _Products(h=state[0]) as fused:
        cell.update(cell.project(x), state)
    said = why_joining_helps(name, None)
    assert not any(sign.isdigit() for sign in said.replace("S6", ""))
    timed = why_joining_helps(name, Timed(FormTimes(TIMES, 3), "a machine", busy=False))
    assert all(number in timed for number in ("240 ms", "180 ms", "80 ms", "60 ms", "25%", "75%"))
    for took, says in ((239.0, "saves next to nothing here"), (300.0, "is slower here")):
        no_faster = Timed(FormTimes({**TIMES, "fused": took}, 3), "a machine", busy=False)
        assert f"{CELLS[name].title}, that {says}: **240 ms** naive" in why_joining_helps(name, no_faster)
    if not cell.mixes_units:
        assert naive.counts["h"] == fused.counts["h"] == 0
        assert "has no product with h" in said
        return
    assert fused.counts["h"] == 1
    assert ("r * h by another" in said) == naive.counts["other"]
    assert ("That with r * h has to wait for r" in said) == (fused.counts["other"] == 2)  # the other is x W
    if naive.counts["h"] == 1:
        assert "a single product with h" in said
        return
    number = "none one two three four".split()
    assert f"h by {number[naive.counts['h']]} matrices" in said
    assert f"x by {number[naive.counts['x']]} more" in said
    assert "one product with h" in said


def test_speeds_are_said_when_they_were_measured():
    assert "Time both" in speed_of_resets(80.0, None)
    assert speed_of_resets(80.4, 71.6).count("80 ms") == speed_of_resets(80.4, 71.6).count("72 ms") == 1
    times = {"naive": 300.0, "fused": 200.0, "sequence": 100.0}
    says = "The sequence form is 3.0 times faster than the naive one"
    assert in_one_sentence(times) == f"{says}."
    assert in_one_sentence({**times, "torch": 90.0}) == f"{says}, and 1.1 times slower than torch's module."


def test_neighbours_of_the_token_are_text_not_markup():
    texts = {"<start>": "special", "<b>": "unknown", "x" * 99: "word"}
    strip = [Chip(text, kind, step, 0.0) for step, (text, kind) in enumerate(texts.items())]
    drawn = around_html(strip, 1, LIGHT)
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
    said = re.findall(r"[−\d][\d.,]*", step_drawing.in_words(step, "word"))
    assert len(said) == 2
    if declared.update is not None:
        kept, taken = (float(number.rstrip(".").replace("−", "-")) / 100 for number in said)
        taken *= 100 if declared.update.tracks else 1  # it is no share
        memory, candidate = declared.update.memory, step.parts[declared.update.candidate].value
        after = kept * step.before[memory] + taken * candidate
        assert after == pytest.approx(step.after[memory], abs=2e-3)
