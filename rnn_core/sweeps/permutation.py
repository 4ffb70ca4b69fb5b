"""The exact permutation test, within strata: do the seeds of two cases differ?

If a setting did nothing, its seeds could as well have been dealt to the two cases the other way. The test
deals them in every way that keeps the sizes of the cases, in each stratum (one choice of every other
setting) by itself, and counts how often the difference is at least as large as the measured one, in either
direction (Fisher, *The Design of Experiments*, 1935, chapter 3).
"""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""A difference that dealt seeds reach at most so often is called one."""
_GRID = 1e-9
"""Sums that lie no further apart are the same: the order of an addition changes no more."""
_MOST_SUMS = 100_000
"""The most sums that are kept apart; more are rounded to a grid ten times as wide, until they are fewer."""

Floats = NDArray[np.float64]
Stratum = tuple[Sequence[float], Sequence[float]]
"""The seeds of the one case and of the other, a number each, with every other setting the same."""


class Comparison(NamedTuple):
    """The difference of two cases, and the p of their seeds."""

    difference: float
    """The mean of the second minus that of the first, averaged over the strata."""
    p: float
    """The share of deals whose cases differ by as much, 0 to 1."""
    least_p: float
    """The least that so many seeds can reach, however far apart they lie."""

    @property
    def says(self) -> Literal["a difference", "no difference", "too few seeds"]:
        """The conclusion: a difference was found, was not found, or could not have been found."""
        if self.p <= LEVEL:
            return "a difference"
        return "no difference" if self.least_p <= LEVEL else "too few seeds"

    def one_of(self, count: int) -> "Comparison":
        """The comparison as one of so many: p counts for all of them (Bonferroni)."""
        return self._replace(p=min(self.p * count, 1.0), least_p=min(self.least_p * count, 1.0))

    def picked_of(self, cases: int) -> "Comparison":
        """The comparison of the highest and lowest of so many cases, as one of all pairs."""
        return self.one_of(math.comb(cases, 2))


def enough_seeds(count: int = 1) -> int:
    """The fewest seeds of each case with which one of so many comparisons can show a difference.

    Cases with the same seeds are compared as if they had others. A test of pairs would be exact, too, which
    turns the sign of each seed's difference; but with five seeds it has no p below 2 / 32, and ten
    comparisons need nine seeds in place of six. Nor would pairs gain much where cells differ, whose first
    weights differ, too: in the five questions that compare cells, the scores of two cells over the seeds have
    correlations of -0.09 to 0.28, means over all pairs.

    >>> enough_seeds(), enough_seeds(6), enough_seeds(10)
    (4, 5, 6)
    """
    return next(n for n in itertools.count(2) if 2 * count / math.comb(2 * n, n) <= LEVEL)


def compare(strata: Sequence[Stratum]) -> Comparison:
    """The exact permutation test of these strata, two-sided.

    Raises ValueError where there is no stratum, or a case without a seed.

    >>> compare([([0.70, 0.71, 0.72, 0.73], [0.80, 0.81, 0.82, 0.83])]).says  # 2 of 70 ways
    'a difference'
    >>> compare([([0.70, 0.71, 0.72], [0.80, 0.81, 0.82])]).says  # at least 2 / 20
    'too few seeds'
    """
    if not strata or not all(len(one) and len(other) for one, other in strata):
        raise ValueError(f"each stratum must have a seed of both cases, got {strata}")
    return _compared(tuple((tuple(one), tuple(other)) for one, other in strata))


@lru_cache(maxsize=4_096)  # a page asks again at each of its runs
def _compared(strata: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]) -> Comparison:
    sums, shares, grid = np.zeros(1), np.ones(1), _GRID
    for one, other in strata:
        dealt, of_dealt, grid = _dealt(one, other, grid)
        sums, shares, grid = _merged(
            np.add.outer(sums, dealt).ravel(), np.outer(shares, of_dealt).ravel(), grid
        )
    measured = sum(float(np.mean(other) - np.mean(one)) for one, other in strata)
    rounding = grid * sum(len(one) + len(other) for one, other in strata)
    as_far = np.abs(sums) >= abs(measured) - rounding
    return Comparison(measured / len(strata), min(float(shares[as_far].sum()), 1.0), least_p(strata))


def least_p(strata: Sequence[Stratum]) -> float:
    """The p of seeds that lie apart in every stratum: 2 of all ways, or 1 where sizes differ."""
    ways = math.prod(math.comb(len(one) + len(other), len(one)) for one, other in strata)
    return (2 if all(len(one) == len(other) for one, other in strata) else 1) / ways


def _dealt(one: Sequence[float], other: Sequence[float], grid: float) -> tuple[Floats, Floats, float]:
    """Every difference of the means that dealing the seeds can make, with the share of deals that make it."""
    seeds, size = [*one, *other], len(one)
    none = np.zeros(0)
    by_size = [(np.zeros(1), np.ones(1)), *[(none, none)] * size]  # of the first case so far: sums, ways
    for dealt, seed in enumerate(seeds):
        for count in range(size, max(size + dealt - len(seeds), 0), -1):  # fewer could not become so many
            without, with_it = by_size[count], by_size[count - 1]
            sums, ways, grid = _merged(
                np.concatenate([without[0], with_it[0] + seed]),
                np.concatenate([without[1], with_it[1]]),
                grid,
            )
            by_size[count] = sums, ways
    first, ways = by_size[size]
    return (sum(seeds) - first) / len(other) - first / size, ways / ways.sum(), grid


def _merged(sums: Floats, shares: Floats, grid: float) -> tuple[Floats, Floats, float]:
    """Equal sums once, with their shares added up, and the grid to which they were rounded."""
    rounded = np.round(sums / grid)
    order = np.argsort(rounded, kind="stable")  # fast where sorted sums follow sorted ones
    rounded = rounded[order]
    first = np.flatnonzero(np.diff(rounded, prepend=-np.inf))
    if len(first) > _MOST_SUMS:
        return _merged(sums, shares, 10 * grid)
    return rounded[first] * grid, np.add.reduceat(shares[order], first), grid
