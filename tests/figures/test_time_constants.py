"""Each unit that forgets has a dot at its own time constant."""

import math

import numpy as np

from pages.components.cells.memory_of_units import in_words
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.time_constants import time_constants


def test_units_stand_in_the_order_in_which_they_forget_and_one_that_never_does_is_left_out() -> None:
    values = np.array([3.0, math.inf, 0.5, 40.0])
    (dots,) = time_constants(values, LIGHT).data
    assert [unit for unit, _ in dots.customdata] == [2, 0, 3]
    assert list(dots.y) == [values[int(unit)] for unit, _ in dots.customdata]
    assert list(dots.x) == [1, 2, 3]


def test_the_sentence_below_says_the_median_the_longest_and_those_without_end() -> None:
    assert in_words(np.array([1.0, 2.0, 3.0]), "word") == (
        "Half of the 3 units forget within 2 words; the longest that is measured is 3."
    )
    assert "1 never forget (u = 1)" in in_words(np.array([1.0, 2.0, math.inf]), "word")
    assert in_words(np.array([1.0, math.inf, math.inf]), "word").startswith("Of 3 units at least half never")
