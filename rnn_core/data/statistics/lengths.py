"""How long reviews are, and what a cut takes away from them, in numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.statistics.shares import Counts, Floats, shares_of


class CutCost(NamedTuple):
    """What a cut takes away, as shares; one number for each maximum length."""

    reviews: Floats
    """Reviews that lose at least one word."""
    words: Floats
    """Words that are lost, of all."""


def cut_cost(lengths: Counts, rooms: NDArray[np.int64]) -> CutCost:
    """What it costs to keep at most `rooms` (M,) words of reviews of these lengths (N,)."""
    ordered = np.sort(lengths)
    fitting = np.searchsorted(ordered, rooms, side="right")
    total = np.concatenate([[0], np.cumsum(ordered)])
    longer = len(ordered) - fitting
    lost = total[-1] - total[fitting] - longer * rooms
    return CutCost(shares_of(longer, len(ordered)), shares_of(lost, total[-1]))


def length_histogram(lengths: Counts, width: int, bins: int) -> Counts:
    """(bins,) reviews of 0 to width - 1 words, of width to 2 width - 1, ...; the last has all longer ones."""
    return np.bincount(np.minimum(lengths // width, bins - 1), minlength=bins)
