"""The code of a cell, JavaScript and PyTorch, computes what its equations say, evaluated one by one."""

import json
import keyword
import re

import hypothesis
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnn_core.equations.equations import read_cell
from rnn_core.export import stored as storages
from rnn_core.export.html import page_of
from rnn_core.export.javascript import cell_module
from rnn_core.export.pytorch import render
from rnn_core.export.torch_step import TorchCell
from rnn_core.symbols import CELLS, declaration_of
from tests.equations.random_cells import random_cells
from tests.equations.slowly import time_steps
from tests.export.made import TEXTS as TEXTS_READ
from tests.export.made import halved, small_model
from tests.export.page.node import ask_node, needs_node
from tests.export.page.sample import stored as in_half
from tests.export.page.test_engine import assert_computed, readings_of, stored
from tests.export.pytorch_answers import code_of
from tests.export.test_notebook_file import assert_says_the_same, notebook_of, run_here
from tests.export.test_pytorch import export
from tests.nn.typed import ALL, made
from tests.nn.variants import E, H

T = 6
HELD, UNITS = 0.25, [1, 3]
HOSTILE = """
class = sigmoid(x @ W_class + h @ U_λ + b_class)  # </script><img src=x onerror=alert(1)> \"\"\" \\ ${x}
λ = tanh(x @ W_λ + (class * h) @ U_ж + eval + constructor * self)  # <!-- {{ x }} import x from "y"
h_new = mean(λ * x_class)
s' = class * self + (1 - class) * λ * h_new
compute = fill * s' + isinstance * forward + eval
self' = 0.5 * tanh(compute + units + 2 * (x @ W_self) + (h_new * (x @ V_1)) @ toString)
h' = class * tanh(s') + read * self' + valueOf * (steps * 0.1)
V_1 (E, 7)
toString (7, H)
fill (1)
s(0) = prototype
self(0) = -0.5
"""
"""Names of JavaScript, Python and of the code around a cell, and comments that would end theirs."""


ODD = """
h' = tanh(x @ W + x @ V + b) * (x @ W) - --h @ U_1 - -(2 - -3) * c_1 + (-h @ U_2) @ R
U_2 (H, 3)
R (3, H)
c_1 (1)

f = sigmoid(x @ W_f + b_f)
g = f
i = exp(-softplus(h @ U))
m = mean(mean(h) * h + 1)
h' = (log(f) + log(g) + log(i)) * 0.1 + sqrt(1 - f^2) + f / (f + i) * h + i / (i + f) + where(m, h, 1)
"""
"""Two signs in a row, several matrices of x, logarithms by another name, means in means."""


def drawn(count):
    """Texts of random cells, the same each time."""
    texts = []

    @hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=count)
    @hypothesis.given(random_cells())
    def draw(text):
        texts.append(text)

    draw()
    return list(dict.fromkeys(texts))


class Case:
    """A cell with random weights, what it reads, and what it computes: by letter, (T, H) each."""

    def __init__(self, text, seed):
        self.cell, self.equations = made(text), read_cell(text)
        self.xs = torch.from_numpy(np.random.default_rng(seed).normal(size=(T, E)))
        self.shown = [name for name in self.equations.letters if self.width(name) in ("H", 1)]
        of_units = [name for name in self.shown if self.width(name) == "H"]
        self.held = of_units[seed % len(of_units)]

    def width(self, letter):
        return {name.removesuffix("'"): size for name, size in self.equations.widths.items()}[letter]

    def computed(self, *, holds):
        """With `holds` one quantity is held after the first time step."""

        def change(t, letter, value):
            value = value.clone()
            if holds and letter == self.held and t:
                value[..., UNITS] = HELD
            return value

        weights = {name: self.cell.weight(name).detach() for name in self.equations.weights}
        steps = [*time_steps(self.equations, weights, self.xs[None], H, change=change)]
        names = {name.removesuffix("'"): name for name in steps[0] if name not in self.equations.states}
        seen = {letter: [step[names[letter]].expand(1, H)[0] for step in steps] for letter in self.shown}
        return {letter: torch.stack(values).numpy() for letter, values in seen.items()}

    def asked(self, *, holds):
        """The question to the page's engine."""
        hold = {"letter": self.held, "value": HELD, "first": 1, "last": None, "units": UNITS}
        weights = {key: getattr(self.cell, name).detach() for key, name in self.cell.keys.items()}
        weights = {key: {"shape": of.shape, "values": of.ravel().tolist()} for key, of in weights.items()}
        return {
            "source": cell_module(self.equations), "weights": weights, "xs": self.xs.ravel().tolist(),
            "H": H, "holds": [hold] if holds else [],
        }  # fmt: skip


