"""Curves of a training."""

import dataclasses

import numpy as np
import pytest

from rnn_core.figures.builder import decimate
from rnn_core.figures.colours import run_colour
from rnn_core.figures.curves import drawn_measures, smooth
from rnn_core.tasks.classification import guess
from rnn_core.training.history import history
from rnn_core.training.records import RateEvent
from rnn_core.training.schedule import Outlook
from tests.figures.examples import TRAINING, draw, records, texts

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


def test_smoothing_is_the_mean_of_the_records_up_to_each():
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
def test_a_run_that_diverged_or_has_no_record_has_a_picture(measure):
    assert drawn(measure, []).layout.height == MEASURES[measure].height
    assert drawn(measure, records(loss=float("nan"))).to_json()


def test_a_learning_rate_given_by_hand_is_marked_and_named():
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


def test_what_a_run_is_measured_against_is_a_line_across():
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


def test_the_loss_is_held_against_a_guess_among_the_classes():
    said = ["cross-entropy in nats; 0.693 is the loss of a coin"]
    assert texts(drawn(guessing=None)) == texts(drawn(guessing=guess(2))) == said
    of_six = "cross-entropy in nats;<br>1.792 is the loss of guessing among 6 classes"
    assert texts(drawn(guessing=guess(6))) == [of_six]


def test_the_plan_the_course_and_the_change_stand_on_one_axis():
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
