"""Curves of a training."""

import copy
import dataclasses

import numpy as np
import pytest

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.figures.builder import decimate
from rnn_core.figures.colours import DARK, LIGHT, run_colour
from rnn_core.figures.curves import drawn_measures, learning_curve, rates_ahead, smooth
from rnn_core.tasks.classification import guess
from rnn_core.training.history import history
from rnn_core.training.records import RateEvent
from rnn_core.training.schedule import Outlook
from tests.figures.drawn import texts

MEASURES = drawn_measures("classification")


def records(count=40, **changed):
    training = [
        {
            "kind": "training",
            "optimizer_step": step,
            "epoch": step / 10,
            "seconds": step * 0.5,
            "loss": 1 / step,
            "accuracy": 1 - 1 / (step + 1),
            "gradient_norm": 2.0,
            "learning_rate": 1e-3,
        }
        | changed
        for step in range(1, count + 1)
    ]
    validation = {"kind": "validation", "gradient_norm": None, "learning_rate": None}
    return [*training, *(row | validation for row in training[9::10])]


def drawn(measure="loss", rows=None, **more):
    """The curves of one run."""
    return learning_curve([history("a", records() if rows is None else rows)], measure, LIGHT, **more)


def test_training_is_solid_and_validation_dashed_in_the_runs_colour():
    figure = learning_curve([history("a", records()), history("b", records())], "loss", LIGHT)
    assert len(figure.data) == 6  # raw, smoothed, validation of two runs
    for place in range(2):
        raw, smoothed, validation = figure.data[3 * place : 3 * place + 3]
        assert smoothed.line.color == validation.line.color == run_colour(place)
        assert raw.line.color != smoothed.line.color
        assert smoothed.line.dash is None
        assert validation.line.dash == "dash"
        assert "markers" in validation.mode
        assert len(validation.x) == 4


def test_smoothing_is_the_mean_of_the_records_up_to_each():
    y = np.array([1.0, 3.0, np.nan, 5.0, 100.0])
    np.testing.assert_allclose(smooth(y, 2), [1, 2, 3, 5, 52.5])
    np.testing.assert_allclose(smooth(np.full(30, 2.0)), 2.0)
    assert np.isnan(smooth(np.array([np.nan, 1.0]))[0])


@pytest.mark.parametrize(("most", "dtick"), [(10.0, 1), (1e5, 1), (1e18, 4)])
def test_the_gradient_norm_is_of_training_only_on_a_logarithmic_axis_with_few_ticks(most, dtick):
    figure = drawn("gradient_norm", [*records(1, gradient_norm=0.1), *records(1, gradient_norm=most)])
    assert (figure.layout.yaxis.type, figure.layout.yaxis.dtick) == ("log", dtick)
    assert len(figure.data) == 2


def test_ticks_of_small_values_have_the_digits_that_set_them_apart():
    assert drawn().layout.yaxis.tickformat == ".2f"
    assert drawn(rows=records(loss=0.013)).layout.yaxis.tickformat == ".3~g"
    assert drawn("learning_rate").layout.yaxis.tickformat == ".3~g"


def test_a_point_at_all_of_the_strings_is_drawn_whole():
    figure = drawn("accuracy", records(accuracy=1.0))
    low, high = figure.layout.yaxis.range
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    marker = figure.data[-1].marker
    assert (high - 1) / (high - low) * inside >= marker.size / 2 + marker.line.width / 2


@pytest.mark.parametrize("measure", MEASURES)
def test_a_run_that_diverged_or_has_no_record_still_has_a_picture(measure):
    assert drawn(measure, []).layout.height == MEASURES[measure].height
    assert drawn(measure, records(loss=float("nan"))).to_json()


def test_the_name_of_a_run_is_text_not_markup():
    name = "<b>mine</b><script>"
    figure = learning_curve([history(name, records()), history("b", records())], "loss", LIGHT)
    assert "<script>" not in figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
    assert "&lt;b&gt;mine" in figure.data[1].hovertemplate


def test_a_long_run_is_drawn_with_few_points():
    figure = drawn("accuracy", records(30_000))
    assert all(len(curve.x) <= 600 for curve in figure.data)
    assert len(figure.to_json()) < 40_000


def test_drawing_changes_nothing_that_was_handed_in():
    rows = records()
    run, before = history("a", rows), copy.deepcopy(rows)
    columns = copy.deepcopy(run.training)
    learning_curve([run], "loss", LIGHT)
    assert rows == before
    for field, column in columns.items():
        np.testing.assert_array_equal(run.training[field], column)


def test_dark_and_light_differ_in_the_page_not_in_the_curves():
    light, dark = (learning_curve([history("a", records())], "loss", theme) for theme in (LIGHT, DARK))
    assert light.layout.paper_bgcolor != dark.layout.paper_bgcolor
    assert light.data[1].line.color == dark.data[1].line.color