@pytest.fixture(scope="module")
def cases():
    """Ours, those to try, JANET among them, odd ones, one with hostile names, and random ones."""
    texts = [*ALL.values(), HOSTILE, *ODD.split("\n\n"), *drawn(20)]
    return [Case(text, seed) for seed, text in enumerate(texts)]


def assert_equal(found, case, expected, tolerance):
    assert [*found] == [letter for letter in found if letter in expected]
    for letter, values in found.items():
        theirs = np.asarray(values, np.float64).reshape(T, -1)
        np.testing.assert_allclose(
            theirs, expected[letter], tolerance, tolerance, err_msg=f"{letter} of\n{case.equations.text}"
        )


@needs_node
@pytest.mark.parametrize("holds", [False, True])
def test_the_page_computes_what_equations_say(cases, holds):
    """Where a quantity is held, all that reads it gets what it is held at."""
    answers = ask_node("steps", [case.asked(holds=holds) for case in cases])
    for case, found in zip(cases, answers, strict=True):
        expected = case.computed(holds=holds)
        assert {*found} == {*expected}
        assert_equal(found, case, expected, 1e-6)  # it is shown in 32 bits


def module_of(code, equations):
    """The class that this code says."""
    context = {"cell": code, "cell_name": "OwnCell", "cell_says": "A cell.", "H": H}
    source, names = render("cell.jinja", context), {"torch": torch, "nn": nn, "Tensor": Tensor}
    assert source.isascii() or not {*source} - {*"".join(equations.letters)} - {*map(chr, range(128))}
    exec(source, names)
    return names["OwnCell"](E, H)


def test_the_code_computes_what_equations_say(cases):
    torch.set_default_dtype(torch.float64)
    try:
        for case in cases:
            code = TorchCell(case.equations)
            module = module_of(code, case.equations)
            module.load_state_dict(code.weights(case.cell))
            found = {letter: values.detach() for letter, values in module(case.xs).items()}
            assert {letter for letter in case.shown if case.width(letter) == "H"} == {*found}
            assert_equal(found, case, case.computed(holds=False), 1e-10)
    finally:
        torch.set_default_dtype(torch.float32)


def test_hostile_names_and_comments_are_harmless():
    equations = read_cell(HOSTILE)
    code = TorchCell(equations)
    assert not [line for line in code.lines if re.match(rf"({'|'.join(keyword.kwlist)}) =", line)]
    source = cell_module(equations)
    assert source.isascii()
    for sign in ("alert", "<", "${", "import", '"""'):
        assert sign not in source
        assert sign not in "\n".join([*code.said, *code.parameters, *code.begin, *code.lines])
    assert json.dumps("λ") in source


@pytest.fixture
def typed():
    """A model whose cell is equations that somebody typed; JANET is exported in tests/runs/test_typed.py."""
    CELLS.register("typed", declaration_of(read_cell(HOSTILE.replace("7", "6")), "typed"))
    yield halved(small_model("typed", variant="typed", layers=2, bidirectional=True))
    CELLS.remove("typed")


@needs_node
def test_a_typed_cell_stands_in_a_page(typed):
    model, data = stored(typed)
    assert_computed(ask_node, [(data, readings_of(model))])
    assert b"<img" not in page_of([model], [in_half(model)])


def test_a_typed_cell_stands_in_code_and_notebook(typed, tmp_path, monkeypatch):
    monkeypatch.setattr(storages, "TEXTS", 20)
    says = typed.trace(TEXTS_READ[0]).probabilities_of_classes[-1]
    network = code_of(export(typed, tmp_path / "code")).Network()
    np.testing.assert_allclose([*network.probabilities(TEXTS_READ[0]).values()], says, 0, 1e-5)
    assert_says_the_same(typed, *run_here(notebook_of(typed)))
