"""A cell made of its equations: it computes what they say, and begins, is held and kept as they say."""

from importlib.resources import files
from itertools import product

import pytest
import torch
from hypothesis import given, settings

from rnn_core.equations.equations import read_cell
from rnn_core.nn.cells import as_computed
from rnn_core.nn.equation_cell import cell_class
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run, steps, watch
from rnn_core.nn.step_code import evaluated
from rnn_core.symbols import CELLS
from tests.equations.random_cells import random_cells
from tests.nn.papers import as_in_its_paper
from tests.nn.passes_by_hand import GRUBeforePass, LSTMPass
from tests.nn.variants import E, H, assert_near, gradients, loss_of, make_batch, make_cell, saying, some_state

V = 7
every_cell = pytest.mark.parametrize("variant", CELLS)
both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


def text_of(variant):
    return files("rnn_core.equations").joinpath("cells", f"{variant}.txt").read_text(encoding="utf-8")


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
    theirs = as_in_its_paper(cell, x, state, as_computed)
    for step in (cell(x, state), cell.naive(x, state)):
        assert step._asdict().keys() == theirs.keys()
        assert_near([*step], [theirs[letter] for letter in step._fields], 1e-12)
        assert_near(*(gradients(cell, x, loss_of(h)) for h in (step.h, theirs["h"])), 1e-11)
        theirs = as_in_its_paper(cell, x, state, as_computed)
    for letter, (said, change) in product(theirs, HOLDS.items()):
        hold = holding(letter, change)
        step, theirs = cell.naive(x, state, hold)._asdict(), as_in_its_paper(cell, x, state, hold)
        with saying(letter, said):
            assert all(values.isfinite().all() for values in step.values())
            for one, values in theirs.items():
                near = values.where(values.isfinite(), step[one])
                torch.testing.assert_close(step[one], near, rtol=1e-12, atol=1e-12)


@both_inputs
@every_cell
def test_a_pass_and_autograd_give_the_same_numbers(variant, one_hot):
    cell = make_cell(variant, one_hot=one_hot, size=V if one_hot else E)
    xs, packed = make_batch(cell, [13, 12, 12, 4, 1])
    found, seen = [], []
    for one_pass in (cell.one_pass, None):
        cell.one_pass = one_pass
        watched = watch(cell, packed)
        hs = run(cell, xs, packed, every=True, watched=watched)
        d = torch.autograd.grad(loss_of(hs), watched, retain_graph=True)
        found.append([hs, torch.cat(d), *gradients(cell, xs, loss_of(hs))])
        seen.append(steps(cell, xs, packed)._asdict())
    assert_near(*found, 1e-12)
    assert seen[0].keys() == seen[1].keys()
    assert_near([*seen[0].values()], [*seen[1].values()], 1e-13)


@pytest.mark.parametrize(("variant", "by_hand"), [("gru", GRUBeforePass), ("lstm", LSTMPass)])
def test_a_pass_made_of_equations_is_that_by_hand(variant, by_hand):
    cell, found = make_cell(variant), []
    xs, packed = make_batch(cell, [31, 30, 30, 4, 1])
    for one_pass, weights in ((cell.one_pass, cell.pass_weights()), (by_hand, (cell.W, cell.b, cell.U))):
        cell.one_pass, cell.pass_weights = one_pass, lambda weights=weights: weights
        hs = run(cell, xs, packed, every=True)
        found.append([hs, *gradients(cell, xs, loss_of(hs))])
    assert_near(*found, 1e-14)


