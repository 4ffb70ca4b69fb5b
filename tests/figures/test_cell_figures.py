"""The figures of the page Cells, and the drawing of a time step: every number is one of the step."""

import re

import numpy as np
import pytest

from pages.components.cells.chosen_cell import memory_sentence
from pages.components.shared.equations import worked
from rnn_core.figures.colours import LIGHT, colour_of
from rnn_core.figures.step import WIDTH, digits, drawing_height
from rnn_core.symbols import CELLS
from tests.equations.typed import DRAWN, TYPED
from tests.figures.examples import GIVEN, a_step, draw, named, texts

LSTM = CELLS["lstm"]


def test_each_state_of_each_unit_is_drawn():
    figure = draw("played_states")
    assert [list(line.y) for line in figure.data] == [[0.1, 0.2, 0.3], [0.9, 0.8, 0.7], [4, 5, 6], [0, 0, 1]]
    assert list(figure.data[0].x) == [0, 1, 2]
    assert figure.data[1].line.color == colour_of(LSTM["h"]) != figure.data[0].line.color
    assert texts(figure) == ["h", "c"]
    (mark,) = draw("played_states", time=1).layout.shapes
    assert (mark.x0, mark.x1) == (1, 2)


def test_the_axis_holds_bounded_states_whole():
    low, high = draw("played_states").layout.yaxis.range
    assert low < -1 < 6 < high
    for values in ([[0.1], [0.2]], [[0.1], [np.inf], [np.nan]]):
        figure = draw("played_states", declared=CELLS["elman"], states={"h": np.array(values)}, unit=0)
        low, high = figure.layout.yaxis.range
        assert -1.2 < low < -1 < 1 < high < 1.2


def test_units_stand_in_the_order_in_which_they_forget():
    """One that never does is left out."""
    (dots,) = draw("time_constants").data
    assert [unit for unit, _ in dots.customdata] == [2, 0, 3]
    assert (list(dots.x), list(dots.y)) == ([1, 2, 3], [0.5, 3.0, 40.0])


def test_each_bar_has_its_number():
    figure = draw("form_bars")
    assert list(figure.data[0].x) == [210, 180, 90, 81]
    assert texts(figure)[:4] == [
        "<b>Naive</b>  210 ms, sequence 2.3 times faster",
        "<b>Fused</b>  180 ms, sequence 2.0 times faster",
        "<b>Sequence</b>  90 ms",
        "<b>torch, nn.GRU</b>  81 ms, sequence 1.1 times slower",
    ]
    figure = draw("form_bars", milliseconds={"naive": 4.0})  # the others were not measured
    assert texts(figure) == ["<b>Naive</b>  4 ms"]
    assert not figure.layout.shapes


@pytest.mark.parametrize("floor", [20.0, 150.0])
def test_the_floor_is_a_line_whose_label_stays_inside(floor):
    figure = draw("form_bars", milliseconds={**GIVEN["form_bars"]()["milliseconds"], "floor": floor})
    [line] = figure.layout.shapes
    assert line.x0 == line.x1 == floor
    [label] = [note for note in figure.layout.annotations if note.name == "floor"]
    assert label.text == f"floor {floor:.0f} ms: the products alone"
    assert label.xanchor == ("left" if floor < 105 else "right")


def value_of(step, name):
    """The number of a step that is drawn under a name, such as "h before" or "z memory"."""
    letter, _, what = name.partition(" ")
    if what in ("before", "after"):
        return {**step.values, **(step.before if what == "before" else step.after)}[letter]
    if what == "written":  # of one of several memories
        return step.values["Δ"] * step.values[f"B{letter[1:]}"] * step.values["n"]
    if name == "skipped":
        shown = (step.values[f"C{j}"] * step.after[f"s{j}"] for j in "1234")
        return step.after["h"] - sum(shown)
    if not what:
        return getattr(step, {"tanh": "squashed"}.get(name, name))
    return step.values[letter] if what == "value" else getattr(step.parts[letter], what)


@pytest.mark.parametrize("cell", [*CELLS, *DRAWN])
def test_every_number_on_a_drawing_is_one_of_the_step(cell):
    """And so are those in its equations."""
    for time in (0, 4):
        step = a_step(cell, time)
        declared = step.declared
        figure = draw("step_drawing", step=step, word="film")
        drawn = named(figure, "numbers")
        numbers = {
            name: float(text.replace("−", "-"))
            for (name, *_), text in zip(drawn.customdata, drawn.text, strict=True)
        }
        assert numbers == pytest.approx({name: value_of(step, name) for name in numbers}, abs=5.01e-4)
        rows = [letter for letter in step.parts if not declared[letter].family]
        assert {f"{letter} word" for letter in rows} <= {*numbers}
        assert {f"{letter} memory" for letter in rows if declared[letter].of_memory} <= {*numbers}
        assert {*step.values} <= {name.partition(" ")[0] for name in numbers}
        if declared.update is not None and not declared.update.tracks:
            assert {"kept", "written"} <= {*numbers}
        of_formulas = r"[sBCa]<sub>\d</sub>|<[^>]*>|1 − [a-z]|0\.[37] [hn]|h′? > 0"
        beside = re.sub(of_formulas, "", " ".join(texts(figure)))
        assert re.findall(r"\d", beside) == []  # no number beside those
        equations = worked(step, LIGHT)
        for letter in rows:
            assert digits(step.values[letter]).replace("−", "-") in equations
        assert declared.update is None or f"{{{step.after['h']:.3f}}}\\end" in equations
        assert " 1 \\cdot" not in equations
    layout = figure.layout
    assert layout.height == drawing_height(declared)
    bottom = layout.yaxis.range[0]
    assert all(0 <= note.x <= WIDTH and 0 <= note.y <= bottom for note in layout.annotations)
    assert all(max(series.x) < WIDTH - 50 and max(series.y) < bottom - 20 for series in figure.data)
    frames = {shape.line.color for shape in layout.shapes}
    assert {colour_of(known) for known in declared.shares if known.is_gate} <= frames


def test_states_without_gates_have_their_numbers():
    """A row of c once showed h."""
    step = a_step("two states")
    drawn = named(draw("step_drawing", step=step, word="film"), "numbers").customdata
    numbers = {name: value for name, value, _ in drawn}
    assert numbers["h after"] == step.after["h"] != numbers["c after"] == step.after["c"]


@pytest.mark.parametrize("name", [name for name in TYPED if name not in DRAWN])
def test_what_has_no_letter_is_no_row(name):
    step = a_step(name)
    assert step.parts == {}
    assert step.kept + step.written == pytest.approx(step.after["h"])
    assert "comes in" in memory_sentence(step, "word")


def test_the_place_of_the_reset_gate_is_seen():
    cells = "gru", "gru-after"
    before, after = (" ".join(texts(draw("step_drawing", step=a_step(cell)))) for cell in cells)
    assert "(r h) U<sub>n</sub>" in before
    assert "h U<sub>n</sub> + d" in after
    assert ("r ×" in before, "r ×" in after) == (False, True)


def test_a_long_word_is_shortened_on_a_drawing():
    assert f"<b>{'a' * 11}…</b>" in texts(draw("step_drawing", word="a" * 30))
