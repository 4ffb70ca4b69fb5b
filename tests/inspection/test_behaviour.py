"""Edges of the rules: what comes back, turns slowly, is bounded by its candidate, or must hold for long."""

import math
import re

import pytest

from pages.components.cells.hand_words import in_detail, in_words
from rnn_core.bench.forms import usual_cell
from rnn_core.inspection.behaviour import SATURATED, Kind, behaviour, preset
from rnn_core.inspection.by_hand import limits, play
from rnn_core.symbols import CELLS


def played(name: str, steps: int = 40, units: int = 1, **values: float):
    declared = CELLS[name]
    return play(usual_cell(name, hidden_size=units, embedding_size=1), declared, values, steps)


@pytest.mark.parametrize("name", CELLS)
def test_a_unit_that_holds_does_so_for_as_long_as_can_be_asked(name: str) -> None:
    declared = CELLS[name]
    values = preset(usual_cell(name, hidden_size=1, embedding_size=1), declared, Kind.HOLDS)
    assert values is not None
    for steps in (5, 40, 200):
        assert behaviour(played(name, steps, **values), 0).kind == Kind.HOLDS


def test_a_pulse_that_dies_away_comes_back_and_has_no_half_life() -> None:
    found = behaviour(played("elman", units=2, hu1=0.8, Uh1u0=0.5), 0)
    assert (found.kind, found.half_life) == (Kind.LEAKS, None)
    assert found.moved == pytest.approx(math.tanh(0.4))
    assert in_words(found, "h").startswith("**It comes back.** h is up to 0.380 away from where it began")


def test_what_ends_farther_from_zero_than_it_began_fills_up() -> None:
    assert "It fills up." in in_words(behaviour(played("elman", bh=0.3, Uh=0.5), 0), "h")
    assert "It leaks." in in_words(behaviour(played("elman", Uh=0.5, h=0.8), 0), "h")
    assert "It is overwritten." in in_words(behaviour(played("elman", bh=0.5, h=-0.9), 0), "h")


def test_an_indrnn_oscillates_though_its_state_is_never_negative() -> None:
    values = preset(usual_cell("indrnn", hidden_size=1, embedding_size=1), CELLS["indrnn"], Kind.OSCILLATES)
    assert values is not None
    found = behaviour(played("indrnn", **values), 0)
    assert found.kind == Kind.OSCILLATES
    assert found.memory.min() >= 0


@pytest.mark.parametrize("steps", [20, 40])
def test_a_slow_swing_is_an_oscillation_before_it_has_turned_three_times(steps: int) -> None:
    angle, grows = math.radians(6), 1.1
    turned = {"Uh0u0": grows * math.cos(angle), "Uh1u1": grows * math.cos(angle)}
    turned |= {"Uh1u0": grows * math.sin(angle), "Uh0u1": -grows * math.sin(angle)}
    found = behaviour(played("elman", steps, units=2, hu0=0.8, **turned), 0)
    assert found.kind == Kind.OSCILLATES
    assert len(found.turns) >= 3
    assert "It oscillates." in in_words(found, "h")


@pytest.mark.parametrize(
    ("feedback", "start", "become"),
    [
        (-1.1, 0.8, "get narrower at first, then stay as wide"),
        (-1.5, 0.5, "get wider at first, then stay as wide"),
        (-1.0, 0.8, "get narrower"),  # by ever less, but to nothing
        (-3.0, 0.995, "stay as wide"),
    ],
)
def test_swings_are_said_to_change_for_as_long_as_they_do(feedback: float, start: float, become: str) -> None:
    for steps in (10, 40, 200):
        found = behaviour(played("elman", steps, Uh=feedback, h=start), 0)
        assert f"its swings {become}." in in_words(found, "h"), steps


def test_a_slow_unit_is_said_to_be_slow_and_never_to_be_there() -> None:
    found = behaviour(played("elman", Uh=1.0, h=0.8), 0)
    assert "h goes slowly to 0.000; half of the way is gone after **6.8** time steps." in in_words(found, "h")
    assert "After 1,040 time steps it is still at 0.038." in in_detail(found, "h", 0.012)
    slower = behaviour(played("lstm", 100, bf=8.0, Wf=1.0, bi=-5.0, bg=1.0, c=1.0), 0)
    assert "half of the way takes **more than 1,100** time steps." in in_words(slower, "c")


def test_each_sentence_on_a_unit_has_two_numbers_at_most() -> None:
    for values in ({"Uh": 0.9}, {"Uh": 1.0}, {"Uh": -1.5}, {"Uh": 3.0}, {"bh": 4.0}, {"bh": 0.3, "Uh": 0.5}):
        said = in_words(behaviour(played("elman", h=0.8, **values), 0), "h")
        assert 1 <= len(re.findall(r"\d[\d.,]*", said)) <= 2, said


def test_a_gated_unit_is_saturated_where_its_candidate_is() -> None:
    update_gate_open = {"bz": 0.0, "bn": 4.0}
    found = behaviour(played("gru", **update_gate_open), 0)
    assert found.kind == Kind.SATURATES
    assert found.slope == pytest.approx(1 - math.tanh(4) ** 2, rel=1e-3)
    half_way = behaviour(played("gru", 5, bz=-3.0, bn=4.0), 0)  # the candidate is at its end, h is not
    assert 1 - half_way.memory[-1] ** 2 > SATURATED
    assert half_way.kind != Kind.SATURATES


@pytest.mark.parametrize("name", ["lstm-coupled-gates", "lstm-coupled-gates-peepholes"])
def test_with_coupled_gates_the_cell_state_stays_below_one(name: str) -> None:
    assert CELLS[name]["c"].bounds == (-1.0, 1.0)
    ends = played(name, 200, bi=0.0, bg=8.0, c=-1.0).states["c"]
    assert 0.99 < ends[-1, 0] < 1
    assert abs(ends).max() <= 1


def test_a_knob_ends_where_the_cell_bounds_its_weight() -> None:
    reach = limits(usual_cell("indrnn", hidden_size=2, embedding_size=1), 8.0)
    assert reach["uhu1"] == (-1.0, 1.0)
    assert reach["Whu0"] == reach["bhu1"] == (-8.0, 8.0)