@pytest.mark.parametrize("manner", ["orthogonal", "xavier"])
@every_cell
def test_first_weights_are_drawn_gate_by_gate(variant, manner):
    """So a gate starts the same alone or side by side, and a network of before is trained again."""
    cell = CELLS[variant].cell_class(E, H)
    torch.manual_seed(5)
    cell.initialise(manner, 1.5)
    torch.manual_seed(5)
    draw = torch.nn.init.orthogonal_ if manner == "orthogonal" else torch.nn.init.xavier_uniform_
    for letter in cell.blocks:
        index = f"_{letter}" if len(cell.blocks) > 1 else ""
        W, U = f"W{index}", f"U{index}"
        assert torch.equal(cell.weight(W), torch.nn.init.xavier_uniform_(torch.empty_like(cell.weight(W))))
        if cell.mixes_units:
            assert torch.equal(cell.weight(U), draw(torch.empty(H, H)))
    if variant == "rglru":
        least = torch.empty(H).uniform_(0.9, 0.999).double()
        torch.testing.assert_close(cell.Lambda, torch.logit(least ** (1 / 8)).float(), rtol=1e-6, atol=0)
    if variant == "indrnn":
        assert torch.equal(cell.u, torch.empty(H).uniform_(0, 1))


def made(text, name="typed", **sizes):
    torch.manual_seed(2)
    cell = cell_class(read_cell(text), name)(E, H, **sizes).double()
    with torch.no_grad():
        for weights in cell.parameters():
            weights.uniform_(-1, 1)
    return cell


def forms_of(cell, x, state):
    """All that both forms compute, one after the other."""
    return cell.naive(x, state, as_computed), cell(x, state)


def by_hand(cell, text, x, state):
    """What a text says, by Python's own eyes: of names as they stand there."""
    known = {name: cell.weight(name) for name in cell.equations.weights}
    known |= dict(zip(cell.states, state, strict=True)) | {
        "x": x,
        "where": lambda q, a, b: torch.where(q > 0, a, b),
    }
    known |= {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "log": torch.log,
        "exp": torch.exp,
    }
    known |= {"mean": lambda a: a.mean(dim=-1, keepdim=True), "sqrt": torch.sqrt, "max": torch.maximum}
    for line in text.strip().splitlines():
        name, right = line.split("=", 1)
        known[name.strip().replace("'", "_new")] = eval(right.replace("'", "_new").replace("^", "**"), known)
    return known


