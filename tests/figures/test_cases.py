"""Named cases stand in their order, each with the mean over its seeds."""

import numpy as np
import pandas as pd
import pytest

from rnn_core.figures.cases import named_cases
from rnn_core.figures.colours import DARK, LIGHT

CASES = ("plain", "+ <b>words</b>", "+ nothing yet")
TABLE = pd.DataFrame(
    [
        {"case": case, "seed": seed, "test_accuracy": 0.8 + place / 20 + seed / 100, "run": f"{place}-{seed}"}
        for place, case in ((1, CASES[1]), (0, CASES[0]))
        for seed in (0, 1)
    ]
)


def draw(table=TABLE, **more):
    return named_cases(table, "test_accuracy", CASES, title="Test accuracy", theme=LIGHT, **more)


def test_a_case_is_the_mean_of_its_seeds_with_error_bars_from_the_lowest_to_the_highest() -> None:
    [points] = draw().data
    assert list(points.x) == pytest.approx([0.805, 0.855])
    assert list(points.error_x.array) == pytest.approx([0.005, 0.005])
    assert list(points.error_x.arrayminus) == pytest.approx([0.005, 0.005])
    assert [list(runs) for runs in points.customdata] == [["0-0", "0-1"], ["1-0", "1-1"]]
    assert list(points.text) == ["mean of 2 seeds", "mean of 2 seeds"]


def test_cases_stand_in_their_order_from_the_top_and_one_without_a_run_keeps_its_place() -> None:
    figure = draw()
    assert list(figure.data[0].y) == ["plain", "+ &lt;b&gt;words&lt;/b&gt;"]
    assert list(figure.layout.yaxis.categoryarray)[2] == "+ nothing yet"
    assert figure.layout.yaxis.range[0] > 2 > 0 > figure.layout.yaxis.range[1]  # the first on top
    assert [note.y for note in figure.layout.annotations] == list(figure.layout.yaxis.categoryarray)


def test_baselines_are_drawn_down_in_pieces_that_leave_out_the_names_of_the_cases() -> None:
    figure = draw(lines={"bag": 0.88})
    pieces = [shape for shape in figure.layout.shapes if shape.yref != "paper"]
    assert [(piece.x0, piece.x1) for piece in pieces] == [(0.88, 0.88)] * 3
    name_above = 15 / 46  # of a row
    for row, piece in enumerate(pieces):
        assert row - name_above + 8 / 46 < piece.y0 < row < piece.y1 < row + 1 - name_above - 8 / 46


@pytest.mark.parametrize("values", [(0.5, 0.88, 0.885), (0.8, 0.81, 0.82), (0.86, 0.87, 0.88)])
def test_names_of_baselines_have_their_numbers_and_a_line_each_and_none_leaves_the_picture(values) -> None:
    lines = dict(zip(("Majority class", "Bag of words", "NB-SVM on bigrams"), values, strict=True))
    table = TABLE.assign(test_accuracy=TABLE["test_accuracy"].where(TABLE["case"] != CASES[0], 0.55))
    figure = draw(table, lines=lines)
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


def test_without_any_run_there_is_an_empty_picture() -> None:
    nothing = TABLE.assign(test_accuracy=np.nan)
    figure = named_cases(nothing, "test_accuracy", CASES, title="Test accuracy", theme=DARK)
    assert figure.to_json()
    assert not len(figure.data[0].x)
