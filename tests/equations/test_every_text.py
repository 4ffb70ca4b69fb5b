"""All that is made of a text computes what it says: declaration, code, time step, pass, and the page."""

import math

import pytest

from rnn_core.equations.functions import FUNCTIONS, Function, method
from rnn_core.inspection.by_hand import sample_step
from rnn_core.symbols import CellDeclaration
from tests.equations.checks import Case, check_declared, check_page, check_python
from tests.equations.random_cells import random_cell
from tests.equations.typed import ALL, OURS, typed
from tests.export.page.node import needs_node

RANDOM = 30


@pytest.mark.parametrize("name", ALL)
def test_all_that_is_made_of_a_text_agrees(name):
    check_declared(typed(name))
    check_python(Case(ALL[name], seed=1))


@pytest.mark.parametrize("seed", range(RANDOM))
def test_all_that_is_made_of_a_random_text_agrees(seed):
    """`make random-cells` tries more of them."""
    check_python(Case(random_cell(seed), seed))


@needs_node
def test_the_page_computes_what_texts_say():
    texts = [*ALL.values(), *map(random_cell, range(RANDOM))]
    check_page([Case(text, seed) for seed, text in enumerate(texts)])


ATAN = Function(
    "atan", math.atan, method("atan", "arctan"), "d / (1 + a^2)", is_activation=True,
    latex=r"\arctan", javascript="Math.atan",
)  # fmt: skip


@needs_node
def test_a_function_of_the_language_is_an_entry(monkeypatch):
    """It is read, bounded, differentiated, drawn, and written in PyTorch and JavaScript."""
    monkeypatch.setitem(FUNCTIONS, "atan", ATAN)
    text = "z = sigmoid(x @ W_z + h @ U_z)\nn = atan(x @ W_n + h @ U_n)\nh' = (1 - z) * h + z * atan(n + h)"
    case = Case(text, seed=0)
    assert not check_python(case)
    check_page([case])
    declared = CellDeclaration(case.equations, "any")
    assert (declared["n"].function, declared["n"].bounds) == ("atan", (-2.0, 2.0))
    assert declared["n"].equation == r"\arctan(W_n x + U_n h)"


@pytest.mark.parametrize("name", OURS)
def test_a_sample_of_a_cell_is_not_all_zeros(name):
    assert sample_step(OURS[name]).after["h"]
