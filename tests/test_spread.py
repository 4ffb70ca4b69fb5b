"""The spread of a number over the seeds of a case."""

import pandas as pd

from rnn_core.spread import Spread, spread


def test_a_spread_is_the_mean_the_least_the_greatest_and_how_many() -> None:
    assert spread(pd.Series([0.5, 1.0, 0.75])) == Spread(0.75, 0.5, 1.0, 3)


def test_of_a_single_seed_all_three_are_the_same() -> None:
    assert spread(pd.Series([0.8])) == Spread(0.8, 0.8, 0.8, 1)
