"""All that is made of a text computes what it says: declaration, code, time step, pass, and the page."""

import pytest

from rnn_core.inspection.by_hand import sample_step
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


@pytest.mark.parametrize("name", OURS)
def test_a_sample_of_a_cell_is_not_all_zeros(name):
    assert sample_step(OURS[name]).after["h"]
