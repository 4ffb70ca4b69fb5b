"""A cell set by hand computes what its equations say, and is called what it does."""

import math
import re
from itertools import product

import numpy as np
import pytest
import torch

from pages.components.cells.by_hand import in_detail, in_words
from rnn_core.bench.forms import usual_cell
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
from rnn_core.symbols import CELLS

every_variant = pytest.mark.parametrize("name", CELLS)
of_tanh = pytest.mark.parametrize("name", ["elman", "gru", "gru-after", "lstm"])
"""Cells whose candidate is a tanh of word and memory."""


def made(name, units=1):
    return usual_cell(name, hidden_size=units, embedding_size=1), CELLS[name]


def played(name, steps=40, units=1, **values):
    return play(*made(name, units), values, steps)


def did(name, steps=40, units=1, **values):
    """What the first unit does."""
    return behaviour(played(name, steps, units, **values), 0)


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


@every_variant
def test_each_weight_has_one_knob_and_each_knob_a_name_of_its_own(name):
    for units in (1, 3):
        cell, _ = made(name, units)
        found = knobs(cell)
        assert len(found) == sum(weights.numel() for weights in cell.parameters())
        assert len({knob.name for knob in found}) == len(found)
        assert {knob.unit for knob in found} == set(range(units))


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


def test_a_gru_of_one_unit_by_pencil():
    values = {"Wz": 0.5, "bz": -1.0, "Uz": 2.0, "Wn": 1.0, "Un": -1.0, "br": 0.7, "h": 0.4}
    done = played("gru", 1, **values)
    r, z = sigmoid(0.7), sigmoid(0.5 + 2.0 * 0.4 - 1.0)
    n = math.tanh(1.0 + r * 0.4 * -1.0)
    assert done.states["h"][1, 0] == pytest.approx((1 - z) * 0.4 + z * n, rel=1e-12)
    step = done.one_step(0, 0)
    assert step.parts["z"].word == pytest.approx(-0.5)
    assert step.parts["z"].memory == pytest.approx(0.8)
    assert step.parts["n"].memory == pytest.approx(-0.4 * r)


@of_tanh
@pytest.mark.parametrize("units", [1, 2])
def test_the_numbers_of_a_step_fit_each_other(name, units):
    cell, declared = made(name, units)
    torch.manual_seed(5)
    values = {knob.name: torch.randn(()).item() for knob in knobs(cell)}
    played = play(cell, declared, values, 4)
    for unit in range(units):
        step = played.one_step(3, unit)
        for letter, part in step.parts.items():
            squash = sigmoid if declared[letter].is_gate else math.tanh
            assert part.value == pytest.approx(squash(part.inside), rel=1e-9)
        if declared.update is not None:
            assert step.kept + step.written == pytest.approx(step.after[declared.update.memory])


@of_tanh
def test_each_of_these_cells_has_every_preset(name):
    for units, kind in product((1, 3), (Kind.HOLDS, Kind.LEAKS, Kind.OSCILLATES, Kind.SATURATES)):
        cell, declared = made(name, units)
        values = preset(cell, declared, kind)
        assert values is not None, (units, kind)
        assert behaviour(play(cell, declared, values, 40), units - 1).kind == kind, units


@pytest.mark.parametrize(
    ("name", "values", "rest", "kept"),
    [
        *(("lstm", {"bf": bias, "bi": -8.0, "c": 1.0}, 0.0, sigmoid(bias)) for bias in (-1.0, 0.5, 2.2, 4.0)),
        ("gru", {"bz": math.log(1 / 9), "bn": 1.0, "h": -0.5}, math.tanh(1.0), 0.9),  # z n is a tenth of n
    ],
)
def test_the_half_life_of_a_leak_is_that_of_the_gate_that_keeps_to_wherever_it_leads(
    name, values, rest, kept
):
    found = did(name, **values)
    assert found.kind == Kind.LEAKS
    assert found.rest == pytest.approx(rest, abs=1e-6)
    assert found.half_life == pytest.approx(math.log(0.5) / math.log(kept), rel=1e-4)


def test_a_slow_leak_is_a_leak_as_soon_as_it_shows():
    """f = 0.9991: in 10 time steps it holds, in 100 it is seen to leak."""
    values = {"bf": 7.0, "bi": -20.0, "c": 1.0}
    assert did("lstm", 10, **values).kind == Kind.HOLDS
    found = did("lstm", 100, **values)
    assert found.kind == Kind.LEAKS
    assert found.half_life == pytest.approx(math.log(0.5) / math.log(sigmoid(7.0)), rel=1e-3)
    assert found.rest == pytest.approx(0.0, abs=1e-3)


