"""The figures of the page Cells."""

import math

import numpy as np
import pytest

from rnn_core.figures.cell_figures import form_bars, played_states, time_constants
from rnn_core.figures.colours import DARK, LIGHT, colour_of
from rnn_core.symbols import CELLS
from tests.figures.drawn import texts

LSTM = CELLS["lstm"]
STATES = {"h": np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]), "c": np.array([[4.0, 0], [5.0, 0], [6.0, 1]])}


def test_each_state_of_each_unit_is_drawn_and_those_of_the_shown_one_are_named_with_the_step_marked():
    figure = played_states(LSTM, STATES, unit=1, time=0, theme=LIGHT)
    assert [list(line.y) for line in figure.data] == [[0.1, 0.2, 0.3], [0.9, 0.8, 0.7], [4, 5, 6], [0, 0, 1]]
    assert list(figure.data[0].x) == [0, 1, 2]
    assert figure.data[1].line.color == colour_of(LSTM["h"]) != figure.data[0].line.color
    assert texts(figure) == ["h", "c"]
    (mark,) = played_states(LSTM, STATES, unit=0, time=1, theme=LIGHT).layout.shapes
    assert (mark.x0, mark.x1) == (1, 2)


def test_the_axis_holds_bounded_states_whole_and_grows_with_what_has_no_bounds_but_for_no_number():
    low, high = played_states(LSTM, STATES, unit=0, time=0, theme=DARK).layout.yaxis.range
    assert low < -1 < 6 < high
    for values in ([[0.1], [0.2]], [[0.1], [np.inf], [np.nan]]):
        one = {"h": np.array(values)}
        low, high = played_states(CELLS["elman"], one, unit=0, time=0, theme=DARK).layout.yaxis.range
        assert -1.2 < low < -1 < 1 < high < 1.2


def test_the_names_of_states_that_end_alike_are_apart_and_none_is_cut_off():
    same = {letter: np.full((3, 1), 0.0) for letter in CELLS["s6"].states}
    figure = played_states(CELLS["s6"], {**same, "h": np.array([[0.0], [9.0], [0.0]])}, 0, 0, LIGHT)
    places = sorted(label.y for label in figure.layout.annotations)
    low, high = figure.layout.yaxis.range
    assert len(places) == 5
    assert low < places[0] - (places[1] - places[0]) / 2 + 1e-9
    assert places[-1] < high


def test_units_stand_in_the_order_in_which_they_forget_and_one_that_never_does_is_left_out():
    values = np.array([3.0, math.inf, 0.5, 40.0])
    (dots,) = time_constants(values, LIGHT).data
    assert [unit for unit, _ in dots.customdata] == [2, 0, 3]
    assert list(dots.y) == [values[int(unit)] for unit, _ in dots.customdata]
    assert list(dots.x) == [1, 2, 3]


TIMES = {"naive": 210.0, "fused": 180.0, "sequence": 90.0, "torch": 81.0, "floor": 60.0}


def test_each_bar_has_its_number_and_how_the_sequence_form_does_against_it():
    figure = form_bars(TIMES, torch_name="nn.GRU", theme=LIGHT)
    assert list(figure.data[0].x) == [210, 180, 90, 81]
    assert texts(figure)[:4] == [
        "<b>Naive</b>  210 ms, sequence 2.3 times faster",
        "<b>Fused</b>  180 ms, sequence 2.0 times faster",
        "<b>Sequence</b>  90 ms",
        "<b>torch, nn.GRU</b>  81 ms, sequence 1.1 times slower",
    ]


@pytest.mark.parametrize("floor", [20.0, 150.0])
def test_the_floor_is_a_line_whose_label_stays_inside(floor):
    figure = form_bars({**TIMES, "floor": floor}, torch_name="nn.GRU", theme=DARK)
    [line] = figure.layout.shapes
    assert line.x0 == line.x1 == floor
    [label] = [note for note in figure.layout.annotations if note.name == "floor"]
    assert label.text == f"floor {floor:.0f} ms: the products alone"
    assert label.xanchor == ("left" if floor < 105 else "right")


def test_what_was_not_measured_is_left_out():
    figure = form_bars({"naive": 4.0}, torch_name="nn.RNN", theme=LIGHT)
    assert texts(figure) == ["<b>Naive</b>  4 ms"]
    assert not figure.layout.shapes
