"""A time step of a cell that was typed stands in its equations with its numbers, and is said in words."""

import pytest

from pages.components.cells.step_drawing import in_words
from pages.components.shared.equations import worked
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.step import digits
from tests.equations.typed import DRAWN, TYPED
from tests.figures.examples import a_step


@pytest.mark.parametrize("name", DRAWN)
def test_its_equations_have_its_numbers(name):
    step = a_step(name)
    lines = worked(step, LIGHT)
    for letter in step.parts:
        assert digits(step.values[letter]).replace("−", "-") in lines
    if step.declared.update is not None:
        assert f"{{{step.after['h']:.3f}}}\\end" in lines
    assert " 1 \\cdot" not in lines


@pytest.mark.parametrize("name", [name for name in TYPED if name not in DRAWN])
def test_what_has_no_letter_is_no_row(name):
    step = a_step(name)
    assert step.parts == {}
    assert step.kept + step.written == pytest.approx(step.after["h"])
    assert "comes in" in in_words(step, "word")
