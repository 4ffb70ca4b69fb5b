"""What a text on a published question may compute from its results."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rnn_core.sweeps.over_seeds import Cases, OverSeeds, ShareOverSeeds, each, noise, signed

__all__ = [
    "alike", "always_right", "among", "before", "best", "change", "each", "exp", "far_apart", "from_on",
    "gains", "gaps_of", "helping", "highest", "hurting", "in_noise", "in_steps", "lowest", "most_different",
    "next_after", "noise_of", "one_by_one", "only", "overlapping", "pairs_of", "probed", "remembered",
    "rising", "seconds", "up_to",
]  # fmt: skip

exp = math.exp


def change(cases: Cases, before: Any, after: Any) -> float:
    """How much higher the accuracy of one case is than that of another."""
    return cases[after].mean - cases[before].mean


def gains(cases: Cases, than: Any) -> list[float]:
    """How much higher each other case is than this one."""
    return [change(cases, than, value) for value in cases if value != than]


def among(cases: Cases, first: Any) -> Cases:
    """Those with this value of the first of two columns, by the value of the second."""
    return {rest: case for (value, rest), case in cases.items() if value == first}


def only(cases: Cases, *values: Any) -> Cases:
    """These."""
    return {value: cases[value] for value in values}


def pairs_of(cases: Cases) -> Mapping[Any, ShareOverSeeds]:
    """The pairs of probes that each is right on; all must have answered them."""
    return {value: case.pairs for value, case in cases.items() if case.pairs is not None}


def lowest(cases: Mapping[Any, ShareOverSeeds]) -> float:
    """The least mean."""
    return min(case.mean for case in cases.values())


def highest(cases: Mapping[Any, ShareOverSeeds]) -> float:
    """The largest mean."""
    return max(case.mean for case in cases.values())


def up_to(cases: Cases, last: Any) -> Cases:
    """Those with no larger value."""
    return {value: case for value, case in cases.items() if value <= last}


def before(cases: Cases, end: Any) -> Cases:
    """Those with a smaller value."""
    return {value: case for value, case in cases.items() if value < end}


def from_on(cases: Cases, first: Any) -> Cases:
    """Those with no smaller value."""
    return {value: case for value, case in cases.items() if value >= first}


def next_after(cases: Cases, value: Any) -> Any:
    """The value after this one."""
    values = list(cases)
    return values[values.index(value) + 1]


def noise_of(cases: Cases, names: str = "") -> float:
    """The noise over seeds of these cases, or of those whose names begin so."""
    return noise(case for name, case in cases.items() if not names or name.startswith(names))


def seconds(case: OverSeeds) -> str:
    """How long an epoch took, of its fastest seed.

    >>> seconds(OverSeeds(0.9, 0.9, 0.9, 1, 9.6))
    '10 s'
    """
    return f"{case.seconds:.0f} s"


def alike(one: ShareOverSeeds, other: ShareOverSeeds, within: float) -> bool:
    """Whether two cases differ by no more than so much."""
    return abs(one.mean - other.mean) <= within


def overlapping(one: ShareOverSeeds, other: ShareOverSeeds) -> bool:
    """Whether the seeds of two cases reach into each other."""
    return one.low <= other.high and other.low <= one.high


def probed(cases: Cases) -> bool:
    """Whether every run has answered the probes."""
    return all(case.pairs is not None and case.pairs.runs == case.runs for case in cases.values())


def remembered(cases: Cases, share: float) -> Any:
    """The largest value at which, as at all smaller ones, every seed is right on so many, if any."""
    reached = None
    for value, case in cases.items():
        if case.low < share:
            break
        reached = value
    return reached


def rising(cases: Cases) -> bool:
    """Whether each is higher than the one before it."""
    return all(less.mean < more.mean for less, more in pairwise(cases.values()))


def one_by_one(cases: Cases, order: Sequence[str], prefix: str = "with ") -> dict[str, float]:
    """What each case changes beside the first, the largest gain first."""
    first, *others = order
    return _ranked({name.removeprefix(prefix): change(cases, first, name) for name in others})


def in_steps(cases: Cases, order: Sequence[str], prefix: str = "+ ") -> dict[str, float]:
    """What each case changes beside the one before it, the largest gain first."""
    return _ranked({now.removeprefix(prefix): change(cases, last, now) for last, now in pairwise(order)})


def helping(changes: Mapping[str, float], noise: float) -> str:
    """Those that go up by more than the noise, each with its change."""
    return _listed(changes, (name for name in changes if changes[name] > noise))


def hurting(changes: Mapping[str, float], noise: float) -> str:
    """Those that go down by more than the noise."""
    return _listed(changes, (name for name in changes if changes[name] < -noise))


def in_noise(changes: Mapping[str, float], noise: float) -> str:
    """The rest."""
    return _listed(changes, (name for name in changes if abs(changes[name]) <= noise))


def most_different(some: Mapping[str, float], others: Mapping[str, float]) -> str:
    """Where two lists of changes lie furthest apart."""
    return max(some, key=lambda name: abs(some[name] - others[name]))


def best(cases: Cases, order: Sequence[str]) -> str:
    """The case with the highest mean, the first of several."""
    return max(order, key=lambda name: cases[name].mean)


def gaps_of(some: Cases, others: Cases) -> list[float]:
    """How much higher each case is than the other one of the same value."""
    return [some[value].mean - others[value].mean for value in some]


def always_right(cases: Cases, share: float) -> list[Any]:
    """The values with which every seed is right on so many."""
    return [value for value, case in cases.items() if case.low >= share]


def far_apart(cases: Cases, spread: float) -> list[Any]:
    """The values whose seeds differ by more than this."""
    return [value for value, case in cases.items() if case.spread > spread]


def _ranked(changes: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(changes.items(), key=lambda pair: -pair[1]))


def _listed(changes: Mapping[str, float], names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({signed(changes[name])})" for name in names)
