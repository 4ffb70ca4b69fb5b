"""A cell set by hand computes what its equations say and is called what it does; its code is shown."""

import math
import re
import textwrap
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from pages.components.cells.by_hand import behaviour_details, behaviour_sentence
from rnn_core.bench.forms import usual_cell
from rnn_core.equations.equations import read_cell
from rnn_core.inspection.by_hand import (
    SATURATED,
    Kind,
    behaviour,
    fixed_point,
    gradient,
    half_life,
    knobs,
    limits,
    play,
    preset,
    turns_of,
)
from rnn_core.inspection.source import form_sources
from rnn_core.nn.cells import Cell
from rnn_core.nn.passes import Pass
from rnn_core.symbols import CELLS
from tests.equations.typed import ODD
from tests.nn.variants import VARIANTS, make_cell

every_variant = pytest.mark.parametrize("name", CELLS)


def made(name, units=1):
    return usual_cell(name, hidden_size=units, embedding_size=1), CELLS[name]


def played(name, steps=40, units=1, **values):
    return play(*made(name, units), values, steps)


def did(name="elman", steps=40, units=1, **values):
    """The behaviour of the first unit."""
    return behaviour(played(name, steps, units, **values), 0)


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


@every_variant
def test_each_weight_has_one_knob_of_its_own_name(name):
    for units in (1, 3):
        cell, _ = made(name, units)
        found = knobs(cell)
        assert len(found) == sum(weights.numel() for weights in cell.parameters())
        assert len({knob.name for knob in found}) == len(found)
        assert {knob.unit for knob in found} == set(range(units))


def test_a_weight_may_be_called_like_a_method():
    cell = Cell(read_cell("h' = tanh(x @ weight + h @ split)"), 1, 1, kind="mine")
    assert [knob.name for knob in knobs(cell)] == ["weighth", "splith"]
    found = play(cell, cell.declared, {"weighth": 0.5, "splith": 2.0, "h": 0.25}, 1)
    assert found.computed["h"][0] == pytest.approx(math.tanh(0.5 + 2.0 * 0.25))


def test_two_biases_of_a_gate_have_a_knob_each():
    cell = Cell(read_cell(ODD["two biases"]), 1, 1, kind="two")
    assert [knob.name for knob in knobs(cell) if knob.parameter == "b"] == ["bz", "bzn2", "bn", "bnn2"]


@every_variant
def test_played_is_the_fused_form_of_the_same_weights(name):
    cell, declared = made(name, 3)
    torch.manual_seed(3)
    values = {knob.name: torch.randn(()).item() for knob in knobs(cell)}
    values |= {f"{letter}u{unit}": 0.3 * unit for letter in declared.states for unit in range(3)}
    played = play(cell, declared, values, 7)
    state = tuple(torch.tensor([[0.0, 0.3, 0.6]], dtype=torch.float64) for _ in declared.states)
    for time in range(7):
        step = cell(torch.ones(1, 1, dtype=torch.float64), state)
        state = step[: cell.state_size]
        for letter, values_now in step._asdict().items():
            np.testing.assert_allclose(played.computed[letter][time], values_now[0].detach(), rtol=1e-12)
        for letter, values_now in zip(declared.states, state, strict=True):
            np.testing.assert_allclose(played.states[letter][time + 1], values_now[0].detach(), rtol=1e-12)


@pytest.mark.parametrize("name", ["elman", "gru", "gru-after", "lstm"])
def test_cells_with_a_candidate_have_every_preset(name):
    for units, kind in product((1, 3), (Kind.HOLDS, Kind.LEAKS, Kind.OSCILLATES, Kind.SATURATES)):
        cell, declared = made(name, units)
        values = preset(cell, declared, kind)
        assert values is not None, (units, kind)
        assert behaviour(play(cell, declared, values, 40), units - 1).kind == kind, units


def test_how_far_a_unit_moved_is_from_its_start():
    found = did(**SLOW, steps=10)
    assert found.moved == pytest.approx(1 - sigmoid(7.0) ** 10, rel=1e-4)


def turning(degrees, growth, start, steps):
    """Two units that turn each other by so many degrees a time step."""
    c, s = growth * math.cos(math.radians(degrees)), growth * math.sin(math.radians(degrees))
    return {"steps": steps, "units": 2, "hu0": start, "Uh0u0": c, "Uh0u1": s, "Uh1u0": -s, "Uh1u1": c}


