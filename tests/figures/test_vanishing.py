"""The picture of vanishing gradients shows what was measured, and nothing at a floor."""

import re

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.looks import cell_looks, look_at
from rnn_core.figures.vanishing import LEAST, LOSS, VERDICT, ReachCurve, vanishing
from rnn_core.symbols import state
from tests.figures.drawn import texts


def curve(norms, *, letter="h", look=None, network="made", several=False, quarters=None):
    norm = np.asarray(norms, np.float64)
    return ReachCurve(
        network=network,
        look=look or look_at(0),
        state=state(letter),
        is_one_of_several=several,
        distance=np.arange(len(norm)),
        norm=norm,
        quarters=quarters,
    )


def test_every_value_is_drawn_as_it_was_measured():
    norms = [1.0, 1e-9, 2.5e-17, 3e-29]
    (line,) = vanishing([curve(norms)], VERDICT, LIGHT).data
    assert (list(line.x), list(line.y)) == ([0, 1, 2, 3], norms)


def test_the_axis_ends_at_the_least_that_is_shown_and_the_line_goes_on_below():
    norms = [1.0, 1e-20, 1e-40, 1e-60]
    figure = vanishing([curve(norms)], VERDICT, LIGHT)
    assert list(figure.data[0].y) == norms
    assert np.log10(LEAST) - 3 < figure.layout.yaxis.range[0] < -20
    assert texts(figure) == ["made<br>↓ from 2 on"]


@pytest.mark.parametrize(
    ("norms", "first"), [([1, 1e-40, 1e-3], None), ([1, 1e-40, 1e-41], 1), ([1e-40, 1e-41], 0)]
)
def test_a_line_is_said_to_stay_below_from_where_it_does(norms, first):
    assert curve(norms).falls_below(LEAST) == first


@pytest.mark.parametrize(("of", "numbers"), [(VERDICT, np.float64), (LOSS, np.float32)])
def test_a_zero_is_a_gap_with_a_mark_that_says_what_its_numbers_hold(of, numbers):
    line, zeros = vanishing([curve([1.0, 1e-20, 0.0])], of, LIGHT).data
    assert np.isnan(line.y[2])
    # Its exponent: where a training ran before in this process, so small a number is read as 0.
    exponent = re.search(r"below 1e(-\d+)\)", zeros.hovertemplate)[1]
    assert np.isclose(np.log10(np.finfo(numbers).tiny), int(exponent), atol=1)
    assert np.isnan(zeros.y[:2]).all()


def test_each_network_has_its_colour_and_each_state_its_dash_and_its_letter():
    elman, lstm, minlstm = cell_looks(["elman", "lstm", "minlstm"])
    curves = [
        curve([1.0, 0.5], network="elman", look=elman),
        curve([1.0, 0.6], network="lstm", look=lstm, several=True),
        curve([1.0, 0.9], network="lstm", look=lstm, several=True, letter="c"),
        curve([1.0, 0.7], network="minlstm", look=minlstm),
        curve([1.0, 0.5], network="<b>"),
    ]
    figure = vanishing(curves, VERDICT, DARK)
    assert [line.line.color for line in figure.data][:4] == [elman.colour, *3 * [lstm.colour]]
    assert [line.line.dash for line in figure.data][:4] == ["solid", "solid", "dot", "dash"]
    assert texts(figure) == ["elman", "lstm, h", "lstm, c", "minlstm", "&lt;b&gt;"]


def test_names_never_stand_on_each_other_and_those_that_are_cut_still_differ():
    curves = [
        curve([1.0, 0.5], network=f"a very long name of a run, seed {i}", look=look_at(i)) for i in range(8)
    ]
    figure = vanishing(curves, VERDICT, LIGHT)
    assert len({*texts(figure)}) == 8
    heights = sorted(note.y for note in figure.layout.annotations)
    axis, plot = (
        figure.layout.yaxis.range,
        figure.layout.height - figure.layout.margin.t - figure.layout.margin.b,
    )
    assert min(np.diff(heights)) / (axis[1] - axis[0]) * plot == pytest.approx(17, rel=1e-6)


def test_the_area_of_several_texts_has_no_edge_at_zero():
    quarters = (np.array([0.5, 0.0]), np.array([2.0, 1.0]))
    low, high, _ = vanishing([curve([1.0, 0.5], quarters=quarters)], LOSS, LIGHT).data
    assert low.y[0] == 0.5
    assert np.isnan(low.y[1])
    assert list(high.y) == [2.0, 1.0]
    assert "dL" in vanishing([curve([1.0, 0.5])], LOSS, LIGHT).layout.yaxis.title.text


def test_the_lowest_name_stands_inside_the_axis_and_a_line_leads_to_each_name():
    """Plotly draws no name beyond an axis: that of a line which fell below it had none at all."""
    fallen = [curve([1.0, 1e-20, 10.0**-place], network=f"n{place}") for place in (33, 34, 35, 300)]
    figure = vanishing([curve([1.0, 0.5]), *fallen, curve([1.0, 0.0])], VERDICT, LIGHT)
    low, high = figure.layout.yaxis.range
    names = figure.layout.annotations
    assert len(names) == 6
    assert all(low < name.y < high for name in names)
    leads = [shape for shape in figure.layout.shapes if shape.xsizemode == "pixel"]
    assert [np.log10(lead.y1) for lead in leads] == pytest.approx([name.y for name in names])
    assert all(np.log10(lead.y0) >= low for lead in leads)
    assert [lead.line.color for lead in leads] == [line.line.color for line in figure.data if line.line.color]
