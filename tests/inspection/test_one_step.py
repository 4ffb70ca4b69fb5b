"""The numbers of one time step are those of the trace, and they add up."""

import math
from functools import partial

import numpy as np
import pytest

from rnn_core.inspection.one_step import MOST_MOVED, cursor_at, most_moved_unit, most_telling_token, one_step
from rnn_core.inspection.trace import trace
from rnn_core.symbols import CELLS
from tests.equations.typed import TYPED
from tests.inspection.made import UNIFORM, make_model

TEXT = "The film was good, but the zither was bad"
H = 7
FUNCTIONS = {
    "σ": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
    "": lambda a: a,
    "softplus": lambda a: math.log1p(math.exp(a)),
}
NETWORKS = {
    **{name: (declared.run_settings, 1) for name, declared in CELLS.items()},
    **{f"gru, layer {layer} of 2": ({"layers": 2}, layer) for layer in (1, 2)},
    "one-hot": ({"input": "one-hot"}, 1),
    "elman, one-hot": ({"cell": "elman", "input": "one-hot"}, 1),
    **{name: ({"cell": text}, 1) for name, text in TYPED.items()},
    "padding": ({"skip_padding": False, "max_length": 14}, 1),
}
BEGINS = """
q = sigmoid(x @ W_q + h @ U_q + b_q)
z = sigmoid(x @ W_z + h @ U_z + b_z)
c' = q * c + z * tanh(x @ W_n + h @ U_n + b_n)
h' = tanh(c')
c(0) = 1
"""
make = partial(make_model, seed=8, hidden_size=H, **UNIFORM)


def norm(values):
    return pytest.approx(np.linalg.norm(list(values)), rel=1e-5, abs=1e-6)


def check_update(model, read, time, steps):
    """The update of all units against the numbers of each one."""
    declared = read.declared
    first, second, third, afterwards = (size.value for size in cursor_at(model, read, time).sizes)
    memory = "h"
    if declared.update is None:
        letter = declared.parts[0]
        assert first == norm(step.parts[letter].word for step in steps)
        assert second == norm(step.parts[letter].memory for step in steps)
        assert third == pytest.approx(np.mean([step.slope for step in steps]), rel=1e-5)
    else:
        memory = declared.update.memory
        assert first == norm(step.kept for step in steps)
        assert second == norm(step.written for step in steps)
        assert third == norm(step.before[memory] - step.kept for step in steps)
    assert afterwards == norm(step.after[memory] for step in steps)


@pytest.mark.parametrize(("settings", "layer"), NETWORKS.values(), ids=NETWORKS)
def test_the_numbers_of_a_time_step_fit_each_other(settings, layer):
    model = make(**settings)
    read = trace(model, TEXT, layer=layer)
    remembered, update = read.declared.remembered(read.arrays), read.declared.update
    for time in range(len(read.logits)):
        steps = [one_step(model, read, time, unit) for unit in range(H)]
        for unit, step in enumerate(steps):
            for letter, part in step.parts.items():
                scale = step.parts["r"].value if letter == "n" and read.cell == "gru-after" else 1
                assert part.inside == pytest.approx(part.word + scale * part.memory, abs=1e-12)
                assert part.value == read.arrays[letter][time, unit]
                expected = FUNCTIONS[read.declared[letter].function](part.inside)
                assert part.value == pytest.approx(expected, abs=1e-5)
            for letter, state in step.after.items():
                assert state == remembered[letter][time, unit]
                assert step.before[letter] == (remembered[letter][time - 1, unit] if time else 0)
            if update is None:
                assert step.slope == pytest.approx(read.arrays["slope"][time, unit], abs=1e-6)
                continue
            assert step.kept + step.written == pytest.approx(step.after[update.memory], abs=1e-6)
            if update.shows is not None:
                assert step.parts["o"].value * step.squashed == pytest.approx(step.after["h"], abs=1e-6)
        check_update(model, read, time, steps)


@pytest.mark.parametrize("time", [0, 5])
@pytest.mark.parametrize(("cell", "letters"), [("elman", {"h"}), ("gru", {"h"}), ("lstm", {"h", "c"})])
def test_units_that_moved_most_come_first(cell, letters, time):
    model = make(cell=cell)
    read = trace(model, TEXT)
    moved = cursor_at(model, read, time).moved
    assert set(moved) == letters
    for letter, moves in moved.items():
        values = read.arrays[letter]
        before = values[time - 1] if time else np.zeros(H, np.float32)
        by_size = np.argsort(-np.abs(values[time] - before))[:MOST_MOVED]
        assert moves == tuple((unit, before[unit], values[time][unit]) for unit in by_size)
    h = moved["h"]
    assert most_moved_unit(read, time) == h[0].unit


def test_the_token_that_moves_most_is_not_the_first():
    read = trace(make(), TEXT)
    assert most_telling_token(read) == np.abs(np.diff(read.logits)).argmax() + 1
    assert most_telling_token(trace(make(start_token=False), "film")) == 0


def test_a_cell_begins_and_moves_as_it_says():
    model = make(cell=BEGINS)
    read = trace(model, TEXT)
    assert one_step(model, read, 0, 2).before == {"h": 0.0, "c": 1.0}  # its own first state
    step, cursor = one_step(model, read, 3, 2), cursor_at(model, read, 3)
    assert step.values["z"] == pytest.approx(read.arrays["z"][3, 2])
    change = read.arrays["h"][3] - read.arrays["h"][2]
    assert cursor.moved["h"][0].unit == np.abs(change).argmax()
