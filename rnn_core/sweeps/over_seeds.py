"""What the seeds of a case have in common and how far they lie apart: means, the noise over seeds, words.

The noise over seeds is the largest distance between two seeds of one case. A difference between two cases
that is no larger is not called a difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rnn_core.spread import spread

_MEASURE = "test_accuracy"
_APART = 0.1
"""Seeds that differ by more have not found the same thing, and have no mean."""


@dataclass(frozen=True, slots=True)
class ShareOverSeeds:
    """A share that one case has right over its seeds, 0 to 1."""

    mean: float
    low: float
    high: float
    runs: int

    @property
    def spread(self) -> float:
        """The highest minus the lowest seed."""
        return self.high - self.low

    def __str__(self) -> str:
        return f"{self.mean:.1%}" if self.spread <= _APART else f"{100 * self.low:.1f}–{self.high:.1%}"


@dataclass(frozen=True, slots=True)
class OverSeeds(ShareOverSeeds):
    """The test accuracy of one case over its seeds, and what else is known of them."""

    seconds: float
    """Per epoch, of its fastest seed: whatever else the machine did only adds to it."""
    sentences: ShareOverSeeds | None = None
    """Of the development half of the probes; None where no seed answered it."""
    pairs: ShareOverSeeds | None = None
    """Of the same: the pairs of which both sentences are right."""


_SHOWN = 0.001
"""The smallest difference that a text can show: a tenth of a point."""

Cases = Mapping[Any, OverSeeds]
"""By the value of what is varied, or the tuple of several values."""


def over_seeds(table: pd.DataFrame, keys: Sequence[str]) -> dict[Any, OverSeeds]:
    """Each case of a table with a row a run, in the order of the values; runs that diverged are left out."""
    known = table.dropna(subset=[_MEASURE])
    return {
        value if len(keys) > 1 else value[0]: OverSeeds(
            *spread(runs[_MEASURE]),
            seconds=float(runs["seconds_per_epoch"].min()),
            sentences=_of_probes(runs, "sentences_right"),
            pairs=_of_probes(runs, "pairs_right"),
        )
        for value, runs in known.groupby(list(keys))
    }


def _of_probes(runs: pd.DataFrame, measure: str) -> ShareOverSeeds | None:
    if measure not in runs or runs[measure].isna().all():
        return None
    return ShareOverSeeds(*spread(runs[measure].dropna()))


def noise(found: Iterable[ShareOverSeeds]) -> float:
    """The noise over the seeds of these cases, as a share; 0 where each has one seed only."""
    return max(case.spread for case in found)


def points(difference: float) -> str:
    """A difference of accuracies, in percentage points, without its sign.

    >>> points(0.0123), points(-0.0004)
    ('1.2 points', '0.0 points')
    """
    return f"{abs(difference) * 100:.1f} points"


def signed(difference: float) -> str:
    """A difference of accuracies, in percentage points.

    >>> signed(0.0123), signed(-0.02), signed(-0.0004)
    ('+1.2 points', '−2.0 points', '±0.0 points')
    """
    sign = "±" if abs(difference) < _SHOWN / 2 else "+" if difference > 0 else "−"
    return f"{sign}{points(difference)}"


def each(found: Cases) -> str:
    """The accuracy with every value, in their order."""
    return ", ".join(f"{case} with {value:,}" for value, case in found.items())


def enough(found: Cases) -> Any:
    """The first of growing values from which on none is worse than the best by more than the noise.

    None where the largest of them is worse.

    >>> def case(accuracy):
    ...     return OverSeeds(accuracy, accuracy, accuracy + 0.01, 2, 1.0)
    >>> enough({500: case(0.85), 2_000: case(0.89), 5_000: case(0.895)})
    2000
    """
    best, largest_noise = max(case.mean for case in found.values()), noise(found.values())
    first = None
    for value, case in found.items():
        if best - case.mean > largest_noise:
            first = None
        elif first is None:
            first = value
    return first


def telling_factors(table: pd.DataFrame, factors: Iterable[str]) -> list[str]:
    """The factors that tell the cases apart, without those that an earlier one determines."""
    varied = [factor for factor in factors if table[factor].nunique() > 1]
    return [
        factor
        for place, factor in enumerate(varied)
        if not any(table.groupby(other)[factor].nunique().max() == 1 for other in varied[:place])
    ]


def counted(found: Cases) -> str:
    """How many runs there are, with how many seeds each."""
    counts = {case.runs for case in found.values()}
    if counts == {1}:
        seeds = "1 seed each"
    elif len(counts) == 1:
        seeds = f"{max(counts)} seeds each"
    else:
        seeds = f"{min(counts)} to {max(counts)} seeds each"
    total = sum(case.runs for case in found.values())
    return f"{total:,} {'run' if total == 1 else 'runs'}, {seeds}"
