"""Curves of a training, what happens inside a run, and vanishing gradients."""

import dataclasses
import math

import numpy as np
import pytest

from rnn_core.figures.builder import decimate
from rnn_core.figures.colours import DARK, REMEMBERS_CELL, colour_of, run_colour
from rnn_core.figures.curves import drawn_measures, smooth
from rnn_core.figures.looks import cell_looks
from rnn_core.figures.vanishing import LEAST, LOSS
from rnn_core.symbols import CELLS
from rnn_core.tasks.classification import guess
from rnn_core.training.gradient_flow import look_at_layer
from rnn_core.training.history import history
from rnn_core.training.records import RateEvent
from rnn_core.training.schedule import Outlook
from tests.figures.examples import TRAINING, draw, looked_into, reach_curve, records, texts

MEASURES = drawn_measures("classification")


def drawn(measure="loss", rows=None, changes=((),), **more):
    """The curves of one run, or of runs whose learning rates were changed so."""
    run = history("a", records() if rows is None else rows)
    runs = [dataclasses.replace(run, rate_events=of_run) for of_run in changes]
    return draw("learning_curve", histories=runs, measure=measure, **more)


def test_training_is_solid_and_validation_dashed():
    """Both have the colour of the run."""
    figure = draw("learning_curve")
    assert len(figure.data) == 6  # raw, smoothed, validation of two runs
    for place in range(2):
        raw, smoothed, validation = figure.data[3 * place : 3 * place + 3]
        assert smoothed.line.color == validation.line.color == run_colour(place) != raw.line.color
        assert (smoothed.line.dash, validation.line.dash) == (None, "dash")
        assert "markers" in validation.mode
        np.testing.assert_allclose(raw.y, [1 / step for step in range(1, 41)])
        np.testing.assert_allclose(validation.y, [1 / step for step in (10, 20, 30, 40)])


def test_smoothing_is_the_mean_up_to_each_record():
    y = np.array([1.0, 3.0, np.nan, 5.0, 100.0])
    np.testing.assert_allclose(smooth(y, 2), [1, 2, 3, 5, 52.5])
    np.testing.assert_allclose(smooth(np.full(30, 2.0)), 2.0)
    assert np.isnan(smooth(np.array([np.nan, 1.0]))[0])


@pytest.mark.parametrize(("most", "dtick"), [(10.0, 1), (1e5, 1), (1e18, 4)])
def test_the_gradient_norm_stands_on_a_logarithm(most, dtick):
    figure = drawn("gradient_norm", [*records(1, gradient_norm=0.1), *records(1, gradient_norm=most)])
    assert (figure.layout.yaxis.type, figure.layout.yaxis.dtick) == ("log", dtick)
    assert len(figure.data) == 2  # of training only


def test_ticks_have_the_digits_that_set_values_apart():
    formats = [drawn(), drawn(rows=records(loss=0.013)), drawn("learning_rate")]
    assert [figure.layout.yaxis.tickformat for figure in formats] == [".2f", ".3~g", ".3~g"]


def test_a_point_at_all_of_the_strings_is_drawn_whole():
    figure = drawn("accuracy", records(accuracy=1.0))
    low, high = figure.layout.yaxis.range
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    marker = figure.data[-1].marker
    assert (high - 1) / (high - low) * inside >= marker.size / 2 + marker.line.width / 2


@pytest.mark.parametrize("measure", MEASURES)
def test_a_run_that_diverged_has_a_picture(measure):
    assert drawn(measure, []).layout.height == MEASURES[measure].height
    assert drawn(measure, records(loss=float("nan"))).to_json()


def test_a_learning_rate_given_by_hand_is_marked():
    """It is named on its own chart, on lines of their own and inside the picture."""
    early = RateEvent(1.0, 0.001, 0.03, held=False), RateEvent(1.01, 0.03, 0.02, held=True)
    late = (RateEvent(3.9, 0.001, 0.5, held=True),)
    for measure, one in MEASURES.items():
        figure = drawn(measure, changes=(early, late))
        assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(1, 1), (1.01, 1.01), (3.9, 3.9)]
        said = [text for text in texts(figure) if text != one.subtitle]
        is_named = measure == "learning_rate"
        assert said == (["set to 0.03", "held at 0.02", "held at 0.5"] if is_named else [])
    notes = drawn("learning_rate", changes=(early, late)).layout.annotations
    assert len({note.yshift for note in notes}) == 3
    assert [note.xanchor for note in notes] == ["left", "left", "right"]


def test_baselines_of_a_run_are_lines_across():
    lines = {"Majority": 0.5, "NB-SVM": 0.91, "Words <b>": 0.88}
    figure = drawn("accuracy", lines=lines)
    heights = [(shape.y0, shape.y1, shape.xref) for shape in figure.layout.shapes]
    assert heights == [(height, height, "paper") for height in lines.values()]
    said = "dotted, on validation reviews: NB-SVM 91.0%,<br>Words &lt;b&gt; 88.0%, Majority 50.0%"
    assert texts(figure) == [said]
    for one in (figure, drawn()):  # it is said above the curves
        [note] = one.layout.annotations
        assert (note.yref, note.y, note.yanchor) == ("paper", 1, "top")
        assert 2 * 16 <= note.yshift <= one.layout.margin.t - 26


