"""A number over the seeds of one case: its mean, the least and the greatest."""

from typing import NamedTuple

import pandas as pd


class Spread(NamedTuple):
    """The range in which the seeds of one case lie."""

    mean: float
    low: float
    high: float
    seeds: int


def spread(values: pd.Series) -> Spread:
    """Returns mean, least and greatest of one number a seed; there is at least one."""
    return Spread(float(values.mean()), float(values.min()), float(values.max()), len(values))
