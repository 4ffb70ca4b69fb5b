"""Every cell against torch's own module, against its other form, and against a pencil."""

import pytest
import torch
from torch import nn

from rnn_core.nn.cells import ElmanCell, GRUCell, LSTMCell
from rnn_core.nn.initialisation import initialise
from rnn_core.nn.recurrence import unroll

E, H, B, T = 3, 5, 4, 6
VARIANTS = ["elman", "gru-before", "gru-after", "lstm"]


def make(variant, *, one_hot=False, size=E, dtype=torch.float64):
    torch.manual_seed(3)
    if variant.startswith("gru"):
        cell = GRUCell(size, H, reset=variant.removeprefix("gru-"), one_hot=one_hot)
    else:
        cell = {"elman": ElmanCell, "lstm": LSTMCell}[variant](size, H, one_hot=one_hot)
    initialise(cell, "uniform", forget_bias=1.0)
    return cell.to(dtype)


def reference(cell):
    """torch's own module with the weights of ours."""
    module = {ElmanCell: nn.RNN, GRUCell: nn.GRU, LSTMCell: nn.LSTM}[type(cell)](
        E, H, batch_first=True, dtype=cell.W.dtype
    )
    W, U, b = cell.W.T.clone(), cell.U.T.clone(), cell.b.clone()
    recurrent_b = torch.zeros_like(b)
    if isinstance(cell, GRUCell):
        # torch's z is one minus ours (Cho et al., 2014), and it has a bias inside the reset product.
        for weights in (W, U, b):
            weights[H : 2 * H] *= -1
        recurrent_b[2 * H :] = cell.d
    if isinstance(cell, LSTMCell):  # i f o g -> i f g o
        W, U, b = (torch.cat([w[: 2 * H], w[3 * H :], w[2 * H : 3 * H]]) for w in (W, U, b))
    with torch.no_grad():
        for name, value in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), (W, U, b, recurrent_b), strict=True
        ):
            getattr(module, f"{name}_l0").copy_(value)
    return module


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("variant", ["elman", "gru-after", "lstm"])
def test_values_and_gradients_equal_those_of_torch(variant, dtype):
    cell = make(variant, dtype=dtype)
    module = reference(cell)
    xs = torch.randn(B, T, E, dtype=dtype, requires_grad=True)
    theirs = module(xs)[0]
    ours = torch.stack([step.h for step in unroll(cell, xs, torch.full((B,), T))], dim=1)
    torch.testing.assert_close(ours, theirs)

    weight = torch.randn_like(theirs)
    their_x, *their_weights = torch.autograd.grad((theirs * weight).sum(), [xs, *module.parameters()])
    our_x, *our_weights = torch.autograd.grad((ours * weight).sum(), [xs, *cell.parameters()])
    torch.testing.assert_close(our_x, their_x)
    for ours_, theirs_ in zip(our_weights, in_our_layout(cell, *their_weights), strict=True):
        torch.testing.assert_close(ours_, theirs_)


def in_our_layout(cell, W, U, b, recurrent_b):
    """Gradients of torch's weights as those of our W, U, b and, of a GRU, d."""
    d = [recurrent_b[2 * H :].clone()] if isinstance(cell, GRUCell) else []
    if isinstance(cell, GRUCell):
        for gradient in (W, U, b):
            gradient[H : 2 * H] *= -1
    if isinstance(cell, LSTMCell):  # i f g o -> i f o g
        W, U, b = (torch.cat([w[: 2 * H], w[3 * H :], w[2 * H : 3 * H]]) for w in (W, U, b))
    return [W.T, U.T, b, *d]


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_equal_finite_differences(variant):
    cell = make(variant)
    xs = torch.randn(2, 3, E, dtype=torch.float64, requires_grad=True)

    def last_state(xs, *_weights):
        return list(unroll(cell, xs, torch.tensor([3, 3])))[-1].h

    assert torch.autograd.gradcheck(last_state, (xs, *cell.parameters()))


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_naive_and_fused_form_agree_in_values_and_gradients(variant, one_hot):
    cell = make(variant, one_hot=one_hot, size=11 if one_hot else E)
    xs = torch.randint(0, 11, (B, T)) if one_hot else torch.randn(B, T, E, dtype=torch.float64)
    lengths = torch.tensor([6, 4, 4, 1])
    naive = list(unroll(cell, xs, lengths, naive=True))
    fused = list(unroll(cell, xs, lengths))
    for a, b in zip(naive, fused, strict=True):
        for name in a._fields:
            torch.testing.assert_close(getattr(a, name), getattr(b, name))
    weights = list(cell.parameters())
    gradients = [torch.autograd.grad(sum((s.h**2).sum() for s in steps), weights) for steps in (naive, fused)]
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_hot_input_equals_the_product_with_the_one_hot_matrix(variant):
    cell = make(variant, one_hot=True, size=7)
    ids = torch.tensor([3, 6, 1, 0])
    matrix = nn.functional.one_hot(ids, 7).to(torch.float64)
    matrix[:, 0] = 0  # padding is a zero vector
    torch.testing.assert_close(cell.project(ids), matrix @ cell.W + cell.b)


