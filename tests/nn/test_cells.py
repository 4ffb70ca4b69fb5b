"""Cells that are special: what their gates do to the bit, their spans, first weights and extremes.

What holds for every cell is in test_every_cell.py, and in tests/test_symbols.py what each declares.
"""

import math

import pytest
import torch

from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run
from tests.nn.variants import E, H, gradients, make_batch, make_cell, saying, some_state

DTYPES = [torch.float32, torch.float64]


def holding(**values):
    """Puts a number in the place of each of these letters."""
    return lambda letter, found: found * 0 + values[letter] if letter in values else found


@pytest.mark.parametrize(
    ("variant", "held", "kept"),
    [
        ("gru", {"z": 0}, "h"),
        ("gru-after", {"z": 0}, "h"),
        ("ugrnn", {"z": 0}, "h"),
        ("mingru", {"z": 0}, "h"),
        ("minlstm", {"i": 0}, "h"),
        ("minlstm", {"f": 0, "i": 0}, "h"),
        ("lstm", {"f": 1, "i": 0}, "c"),
        ("rglru", {"r": 0}, "h"),
        ("rglru", {"a": 1}, "h"),
    ],
)
def test_a_shut_gate_keeps_the_state_to_the_bit(variant, held, kept):
    cell = make_cell(variant)
    state = some_state(cell, 2)
    step = cell.naive(torch.randn(2, E, dtype=torch.float64), state, holding(**held))
    assert torch.equal(getattr(step, kept), state[cell.states.index(kept)])


@pytest.mark.parametrize("exponent", [-1_000.0, 0.0, 1_000.0])
@pytest.mark.parametrize("naive", [True, False])
def test_an_slstm_keeps_its_first_word_until_a_heavier(exponent, naive):
    cell = make_cell("slstm", size=2, hidden=1)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.b.copy_(torch.tensor([1e3, 0.0, 1e3, 0.0]))  # f and o wide open
        cell.W[0, 3] = cell.W[1, 1] = 1  # g = tanh(x), and i
    inputs = torch.tensor([(0.5, exponent), (1.0, exponent - 900), (-2.0, exponent + 900)]).double()
    read = packed_steps(unroll(cell, inputs, packing(torch.tensor([3])), naive=naive))
    assert read.h.flatten().tolist() == pytest.approx([math.tanh(0.5)] * 2 + [math.tanh(-2.0)])


def test_a_fresh_s6_has_decays_of_1_to_4():
    """Memories of four spans are what Gu and Dao, 2023, add to one state a unit. The paper's steps differ."""
    cell = make_cell("s6", dtype=torch.float32)
    cell.initialise("orthogonal", forget_bias=3.0)
    with torch.no_grad():
        cell.W.zero_()
        step = cell(torch.zeros(1, E), cell.initial_state(1))
    dt = math.log1p(math.exp(-3))
    for j in range(1, 5):
        assert getattr(step, f"a{j}")[0].tolist() == pytest.approx([math.exp(-dt * j)] * H)


@pytest.mark.parametrize("variant", ["slstm", "s6"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_exponential_gates_stay_numbers(variant, dtype):
    """The bounds that are declared hold for 1,000 time steps with large weights."""
    cell = make_cell(variant, dtype=dtype)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.mul_(60)
    xs, packed = make_batch(cell, [1_000, 800])
    hs = run(cell, xs, packed, every=True)
    assert all(found.isfinite().all() for found in (hs, *gradients(cell, xs, hs[packed.last].sum())))
    with torch.no_grad():
        step = packed_steps(unroll(cell, xs, packed))
    assert all(values.isfinite().all() for values in step)
    complete = cell.declared.complete(step._asdict())
    for known in cell.declared.symbols:
        low, high = known.bounds or (-math.inf, math.inf)
        with saying(known.letter):
            assert ((complete[known.letter] >= low) & (complete[known.letter] <= high)).all()


def test_a_unit_of_an_indrnn_has_a_time_constant():
    cell = make_cell("indrnn")
    with torch.no_grad():
        cell.u.copy_(torch.tensor([0.9, 0.5, 1.5, 0.0, -3.0]))
        cell.b.zero_()
    cell.constrain()
    assert cell.u[4] == -1
    h = torch.ones(1, H, dtype=torch.float64)
    constants = cell.time_constants()
    assert constants[2:].tolist() == [math.inf, 0, 0]
    for _ in range(20):
        h = cell(torch.zeros(1, E, dtype=torch.float64), (h,)).h
    assert h[0, 0].item() == pytest.approx(math.exp(-20 / constants[0].item()))
    assert h[0, 2] == 1
    assert make_cell("lstm").time_constants() is None