def test_what_adds_up_without_end_grows_until_its_tanh_saturates():
    """c gets 0.01 a time step."""
    values = {"bf": 30.0, "bi": 30.0, "bg": math.atanh(0.01)}
    assert did("lstm", 40, **values).kind == Kind.GROWS
    found = did("lstm", 200, **values)
    assert found.kind == Kind.SATURATES
    assert found.slope == pytest.approx(1 - math.tanh(2.0) ** 2, rel=1e-6)


def test_a_plain_unit_with_negative_feedback_turns_at_every_step_and_an_indrnn_without_being_negative():
    found = did("elman", 20, Uh=-1.5, h=0.5)
    assert found.kind == Kind.OSCILLATES
    assert set(np.diff(found.turns)) == {1}
    found = did("indrnn", **preset(*made("indrnn"), Kind.OSCILLATES))
    assert found.kind == Kind.OSCILLATES
    assert found.memory.min() >= 0


def test_two_units_that_turn_each_other_swing_slowly():
    angle = math.radians(30)  # a rotation by 30 degrees a time step: back after 12, so a turn every 6
    c, s = 1.05 * math.cos(angle), 1.05 * math.sin(angle)
    found = did("elman", 60, units=2, hu0=0.3, Uh0u0=c, Uh0u1=s, Uh1u0=-s, Uh1u1=c)
    assert found.kind == Kind.OSCILLATES
    assert np.diff(found.turns).mean() == pytest.approx(6, abs=0.5)


def test_a_wobble_too_small_to_see_is_no_oscillation():
    assert turns_of(np.array([0.0, 0.01, 0.0, 0.01, 0.0, 0.01])) == ()
    assert turns_of(np.array([0.0, 0.1, 0.0, 0.1, 0.05])) == (1, 2, 3)
    assert turns_of(np.linspace(0, 1, 20)) == ()


def test_a_state_beyond_all_numbers_is_said_to_grow():
    """As in a cell without bounds."""
    done = played("lstm", 5, bf=30.0)
    done.states["c"][:, 0] = [1.0, 1e100, 1e200, 1e300, np.inf, np.inf]
    assert behaviour(done, 0).kind == Kind.GROWS


def test_the_rest_of_a_slow_leak_is_a_state_that_a_time_step_does_not_change():
    """With U = 1, h falls by about h^3 / 3 a time step: the changes shrink ever more slowly."""
    slow = did("elman", 40, Uh=1.0, h=0.8)
    assert slow.kind == Kind.LEAKS
    assert slow.rest == pytest.approx(0.0, abs=1e-4)
    assert slow.half_life == pytest.approx(6.8, abs=0.1)  # 1 / h^2 grows by 2 / 3 a time step
    assert slow.later[-1] > 0.03
    kept = did("elman", 40, Uh=1.2, bh=-0.04, h=0.8)
    assert math.tanh(1.2 * kept.rest - 0.04) == pytest.approx(kept.rest)


def test_half_of_the_way_may_be_gone_at_once_or_later_than_is_watched():
    for m in ([1.0, 0.0, 0.0], [1.0, 0.5, 0.25, 0.0]):
        assert half_life(np.array(m), 0.0) == pytest.approx(1.0)
    found = did("lstm", bf=9.0, bi=-5.0, bg=1.0, c=1.0)
    assert found.rest == pytest.approx(sigmoid(-5.0) * math.tanh(1.0) / (1 - sigmoid(9.0)), rel=1e-6)
    assert found.half_life is None
    assert half_life(0.9 ** np.arange(4.0), 0.0) is None


def test_a_state_that_a_small_change_leads_away_from_is_no_rest():
    done = played("elman", 5, Uh=2.0, h=0.0)
    assert fixed_point(done, {"h": np.array([0.0])}) is None
    (rest,) = fixed_point(done, {"h": np.array([0.9])})["h"]
    assert math.tanh(2.0 * rest) == pytest.approx(rest, rel=1e-12)


def test_a_unit_can_hold_for_ever_with_a_gradient_of_next_to_nothing():
    done = played("elman", 100, Uh=3.0, h=0.995)
    assert behaviour(done, 0).kind == Kind.HOLDS
    assert done.states["h"][-1, 0] == pytest.approx(0.995, abs=1e-3)
    by_rule = np.prod(3.0 * (1 - done.states["h"][1:, 0] ** 2))
    assert gradient(done, 0) == pytest.approx(by_rule, rel=1e-9)
    assert by_rule < 1e-149


