"""The chart of states over time steps draws what was played."""

import numpy as np

from rnn_core.figures.colours import DARK, LIGHT, colour_of
from rnn_core.figures.played import played_states
from rnn_core.symbols import CELLS

LSTM = CELLS["lstm"]
STATES = {"h": np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]), "c": np.array([[4.0, 0], [5.0, 0], [6.0, 1]])}


def test_each_state_of_each_unit_is_drawn_and_those_of_the_shown_one_are_named() -> None:
    figure = played_states(LSTM, STATES, unit=1, time=0, theme=LIGHT)
    assert [list(line.y) for line in figure.data] == [
        [0.1, 0.2, 0.3], [0.9, 0.8, 0.7], [4.0, 5.0, 6.0], [0.0, 0.0, 1.0]
    ]  # fmt: skip
    assert list(figure.data[0].x) == [0, 1, 2]
    assert figure.data[1].line.color == colour_of(LSTM["h"])
    assert figure.data[0].line.color != figure.data[1].line.color
    assert [note.text for note in figure.layout.annotations] == ["h", "c"]


def test_the_axis_holds_bounded_states_whole_and_grows_with_what_has_no_bounds() -> None:
    low, high = played_states(LSTM, STATES, unit=0, time=0, theme=DARK).layout.yaxis.range
    assert low < -1
    assert high > 6
    one = {"h": np.array([[0.1], [0.2]])}
    low, high = played_states(CELLS["elman"], one, unit=0, time=0, theme=DARK).layout.yaxis.range
    assert -1.2 < low < -1 < 1 < high < 1.2


def test_the_time_step_that_is_drawn_beside_is_marked() -> None:
    (mark,) = played_states(LSTM, STATES, unit=0, time=1, theme=LIGHT).layout.shapes
    assert (mark.x0, mark.x1) == (1, 2)


def test_a_value_that_is_no_number_spoils_nothing() -> None:
    states = {"h": np.array([[0.1], [np.inf], [np.nan]])}
    figure = played_states(CELLS["elman"], states, unit=0, time=0, theme=LIGHT)
    assert np.isfinite(figure.layout.yaxis.range).all()
