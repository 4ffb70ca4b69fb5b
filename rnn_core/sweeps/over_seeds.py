"""Seeds of a case: their mean, their spread, comparisons of cases, and words for these.

What is called a difference is decided by one rule: the exact permutation test of `permutation`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import pandas as pd

from rnn_core.sweeps.permutation import Comparison, compare

_APART = 0.1
"""Seeds that differ by more have not found the same thing, and have no mean."""


@dataclass(frozen=True, slots=True)
class ShareOverSeeds:
    """A share that one case has right over its seeds, each 0 to 1; there is at least one."""

    seeds: tuple[float, ...]

    @classmethod
    def of(cls, values: "pd.Series[float]") -> Self:
        """The seeds in a column of runs."""
        return cls(tuple(map(float, values)))

    @property
    def mean(self) -> float:
        """The mean of the seeds."""
        return sum(self.seeds) / len(self.seeds)

    @property
    def low(self) -> float:
        """The lowest seed."""
        return min(self.seeds)

    @property
    def high(self) -> float:
        """The highest seed."""
        return max(self.seeds)

    @property
    def runs(self) -> int:
        """The number of seeds."""
        return len(self.seeds)

    @property
    def spread(self) -> float:
        """The highest minus the lowest seed."""
        return self.high - self.low

    def __str__(self) -> str:
        if self.spread <= _APART:
            return f"{self.mean:.1%}"
        return f"{self.low:.1%} to {self.high:.1%} (lowest to highest seed)"


@dataclass(frozen=True, slots=True)
class OverSeeds(ShareOverSeeds):
    """The share that one case is compared by over its seeds, and what else is known of them."""

    seconds: float
    """Per epoch, of its fastest seed: whatever else the machine did only adds to it."""
    steps: int = 0
    """Optimizer steps of a run, the most of any seed."""
    sentences: ShareOverSeeds | None = None
    """Accuracy on the development half of the probes; None where no seed answered it."""
    pairs: ShareOverSeeds | None = None
    """The share of these pairs of which both sentences are right."""


_SHOWN = 0.001
"""The smallest difference that a text can show: a tenth of a point."""

Cases = Mapping[Any, OverSeeds]
"""Cases by the value of what is varied, or the tuple of several values."""


def over_seeds(table: pd.DataFrame, keys: Sequence[str], measure: str) -> dict[Any, OverSeeds]:
    """Each case of a table with a row a run, in the order of the values; runs that diverged are left out.

    `measure` is the column of the share that cases are compared by; a table without it has no cases.
    """
    known = table.dropna(subset=[measure]) if measure in table else table[:0]
    return {
        value if len(keys) > 1 else value[0]: OverSeeds(
            tuple(map(float, runs[measure])),
            seconds=float(runs["seconds_per_epoch"].min()),
            steps=int(runs["optimizer_steps"].max()) if "optimizer_steps" in runs else 0,
            sentences=_probe_share(runs, "sentences_right"),
            pairs=_probe_share(runs, "pairs_right"),
        )
        for value, runs in known.groupby(list(keys))
    }


def _probe_share(runs: pd.DataFrame, measure: str) -> ShareOverSeeds | None:
    if measure not in runs or runs[measure].isna().all():
        return None
    return ShareOverSeeds.of(runs[measure].dropna())


Compared = ShareOverSeeds | Mapping[Any, ShareOverSeeds]
"""One case, or several by their other settings."""


def compared(one: Compared, other: Compared) -> Comparison:
    """Test if the second differs from the first: cases, or the strata that both have. Raises ValueError."""
    if isinstance(one, ShareOverSeeds) and isinstance(other, ShareOverSeeds):
        return compare([(one.seeds, other.seeds)])
    if isinstance(one, ShareOverSeeds) or isinstance(other, ShareOverSeeds):
        raise ValueError("one case can't be compared with strata, got both")
    return compare([(one[key].seeds, other[key].seeds) for key in one if key in other])


def pooled(cases: Mapping[Any, ShareOverSeeds]) -> ShareOverSeeds:
    """The seeds of several cases as those of one."""
    return ShareOverSeeds(tuple(chain.from_iterable(case.seeds for case in cases.values())))


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


def p_in_words(p: float) -> str:
    """A p as texts write it.

    >>> p_in_words(2 / 70), p_in_words(0.61), p_in_words(1e-6)
    ('p = 0.029', 'p = 0.61', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def concluded(comparison: Comparison) -> str:
    """Say what two cases' seeds show of their difference, for a sentence.

    >>> concluded(compare([([0.70, 0.71, 0.72, 0.73], [0.80, 0.81, 0.82, 0.83])]))
    'a difference beyond noise, p = 0.029'
    >>> concluded(compare([([0.70, 0.71, 0.72], [0.80, 0.81, 0.82])]))
    'too few seeds to tell it from noise'
    """
    if comparison.says == "too few seeds":
        return "too few seeds to tell it from noise"
    return f"{comparison.says} beyond noise, {p_in_words(comparison.p)}"


def enough(found: Cases) -> Any:
    """The first of growing values from which on more is not better beyond noise.

    Cut in two at any place, the values from it on show no gain of the larger ones, and have seeds enough to
    show one at some place. None where no value is so.

    >>> def case(accuracy):
    ...     return OverSeeds((accuracy, accuracy + 0.005, accuracy + 0.01), seconds=1.0)
    >>> enough({500: case(0.85), 2_000: case(0.89), 5_000: case(0.892), 9_000: case(0.891)})
    2000
    """
    for value in found:
        later = cuts(found, value)
        gains = [cut for cut in later if cut.says == "a difference" and cut.difference > 0]
        if not gains and any(cut.says != "too few seeds" for cut in later):
            return value
    return None


def cuts(found: Cases, first: Any) -> list[Comparison]:
    """The values from `first` on cut in two at each place: the larger ones against the smaller ones."""
    left = [value for value in found if value >= first]
    return [
        compared(
            pooled({value: found[value] for value in left[:place]}),
            pooled({value: found[value] for value in left[place:]}),
        )
        for place in range(1, len(left))
    ]


def telling_factors(table: pd.DataFrame, factors: Iterable[str]) -> list[str]:
    """The factors that tell the cases apart, without those that the ones before them determine."""
    telling: list[str] = []
    for factor in (factor for factor in factors if table[factor].nunique() > 1):
        if not telling or table.groupby(telling)[factor].nunique().max() > 1:
            telling.append(factor)
    return telling


def counted(found: Cases) -> str:
    """Say how many runs there are, with how many seeds each."""
    counts = [case.runs for case in found.values()]
    least, most, total = min(counts), max(counts), sum(counts)
    seeds = f"{most} {'seed' if most == 1 else 'seeds'}" if least == most else f"{least} to {most} seeds"
    return f"{total:,} {'run' if total == 1 else 'runs'}, {seeds} each"