def test_padding_never_trains_with_one_hot_input():
    cell = make("gru-before", one_hot=True, size=7)
    assert torch.equal(cell.W[0], torch.zeros(3 * H))
    cell(torch.tensor([0, 3]), cell.initial_state(2)).h.sum().backward()
    assert torch.equal(cell.W.grad[0], torch.zeros(3 * H))
    assert cell.W.grad[3].abs().sum() > 0


def set_gate(cell, gate, value):
    """Force a gate to 0 or 1 by its bias."""
    block = cell.b.data.chunk(len(cell.blocks))[cell.blocks.index(gate)]
    block.fill_(1e3 if value else -1e3)


@pytest.mark.parametrize("reset", ["before", "after"])
def test_update_gate_of_zero_keeps_the_state(reset):
    cell = make(f"gru-{reset}")
    set_gate(cell, "z", 0)
    h = torch.randn(B, H, dtype=torch.float64)
    torch.testing.assert_close(cell(torch.randn(B, E, dtype=torch.float64), (h,)).h, h)


@pytest.mark.parametrize("reset", ["before", "after"])
def test_update_gate_of_one_takes_the_candidate(reset):
    cell = make(f"gru-{reset}")
    set_gate(cell, "z", 1)
    step = cell(torch.randn(B, E, dtype=torch.float64), (torch.randn(B, H, dtype=torch.float64),))
    torch.testing.assert_close(step.h, step.n)


def test_reset_gate_of_zero_hides_the_state_from_the_candidate():
    cell = make("gru-before")
    set_gate(cell, "r", 0)
    x = torch.randn(B, E, dtype=torch.float64)
    step = cell(x, (torch.randn(B, H, dtype=torch.float64),))
    torch.testing.assert_close(step.n, torch.tanh(cell.project(x)[:, 2 * H :]))


def test_forget_gate_of_one_and_input_gate_of_zero_keep_the_cell_state():
    cell = make("lstm")
    set_gate(cell, "f", 1)
    set_gate(cell, "i", 0)
    h, c = torch.randn(2, B, H, dtype=torch.float64)
    torch.testing.assert_close(cell(torch.randn(B, E, dtype=torch.float64), (h, c)).c, c)


def test_output_gate_of_zero_shows_nothing():
    cell = make("lstm")
    set_gate(cell, "o", 0)
    h, c = torch.randn(2, B, H, dtype=torch.float64)
    step = cell(torch.randn(B, E, dtype=torch.float64), (h, c))
    assert step.h.abs().max() < 1e-12
    assert step.c.abs().max() > 0.01


def test_an_elman_step_by_hand():
    cell = ElmanCell(1, 1)
    cell.W.data.fill_(2.0)
    cell.U.data.fill_(-1.0)
    cell.b.data.fill_(0.5)
    step = cell(torch.tensor([[0.25]]), (torch.tensor([[0.5]]),))
    torch.testing.assert_close(step.h, torch.tanh(torch.tensor([[0.5]])))  # 2 * 0.25 - 0.5 + 0.5


@pytest.mark.parametrize("manner", ["orthogonal", "xavier", "uniform"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_initialisation_does_what_its_name_says(variant, manner):
    cell = make(variant, dtype=torch.float32)
    initialise(cell, manner, forget_bias=2.5)
    for U in cell.U.detach().chunk(len(cell.blocks), dim=1):
        if manner == "orthogonal":
            torch.testing.assert_close(U @ U.T, torch.eye(H))
        else:
            bound = (6 / (2 * H)) ** 0.5 if manner == "xavier" else H**-0.5
            assert 0.5 * bound < U.abs().max() <= bound
    remembers = {"f": 2.5, "i": -2.5, "z": -2.5}
    for gate, b in zip(cell.blocks, cell.b.chunk(len(cell.blocks)), strict=True):
        if gate in remembers:
            assert (b == remembers[gate]).all()
