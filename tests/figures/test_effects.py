"""A number against a factor, and named cases: each point is over the seeds."""

import numpy as np
import pandas as pd
import pytest

from rnn_core.figures.effects import code_of
from rnn_core.figures.looks import BY_CELL, BY_ORDER, cell_looks
from tests.figures.examples import CASE_TABLE, draw, lengths_and_cells, texts

NAMES = {"max_length": "Maximum length", "cell": "Cell", "test_accuracy": "Test accuracy"}


def drawn(runs=None, **more):
    """The effect of the length, over cells and seeds."""
    runs = lengths_and_cells() if runs is None else runs
    return draw("effect", **{"table": runs, "by": (), "names": NAMES, "lines": {}, **more})


def test_a_point_is_the_mean_over_the_seeds():
    """Its bar reaches from the lowest to the highest."""
    figure = drawn(by=["cell"])
    assert [curve.name for curve in figure.data] == ["Cell gru", "Cell elman"]  # as the table has them
    curve = figure.data[1]
    assert list(curve.x) == [25, 400]
    assert list(curve.y) == pytest.approx([0.53, 0.905])
    for ends in (curve.error_y.array, curve.error_y.arrayminus):
        assert list(ends) == pytest.approx([0.005, 0.005])
    runs = [["elman-25-0", "elman-25-1"], ["elman-400-0", "elman-400-1"]]
    assert [list(ids) for ids in curve.customdata] == runs
    assert list(curve.text) == ["mean of 2 seeds", "mean of 2 seeds"]
    assert {"Cell elman", "Cell gru"} <= {*texts(figure)}


def test_of_a_time_the_point_is_the_fastest_seed():
    [curve] = drawn(point="lowest").data
    assert list(curve.y) == pytest.approx([0.525, 0.9])
    assert list(curve.error_y.arrayminus) == [0, 0]
    assert list(curve.error_y.array) == pytest.approx([0.01, 0.01])
    assert set(curve.text) == {"lowest of 4 seeds"}


@pytest.mark.parametrize(("factor", "by"), [("cell", []), ("length", ["cell", "words"])])
def test_a_picture_of_cells_has_their_looks(factor, by):
    table = pd.DataFrame(
        {"cell": cell, "length": length, "words": words, "seed": 0, "run": "r", "test_accuracy": 0.8}
        for cell in ("LSTM", "mingru")
        for length in (25, 100)
        for words in (1, 2)
    )
    curves = drawn(table, factor=factor, by=by, names={name: name for name in table}).data
    looks = cell_looks(["lstm", "mingru"])
    if by:  # they differ without colour, too
        drawn_as = dict.fromkeys((curve.line.color, curve.line.dash) for curve in curves)
        assert [*drawn_as] == [(look.colour, look.dash) for look in looks]
        assert len({curve.marker.symbol for curve in curves}) == len(curves)
    else:
        assert list(curves[0].marker.color) == [look.colour for look in looks]
    assert code_of(factor, by) == BY_CELL
    assert code_of("length", ["words"]) == BY_ORDER


def test_numbers_stand_on_an_axis_and_choices_as_words():
    assert drawn().layout.xaxis.type == "log"  # far apart
    choices = drawn(factor="cell")
    assert choices.layout.xaxis.type == "category"
    assert (list(choices.data[0].x), choices.data[0].mode) == (["gru", "elman"], "markers")
    assert list(drawn(lengths_and_cells(cell=[True, False] * 4), factor="cell").data[0].x) == ["off", "on"]
    doubled = drawn(lengths_and_cells(max_length=[128, 128, 64, 64, 32, 32, 32, 32]))
    assert list(doubled.layout.xaxis.ticktext) == ["32", "64", "128"]
    for values, dtick in (([2] * 4 + [1] * 4, 1), ([0.5] * 4 + [0.2] * 4, None)):
        assert drawn(lengths_and_cells(max_length=values)).layout.xaxis.dtick == dtick


def test_a_run_that_diverged_has_no_point():
    runs = lengths_and_cells()
    runs.loc[runs["max_length"] == 25, "test_accuracy"] = np.nan
    assert all(list(curve.x) == [400] for curve in drawn(runs, by=["cell"]).data)
    assert drawn(lengths_and_cells(test_accuracy=np.nan), by=["cell"]).to_json()
    nothing = draw("named_cases", table=CASE_TABLE.assign(test_accuracy=np.nan))
    assert not len(nothing.data[0].x)


def test_baselines_are_lines_if_not_far_below():
    figure = drawn(factor="cell", lines={"majority": 0.1, "bag of <b>words</b>": 0.88})
    assert [shape.y0 for shape in figure.layout.shapes if shape.xsizemode != "pixel"] == [0.88]
    assert texts(figure) == ["bag of<br>&lt;b&gt;words&lt;/b&gt;<br>88.0%"]
    assert figure.layout.margin.r >= 6 * len("&lt;b&gt;words&lt;/b&gt;") / 2


def test_a_case_is_the_mean_of_its_seeds_in_its_place():
    """The first stands on top; one without a run keeps its place."""
    figure = draw("named_cases")
    [points] = figure.data
    assert list(points.x) == pytest.approx([0.805, 0.855])
    assert list(points.error_x.array) == pytest.approx([0.005, 0.005])
    assert [list(runs) for runs in points.customdata] == [["0-0", "0-1"], ["1-0", "1-1"]]
    assert list(points.text) == ["mean of 2 seeds", "mean of 2 seeds"]
    places = list(figure.layout.yaxis.categoryarray)
    assert list(points.y) == places[:2]
    assert places[2] == "+ nothing yet"
    assert figure.layout.yaxis.range[0] > 2 > 0 > figure.layout.yaxis.range[1]
    assert [note.y for note in figure.layout.annotations if note.yref != "paper"] == places


def test_baselines_leave_out_the_names_of_the_cases():
    pieces = [shape for shape in draw("named_cases").layout.shapes if shape.yref != "paper"]
    assert [(piece.x0, piece.x1) for piece in pieces] == [(0.88, 0.88)] * 3
    name_above = 15 / 46  # of a row
    for row, piece in enumerate(pieces):
        assert row - name_above + 8 / 46 < piece.y0 < row < piece.y1 < row + 1 - name_above - 8 / 46


@pytest.mark.parametrize("values", [(0.5, 0.88, 0.885), (0.8, 0.81, 0.82), (0.86, 0.87, 0.88)])
def test_names_of_baselines_have_a_line_each(values):
    lines = dict(zip(("Majority class", "Bag of words", "NB-SVM on bigrams"), values, strict=True))
    first_is_low = CASE_TABLE["test_accuracy"].where(CASE_TABLE["case"] != "plain", 0.55)
    layout = draw("named_cases", table=CASE_TABLE.assign(test_accuracy=first_is_low), lines=lines).layout
    names = [note for note in layout.annotations if note.yref == "paper"]
    assert {note.text for note in names} == {f"{name} {value:.1%}" for name, value in lines.items()}
    assert sorted(note.yshift for note in names) == [0, 16, 32]
    assert layout.margin.t >= 48
    middle = sum(layout.xaxis.range) / 2
    assert all(note.xanchor == ("left" if note.x < middle else "right") for note in names)
    for upper in names:  # whose line up to its name passes none that stands lower
        for lower in names:
            if lower.yshift < upper.yshift and lower.xanchor == upper.xanchor:
                assert upper.x >= lower.x if upper.xanchor == "right" else upper.x <= lower.x