TYPED = {
    "janet": "f = sigmoid(x @ W_f + h @ U_f + b_f)\ng = tanh(x @ W_g + h @ U_g)\nh' = f * h + (1 - f) * g",
    "two products of a sum": "h' = tanh(x @ W + h @ U + h @ R + x @ V + b)",
    "minus a product": "h' = tanh(b - x @ W - h @ U)",
    "a product of products": "h' = tanh((x @ W) * (h @ U) + b)",
    "a bias in two sums": "z = sigmoid(x @ W_z + b)\nh' = z * h + tanh(x @ W_n + h @ U + b)",
    "a matrix with and without a bias": "z = sigmoid(x @ W + b)\nh' = z * h + tanh(x @ W + h @ U)",
    "a mean": "h' = tanh(x @ W + mean(h) * u)",
    "a quantity of weights": "a = sigmoid(u)\nh' = a * h + (1 - a) * (x @ W)",
    "a name for a quantity": "f = sigmoid(x @ W)\nq = f\nh' = exp(log(q)) * h + log(f) * log(q)",
    "shares the other way": "f = sigmoid(x @ W)\ni = sigmoid(x @ V)\nh' = i / (i + f) * h + f / (i + f)",
    "a state behind": "c' = tanh(x @ W_c + h @ U_c)\nh' = c' @ V + c * u",
    "a branch": "h' = where(x @ W, log(1 + exp(h)) - x @ W, x @ V + h)",
}


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_cell_computes_its_text(name):
    text = TYPED[name]
    cell = made(text)
    x = torch.randn(4, E, dtype=torch.float64, requires_grad=True)
    state = tuple(torch.randn(4, H, dtype=torch.float64) for _ in cell.states)
    expected = by_hand(cell, text, x, state)
    for step in forms_of(cell, x, state):
        for letter in step._fields:
            theirs = expected[f"{letter}_new" if letter in cell.states else letter]
            torch.testing.assert_close(getattr(step, letter), theirs.expand(4, H), rtol=1e-12, atol=1e-13)
    products = [group.matrices for group in cell.fused_form.groups]
    assert len({*products}) == len(products)


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_cell_trains_by_its_pass(name):
    cell, found = made(TYPED[name]), []
    xs, packed = torch.randn(12, E, dtype=torch.float64, requires_grad=True), packing(torch.tensor([5, 4, 3]))
    assert (cell.one_pass is None) == ("mean" in TYPED[name])
    for one_pass in (cell.one_pass, None):
        cell.one_pass = one_pass
        hs = run(cell, xs, packed, every=True)
        found.append([hs, *gradients(cell, xs, loss_of(hs)), *steps(cell, xs, packed)])
    assert_near(*found, 1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(random_cells())
def test_random_cells_compute_their_equations(text):
    cell = cell_class(read_cell(text), "typed")(E, H).double()
    torch.manual_seed(len(text))
    with torch.no_grad():
        for weights in cell.parameters():
            weights.normal_(0, 0.4)
    x, state = torch.randn(4, E).double(), [torch.rand(4, H).double() * 2 - 1 for _ in cell.states]
    known = {name: cell.weight(name) for name in cell.equations.weights} | {"x": x}
    known |= dict(zip(cell.states, state, strict=True))
    known |= {name: torch.tensor(value).double() for name, value in cell.equations.constants.items()}
    for line in cell.equations.computed:
        known[line.name] = evaluated(line.right, known.__getitem__)
    for step in forms_of(cell, x, tuple(state)):
        for letter, values in step._asdict().items():
            expected = known[f"{letter}'" if letter in cell.states else letter]
            torch.testing.assert_close(values, expected.expand(4, H), rtol=1e-10, atol=1e-10)


def test_a_bottleneck_of_few_numbers_is_computed():
    text = "V (E, 2)\nA (H, 2)\nB (2, H)\nq = x @ V\nh' = tanh(q @ B + (h @ A) @ B + b)"
    cell = made(text)
    x, (h,) = torch.randn(4, E, dtype=torch.float64), (torch.randn(4, H, dtype=torch.float64),)
    expected = torch.tanh(x @ cell.V @ cell.B + h @ cell.A @ cell.B + cell.b)
    for step in forms_of(cell, x, (h,)):
        assert step._fields == ("h",)  # q has no number for each unit
        torch.testing.assert_close(step.h, expected)
    assert cell.products_with_state() == (2, H)


SHARED = """g = sigmoid(x @ W_g + b_g)
q = sigmoid(u)
h' = g * h + q * (g @ V + x @ W_n)
W_g (E, 1)
b_g (1)
V (1, H)"""


def test_a_number_for_all_units_is_shown_for_each():
    cell = made(SHARED)
    x, h = torch.randn(4, E, dtype=torch.float64), torch.randn(4, H, dtype=torch.float64)
    for step in forms_of(cell, x, (h,)):
        assert {values.shape for values in step} == {(4, H)}
        q = torch.sigmoid(cell.u)
        assert torch.equal(step.q, q.expand(4, H))
        g = step.g[:, :1]
        torch.testing.assert_close(step.h, g * h + q * (g @ cell.V + x @ cell.weight("W_n")))
    held = cell.naive(x, (h,), holding("g", lambda g: torch.full_like(g, 0.25)))
    torch.testing.assert_close(held.h, 0.25 * h + q * (0.25 * cell.V + x @ cell.weight("W_n")))


SINGULAR = """f = sigmoid(x @ W)
a = exp(-f)
h' = where(h, log(h), 1) * (log(f) + sqrt(1 - a^2)) + where(h, 1, exp(-1000 * h))"""


def test_a_branch_not_taken_and_a_shut_gate_keep_numbers():
    cell = made(SINGULAR)
    x = torch.full((4, E), 1e4, dtype=torch.float64, requires_grad=True)
    h = torch.tensor([[-0.1, 0.0, 1e-300, 1.0, 2.0]], dtype=torch.float64).repeat(4, 1).requires_grad_()
    for step in forms_of(cell, x, (h,)):
        d = torch.autograd.grad(step.h.sum(), [x, h, *cell.parameters()])
        assert all(one.isfinite().all() for one in (step.h, *d))


@pytest.mark.parametrize(("f", "i", "kept"), [(0, 0, 1), (0, 1, 0), (1, 0, 1), (1, 1, 0.5)])
def test_shares_of_held_gates_add_up_to_one(f, i, kept):
    cell, h = made(text_of("minlstm"), "minlstm"), torch.randn(4, H, dtype=torch.float64)
    held = {"f": f, "i": i, "n": 7}
    step = cell.naive(torch.randn(4, E).double(), (h,), lambda name, value: value * 0 + held.get(name, value))
    assert torch.equal(step.h, kept * h + (1 - kept) * 7)


def test_a_nudge_of_a_state_reaches_its_logarithm():
    cell = made("c' = exp(tanh(x @ W + h @ U))\nh' = log(c') * u")
    xs, packed = make_batch(cell, [3, 2])
    cell.one_pass = None
    watched = watch(cell, packed)
    hs = run(cell, xs, packed, every=True, watched=watched)
    _, dc = torch.autograd.grad(hs.sum(), watched)
    assert dc.all()


def test_rows_begin_with_what_is_said():
    text = "h' = tanh(x @ W + h @ U + c)\nc' = 0.5 * c\nh(0) = s\nc(0) = 2"
    cell = made(text)
    xs, packed = make_batch(cell, [3, 2])
    h, c = cell.initial_state(2)
    assert torch.equal(h, cell.s.expand(2, H))
    assert (c == 2).all()
    hs = run(cell, xs, packed, every=True)
    assert_near(hs, run(cell, xs, packed, every=True, state=(h, c))[0], 0)
    assert torch.autograd.grad(hs.sum(), cell.s)[0].all()


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
    cell = cell_class(read_cell(FIRSTS), "elman")(E, H)
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
    cell = cell_class(read_cell(text), "typed")(E, H)
    with torch.no_grad():
        cell.bias_of("f").fill_(2)
    assert torch.equal(cell.weight("b_f"), torch.full((H,), 2.0))
    assert cell.bias_of("g") is None


def test_no_letter_of_a_text_is_in_the_code():
    names = "größe _x lambda class import ψ".replace("_x ", "").split()
    lines = [
        f"{name} = sigmoid(x @ W_{name} + {before})"
        for name, before in zip(names, ["h", *names], strict=False)
    ]
    cell = made("\n".join([*lines, f"h' = {names[-1]}"]))
    for code in (cell.naive_form.source, cell.fused_form.code.source):
        assert not any(name in code for name in names)
        assert code.isascii()
    assert set(cell(torch.randn(1, E).double(), cell.initial_state(1))._asdict()) == {"h", *names}


def test_a_weight_may_have_the_name_of_a_method():
    cell = made("h' = tanh(x @ update + h @ half + training * half_ + forward * columns + one_pass)")
    x, h = torch.randn(2, E).double(), torch.randn(2, H).double()
    of = cell.weight
    rest = of("training") * of("half_") + of("forward") * of("columns") + of("one_pass")
    expected = torch.tanh(x @ of("update") + h @ of("half") + rest)
    for step in forms_of(cell, x, (h,)):
        torch.testing.assert_close(step.h, expected)


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


@pytest.mark.parametrize("one_hot", [False, True])
def test_matrices_of_other_names_are_projected_at_once(one_hot):
    cell = made("z = sigmoid(x @ V + b)\nh' = z * h + tanh(x @ W_n + h @ U) + x @ W_m", one_hot=one_hot)
    xs, packed = torch.randn(8, E, dtype=torch.float64), packing(torch.tensor([4, 3, 1]))
    if one_hot:
        xs = torch.tensor([1, 2, 1, 2, 1, 2, 1, 2])
    naive, fused = (packed_steps(cell, xs, packed, naive=naive) for naive in (True, False))
    assert_near([*fused], [*naive], 1e-13)
    assert cell.project(xs).shape == (8, 3 * H)
    assert len([*unroll(cell, xs, packed)]) == 4
