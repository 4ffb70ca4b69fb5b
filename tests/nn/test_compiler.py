"""The pass and the time step that are made of equations, against these and autograd through them."""

import pytest
import torch

from rnn_core.equations.equations import read_cell
from rnn_core.equations.graph import MOST_NODES
from rnn_core.nn.compiler import CannotCompile, compile_pass
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run, watch
from tests.equations.typed import ALL, OURS
from tests.nn.passes_by_hand import GRUPass, MinGRUPass
from tests.nn.second_way import made
from tests.nn.variants import assert_near, gradients, loss_of, make_batch, make_cell

CROSS = "\n".join(
    f"{a}' = tanh(x @ W_{a}) + " + " + ".join(f"tanh({a} * {b} + {b} * p_{a}{b})" for b in "habcdef")
    for a in "habcdef"
)


def pieces(text, name):
    """The lines of one method of the pass of a cell."""
    lines = compile_pass(read_cell(text)).source.splitlines()
    begin = next(k for k, line in enumerate(lines) if line.startswith(f"    def {name}("))
    return [*lines[begin + 1 : next((k for k in range(begin, len(lines)) if not lines[k]), len(lines))]]


@pytest.mark.parametrize(("name", "by_hand"), [("gru", GRUPass), ("mingru", MinGRUPass)])
def test_a_pass_is_as_one_written_by_hand(name, by_hand):
    found = []
    for one_pass in (None, by_hand):
        cell = make_cell(name)
        cell.one_pass = one_pass or cell.one_pass
        xs, packed = make_batch(cell, [31, 30, 30, 4, 1])
        watched = watch(cell, packed)
        hs = run(cell, xs, packed, every=True, watched=watched)
        found.append([hs, *torch.autograd.grad(loss_of(hs), [xs, *cell.parameters(), *watched])])
    assert_near(*found, 1e-13)


@pytest.mark.parametrize("mean", ["z * n + (1 - z) * h", "h + z * (n - h)"])
def test_a_mean_of_two_is_one_operation(mean):
    text = f"z = sigmoid(x @ W_z + h @ U_z)\nn = tanh(x @ W_n + h @ U_n)\nh' = {mean}"
    assert sum("lerp" in line for line in pieces(text, "forward")) == 1


@pytest.mark.parametrize(("text", "reason"), [
    ("h' = tanh(x @ W + h @ U) * mean(h)", "mean over all units"),
    ("h' = tanh(x @ W + b @ U)", "no time step changes"),
    ("h' = tanh(x @ W @ V + h @ U)\nW (E, 3)\nV (3, H)", "3 numbers"),
    ("h' = tanh(x @ W + h @ U @ V)\nU (H, 2)\nV (2, H)", r"\(H, 2\)"),
    (CROSS, f"more than {MOST_NODES}"),
])  # fmt: skip
def test_what_has_no_pass_is_said(text, reason):
    with pytest.raises(CannotCompile, match=reason):
        compile_pass(read_cell(text))


@pytest.mark.parametrize("step", ["{0} * {0} + {0} * h", "({0} + h) * ({0} + 1)"])
def test_words_double_with_no_line(step):
    """Each line reads the one before twice; 14 of these once made 90 million characters."""
    lines = ["a0 = x @ W", *(f"a{n + 1} = {step.format(f'a{n}')}" for n in range(30))]
    compiled = compile_pass(read_cell("\n".join([*lines, "h' = tanh(a30)"])))
    assert len(compiled.source) < 100_000


def test_no_typed_sign_is_in_a_program():
    names = ("größe", "lambda", "import", "exec", "ψ")
    lines = [f"{name} = sigmoid(x @ W_{name} + h)" for name in names]
    for text in (*ALL.values(), "\n".join([*lines, f"h' = tanh(h * mean({' * '.join(names)}))"])):
        cell = made(text)
        sources = [cell.naive_form.source, cell.fused_form.code.source, getattr(cell.compiled, "source", "")]
        assert all(map(str.isascii, sources)), text
        for method in ("forward", "factors", "backward", "add_to") if cell.one_pass else ():
            known = getattr(cell.one_pass, method).__builtins__
            assert known.keys() == {"__build_class__", "__import__"}
    assert not any(name in source for name in names for source in sources)
    assert cell.step_type._fields == ("h", *names)


@pytest.mark.parametrize("name", ["mingru", "minlstm", "rglru", "s6"])
def test_a_linear_memory_leaves_a_scan(name):
    """All that a time step computes of these is the new states, and their gradients."""
    for method in ("forward", "backward"):
        calls = [line for line in pieces(OURS[name], method) if ".product(" in line or "sigmoid" in line]
        assert not calls
    states = read_cell(OURS[name]).states
    assert len(pieces(OURS[name], "forward")) <= 3 + len(states)


@pytest.mark.parametrize(("text", "expected"), [
    ("f = sigmoid(b)\nh' = log(f) + x @ W", -200.0),
    ("i = sigmoid(x @ W + b)\nf = sigmoid(x @ W + b - 1)\nh' = i / (f + i)", 1 / (1 + torch.e**-1)),
    ("i = sigmoid(x @ W + b)\nf = sigmoid(x @ W + b - 1)\nh' = f / (f + i)", 1 / (1 + torch.e)),
    ("a = exp(1e-10 * b)\nh' = sqrt(1 - a^2) + x @ W", (4e-8) ** 0.5),
    ("q = x @ W\nh' = where(q, log(b), 0.25) + q", 0.25),
    ("h' = where(b, 1, x @ W + 0.5) + exp(b)", 0.5),
], ids=["log", "share", "other share", "beside", "nan", "number"])  # fmt: skip
def test_what_computes_of_extremes_is_a_number(text, expected):
    """All forms have them, in 32 bits, too, and the gradients of weights, which are alike in all."""
    for dtype, near in ((torch.float64, 1e-7), (torch.float32, 1e-4)):
        cell, packed, found = made(text, E=2, H=3).to(dtype), packing(torch.tensor([4])), []
        with torch.no_grad():
            for weight in cell.parameters():
                weight.fill_(0)
            if "b" in cell.equations.weights:
                cell.weight("b").fill_(-200)
        xs = torch.ones(4, 2, dtype=dtype)
        for hs in (
            run(cell, xs, packed, every=True),
            *(packed_steps(unroll(cell, xs, packed, naive=naive)).h for naive in (True, False)),
        ):
            torch.testing.assert_close(hs, torch.full_like(hs, expected), rtol=near, atol=0)
            found.append(gradients(cell, xs, hs.sum(), materialize_grads=True))
        for others in found[1:]:
            torch.testing.assert_close(found[0], others, rtol=near, atol=1e-18)
        assert all(gradient.isfinite().all() for gradient in found[0])