SLOW = {"name": "lstm", "bf": 7.0, "bi": -20.0, "c": 1.0}  # f = 0.9991
ADDS_UP = {"name": "lstm", "bf": 30.0, "bi": 30.0, "bg": math.atanh(0.01)}  # c gets 0.01 a time step
NEGATIVE = {"steps": 20, "Uh": -1.5, "h": 0.5}
ROTATION, SLOW_ROTATION = turning(30, 1.05, 0.3, 60), turning(6, 1.1, 0.8, 20)
SHUT = {"name": "gru", "steps": 5, "bz": -3.0, "bn": 4.0}
OPEN = SHUT | {"steps": 40, "bz": 0.0}
PULSE = {"units": 2, "hu1": 0.8, "Uh1u0": 0.5}
KINDS = {
    "a slow leak after 10 time steps": ({**SLOW, "steps": 10}, Kind.HOLDS),
    "a slow leak after 100": ({**SLOW, "steps": 100}, Kind.LEAKS),
    "what adds up without end": (ADDS_UP, Kind.GROWS),
    "until its tanh saturates": ({**ADDS_UP, "steps": 200}, Kind.SATURATES),
    "a plain unit with negative feedback": (NEGATIVE, Kind.OSCILLATES),
    "two units that turn each other": (ROTATION, Kind.OSCILLATES),
    "a swing that has not turned three times": (SLOW_ROTATION, Kind.OSCILLATES),
    "a pulse that dies away": (PULSE, Kind.LEAKS),
    "a unit with a candidate at its end": (OPEN, Kind.SATURATES),
    "with a candidate at its end, and h not yet": (SHUT, Kind.LEAKS),
    "a strong feedback": ({"steps": 100, "Uh": 3.0, "h": 0.995}, Kind.HOLDS),
}


@pytest.mark.parametrize(("values", "kind"), KINDS.values(), ids=KINDS)
def test_a_unit_is_called_what_it_does(values, kind):
    assert did(**values).kind == kind


LSTM = {"name": "lstm", "bi": -8.0, "c": 1.0}


@pytest.mark.parametrize(
    ("values", "rest", "kept"),
    [
        *(({**LSTM, "bf": bias}, 0.0, sigmoid(bias)) for bias in (-1.0, 0.5, 2.2, 4.0)),
        ({"name": "gru", "bz": math.log(1 / 9), "bn": 1.0, "h": -0.5}, math.tanh(1.0), 0.9),  # z n is n / 10
        ({**SLOW, "steps": 100}, 0.0, sigmoid(7.0)),
    ],
)
def test_the_half_life_of_a_leak_is_that_of_its_gate(values, rest, kept):
    """The gate that keeps, to wherever it leads."""
    found = did(**values)
    assert found.kind == Kind.LEAKS
    assert found.rest == pytest.approx(rest, abs=1e-3)
    assert found.half_life == pytest.approx(math.log(0.5) / math.log(kept), rel=1e-3)


def test_half_of_the_way_is_gone_at_once_or_later():
    for m in ([1.0, 0.0, 0.0], [1.0, 0.5, 0.25, 0.0]):
        assert half_life(np.array(m), 0.0) == pytest.approx(1.0)
    assert half_life(0.9 ** np.arange(4.0), 0.0) is None
    found = did("lstm", bf=9.0, bi=-5.0, bg=1.0, c=1.0)
    assert found.rest == pytest.approx(sigmoid(-5.0) * math.tanh(1.0) / (1 - sigmoid(9.0)), rel=1e-6)
    assert found.half_life is None  # later than is watched


def test_a_saturated_unit_has_the_slope_where_it_ends():
    assert did(**ADDS_UP, steps=200).slope == pytest.approx(1 - math.tanh(2.0) ** 2, rel=1e-6)
    assert did(**OPEN).slope == pytest.approx(1 - math.tanh(4) ** 2, rel=1e-3)
    assert 1 - did(**SHUT).memory[-1] ** 2 > SATURATED


def test_turns_are_counted_from_a_swing_on():
    assert turns_of(np.array([0.0, 0.01, 0.0, 0.01, 0.0, 0.01])) == ()
    assert turns_of(np.array([0.0, 0.1, 0.0, 0.1, 0.05])) == (1, 2, 3)
    assert turns_of(np.linspace(0, 1, 20)) == ()
    assert set(np.diff(did(**NEGATIVE).turns)) == {1}
    assert np.diff(did(**ROTATION).turns).mean() == pytest.approx(6, abs=0.5)
    assert len(did(**SLOW_ROTATION).turns) >= 3
    found = did("indrnn", **preset(*made("indrnn"), Kind.OSCILLATES))
    assert found.kind == Kind.OSCILLATES
    assert found.memory.min() >= 0  # it turns without being negative


def test_a_state_beyond_all_numbers_is_said_to_grow():
    """A cell without bounds is said to grow, too."""
    done = played("lstm", 5, bf=30.0)
    done.states["c"][:, 0] = [1.0, 1e100, 1e200, 1e300, np.inf, np.inf]
    assert behaviour(done, 0).kind == Kind.GROWS


