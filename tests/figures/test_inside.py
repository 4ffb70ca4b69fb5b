"""The figures of what happens inside a run, and of vanishing gradients."""

import math

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, REMEMBERS_CELL, colour_of, run_colour
from rnn_core.figures.looks import cell_looks
from rnn_core.figures.vanishing import LEAST, LOSS
from rnn_core.symbols import CELLS
from rnn_core.training.gradient_flow import at_layer
from rnn_core.training.history import history
from tests.figures.examples import draw, looked_into, reach_curve, texts

GRADIENTS = (0.1, 2e-3, 3e-9)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_the_last_look_is_drawn_at_each_distance(cell):
    run = looked_into(cell)
    lines = draw("reach", runs=[run]).data
    assert [line.line.dash for line in lines] == ["solid", "dash"][: len(lines)]
    for line in lines:
        assert (list(line.x), list(line.y)) == ([1, 2, 3], [value / 3 for value in GRADIENTS])
    for line in draw("state_norms", runs=[run]).data:
        assert (list(line.x), list(line.y)) == ([1, 2, 3], [3, 4, 5])
    if cell == "lstm":
        assert lines[1].line.color == REMEMBERS_CELL


def test_several_runs_stand_on_the_same_axes_in_their_colours():
    runs = [looked_into(cell) for cell in ("elman", "gru", "lstm")]
    for figure in ("reach", "state_norms"):
        colours = [line.line.color for line in draw(figure, runs=runs).data]
        assert colours == [run_colour(place) for place in (0, 1, 2, 2)]


def test_each_look_is_a_column_of_the_heat_map():
    [heat] = draw("reach_over_training").data
    assert list(heat.x) == [0.25, 0.5, 0.75]
    np.testing.assert_allclose(heat.customdata, [[g / look for look in (1, 2, 3)] for g in GRADIENTS])
    np.testing.assert_allclose(heat.z, np.log10(heat.customdata))
    assert "customdata" in heat.hovertemplate


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_gates_are_drawn_in_the_colours_of_their_roles(cell):
    figure = draw("saturation", run=looked_into(cell), cell=cell)
    shares = CELLS[cell].shares
    assert [line.line.color for line in figure.data] == [colour_of(one) for one in shares for _ in range(2)]
    shut, open_ = figure.data[:2]
    assert list(shut.y) == [0.1, 0.2, 0.3]
    assert list(open_.y) == pytest.approx([0.5, 0.25, 0.5 / 3])
    assert texts(figure)[:2] == [f"{shares[0].mark} below 0.1", f"{shares[0].mark} above 0.9"]


def test_weights_are_drawn_as_multiples_of_the_first_look():
    """They have marks and dashes of their own, no colour of a run, and a bias is left out."""
    lines = draw("weight_norms").data
    assert [line.hovertemplate.partition(":")[0] for line in lines] == ["embedding", "W", "U"]
    assert [list(line.y) for line in lines] == [[1, 2, 3], [1, 1, 1], [1, 1 / 2, pytest.approx(1 / 3)]]
    assert not {run_colour(place) for place in range(8)} & {line.line.color for line in lines}
    assert len({(line.marker.symbol, line.line.dash) for line in lines}) == len(lines)
    weights = {"cell.Lambda": 1.0, "cell.memory.weight": 1.0, "head.weight": 1.0}
    figure = draw("weight_norms", run=looked_into("rglru", weights=weights), cell="rglru")
    assert [line.hovertemplate.partition(":")[0] for line in figure.data] == ["Λ", "memory.weight", "head"]


def test_without_a_look_nothing_is_drawn_and_nothing_fails():
    none = history("none", [])
    drawn = [draw(figure, run=none) for figure in ("weight_norms", "saturation", "reach_over_training")]
    for figure in (*drawn, draw("reach", runs=[none]), draw("state_norms", runs=[none])):
        assert all(not len(line.x or ()) for line in figure.data)


