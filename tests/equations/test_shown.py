"""A time step of a cell that somebody typed is drawn, and stands in its equations with its numbers."""

import pytest

from pages.components.cells.step_drawing import in_words
from pages.components.shared.equations import worked
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.step import digits
from rnn_core.inspection.by_hand import sample_step
from tests.equations.typed import DRAWN, TYPED, step_of


@pytest.mark.parametrize("name", DRAWN)
def test_its_equations_have_its_numbers(name):
    step = step_of(name)
    lines = worked(step, LIGHT)
    for letter in step.parts:
        assert digits(step.values[letter]).replace("−", "-") in lines
    if step.declared.update is not None:
        assert f"{{{step.after['h']:.3f}}}\\end" in lines
    assert " 1 \\cdot" not in lines


@pytest.mark.parametrize("name", sorted({*TYPED} - {*DRAWN}))
def test_what_has_no_letter_is_no_row(name):
    step = step_of(name)
    assert step.parts == {}
    assert step.kept + step.written == pytest.approx(step.after["h"])
    assert "comes in" in in_words(step, "word")


@pytest.mark.parametrize("name", TYPED)
def test_a_sample_of_it_is_not_all_zeros(name):
    assert sample_step(TYPED[name]).after["h"]
