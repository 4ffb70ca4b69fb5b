"""Each unit that forgets has a dot at its own time constant."""

import math

import numpy as np

from rnn_core.figures.colours import LIGHT
from rnn_core.figures.time_constants import time_constants


def test_units_stand_in_the_order_in_which_they_forget_and_one_that_never_does_is_left_out() -> None:
    values = np.array([3.0, math.inf, 0.5, 40.0])
    (dots,) = time_constants(values, LIGHT).data
    assert [unit for unit, _ in dots.customdata] == [2, 0, 3]
    assert list(dots.y) == [values[int(unit)] for unit, _ in dots.customdata]
    assert list(dots.x) == [1, 2, 3]
