"""A cell made of its equations: it computes what they say, and begins, is held and kept as they say."""

import math
from importlib.resources import files

import pytest
import torch

from rnn_core.equations.equations import read_cell
from rnn_core.nn.cells import as_computed
from rnn_core.nn.equation_cell import cell_class
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run, steps, watch
from rnn_core.symbols import CELLS
from tests.nn.variants import E, H, assert_near, gradients, loss_of, make_batch, make_cell, saying, some_state

V = 7
every_cell = pytest.mark.parametrize("variant", CELLS)
both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


def text_of(variant):
    return files("rnn_core.equations").joinpath("cells", f"{variant}.txt").read_text(encoding="utf-8")


def both(variant, **sizes):
    """The cell of today and the one that its text says, with the same weights, and what they are given."""
    theirs = make_cell(variant, **sizes)
    ours = cell_class(read_cell(text_of(variant)), variant)(
        theirs.input_size, theirs.hidden_size, one_hot=theirs.one_hot
    ).double()
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    x, _ = make_batch(theirs, [1] * 4)
    return ours, theirs, x, some_state(theirs, 4)


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
def test_both_forms_are_those_written_by_hand(variant, one_hot):
    ours, theirs, x, state = both(variant, one_hot=one_hot, size=V if one_hot else E)
    for form in (lambda cell: cell(x, state), lambda cell: cell.naive(x, state)):
        a, b = form(ours), form(theirs)
        assert a._asdict().keys() == b._asdict().keys()
        assert_near([*a._asdict().values()], [getattr(b, letter) for letter in a._fields], 1e-14)
        assert_near(*(gradients(cell, x, loss_of(form(cell).h)) for cell in (ours, theirs)), 1e-12)
    assert torch.equal(ours.project(x), theirs.project(x))


@every_cell
def test_what_is_held_reaches_all_that_reads_it(variant):
    ours, theirs, x, state = both(variant)
    for letter in theirs.naive(x, state)._fields:
        for said, change in HOLDS.items():
            with saying(letter, said):
                a, b = (cell.naive(x, state, holding(letter, change)) for cell in (ours, theirs))
                assert_near([getattr(a, one) for one in b._fields], [*b], 1e-12)
                for one in b._fields:
                    assert torch.equal(getattr(a, one).isfinite(), getattr(b, one).isfinite())


@both_inputs
@every_cell
def test_a_sequence_by_autograd_is_that_by_hand(variant, one_hot):
    ours, theirs, *_ = both(variant, one_hot=one_hot, size=V if one_hot else E)
    assert ours.one_pass is None
    xs, packed = make_batch(theirs, [13, 12, 12, 4, 1])
    found = []
    for cell in (ours, theirs):
        watched = watch(cell, packed)
        hs = run(cell, xs, packed, every=True, watched=watched)
        d = torch.autograd.grad(loss_of(hs), watched, retain_graph=True)
        found.append([hs, torch.cat(d), *gradients(cell, xs, loss_of(hs))])
    assert_near(*found, 1e-12)
    a, b = (steps(cell, xs, packed) for cell in (ours, theirs))
    assert_near([getattr(a, one) for one in b._fields], [*b], 1e-13)


@pytest.mark.parametrize("manner", ["orthogonal", "xavier", "uniform"])
@both_inputs
@every_cell
def test_first_weights_are_drawn_as_by_hand(variant, one_hot, manner):
    declared, found = CELLS[variant], []
    for made in (cell_class(read_cell(text_of(variant)), variant), declared.cell_class):
        cell = made(E, H, one_hot=one_hot, **declared.settings)
        torch.manual_seed(5)
        cell.initialise(manner, 1.5)
        found.append(cell.state_dict())
    ours, theirs = found
    assert list(ours) == list(theirs)
    said = read_cell(text_of(variant)).firsts(is_last_layer=True)
    for name, weights in ours.items():
        if name == "Lambda":  # in 64 bits: the formula loses half of the digits of 32
            assert manner == "uniform" or torch.allclose(weights, theirs[name], atol=1e-3)
        elif manner != "uniform" or name not in said:
            assert torch.equal(weights, theirs[name]), name


@every_cell
def test_what_is_asked_of_a_cell_follows_as_by_hand(variant):
    ours, theirs, x, state = both(variant)
    for name in ("states", "blocks", "shared", "widths", "mixes_units", "state_size", "declared"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.products_with_state() == theirs.products_with_state()
    assert [*map(len, ours.recurrent_weights())] == [*map(len, theirs.recurrent_weights())]
    before = {letter: values[0].detach() for letter, values in zip(ours.states, state, strict=True)}
    after = {letter: values[0].detach() for letter, values in theirs(x, state)._asdict().items()}
    for letter in ours.blocks:
        assert torch.equal(ours.from_memory(letter, before, after), theirs.from_memory(letter, before, after))
    constants = [cell.time_constants() for cell in (ours, theirs)]
    assert constants == [None, None] or torch.equal(*constants)
    with torch.no_grad():
        for cell in (ours, theirs):
            for weights in cell.parameters():
                weights.copy_(torch.linspace(-3, 3, weights.numel()).view_as(weights))
            cell.constrain()
    assert all(map(torch.equal, ours.state_dict().values(), theirs.state_dict().values()))


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
    "a branch": "h' = where(x @ W, log(1 + exp(h)), x @ V + h)",
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
q = 0.5
h' = g * h + q * (g @ V + x @ W_n)
W_g (E, 1)
b_g (1)
V (1, H)"""


def test_a_number_for_all_units_is_shown_for_each():
    cell = made(SHARED)
    x, h = torch.randn(4, E, dtype=torch.float64), torch.randn(4, H, dtype=torch.float64)
    for step in forms_of(cell, x, (h,)):
        assert {values.shape for values in step} == {(4, H)}
        assert (step.q == 0.5).all()
        g = step.g[:, :1]
        torch.testing.assert_close(step.h, g * h + 0.5 * (g @ cell.V + x @ cell.weight("W_n")))
    held = cell.naive(x, (h,), holding("g", lambda g: torch.full_like(g, 0.25)))
    torch.testing.assert_close(held.h, 0.25 * h + 0.5 * (0.25 * cell.V + x @ cell.weight("W_n")))


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
    cell = made("h' = tanh(x @ update + h @ half + training * half_ + forward)\nhalf (H, H)")
    x, h = torch.randn(2, E).double(), torch.randn(2, H).double()
    of = cell.weight
    expected = torch.tanh(x @ of("update") + h @ of("half") + of("training") * of("half_") + of("forward"))
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
    assert math.prod(cell.input_weights()[0].shape) == 3 * E * H
    assert len([*unroll(cell, xs, packed)]) == 4
