"""Claims on every figure of the package, and on those that share a way to place names or zeros."""

import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.vanishing import LOSS
from rnn_core.symbols import CELLS
from tests.figures import examples
from tests.figures.examples import (
    FIGURES,
    GIVEN,
    NASTY,
    attributed,
    draw,
    lengths_and_cells,
    looked_into,
    reach_curve,
)


def strings(value):
    """All texts of a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple | np.ndarray):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


OF_ONE_RUN = "reach_over_training", "saturation", "weight_norms"
"""Figures that need not say the name of the run."""
EVERY = pytest.mark.parametrize("figure", FIGURES)


@EVERY
def test_a_figure_is_drawn_in_both_themes(figure):
    """Its letters are legible, its curves the same, and what it was given is as it was."""
    given = GIVEN[figure]()
    before = pickle.dumps(given)
    light, dark = (FIGURES[figure](**given, theme=theme) for theme in (LIGHT, DARK))
    assert pickle.dumps(given) == before
    for drawn, theme in ((light, LIGHT), (dark, DARK)):
        assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == theme.background
        for note in drawn.layout.annotations:
            assert not note.text or examples.contrast(note.font.color, theme.background) >= 3, note.text
    for one, other in zip(light.data, dark.data, strict=True):
        for values in ("x", "y", "z"):
            np.testing.assert_array_equal(*(trace.to_plotly_json().get(values) for trace in (one, other)))


@EVERY
def test_a_figure_says_what_it_shows(figure):
    """Its horizontal axes are named, the pointer gets an answer, and what a user wrote is text."""
    given = GIVEN[figure]()
    drawn = FIGURES[figure](**given, theme=LIGHT)
    layout = drawn.layout
    for axis in (layout[name] for name in layout if name.startswith("xaxis")):
        assert axis.visible is False or axis.showticklabels is False or axis.title.text or axis.ticktext
    for trace in drawn.data:
        is_legend = trace.x is not None and trace.x[0] is None
        assert is_legend or trace.hovertemplate or trace.hovertext or trace.hoverinfo, trace.name
    said = [*strings(drawn.to_dict())]
    assert not any(NASTY in text for text in said)
    if NASTY in str(given) and figure not in OF_ONE_RUN:
        assert any("&lt;b&gt;" in text for text in said)


def test_a_plotly_that_checks_gives_the_same_figure(monkeypatch):
    drawn = FigureBuilder(LIGHT, height=200, margin={"l": 40})
    drawn.scatter(x=[0, 1], y=[2.0, 3.0], name="loss")
    drawn.mark(type="line", x0=0, x1=1, y0=2, y1=2)
    unchecked, real = drawn.build(), go.Figure
    monkeypatch.setattr(go, "Figure", lambda data, layout=None: real(data, layout))
    assert drawn.build().to_plotly_json() == real(unchecked.to_dict()).to_plotly_json()


APART = [0.9] * 4 + [0.5] * 4
LINES = {"Majority class": 0.5, "Bag of words": 0.88, "NB-SVM on bigrams": 0.9}
ALIKE = [reach_curve([1.0, 0.5], network=f"a very long name of a run, seed {seed}") for seed in range(8)]
FALLEN = [reach_curve([1.0, 1e-20, 10.0**-place], network=f"n{place}") for place in (33, 34, 35, 300)]
SEVERAL = pd.concat([lengths_and_cells(cell=f"cell {place}") for place in range(20)])
ENDS_ALIKE = {letter: np.array([[0.0], [9.0 * (letter == "h")], [0.0]]) for letter in CELLS["s6"].states}
CROWDED = {
    "states": ("played_states", 5, {"declared": CELLS["s6"], "states": ENDS_ALIKE, "unit": 0}),
    "curves far apart": ("effect", 5, {"table": lengths_and_cells(test_accuracy=APART), "lines": LINES}),
    "curves at one height": ("effect", 4, {"table": lengths_and_cells(test_accuracy=0.9), "lines": LINES}),
    "many curves": ("effect", 21, {"table": SEVERAL}),
    "gates": ("saturation", 6, {"run": looked_into("lstm"), "cell": "lstm"}),
    "weights": ("weight_norms", 3, {}),
    "lines at one place": ("vanishing", 8, {"curves": ALIKE}),
    "lines below the axis": ("vanishing", 6, {"curves": [ALIKE[0], *FALLEN, reach_curve([1.0, 0.0])]}),
    "classes at 0": ("verdict_curve", 3, {"verdicts": examples.many_classes(ends=(0.0, 0.0, 0.0))}),
    "classes at 1": ("verdict_curve", 3, {"verdicts": examples.many_classes(ends=(1.0, 1.0, 1.0))}),
}


@pytest.mark.parametrize(("figure", "count", "given"), CROWDED.values(), ids=CROWDED)
def test_names_beside_lines_stand_apart_and_inside(figure, count, given):
    """Plotly draws no name beyond an axis."""
    layout = draw(figure, **given).layout
    low, high = layout.yaxis.range
    domain = layout.yaxis.domain or (0, 1)
    pixels = (layout.height - layout.margin.t - layout.margin.b) * (domain[1] - domain[0])
    names = [note for note in layout.annotations if note.x == 1 and note.xref == "paper"]
    middles = [(note.y - low) / (high - low) * pixels for note in names]
    halves = [13 * (note.text.count("<br>") + 1) / 2 for note in names]
    ends = sorted((middle - half, middle + half) for middle, half in zip(middles, halves, strict=True))
    assert len(ends) == len({note.text for note in names}) == count
    assert -1e-6 <= ends[0][0] <= ends[-1][1] <= pixels + 1e-6
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(ends))


SMALL = [1e-2, 1e-9, 2.5e-17, 0.0, 3e-30, 1.0]
OF_SMALL = {
    "gradients": (lambda: draw("reach", runs=[looked_into(gradients=SMALL, looks=1)]), "y", "exactly 0"),
    "connectivity": (lambda: draw("attribution", found=attributed(SMALL)), "y4", "exactly 0"),
    "reach of the verdict": (lambda: draw("vanishing", curves=[reach_curve(SMALL)]), "y", "below 1e-308"),
    "of the loss": (lambda: draw("vanishing", curves=[reach_curve(SMALL)], of=LOSS), "y", "below 1e-38"),
}


@pytest.mark.parametrize(("drawn", "axis", "said"), OF_SMALL.values(), ids=OF_SMALL)
def test_vanishing_values_are_drawn_and_zeros_marked(drawn, axis, said):
    """Everything below 1e-9 was drawn, and said, as 1e-9: it looked like a plateau."""
    figure = drawn()
    line, zeros = (trace for trace in figure.data if (trace.yaxis or "y") == axis)
    np.testing.assert_allclose(line.y, [value or np.nan for value in SMALL], rtol=1e-12)
    assert np.isfinite(zeros.y).tolist() == [value == 0 for value in SMALL]
    assert said in zeros.hovertemplate
    layout = figure.layout[axis.replace("y", "yaxis")]
    assert (layout.type, layout.ticktext[-1]) == ("log", "0")
    assert layout.range[0] < np.log10(zeros.y[3]) < np.log10(np.nanmin(line.y)) < 0 < layout.range[1]


@pytest.mark.parametrize("values", [[0.2, 0.3], [0.5, 0.5], [1e-30, 1.0], [0.0, 0.0], [1e-38, 1e3]])
def test_ticks_are_few_at_least_two_and_all_different(values):
    """Where all lay between two powers of ten there was none, where they spanned thirty one for each."""
    run = looked_into(gradients=values, looks=1)
    axis = draw("reach", runs=[run]).layout.yaxis
    for ticks in (axis.ticktext, draw("reach_over_training", run=run).data[0].colorbar.ticktext):
        assert 2 <= len(ticks) == len(set(ticks)) <= 7
    assert all(axis.range[0] <= np.log10(tick) <= axis.range[1] for tick in axis.tickvals)