def test_of_a_stack_the_chosen_layer_is_drawn():
    below = {"gradients": {"h": [None, 1.0, 0.5]}, "norms": {"h": [7.0, 8.0, 9.0]}, "gates": {}}
    weights = dict.fromkeys(("cell.U", "upper.0.memory.weight", "upper.0.U", "head.weight"), 1.0)
    run = looked_into(below=[below], weights=weights)
    assert run.layers == 2
    lower, upper = run.at_layer(1), run.at_layer(2)
    assert math.isnan(lower.inside[0][1]["gradients"]["h"][0])  # no number
    assert list(draw("reach", runs=[lower]).data[0].y)[1:] == [1.0, 0.5]
    assert list(draw("reach", runs=[upper]).data[0].y) == [value / 3 for value in GRADIENTS]
    assert list(draw("state_norms", runs=[lower]).data[0].y) == [7, 8, 9]
    for layer, called in ((1, ["U", "head"]), (2, ["memory.weight", "U", "head"])):
        lines = draw("weight_norms", run=run.at_layer(layer)).data
        assert [line.hovertemplate.partition(":")[0] for line in lines] == called
        assert len(at_layer(run.inside[0][1], layer)["weights"]) == len(called)


def vanish(*curves, **more):
    return draw("vanishing", curves=curves, **more)


def test_the_axis_ends_at_the_least_that_is_shown():
    """The line goes on below."""
    norms = [1.0, 1e-20, 1e-40, 1e-60]
    figure = vanish(reach_curve(norms))
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 1, 2, 3], norms)
    assert np.log10(LEAST) - 3 < figure.layout.yaxis.range[0] < -20
    assert texts(figure) == ["made<br>↓ from 2 on"]


@pytest.mark.parametrize(
    ("norms", "first"), [([1, 1e-40, 1e-3], None), ([1, 1e-40, 1e-41], 1), ([1e-40, 1e-41], 0)]
)
def test_a_line_is_said_to_stay_below_from_where_it_does(norms, first):
    assert reach_curve(norms).falls_below(LEAST) == first


def test_a_network_has_its_colour_a_state_its_dash_and_letter():
    elman, lstm, minlstm = cell_looks(["elman", "lstm", "minlstm"])
    figure = vanish(
        reach_curve([1.0, 0.5], network="elman", look=elman),
        reach_curve([1.0, 0.6], network="lstm", look=lstm, several=True),
        reach_curve([1.0, 0.9], network="lstm", look=lstm, several=True, letter="c"),
        reach_curve([1.0, 0.7], network="minlstm", look=minlstm),
        theme=DARK,
    )
    assert [line.line.color for line in figure.data] == [elman.colour, *2 * [lstm.colour], minlstm.colour]
    assert [line.line.dash for line in figure.data] == ["solid", "solid", "dot", "dash"]
    assert texts(figure) == ["elman", "lstm, h", "lstm, c", "minlstm"]


def test_the_area_of_several_texts_has_no_edge_at_zero():
    quarters = (np.array([0.5, 0.0]), np.array([2.0, 1.0]))
    figure = vanish(reach_curve([1.0, 0.5], quarters=quarters), of=LOSS)
    low, high, _ = figure.data
    assert low.y[0] == 0.5
    assert np.isnan(low.y[1])
    assert list(high.y) == [2.0, 1.0]
    assert "dL" in figure.layout.yaxis.title.text


def test_a_line_leads_to_each_name():
    curves = [reach_curve([1.0, 1e-20, 10.0**-place], network=f"n{place}") for place in (33, 34, 300)]
    figure = vanish(reach_curve([1.0, 0.5]), *curves, reach_curve([1.0, 0.0]))
    leads = [shape for shape in figure.layout.shapes if shape.xsizemode == "pixel"]
    assert [np.log10(lead.y1) for lead in leads] == pytest.approx([n.y for n in figure.layout.annotations])
    assert all(np.log10(lead.y0) >= figure.layout.yaxis.range[0] for lead in leads)
    assert [lead.line.color for lead in leads] == [line.line.color for line in figure.data if line.line.color]
