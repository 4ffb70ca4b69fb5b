"""A number against a factor, and named cases: each point is over the seeds."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from rnn_core.figures.colours import DARK, LIGHT
from rnn_core.figures.effects import effect, named_cases
from tests.figures.drawn import texts

NAMES = {"max_length": "Maximum length", "cell": "Cell", "test_accuracy": "Test accuracy"}


def table(**given):
    rows = [
        {"max_length": length, "cell": cell, "seed": seed, "run": f"{cell}-{length}-{seed}"}
        | {"test_accuracy": 0.5 + length / 1000 + seed / 100}
        for length in (400, 25)
        for cell in ("gru", "elman")
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows).assign(**given)


def draw(runs, factor="max_length", by=(), theme=LIGHT, **more):
    return effect(runs, factor, "test_accuracy", by=by, names=NAMES, theme=theme, **more)


def test_a_point_is_the_mean_over_the_seeds_and_its_bar_reaches_from_lowest_to_highest():
    figure = draw(table(), by=["cell"])
    assert [curve.name for curve in figure.data] == ["Cell gru", "Cell elman"]  # as the table has them
    curve = figure.data[1]
    assert list(curve.x) == [25, 400]
    assert list(curve.y) == pytest.approx([0.53, 0.905])
    for ends in (curve.error_y.array, curve.error_y.arrayminus):
        assert list(ends) == pytest.approx([0.005, 0.005])
    runs = [["elman-25-0", "elman-25-1"], ["elman-400-0", "elman-400-1"]]
    assert [list(ids) for ids in curve.customdata] == runs
    assert list(curve.text) == ["mean of 2 seeds", "mean of 2 seeds"]


def test_curves_differ_without_colour():
    figure = draw(table(), by=["cell"])
    assert len({curve.marker.symbol for curve in figure.data}) == 2
    assert {"Cell elman", "Cell gru"} <= {*texts(figure)}
    family = draw(table(cell=["gru", "gru", "mingru", "mingru"] * 2), by=["cell"])
    looks = {(curve.line.dash, curve.marker.symbol) for curve in family.data}
    assert looks == {("solid", "diamond"), ("dash", "diamond-open")}


def test_numbers_far_apart_stand_on_a_logarithmic_axis_and_choices_as_words():
    assert draw(table()).layout.xaxis.type == "log"
    choices = draw(table(), "cell")
    assert choices.layout.xaxis.type == "category"
    assert list(choices.data[0].x) == ["gru", "elman"]
    assert choices.data[0].mode == "markers"  # no line from one choice to another
    assert list(draw(table(cell=[True, False] * 4), "cell").data[0].x) == ["off", "on"]


def test_numbers_that_grow_by_doubling_have_a_tick_each_and_between_one_layer_and_two_stands_none():
    doubled = draw(table(max_length=[128, 128, 64, 64, 32, 32, 32, 32]))
    assert list(doubled.layout.xaxis.ticktext) == ["32", "64", "128"]
    for values, dtick in (([2] * 4 + [1] * 4, 1), ([0.5] * 4 + [0.2] * 4, None)):
        assert draw(table(max_length=values)).layout.xaxis.dtick == dtick


def test_a_run_that_diverged_has_no_point():
    runs = table()
    runs.loc[runs["max_length"] == 25, "test_accuracy"] = np.nan
    assert all(list(curve.x) == [400] for curve in draw(runs, by=["cell"], theme=DARK).data)
    assert draw(table(test_accuracy=np.nan), by=["cell"], theme=DARK).to_json()


def test_of_a_time_the_point_is_the_fastest_seed_and_its_bar_reaches_to_the_slowest():
    [curve] = draw(table(), point="lowest").data
    assert list(curve.y) == pytest.approx([0.525, 0.9])
    assert list(curve.error_y.arrayminus) == [0, 0]
    assert list(curve.error_y.array) == pytest.approx([0.01, 0.01])
    assert set(curve.text) == {"lowest of 4 seeds"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("bag of <b>words</b>", "bag of<br>&lt;b&gt;words&lt;/b&gt;<br>88.0%"), ("words", "words 88.0%")],
)
def test_baselines_are_lines_across_with_their_names_and_numbers_but_for_those_far_below(name, text):
    figure = draw(table(), "cell", lines={"majority": 0.1, name: 0.88})
    assert [shape.y0 for shape in figure.layout.shapes if shape.xsizemode != "pixel"] == [0.88]
    assert texts(figure) == [text]


def check_names(figure, count):
    """That so many names stand beside the picture, none on another."""
    low, high = figure.layout.yaxis.range
    height = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    middles = [(note.y - low) / (high - low) * height for note in figure.layout.annotations]
    halves = [15 * (note.text.count("<br>") + 1) / 2 for note in figure.layout.annotations]
    ends = sorted((middle - half, middle + half) for middle, half in zip(middles, halves, strict=True))
    assert len(ends) == count
    assert 0 <= ends[0][0] <= ends[-1][1] <= height
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(ends))


@pytest.mark.parametrize("accuracies", [[0.9] * 4 + [0.5] * 4, [0.9] * 8, [0.51, 0.5, 0.52] * 2 + [0.9] * 2])
def test_names_of_curves_and_baselines_do_not_lie_on_each_other_nor_on_the_picture(accuracies):
    lines = {"Majority class": 0.5, "Bag of words": 0.88, "NB-SVM on bigrams": 0.9}
    figure = draw(table(test_accuracy=accuracies), by=["cell"], lines=lines)
    check_names(figure, 5 if min(accuracies) < 0.7 else 4)
    assert all(note.x == 1 and note.xanchor == "left" for note in figure.layout.annotations)
    assert figure.layout.margin.r >= 6 * max(
        len(line) for text in texts(figure) for line in text.split("<br>")
    )


def test_many_curves_make_the_picture_higher():
    check_names(draw(pd.concat([table(cell=f"cell {number}") for number in range(20)]), by=["cell"]), 20)


CASES = ("plain", "+ <b>words</b>", "+ nothing yet")
CASE_TABLE = pd.DataFrame(
    {"case": case, "seed": seed, "test_accuracy": 0.8 + place / 20 + seed / 100, "run": f"{place}-{seed}"}
    for place, case in ((1, CASES[1]), (0, CASES[0]))
    for seed in (0, 1)
)


def draw_cases(table=CASE_TABLE, **more):
    return named_cases(table, "test_accuracy", CASES, title="Test accuracy", theme=LIGHT, **more)


def test_a_case_is_the_mean_of_its_seeds_with_error_bars_from_the_lowest_to_the_highest():
    [points] = draw_cases().data
    assert list(points.x) == pytest.approx([0.805, 0.855])
    for ends in (points.error_x.array, points.error_x.arrayminus):
        assert list(ends) == pytest.approx([0.005, 0.005])
    assert [list(runs) for runs in points.customdata] == [["0-0", "0-1"], ["1-0", "1-1"]]
    assert list(points.text) == ["mean of 2 seeds", "mean of 2 seeds"]


def test_cases_stand_in_their_order_from_the_top_and_one_without_a_run_keeps_its_place():
    figure = draw_cases()
    assert list(figure.data[0].y) == ["plain", "+ &lt;b&gt;words&lt;/b&gt;"]
    assert list(figure.layout.yaxis.categoryarray)[2] == "+ nothing yet"
    assert figure.layout.yaxis.range[0] > 2 > 0 > figure.layout.yaxis.range[1]  # the first on top
    assert [note.y for note in figure.layout.annotations] == list(figure.layout.yaxis.categoryarray)


def test_baselines_are_drawn_down_in_pieces_that_leave_out_the_names_of_the_cases():
    figure = draw_cases(lines={"bag": 0.88})
    pieces = [shape for shape in figure.layout.shapes if shape.yref != "paper"]
    assert [(piece.x0, piece.x1) for piece in pieces] == [(0.88, 0.88)] * 3
    name_above = 15 / 46  # of a row
    for row, piece in enumerate(pieces):
        assert row - name_above + 8 / 46 < piece.y0 < row < piece.y1 < row + 1 - name_above - 8 / 46


@pytest.mark.parametrize("values", [(0.5, 0.88, 0.885), (0.8, 0.81, 0.82), (0.86, 0.87, 0.88)])
def test_names_of_baselines_have_their_numbers_and_a_line_each_and_none_leaves_the_picture(values):
    lines = dict(zip(("Majority class", "Bag of words", "NB-SVM on bigrams"), values, strict=True))
    first_is_low = CASE_TABLE["test_accuracy"].where(CASE_TABLE["case"] != CASES[0], 0.55)
    figure = draw_cases(CASE_TABLE.assign(test_accuracy=first_is_low), lines=lines)
    names = [note for note in figure.layout.annotations if note.yref == "paper"]
    assert {note.text for note in names} == {f"{name} {value:.1%}" for name, value in lines.items()}
    assert sorted(note.yshift for note in names) == [0, 16, 32]
    assert figure.layout.margin.t >= 48
    low, high = figure.layout.xaxis.range
    for note in names:
        assert note.xanchor == ("left" if note.x < (low + high) / 2 else "right")
    # a line up to its name passes none that stands lower
    for upper in names:
        for lower in names:
            if lower.yshift < upper.yshift and lower.xanchor == upper.xanchor:
                assert upper.x >= lower.x if upper.xanchor == "right" else upper.x <= lower.x


def test_without_any_run_there_is_an_empty_picture():
    assert not len(draw_cases(CASE_TABLE.assign(test_accuracy=np.nan)).data[0].x)
