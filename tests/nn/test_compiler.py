"""The pass that is made of a cell's equations, against autograd through them."""

from pathlib import Path

import pytest

import rnn_core.equations
from rnn_core.equations.equations import read_cell
from rnn_core.nn.compiler import CannotCompile, compile_pass
from tests.nn.compiled import differences

CELLS = {file.stem: file for file in (Path(rnn_core.equations.__path__[0]) / "cells").glob("*.txt")}
BY_HAND = {"s6"}
JANET = """
f = sigmoid(x @ W_f + h @ U_f + b_f)
g = tanh(x @ W_g + h @ U_g + b_g)
h' = f * h + (1 - f) * g
"""


@pytest.mark.parametrize("lengths", [(30, 30, 30), (30, 26, 11, 1)], ids=["full", "ragged"])
@pytest.mark.parametrize("name", sorted(CELLS.keys() - BY_HAND))
def test_each_pass_has_the_gradients_of_autograd(name, lengths):
    found = differences(read_cell(CELLS[name].read_text(encoding="utf-8")), lengths=lengths)
    assert max(found.values()) < 1e-10, found


def test_a_pass_is_right_from_zeros_on():
    found = differences(read_cell(CELLS["slstm"].read_text(encoding="utf-8")), given=False)
    assert max(found.values()) < 1e-10, found


@pytest.mark.parametrize("text", [
    JANET,
    "h' = tanh((x @ W) * (h @ U) + x @ V + h @ R + b)",
    "h' = tanh(x @ W + h @ U + b + 0.5 * c)\nc' = tanh(x @ V + c @ R + d + 0.5 * h)",
    "n = x @ W_n + b_n\nz = sigmoid(x @ W_z)\nh' = 0.5 * h + z * c + n\nc' = 0.5 * c - z * h",
    "a = tanh(x @ W + h @ U + b)\nh' = tanh((a * h) @ U + a @ U + b * h + x @ W)",
    "y = tanh(x @ W) @ V + b\ns' = 0.9 * s + y\nh' = sigmoid(s') * y",
], ids=["janet", "product", "two states", "linear", "twice the same weights", "deep input"])  # fmt: skip
def test_other_cells_have_the_gradients_too(text):
    found = differences(read_cell(text))
    assert max(found.values()) < 1e-10, found


@pytest.mark.parametrize(("text", "reason"), [
    ("h' = tanh(x @ W + h @ U) * mean(h)", "mean"),
    ("h' = tanh(x @ W + b @ U)", "no time step changes"),
    ("h' = tanh(x @ W + 0 * h / 0)", "divided by 0"),
])  # fmt: skip
def test_what_has_no_pass_is_said(text, reason):
    with pytest.raises(CannotCompile, match=reason):
        compile_pass(read_cell(text))