def test_the_rest_of_a_slow_leak_is_a_fixed_point():
    """U is 1, so h falls by about h^3 / 3 a time step: the changes shrink ever more slowly."""
    slow = did("elman", 40, Uh=1.0, h=0.8)
    assert slow.rest == pytest.approx(0.0, abs=1e-4)
    assert slow.half_life == pytest.approx(6.8, abs=0.1)  # 1 / h^2 grows by 2 / 3 a time step
    assert slow.later[-1] > 0.03
    kept = did("elman", 40, Uh=1.2, bh=-0.04, h=0.8)
    assert math.tanh(1.2 * kept.rest - 0.04) == pytest.approx(kept.rest)
    done = played("elman", 5, Uh=2.0, h=0.0)
    assert fixed_point(done, {"h": np.array([0.0])}) is None  # a small change leads away from it
    (rest,) = fixed_point(done, {"h": np.array([0.9])})["h"]
    assert math.tanh(2.0 * rest) == pytest.approx(rest, rel=1e-12)


def test_a_unit_can_hold_with_next_to_no_gradient():
    done = played("elman", 100, Uh=3.0, h=0.995)
    assert done.states["h"][-1, 0] == pytest.approx(0.995, abs=1e-3)
    by_rule = np.prod(3.0 * (1 - done.states["h"][1:, 0] ** 2))
    assert gradient(done, 0) == pytest.approx(by_rule, rel=1e-9)
    assert by_rule < 1e-149


@every_variant
def test_a_unit_that_holds_does_so_however_long(name):
    values = preset(*made(name), Kind.HOLDS)
    for steps in (5, 40, 200):
        assert did(name, steps, **values).kind == Kind.HOLDS


SWINGS = {
    (-1.1, 0.8): "get narrower at first, then stay as wide",
    (-1.5, 0.5): "get wider at first, then stay as wide",
    (-1.0, 0.8): "get narrower",  # by ever less, but to nothing
    (-3.0, 0.995): "stay as wide",
}
SLOWER = {"name": "lstm", "steps": 100, "bf": 8.0, "Wf": 1.0, "bi": -5.0, "bg": 1.0, "c": 1.0}
SAID = [
    ({"bh": 0.3, "Uh": 0.5}, "It fills up."),
    ({"Uh": 0.5, "h": 0.8}, "It leaks."),
    ({"bh": 0.5, "h": -0.9}, "It is overwritten."),
    (PULSE, "**It comes back.** h is up to 0.380 away from where it began"),  # tanh(0.4)
    ({"Uh": 1.0, "h": 0.8}, "h goes slowly to 0.000; half of the way is gone after **6.8** time steps."),
    (SLOWER, "half of the way takes **more than 1,100** time steps."),
    (SLOW_ROTATION, "It oscillates."),
    *(
        ({"Uh": feedback, "h": start, "steps": steps}, f"its swings {become}.")
        for (feedback, start), become in SWINGS.items()
        for steps in (10, 40, 200)
    ),
]


@pytest.mark.parametrize(("values", "said"), SAID, ids=str)
def test_a_sentence_says_what_a_unit_does(values, said):
    found = behaviour_sentence(did(**values), "c" if "name" in values else "h")
    assert said in found
    assert 1 <= len(re.findall(r"\d[\d.,]*", found)) <= 2


def test_a_slow_unit_is_never_said_to_be_there():
    found = did("elman", Uh=1.0, h=0.8)
    assert "After 1,040 time steps it is still at 0.038." in behaviour_details(found, "h", 0.012)


def test_a_knob_ends_where_the_cell_bounds_its_weight():
    reach = limits(usual_cell("indrnn", hidden_size=2, embedding_size=1), 8.0)
    assert reach["uhu1"] == (-1.0, 1.0)
    assert reach["Whu0"] == reach["bhu1"] == (-8.0, 8.0)


MADE = {name: make_cell(name) for name in VARIANTS}


@pytest.mark.parametrize("name", MADE)
def test_the_code_of_each_form_is_that_of_the_cell(name):
    """Code made of equations is in no file; the rest stands in its own from the line that is named."""
    naive, project, update, one_pass, _, driver = form_sources(MADE[name])
    for source in (project, driver):
        lines = (Path(__file__).parents[2] / source.file).read_text().splitlines()
        shown = source.code.splitlines()
        assert textwrap.dedent("\n".join(lines[source.line - 1 :][: len(shown)])) == source.code
    assert naive.code.startswith("def naive(x, states, weights, times, hold, step)")
    assert all(f"hold('{letter}'" in naive.code for letter in MADE[name].step_type._fields)
    assert project.code.startswith("def project(")
    assert update.code.startswith("def update(")
    assert all(f"def {method}(" in one_pass.code for method in Pass.__abstractmethods__)
    assert (driver.file, driver.line) == ("rnn_core/nn/sequence.py", 1)
