"""A time step of a cell that somebody typed is drawn, and stands in its equations with its numbers."""

import pytest

from pages.components.cells.step_drawing import in_words
from pages.components.shared.equations import worked
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.step import WIDTH, digits, drawing_height, step_drawing
from tests.equations.typed import TYPED, step_of, typed
from tests.figures.examples import named, texts

DRAWN = [name for name in TYPED if typed(name).parts]


@pytest.mark.parametrize("name", DRAWN)
def test_its_step_is_drawn_with_its_numbers(name):
    step = step_of(name)
    figure = step_drawing(step, word="film", theme=LIGHT)
    drawn = named(figure, "numbers")
    numbers = {one[0]: one[1] for one in drawn.customdata}
    assert numbers["h after"] == step.after["h"]
    for letter, part in step.parts.items():
        assert numbers[f"{letter} word"] == part.word
        assert (f"{letter} memory" in numbers) == bool(step.declared[letter].of_memory)
    update = step.declared.update
    if update is not None:
        assert numbers["kept"] + numbers["written"] == pytest.approx(numbers[f"{update.memory} after"])
        assert {f"kept {update.kept}", f"written {update.written}"} <= {*texts(figure)}
    bottom = figure.layout.yaxis.range[0]
    assert figure.layout.height == drawing_height(step.declared)
    assert all(0 <= note.x <= WIDTH and 0 <= note.y <= bottom for note in figure.layout.annotations)
    assert all(max(series.y) < bottom - 20 for series in figure.data)
    places = list(zip(drawn.x, drawn.y, strict=True))
    assert len({*places}) == len(places)


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
