"""A cell made of its equations: it computes what they say, and begins, is held and kept as they say."""

from itertools import product

import pytest
import torch

from rnn_core.equations.equations import read_cell
from rnn_core.nn.cells import Cell
from rnn_core.nn.holds import hold_nothing
from rnn_core.symbols import CELLS
from tests.nn.papers import as_in_its_paper
from tests.nn.second_way import made
from tests.nn.variants import E, H, assert_near, gradients, loss_of, make_batch, make_cell, saying, some_state

V = 7
every_cell = pytest.mark.parametrize("variant", CELLS)
both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


def holding(letter, change):
    return lambda name, values: change(values) if name == letter else values


HOLDS = {
    "nothing": lambda values: values,
    "halved": lambda values: values * 0.5,
    "at 0": torch.zeros_like,
    "at 1": torch.ones_like,
    "some units": lambda values: torch.where(torch.arange(H) > 2, 0.25, values),
}


@both_inputs
@every_cell
def test_every_cell_is_that_of_its_paper(variant, one_hot):
    """Both forms, and with anything held, wherever the paper's own arithmetic gives numbers."""
    cell = make_cell(variant, one_hot=one_hot, size=V if one_hot else E)
    x, _ = make_batch(cell, [1] * 4)
    state = some_state(cell, 4)
    theirs = as_in_its_paper(cell, x, state, hold_nothing)
    for step in (cell(x, state), cell.naive(x, state)):
        assert step._asdict().keys() == theirs.keys()
        assert_near([*step], [theirs[letter] for letter in step._fields], 1e-12)
        assert_near(*(gradients(cell, x, loss_of(h)) for h in (step.h, theirs["h"])), 1e-11)
        theirs = as_in_its_paper(cell, x, state, hold_nothing)
    for letter, (said, change) in product(theirs, HOLDS.items()):
        hold = holding(letter, change)
        step, theirs = cell.naive(x, state, hold)._asdict(), as_in_its_paper(cell, x, state, hold)
        with saying(letter, said):
            assert all(values.isfinite().all() for values in step.values())
            for one, values in theirs.items():
                near = values.where(values.isfinite(), step[one])
                torch.testing.assert_close(step[one], near, rtol=1e-12, atol=1e-12)


FIRSTS = """h' = relu(x @ W + h @ U + h @ R + h @ O + h @ G + u * v + b)
U ~ identity
R ~ 0.5 * orthogonal
O ~ normal(3, 0)
G ~ glorot
u ~ uniform(2, 3)
v ~ 7
b ~ 1
u in [0, 2.5]
v in [0, 1] in the last layer
b ~ -1 in the last layer"""


@pytest.mark.parametrize("manner", ["orthogonal", "uniform"])
def test_first_weights_and_limits_are_those_said(manner):
    cell = Cell(read_cell(FIRSTS), E, H, kind="elman")
    cell.is_last_layer = False
    cell.initialise(manner, 1.0)
    assert torch.equal(cell.U, torch.eye(H))
    torch.testing.assert_close(cell.R @ cell.R.T, torch.eye(H) / 4)
    assert (cell.O == 3).all()
    assert 0 < cell.G.abs().max() <= (3 / H) ** 0.5
    assert 2 <= cell.u.min() < cell.u.max() <= 3
    assert (cell.v == 7).all()
    assert (cell.b == 1).all()
    cell.constrain()
    assert cell.u.max() <= 2.5
    assert (cell.v == 7).all()
    cell.is_last_layer = True
    cell.initialise(manner, 1.0)
    cell.constrain()
    assert (cell.b == -1).all()
    assert (cell.v == 1).all()


def test_a_gate_is_opened_by_what_is_added_in_it():
    """Also a gate that sees the memory alone; but not by a bias whose first value is said."""
    text = "f = sigmoid(h @ U_f + p * h + b_f)\ng = tanh(x @ W + b_g)\nh' = f * h + (1 - f) * g\nb_g ~ 1"
    cell = Cell(read_cell(text), E, H, kind="typed")
    with torch.no_grad():
        cell.bias_of("f").fill_(2)
    assert torch.equal(cell.weight("b_f"), torch.full((H,), 2.0))
    assert cell.bias_of("g") is None


def test_equations_that_grow_when_written_out_do_not():
    """Forty logarithms of gates, each of which reads two: written out they would be a trillion."""
    lines = ["f0 = sigmoid(x @ W)", "f1 = sigmoid(x @ V)"]
    lines += [f"f{k} = sigmoid(log(f{k - 1}) + log(f{k - 2}) * log(f{k - 1}))" for k in range(2, 37)]
    nested = "h"
    for _ in range(15):
        nested = f"where({nested}, log({nested[:1]}), h)"
    cell = made("\n".join([*lines, f"h' = f36 + {nested}"]))
    assert len(cell.naive_form.source) < 20_000
    assert cell(torch.randn(1, E).double(), cell.initial_state(1)).h.shape == (1, H)


def test_matrices_of_other_names_are_projected_at_once():
    cell = made("z = sigmoid(x @ V + b)\nh' = z * h + tanh(x @ W_n + h @ U) + x @ W_m")
    assert cell.project(torch.randn(8, E).double()).shape == (8, 3 * H)
    assert cell.word_parameters == ("V", "W")
