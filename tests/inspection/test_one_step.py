"""The numbers of one time step are those of the trace, and they add up."""

import math
from functools import partial

import numpy as np
import pytest

from rnn_core.inspection.one_step import (
    MOST_MOVED,
    GatedUpdate,
    PlainUpdate,
    at_cursor,
    most_moved_unit,
    most_telling_token,
    one_step,
)
from rnn_core.inspection.trace import trace
from rnn_core.symbols import CELLS, Function
from tests.inspection.made import UNIFORM, VARIANTS, make_model

TEXT = "The film was good, but the zither was bad"
FUNCTIONS = {
    Function.SIGMOID: lambda a: 1 / (1 + math.exp(-a)),
    Function.TANH: math.tanh,
    Function.RELU: lambda a: max(a, 0.0),
    Function.NONE: lambda a: a,
    Function.SOFTPLUS: lambda a: math.log1p(math.exp(a)),
}


def make(variant, **settings):
    of_cell = CELLS[variant].run_settings
    return make_model(seed=3, **of_cell, initialisation="uniform", **settings)


@pytest.fixture(params=[*((variant, 1, 1) for variant in CELLS), ("gru", 2, 1), ("lstm", 2, 2)], ids=str)
def read(request):
    variant, layers, layer = request.param
    model = make(variant, layers=layers)
    return model, trace(model, TEXT, layer=layer)


def test_the_sigmoid_or_tanh_of_the_contributions_is_what_was_traced(read):
    model, traced = read
    for time, unit in np.ndindex(traced.arrays["h"].shape):
        step = one_step(model, traced, time, unit)
        for letter, part in step.parts.items():
            scale = step.parts["r"].value if letter == "n" and traced.cell == "gru-after" else 1
            inside = part.word + scale * part.memory
            assert part.inside == pytest.approx(inside, abs=1e-12)
            expected = FUNCTIONS[traced.declared[letter].function](inside)
            assert traced.arrays[letter][time, unit] == pytest.approx(expected, abs=1e-5)


