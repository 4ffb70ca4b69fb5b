"""The numbers at the cursor are norms of what the equations of the cells say."""

from functools import partial

import numpy as np
import pytest

from rnn_core.inspection.cursor import MOST_MOVED, GatedUpdate, PlainUpdate, at_cursor
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from tests.inspection.made import UNIFORM, make_model

TEXT = "The film was good, but the zither was bad"
GATED = [("gru", "before"), ("gru", "after"), ("lstm", "before")]
H = 7
make = partial(make_model, seed=8, hidden_size=H, **UNIFORM)


def units(model, read, time):
    return [one_step(model, read, time, unit) for unit in range(H)]


def norm(values):
    return pytest.approx(np.linalg.norm(list(values)), rel=1e-5)


@pytest.mark.parametrize(("cell", "reset"), GATED)
def test_kept_written_and_dropped_are_the_norms_over_the_units(cell, reset):
    model = make(cell=cell, reset=reset)
    read = trace(model, TEXT)
    state = "c" if cell == "lstm" else "h"
    for time in range(len(read.logits)):
        alone = units(model, read, time)
        assert at_cursor(model, read, time).update == GatedUpdate(
            kept=norm(unit.kept for unit in alone),
            written=norm(unit.written for unit in alone),
            dropped=norm(unit.before[state] - unit.kept for unit in alone),
        )


@pytest.mark.parametrize("layer", [1, 2])
def test_of_a_stack_the_word_and_the_memory_are_those_of_the_layer(layer):
    model = make(cell="elman", layers=2)
    read = trace(model, TEXT, layer=layer)
    alone = units(model, read, 4)
    update = at_cursor(model, read, 4).update
    assert update.word == norm(unit.parts["h"].word for unit in alone)
    assert update.memory == norm(unit.parts["h"].memory for unit in alone)


@pytest.mark.parametrize("input", ["embedding", "one-hot"])
def test_an_elman_cell_has_its_word_its_memory_and_its_slope(input):
    model = make(cell="elman", input=input)
    read = trace(model, TEXT)
    for time in range(len(read.logits)):
        alone = units(model, read, time)
        assert at_cursor(model, read, time).update == PlainUpdate(
            word=norm(unit.parts["h"].word for unit in alone),
            memory=pytest.approx(np.linalg.norm([unit.parts["h"].memory for unit in alone]), abs=1e-6),
            slope=pytest.approx(np.mean([unit.slope for unit in alone]), rel=1e-5),
        )


def test_a_shut_update_gate_keeps_all_and_an_open_one_drops_all():
    model = make(cell="gru")
    for bias in (-1e3, 1e3):
        model.classifier.cell.b.data[H : 2 * H] = bias  # z
        read = trace(model, TEXT)
        update = at_cursor(model, read, 4).update
        assert update.written == norm(read.arrays["n"][4] if bias > 0 else [0])
        assert update.dropped == norm(read.arrays["h"][3] if bias > 0 else [0])
        assert update.kept == norm(read.arrays["h"][3] if bias < 0 else [0])


def test_at_the_first_token_there_is_nothing_to_keep_or_drop():
    for cell, reset in GATED:
        model = make(cell=cell, reset=reset)
        update = at_cursor(model, trace(model, TEXT), 0).update
        assert update.kept == update.dropped == 0 < update.written
    model = make(cell="elman")
    assert at_cursor(model, trace(model, TEXT), 0).update.memory == 0


@pytest.mark.parametrize("time", [0, 5])
@pytest.mark.parametrize(("cell", "letters"), [("elman", {"h"}), ("gru", {"h"}), ("lstm", {"h", "c"})])
def test_the_units_that_moved_most_come_first_with_their_values(cell, letters, time):
    model = make(cell=cell)
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


def test_a_time_step_that_is_not_there_is_refused_in_words():
    model = make(cell="gru")
    read = trace(model, TEXT)
    for time in (-1, len(read.logits)):
        with pytest.raises(IndexError, match="counted from 0; got time step"):
            at_cursor(model, read, time)
