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
    return named_cases(table, "test_accuracy", CASES, title="Test accuracy", look=LIGHT, **more)


def test_a_case_is_the_mean_of_its_seeds_with_bars_from_the_lowest_to_the_highest() -> None:
    [points] = draw().data
    assert list(points.x) == pytest.approx([0.805, 0.855])
    assert list(points.error_x.array) == pytest.approx([0.005, 0.005])
    assert list(points.error_x.arrayminus) == pytest.approx([0.005, 0.005])
    assert [list(runs) for runs in points.customdata] == [["0-0", "0-1"], ["1-0", "1-1"]]
    assert list(points.text) == ["2", "2"]


def test_cases_stand_in_their_order_from_the_top_and_one_without_a_run_keeps_its_place() -> None:
    figure = draw()
    assert list(figure.data[0].y) == ["plain", "+ &lt;b&gt;words&lt;/b&gt;"]
    assert list(figure.layout.yaxis.categoryarray)[2] == "+ nothing yet"
    assert figure.layout.yaxis.range[0] > 2 > 0 > figure.layout.yaxis.range[1]  # the first on top
    assert [note.y for note in figure.layout.annotations] == list(figure.layout.yaxis.categoryarray)


def test_bars_are_drawn_down_and_their_names_do_not_lie_on_each_other() -> None:
    figure = draw(lines={"bag": 0.88, "svm": 0.885})
    assert {shape.x0 for shape in figure.layout.shapes} == {0.88, 0.885}
    bars = [note for note in figure.layout.annotations if note.text in ("bag", "svm")]
    assert len({note.yshift for note in bars}) == 2


def test_without_any_run_there_is_an_empty_picture() -> None:
    nothing = TABLE.assign(test_accuracy=np.nan)
    figure = named_cases(nothing, "test_accuracy", CASES, title="Test accuracy", look=DARK)
    assert figure.to_json()
    assert not len(figure.data[0].x)
