"""The pass that is made of a cell's equations, against autograd through them."""

import contextlib
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, seed, settings

import rnn_core.equations
from rnn_core.equations.equations import read_cell
from rnn_core.equations.graph import MOST_NODES
from rnn_core.nn.compiler import CannotCompile, compile_pass
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import run
from tests.equations.random_cells import random_cells
from tests.nn.compiled import cell_of, differences, random_weights

FOLDER = Path(rnn_core.equations.__path__[0])
CELLS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*/*.txt"))}
GATES_IN_GATES = "\n".join([
    *(f"{g}' = sigmoid(x @ W_{g} + h @ U_{g} + i @ R_i{g} + f @ R_f{g} + o @ R_o{g} + p_{g} * c + b_{g})"
      for g in "if"),
    "g = tanh(x @ W_g + h @ U_g + b_g)",
    "c' = f' * c + i' * g",
    "o' = sigmoid(x @ W_o + h @ U_o + i @ R_io + f @ R_fo + o @ R_oo + p_o * c' + b_o)",
    "h' = o' * tanh(c')",
])  # fmt: skip
OTHERS = {
    "gates in gates": GATES_IN_GATES,
    "a product of sums": "h' = tanh((x @ W) * (h @ U) + x @ V + h @ R + b)",
    "two states": "h' = tanh(x @ W + h @ U + b + 0.5 * c)\nc' = tanh(x @ V + c @ R + d + 0.5 * h)",
    "states in a circle": "z = sigmoid(x @ W)\nh' = 0.5 * h + z * c\nc' = 0.5 * c - z * h",
    "a new state multiplied": "c' = tanh(x @ W + c @ U)\nh' = sigmoid(x @ V + c' @ R) * tanh(c')",
    "a matrix in two places": "a = tanh(x @ W + h @ U + b)\nh' = tanh((a * h) @ U + a @ U + b * h + x @ W)",
    "what equals a new state": "c' = tanh(x @ W + c * u)\nh' = tanh(x @ W + c * u) * sigmoid(c' + h)",
    "a deep input": "y = tanh(x @ W) @ V + b\ns' = 0.9 * s + y\nh' = sigmoid(s') * y",
    "a share of the state": "f = sigmoid(x @ W + h @ U)\ni = sigmoid(x @ V + h @ R)\n"
                            "h' = i / (i + f) * h + x @ Q",
    "a share of a gate": "f = sigmoid(x @ W)\ni = sigmoid(x @ V + f * h)\nh' = i / (f + i) * h + f",
    "equal where it is largest": "z = x @ W\nh' = max(h, 0) + 0.5 * tanh(z) + min(h, 0)\n"
                                 "c' = max(c, c * z) + h",
    "one number for all": "a = sigmoid(x @ W + b)\nh' = (1 - a) * h + a * tanh(x @ V)\nW (E, 1)\nb (1)",
    "names of programs": "self = sigmoid(x @ lambda + h @ class)\ntorch' = self * torch + h\n"
                         "forward = tanh(torch' + kept)\nh' = forward * exec + self - None",
    "names in other scripts": "ψ = sigmoid(x @ 門 + h @ Ж)\nh' = ψ * h + (1 - ψ) * tanh(x @ λ + psi)",
}  # fmt: skip

CROSS = "\n".join(
    f"{a}' = tanh(x @ W_{a}) + " + " + ".join(f"tanh({a} * {b} + {b} * p_{a}{b})" for b in "habcdef")
    for a in "habcdef"
)


def pieces(text, name):
    """The lines of one method of the pass of a cell."""
    lines = compile_pass(read_cell(text)).source.splitlines()
    begin = next(k for k, line in enumerate(lines) if line.startswith(f"    def {name}("))
    return [*lines[begin + 1 : next((k for k in range(begin, len(lines)) if not lines[k]), len(lines))]]


def assert_right(text, **more):
    found = differences(read_cell(text), **more)
    assert max(found.values()) < 1e-10, found


@pytest.mark.parametrize("lengths", [(30, 30, 30), (30, 26, 11, 1)], ids=["full", "ragged"])
@pytest.mark.parametrize("name", CELLS)
def test_each_pass_has_the_gradients_of_autograd(name, lengths):
    assert_right(CELLS[name], lengths=lengths)


@pytest.mark.parametrize("name", CELLS)
def test_a_pass_is_right_from_zeros_on(name):
    assert_right(CELLS[name], given=False, lengths=(5, 3))


@pytest.mark.parametrize("name", OTHERS)
def test_other_cells_have_the_gradients_too(name):
    for given_states in (True, False):
        assert_right(OTHERS[name], given=given_states, lengths=(14, 13, 5))


@seed(41)
@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_cells())
def test_random_cells_have_the_gradients_too(text):
    with contextlib.suppress(CannotCompile):
        assert_right(text, E=3, H=4, lengths=(7, 7, 4, 1))


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


@pytest.mark.parametrize("name", [*CELLS, *OTHERS])
def test_no_typed_sign_is_in_a_program(name):
    compiled = compile_pass(read_cell({**CELLS, **OTHERS}[name]))
    assert compiled.source.isascii()
    for method in ("forward", "factors", "backward", "add_to"):
        known = getattr(compiled.one_pass, method).__builtins__
        assert known.keys() == {"__build_class__", "__import__"}


@pytest.mark.parametrize("name", ["mingru", "minlstm", "rglru", "s6"])
def test_a_linear_memory_leaves_a_scan(name):
    """All that a time step computes of these is the new states, and their gradients."""
    for method in ("forward", "backward"):
        calls = [line for line in pieces(CELLS[name], method) if ".product(" in line or "sigmoid" in line]
        assert not calls
    states = read_cell(CELLS[name]).states
    assert len(pieces(CELLS[name], "forward")) <= 3 + len(states)


@pytest.mark.parametrize(("text", "expected"), [
    ("f = sigmoid(b)\nh' = log(f) + x @ W", -200.0),
    ("i = sigmoid(x @ W + b)\nf = sigmoid(x @ W + b - 1)\nh' = i / (f + i)", 1 / (1 + torch.e**-1)),
    ("i = sigmoid(x @ W + b)\nf = sigmoid(x @ W + b - 1)\nh' = f / (f + i)", 1 / (1 + torch.e)),
    ("a = exp(1e-10 * b)\nh' = sqrt(1 - a^2) + x @ W", (4e-8) ** 0.5),
    ("q = x @ W\nh' = where(q, log(b), 0.25) + q", 0.25),
    ("h' = where(b, 1, x @ W + 0.5) + exp(b)", 0.5),
], ids=["log", "share", "other share", "beside", "nan", "number"])  # fmt: skip
def test_what_computes_of_extremes_is_a_number(text, expected):
    equations = read_cell(text)
    weights = random_weights(equations, 2, 3)
    with torch.no_grad():
        for name, weight in weights.items():
            weight.fill_(-200.0 if name == "b" else 0.0)
    cell = cell_of(equations, weights, 3)
    hs = run(cell, torch.ones(4, 2, dtype=torch.float64), packing(torch.tensor([4])), every=True)
    torch.testing.assert_close(hs, torch.full_like(hs, expected))
    hs.sum().backward()
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in weights.values())
