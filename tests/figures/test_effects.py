import numpy as np
import pandas as pd
import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.effects import effect

NAMES = {"max_length": "Maximum length", "cell": "Cell", "test_accuracy": "Test accuracy"}


def table(**given):
    rows = [
        {
            "max_length": length,
            "cell": cell,
            "seed": seed,
            "run": f"{cell}-{length}-{seed}",
            "test_accuracy": 0.5 + length / 1000 + seed / 100,
        }
        for length in (400, 25)
        for cell in ("gru", "elman")
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows).assign(**given)


def test_a_point_is_the_mean_over_the_seeds_and_its_bar_reaches_from_lowest_to_highest() -> None:
    figure = effect(table(), "max_length", "test_accuracy", by=["cell"], names=NAMES, look=LIGHT)
    assert [curve.name for curve in figure.data] == ["Cell elman", "Cell gru"]
    curve = figure.data[0]
    assert list(curve.x) == [25, 400]
    assert list(curve.y) == pytest.approx([0.53, 0.905])
    assert list(curve.error_y.array) == pytest.approx([0.005, 0.005])
    assert list(curve.error_y.arrayminus) == pytest.approx([0.005, 0.005])
    assert [list(runs) for runs in curve.customdata] == [
        ["elman-25-0", "elman-25-1"],
        ["elman-400-0", "elman-400-1"],
    ]
    assert list(curve.text) == ["2", "2"]


def test_curves_are_told_apart_without_colour() -> None:
    figure = effect(table(), "max_length", "test_accuracy", by=["cell"], names=NAMES, look=LIGHT)
    assert len({curve.marker.symbol for curve in figure.data}) == 2
    assert len({curve.line.dash for curve in figure.data}) == 2
    assert {"Cell elman", "Cell gru"} <= {note.text for note in figure.layout.annotations}


def test_numbers_far_apart_stand_on_a_logarithmic_axis_and_choices_as_words() -> None:
    assert effect(table(), "max_length", "test_accuracy", names=NAMES, look=LIGHT).layout.xaxis.type == "log"
    choices = effect(table(), "cell", "test_accuracy", names=NAMES, look=LIGHT)
    assert choices.layout.xaxis.type == "category"
    assert list(choices.data[0].x) == ["elman", "gru"]
    assert choices.data[0].mode == "markers"  # no line from one choice to another
    switched = effect(table(cell=[True, False] * 4), "cell", "test_accuracy", names=NAMES, look=LIGHT)
    assert list(switched.data[0].x) == ["off", "on"]


def test_a_run_that_diverged_has_no_point() -> None:
    runs = table()
    runs.loc[runs["max_length"] == 25, "test_accuracy"] = np.nan
    figure = effect(runs, "max_length", "test_accuracy", by=["cell"], names=NAMES, look=DARK)
    assert all(list(curve.x) == [400] for curve in figure.data)
    nothing = table().assign(test_accuracy=np.nan)
    assert effect(nothing, "max_length", "test_accuracy", by=["cell"], names=NAMES, look=DARK).to_json()


def test_bars_are_named_lines_across() -> None:
    lines = {"bag of <b>words</b>": 0.88}
    figure = effect(table(), "cell", "test_accuracy", names=NAMES, lines=lines, look=LIGHT)
    assert [shape.y0 for shape in figure.layout.shapes] == [0.88]
    assert "bag of &lt;b&gt;words&lt;/b&gt;" in {note.text for note in figure.layout.annotations}


def test_names_of_curves_that_end_together_do_not_lie_on_each_other() -> None:
    together = table(test_accuracy=[0.9] * 4 + [0.5] * 4)
    figure = effect(together, "max_length", "test_accuracy", by=["cell"], names=NAMES, look=LIGHT)
    low, high = sorted(note.y for note in figure.layout.annotations)
    assert high - low == pytest.approx(0.055 * 0.4)


def test_a_line_far_below_everything_is_told_and_not_drawn() -> None:
    lines = {"majority": 0.1, "words": 0.88}
    figure = effect(table(), "max_length", "test_accuracy", names=NAMES, lines=lines, look=LIGHT)
    assert [shape.y0 for shape in figure.layout.shapes] == [0.88]
    assert "far below: majority 10.0%" in {note.text for note in figure.layout.annotations}