@every_variant
def test_a_unit_that_holds_does_so_for_as_long_as_can_be_asked(name):
    values = preset(*made(name), Kind.HOLDS)
    for steps in (5, 40, 200):
        assert did(name, steps, **values).kind == Kind.HOLDS


def test_a_pulse_that_dies_away_comes_back_and_has_no_half_life():
    found = did("elman", units=2, hu1=0.8, Uh1u0=0.5)
    assert (found.kind, found.half_life) == (Kind.LEAKS, None)
    assert found.moved == pytest.approx(math.tanh(0.4))
    assert in_words(found, "h").startswith("**It comes back.** h is up to 0.380 away from where it began")


def test_what_ends_farther_from_zero_than_it_began_fills_up():
    assert "It fills up." in in_words(did("elman", bh=0.3, Uh=0.5), "h")
    assert "It leaks." in in_words(did("elman", Uh=0.5, h=0.8), "h")
    assert "It is overwritten." in in_words(did("elman", bh=0.5, h=-0.9), "h")


@pytest.mark.parametrize("steps", [20, 40])
def test_a_slow_swing_is_an_oscillation_before_it_has_turned_three_times(steps):
    c, s = 1.1 * math.cos(math.radians(6)), 1.1 * math.sin(math.radians(6))
    found = did("elman", steps, units=2, hu0=0.8, Uh0u0=c, Uh1u1=c, Uh1u0=s, Uh0u1=-s)
    assert found.kind == Kind.OSCILLATES
    assert len(found.turns) >= 3
    assert "It oscillates." in in_words(found, "h")


def test_swings_are_said_to_change_for_as_long_as_they_do():
    for feedback, start, become in (
        (-1.1, 0.8, "get narrower at first, then stay as wide"),
        (-1.5, 0.5, "get wider at first, then stay as wide"),
        (-1.0, 0.8, "get narrower"),  # by ever less, but to nothing
        (-3.0, 0.995, "stay as wide"),
    ):
        for steps in (10, 40, 200):
            assert f"its swings {become}." in in_words(did("elman", steps, Uh=feedback, h=start), "h"), steps


def test_a_slow_unit_is_said_to_be_slow_and_never_to_be_there():
    found = did("elman", Uh=1.0, h=0.8)
    assert "h goes slowly to 0.000; half of the way is gone after **6.8** time steps." in in_words(found, "h")
    assert "After 1,040 time steps it is still at 0.038." in in_detail(found, "h", 0.012)
    slower = did("lstm", 100, bf=8.0, Wf=1.0, bi=-5.0, bg=1.0, c=1.0)
    assert "half of the way takes **more than 1,100** time steps." in in_words(slower, "c")


def test_each_sentence_on_a_unit_has_two_numbers_at_most():
    for values in ({"Uh": 0.9}, {"Uh": 1.0}, {"Uh": -1.5}, {"Uh": 3.0}, {"bh": 4.0}, {"bh": 0.3, "Uh": 0.5}):
        said = in_words(did("elman", h=0.8, **values), "h")
        assert 1 <= len(re.findall(r"\d[\d.,]*", said)) <= 2, said


def test_a_gated_unit_is_saturated_where_its_candidate_is():
    found = did("gru", bz=0.0, bn=4.0)
    assert found.kind == Kind.SATURATES
    assert found.slope == pytest.approx(1 - math.tanh(4) ** 2, rel=1e-3)
    half_way = did("gru", 5, bz=-3.0, bn=4.0)  # the candidate is at its end, h is not
    assert 1 - half_way.memory[-1] ** 2 > SATURATED
    assert half_way.kind != Kind.SATURATES


@pytest.mark.parametrize("name", ["lstm-coupled-gates", "lstm-coupled-gates-peepholes"])
def test_with_coupled_gates_the_cell_state_stays_below_one(name):
    assert CELLS[name]["c"].bounds == (-1.0, 1.0)
    ends = played(name, 200, bi=0.0, bg=8.0, c=-1.0).states["c"]
    assert 0.99 < ends[-1, 0] < 1
    assert abs(ends).max() <= 1


def test_a_knob_ends_where_the_cell_bounds_its_weight():
    reach = limits(usual_cell("indrnn", hidden_size=2, embedding_size=1), 8.0)
    assert reach["uhu1"] == (-1.0, 1.0)
    assert reach["Whu0"] == reach["bhu1"] == (-8.0, 8.0)