def test_the_loss_is_held_against_a_guess():
    said = ["cross-entropy in nats; 0.693 is the loss of a coin"]
    assert texts(drawn(guessing=None)) == texts(drawn(guessing=guess(2))) == said
    of_six = "cross-entropy in nats;<br>1.792 is the loss of guessing among 6 classes"
    assert texts(drawn(guessing=guess(6))) == [of_six]


def test_the_plan_and_the_change_stand_on_one_axis():
    planned, course, change = draw("rates_ahead").data
    assert max(planned.y) == max(course.y) == pytest.approx(0.01, rel=1e-3)
    assert (planned.x[0], planned.x[-1], planned.line.dash) == (0.01, 4.0, "dot")
    assert set(change.y) == {0.05}
    assert change.x[0] == pytest.approx(1.01)  # the step after the hundredth of each epoch
    figure = draw("rates_ahead", now=Outlook(TRAINING, 30_000, 5), then=None)
    assert all(len(line.x) <= 80 and np.isfinite(line.y).all() for line in figure.data)
    assert [mark.x0 for mark in figure.layout.shapes] == [pytest.approx(4 * 5 / 30_000)]
    assert len(figure.data) == 2


def test_decimation_keeps_both_ends_and_the_extremes():
    y = np.sin(np.arange(50_000) / 700)
    y[31_234], y[4_321] = 9.0, -7.0
    x, thin = decimate(np.arange(len(y)), y)
    assert len(thin) <= 600
    assert (x[0], x[-1]) == (0, len(y) - 1)
    assert (thin.max(), x[thin.argmax()], thin.min(), x[thin.argmin()]) == (9.0, 31_234, -7.0, 4_321)
    assert np.all(np.diff(x) > 0)
    assert all(len(curve.x) <= 600 for curve in drawn(rows=records(3_000)).data)
    assert decimate(x, thin)[1] is thin  # few points stay as they are


def test_decimation_keeps_a_gap_and_what_is_finite():
    y = np.ones(10_000)
    y[2_000:3_000] = np.nan
    y[7_000], y[8_000] = np.inf, 5.0
    _, thin = decimate(np.arange(len(y)), y)
    assert np.isnan(thin).any()
    assert np.nanmax(thin) == 5.0


GRADIENTS = (0.1, 2e-3, 3e-9)


def test_the_last_look_of_each_run_is_drawn():
    """A line has the colour of its run, or of the state where there is only one run."""
    runs = [looked_into(cell) for cell in ("elman", "gru", "lstm")]
    for figure, y in (("reach", [value / 3 for value in GRADIENTS]), ("state_norms", [3, 4, 5])):
        lines = draw(figure, runs=runs).data
        assert [line.line.color for line in lines] == [run_colour(place) for place in (0, 1, 2, 2)]
        assert [line.line.dash for line in lines] == ["solid", "solid", "solid", "dash"]
        assert all((list(line.x), list(line.y)) == ([1, 2, 3], y) for line in lines)
    assert draw("reach", runs=runs[2:]).data[1].line.color == REMEMBERS_CELL


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


def test_weights_are_multiples_of_the_first_look():
    """They have marks and dashes of their own, no colour of a run, and a bias is left out."""
    lines = draw("weight_norms").data
    assert [line.hovertemplate.partition(":")[0] for line in lines] == ["embedding", "W", "U"]
    assert [list(line.y) for line in lines] == [[1, 2, 3], [1, 1, 1], [1, 1 / 2, pytest.approx(1 / 3)]]
    assert not {run_colour(place) for place in range(8)} & {line.line.color for line in lines}
    assert len({(line.marker.symbol, line.line.dash) for line in lines}) == len(lines)
    weights = {"cell.Lambda": 1.0, "cell.memory.weight": 1.0, "head.weight": 1.0}
    figure = draw("weight_norms", run=looked_into("rglru", weights=weights), cell="rglru")
    assert [line.hovertemplate.partition(":")[0] for line in figure.data] == ["Λ", "memory.weight", "head"]


def test_without_a_look_nothing_is_drawn():
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
        assert len(look_at_layer(run.inside[0][1], layer)["weights"]) == len(called)


def vanish(*curves, **more):
    return draw("vanishing", curves=curves, **more)


def test_the_axis_ends_at_the_least_that_is_shown():
    """The line goes on below."""
    norms = [1.0, 1e-20, 1e-40, 1e-60]
    figure = vanish(reach_curve(norms))
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 1, 2, 3], norms)
    assert np.log10(LEAST) - 3 < figure.layout.yaxis.range[0] < -20
    assert texts(figure) == ["made<br>↓ from 2 on"]


def test_a_line_is_said_to_stay_below():
    for norms, first in (([1, 1e-40, 1e-3], None), ([1, 1e-40, 1e-41], 1), ([1e-40, 1e-41], 0)):
        assert reach_curve(norms).falls_below(LEAST) == first


def test_a_network_has_its_colour_a_state_its_dash():
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
