"""Cells that are special: what their gates do to the bit, their spans, first weights and extremes.

What holds for every cell is in test_every_cell.py, and in tests/test_symbols.py what each declares.
"""

import math

import pytest
import torch

from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps
from rnn_core.nn.sequence import run
from tests.nn.variants import E, H, gradients, looped, make_batch, make_cell, saying, some_state

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


def of_one_unit(variant, biases, size=1, dtype=torch.float64, **weights):
    """A cell of one unit that hears nothing: inside its gates and candidates are their biases."""
    cell = make_cell(variant, size=size, hidden=1, dtype=dtype)
    with torch.no_grad():
        for name, values in cell.named_parameters():
            values.fill_(weights.get(name, 0))
        cell.b.copy_(torch.tensor(biases))
    return cell


LN3 = math.log(3)  # of which the sigmoid is 3/4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [-75.0, -120.0, -900.0])
def test_a_minlstm_with_both_gates_shut_still_shares(bias, dtype):
    """f and i are too small for their quotient, and i is 3 f: what is kept is 1/4, in every form."""
    cell, x = of_one_unit("minlstm", [bias, bias + LN3, 2.0], dtype=dtype), torch.ones(2, 1, dtype=dtype)
    packed, state = packing(torch.tensor([2])), (torch.full((1, 1), 5.0, dtype=dtype),)
    for naive in (True, False):
        by_loop = packed_steps(cell, x, packed, naive=naive, state=state).h
        assert by_loop.flatten().tolist() == pytest.approx([2.75, 2.1875], rel=1e-4)
    by_loop, states = looped(cell, x, packed, every=True, naive=True), run(cell, x, packed, every=True)
    torch.testing.assert_close(states, by_loop, rtol=1e-4, atol=0)
    of_each = (gradients(cell, x, one.sum()) for one in (states, by_loop))
    for ours, theirs in zip(*of_each, strict=True):
        assert theirs.any()
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=0)


@pytest.mark.parametrize("bias", [-15.0, -60.0, -110.0])
def test_an_rglru_that_forgets_nothing_writes_little(bias):
    """Gradients stay finite in every form, and those of float32 are those of float64."""
    found = []
    for dtype in DTYPES:
        cell, x = (
            of_one_unit("rglru", [bias, 0.0, 2.0], dtype=dtype, Lambda=0.5),
            torch.ones(2, 1, dtype=dtype),
        )
        packed = packing(torch.tensor([2]))
        h = run(cell, x, packed)
        found.append([h, *gradients(cell, x, h.sum())])
        for naive in (True, False):
            by_loop = looped(cell, x, packed, naive=naive)
            torch.testing.assert_close(by_loop, h)
            assert all(gradient.isfinite().all() for gradient in gradients(cell, x, by_loop.sum()))
    for single, double in zip(*found, strict=True):
        assert single.isfinite().all()
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-18)


@pytest.mark.parametrize("exponent", [-1_000.0, 0.0, 1_000.0])
@pytest.mark.parametrize("naive", [True, False])
def test_an_slstm_keeps_its_first_word_until_a_heavier(exponent, naive):
    cell = of_one_unit("slstm", [1e3, 0.0, 1e3, 0.0], size=2)  # f and o wide open
    with torch.no_grad():
        cell.W[0, 3] = cell.W[1, 1] = 1  # g = tanh(x), and i
    inputs = torch.tensor([(0.5, exponent), (1.0, exponent - 900), (-2.0, exponent + 900)]).double()
    read = packed_steps(cell, inputs, packing(torch.tensor([3])), naive=naive)
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
    """For 1,000 time steps with large weights, within the bounds that are declared."""
    cell = make_cell(variant, dtype=dtype)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.mul_(60)
    xs, packed = make_batch(cell, [1_000, 800])
    hs = run(cell, xs, packed, every=True)
    assert all(found.isfinite().all() for found in (hs, *gradients(cell, xs, hs[packed.last].sum())))
    with torch.no_grad():
        step = packed_steps(cell, xs, packed)
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