def test_gates_and_states_are_those_of_the_trace_and_before_the_first_token_there_is_nothing(read):
    model, traced = read
    last = len(traced.logits) - 1
    for time in (0, last // 2, last):
        step = one_step(model, traced, time, 2)
        assert {letter: part.value for letter, part in step.parts.items()} == {
            letter: traced.arrays[letter][time, 2] for letter in step.parts
        }
        for letter, state in step.after.items():
            assert state == traced.arrays[letter][time, 2]
            assert step.before[letter] == (traced.arrays[letter][time - 1, 2] if time else 0)


def test_what_is_kept_and_what_is_written_is_the_state_after(read):
    model, traced = read
    step = one_step(model, traced, 3, 1)
    update = traced.declared.update
    if update is None:
        assert step.slope == pytest.approx(traced.arrays["slope"][3, 1], abs=1e-6)
        return
    assert step.kept + step.written == pytest.approx(step.after[update.memory], abs=1e-6)
    if update.shows is not None:
        assert step.parts["o"].value * step.squashed == pytest.approx(step.after["h"], abs=1e-6)


@pytest.mark.parametrize("settings", [{"input": "one-hot"}, {"skip_padding": False, "max_length": 14}])
def test_one_hot_input_and_padding_that_is_read_have_their_numbers_too(settings):
    model = make("gru", **settings)
    traced = trace(model, TEXT)
    for time in range(len(traced.logits)):
        z = one_step(model, traced, time, 4).parts["z"]
        expected = FUNCTIONS[Function.SIGMOID](z.word + z.memory)
        assert z.value == pytest.approx(expected, abs=1e-5)


def test_a_time_step_or_unit_that_is_not_there_is_refused_in_words():
    model = make("gru")
    traced = trace(model, TEXT)
    for time, unit in ((-1, 0), (len(traced.logits), 0), (0, 5)):
        with pytest.raises(IndexError, match="counted from 0; got time step"):
            one_step(model, traced, time, unit)
        if not unit:
            with pytest.raises(IndexError, match="counted from 0; got time step"):
                at_cursor(model, traced, time)


def test_the_unit_and_the_token_that_move_most_are_found_at_the_first_token_too():
    traced = trace(make("lstm"), TEXT)
    h = traced.arrays["h"]
    assert most_moved_unit(traced, 0) == np.abs(h[0]).argmax()
    assert most_moved_unit(traced, 4) == np.abs(h[4] - h[3]).argmax()
    assert most_telling_token(traced) == np.abs(np.diff(traced.logits)).argmax() + 1
    assert most_telling_token(trace(make("gru", start_token=False), "film")) == 0


H = 7
wide = partial(make_model, seed=8, hidden_size=H, **UNIFORM)


def units(model, read, time):
    return [one_step(model, read, time, unit) for unit in range(H)]


def norm(values):
    return pytest.approx(np.linalg.norm(list(values)), rel=1e-5)


@pytest.mark.parametrize("variant", [*VARIANTS][1:])
def test_kept_written_and_dropped_are_the_norms_over_the_units(variant):
    model = wide(**VARIANTS[variant])
    read = trace(model, TEXT)
    state = "c" if variant == "lstm" else "h"
    for time in range(len(read.logits)):
        alone = units(model, read, time)
        assert at_cursor(model, read, time).update == GatedUpdate(
            kept=norm(unit.kept for unit in alone),
            written=norm(unit.written for unit in alone),
            dropped=norm(unit.before[state] - unit.kept for unit in alone),
        )


@pytest.mark.parametrize("layer", [1, 2])
def test_of_a_stack_the_word_and_the_memory_are_those_of_the_layer(layer):
    model = wide(cell="elman", layers=2)
    read = trace(model, TEXT, layer=layer)
    alone = units(model, read, 4)
    update = at_cursor(model, read, 4).update
    assert update.word == norm(unit.parts["h"].word for unit in alone)
    assert update.memory == norm(unit.parts["h"].memory for unit in alone)


@pytest.mark.parametrize("input", ["embedding", "one-hot"])
def test_an_elman_cell_has_its_word_its_memory_and_its_slope(input):
    model = wide(cell="elman", input=input)
    read = trace(model, TEXT)
    for time in range(len(read.logits)):
        alone = units(model, read, time)
        assert at_cursor(model, read, time).update == PlainUpdate(
            word=norm(unit.parts["h"].word for unit in alone),
            memory=pytest.approx(np.linalg.norm([unit.parts["h"].memory for unit in alone]), abs=1e-6),
            slope=pytest.approx(np.mean([unit.slope for unit in alone]), rel=1e-5),
        )


def test_a_shut_update_gate_keeps_all_and_an_open_one_drops_all():
    model = wide(cell="gru")
    for bias in (-1e3, 1e3):
        model.classifier.cell.b.data[H : 2 * H] = bias  # z
        read = trace(model, TEXT)
        update = at_cursor(model, read, 4).update
        assert update.written == norm(read.arrays["n"][4] if bias > 0 else [0])
        assert update.dropped == norm(read.arrays["h"][3] if bias > 0 else [0])
        assert update.kept == norm(read.arrays["h"][3] if bias < 0 else [0])


def test_at_the_first_token_there_is_nothing_to_keep_or_drop():
    for settings in VARIANTS.values():
        model = wide(**settings)
        update = at_cursor(model, trace(model, TEXT), 0).update
        if settings["cell"] == "elman":
            assert update.memory == 0
        else:
            assert update.kept == update.dropped == 0 < update.written


@pytest.mark.parametrize("time", [0, 5])
@pytest.mark.parametrize(("cell", "letters"), [("elman", {"h"}), ("gru", {"h"}), ("lstm", {"h", "c"})])
def test_the_units_that_moved_most_come_first_with_their_values(cell, letters, time):
    model = wide(cell=cell)
    read = trace(model, TEXT)
    moved = at_cursor(model, read, time).moved
    assert set(moved) == letters
    for letter, moves in moved.items():
        values = read.arrays[letter]
        before = values[time - 1] if time else np.zeros(H, np.float32)
        assert len(moves) == MOST_MOVED
        for move in moves:
            assert (move.before, move.after) == (before[move.unit], values[time][move.unit])
        sizes = [abs(move.after - move.before) for move in moves]
        assert sizes == sorted(sizes, reverse=True)
        rest = np.delete(np.abs(values[time] - before), [move.unit for move in moves])
        assert rest.max() <= sizes[-1]