def test_a_learning_rate_given_by_hand_is_marked_on_every_chart_and_named_on_its_own():
    changes = (RateEvent(0.25, 0.001, 0.03, held=False), RateEvent(0.5, 0.03, 0.02, held=True))
    run = dataclasses.replace(history("run", records()), rate_events=changes)
    for measure, one in MEASURES.items():
        figure = learning_curve([run], measure, LIGHT)
        assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(0.25, 0.25), (0.5, 0.5)]
        said = [text for text in texts(figure) if text != one.subtitle]
        assert said == (["set to 0.03", "held at 0.02"] if measure == "learning_rate" else [])


def test_names_of_changed_rates_stand_on_lines_of_their_own_and_inside_the_picture():
    changes = (RateEvent(1.0, 0.001, 0.03, held=False), RateEvent(1.01, 0.03, 0.02, held=True))
    runs = [dataclasses.replace(history(name, records()), rate_events=changes) for name in "ab"]
    runs[1] = dataclasses.replace(runs[1], rate_events=(RateEvent(3.9, 0.001, 0.5, held=True),))
    notes = learning_curve(runs, "learning_rate", LIGHT).layout.annotations
    assert len({note.yshift for note in notes}) == 3
    assert [note.xanchor for note in notes] == ["left", "left", "right"]


def test_what_a_run_is_measured_against_is_a_named_line_across():
    lines = {"Majority": 0.5, "NB-SVM": 0.91, "Words <b>": 0.88}
    figure = drawn("accuracy", lines=lines)
    heights = [(shape.y0, shape.y1, shape.xref) for shape in figure.layout.shapes]
    assert heights == [(height, height, "paper") for height in lines.values()]
    said = "dotted, on validation reviews: NB-SVM 91.0%,<br>Words &lt;b&gt; 88.0%, Majority 50.0%"
    assert texts(figure) == [said]


def test_what_is_said_of_a_curve_stands_above_it_where_no_curve_goes():
    """The names of the baselines stood in the picture, on each other and on the curves."""
    for measure, lines in (("loss", None), ("accuracy", {"NB-SVM": 0.91})):
        figure = drawn(measure, lines=lines)
        [note] = figure.layout.annotations
        assert (note.yref, note.y, note.yanchor) == ("paper", 1, "top")
        assert 2 * 16 <= note.yshift <= figure.layout.margin.t - 26  # two lines between title and curves
    assert MEASURES["loss"].height == MEASURES["accuracy"].height


def test_the_loss_is_held_against_a_guess_among_the_classes():
    said = ["cross-entropy in nats; 0.693 is the loss of a coin"]
    assert texts(drawn(guessing=None)) == texts(drawn(guessing=guess(2))) == said
    of_six = "cross-entropy in nats;<br>1.792 is the loss of guessing among 6 classes"
    assert texts(drawn(guessing=guess(6))) == [of_six]


TRAINING = TrainingConfig(schedule="one-cycle", learning_rate=0.01, epochs=4)


def test_the_plan_the_course_and_the_change_stand_on_one_axis_of_epochs():
    now = Outlook(TRAINING, 400, 100)
    then = now.after(0.05, held=True)
    planned, course, change = rates_ahead(now, then, 4, LIGHT).data
    assert max(planned.y) == max(course.y) == pytest.approx(0.01, rel=1e-3)
    assert (planned.x[0], planned.x[-1]) == (0.01, 4.0)
    assert planned.line.dash == "dot"
    assert set(change.y) == {0.05}
    assert change.x[0] == pytest.approx(1.01)  # the step after the hundredth of each epoch


def test_where_nothing_would_change_only_the_plan_and_the_course_are_drawn():
    figure = rates_ahead(Outlook(TRAINING, 30_000, 5), None, 4, LIGHT)
    assert len(figure.data) == 2
    assert all(len(line.x) <= 80 and np.isfinite(line.y).all() for line in figure.data)
    [mark] = figure.layout.shapes
    assert mark.x0 == pytest.approx(4 * 5 / 30_000)


def test_decimation_keeps_both_ends_and_the_extremes():
    y = np.sin(np.arange(50_000) / 700)
    y[31_234], y[4_321] = 9.0, -7.0
    x, thin = decimate(np.arange(len(y)), y)
    assert len(thin) <= 600
    assert (x[0], x[-1]) == (0, len(y) - 1)
    assert (thin.max(), x[thin.argmax()], thin.min(), x[thin.argmin()]) == (9.0, 31_234, -7.0, 4_321)
    assert np.all(np.diff(x) > 0)


def test_a_short_curve_stays_as_it_is():
    x, y = np.arange(600), np.arange(600.0)
    assert decimate(x, y)[1] is y


def test_decimation_keeps_a_gap_and_passes_over_what_is_not_finite():
    y = np.ones(10_000)
    y[2_000:3_000] = np.nan
    y[7_000], y[8_000] = np.inf, 5.0
    _, thin = decimate(np.arange(len(y)), y)
    assert np.isnan(thin).any()
    assert np.nanmax(thin) == 5.0
