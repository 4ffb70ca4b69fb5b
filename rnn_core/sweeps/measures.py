"""Measures that a text on a published question may compute from its results."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rnn_core.config.corpora import corpus_named
from rnn_core.inspection.memory import MEMORIES
from rnn_core.sweeps.over_seeds import Cases, OverSeeds, ShareOverSeeds, compared, signed
from rnn_core.sweeps.permutation import Comparison

_ELMAN_REACHES = (0.80, 0.82)
"""The test accuracies that the card of `elman` has of three seeds, rounded."""


def change(cases: Cases, before: Any, after: Any) -> float:
    """Return the accuracy of one case minus that of another."""
    return cases[after].mean - cases[before].mean


def cases_of(cases: Cases, first: Any) -> Cases:
    """The cases with this value of the first of two columns, by the value of the second."""
    return {rest: case for (value, rest), case in cases.items() if value == first}


def gaps_of(some: Cases, others: Cases) -> list[float]:
    """Return the mean of each case minus the mean of the case of the same value among the others."""
    return [some[value].mean - others[value].mean for value in some]


def cases_with(cases: Cases, *values: Any) -> Cases:
    """The cases of these values, as far as there are some."""
    return {value: cases[value] for value in values if value in cases}


def cases_without(cases: Cases, *values: Any) -> Cases:
    """The cases of all other values."""
    return {value: case for value, case in cases.items() if value not in values}


def by_delay(cases: Cases) -> dict[Any, Cases]:
    """The cases of two columns by the first, then by the k of the language in the second, growing."""
    return {
        first: dict(sorted((corpus_named(data).language.k, case) for data, case in of.items()))
        for first, of in by_first(cases).items()
    }


def reaches(cases: Mapping[Any, Cases], share: float) -> dict[Any, int]:
    """Return the reach of each, by the first of two values, see `reach`."""
    return {first: reach(of, share) for first, of in cases.items()}


def asked_to_an_end(cases: Mapping[Any, Cases], share: float) -> bool:
    """True if every case was tested to its limit: the largest value of all, or one at which it fails."""
    largest = max(max(of) for of in cases.values())
    return all(max(of) == largest or reach(of, share) < max(of) for of in cases.values())


def reaching(reached: Mapping[Any, int], value: int) -> list[Any]:
    """The first values whose reach is exactly `value`, see `reaches`."""
    return [first for first, far in reached.items() if far == value]


def all_above(some: Mapping[Any, ShareOverSeeds], others: Mapping[Any, ShareOverSeeds]) -> bool:
    """True if every seed of these cases is above every seed of the others."""
    return lowest(some) > highest(others)


def chosen_among_guesses(
    searched: Mapping[Any, Mapping[float, ShareOverSeeds]], share: float, guess: float = 0.55
) -> dict[Any, list[ShareOverSeeds]]:
    """The cases of which a seed has this share right at some rate, but at no rate all seeds beat a guess.

    Each has the scores at its rates, of which there are at least two, the best rate first.
    """
    by_case = {case: list(rates.values()) for case, rates in searched.items()}
    return {
        case: rates
        for case, rates in by_case.items()
        if len(rates) > 1 and rates[0].low < guess and max(one.high for one in rates) >= share
    }


def pairs_of(cases: Cases) -> Mapping[Any, ShareOverSeeds]:
    """The pairs of probes that each is right on; all must have answered them."""
    return {value: case.pairs for value, case in cases.items() if case.pairs is not None}


def lowest(cases: Mapping[Any, ShareOverSeeds]) -> float:
    """The lowest seed of all cases."""
    return min(case.low for case in cases.values())


def highest(cases: Mapping[Any, ShareOverSeeds]) -> float:
    """The highest seed of all cases."""
    return max(case.high for case in cases.values())


def cases_below(cases: Cases, end: Any) -> Cases:
    """The cases whose value is below `end`."""
    return {value: case for value, case in cases.items() if value < end}


def cases_from(cases: Cases, first: Any) -> Cases:
    """The cases whose value is `first` or more."""
    return {value: case for value, case in cases.items() if value >= first}


def seconds(case: OverSeeds) -> str:
    """Return the time of an epoch, of its fastest seed.

    >>> seconds(OverSeeds((0.9,), seconds=9.6))
    '10 s'
    """
    return f"{case.seconds:.0f} s"


def probed(cases: Cases) -> bool:
    """True if every run has answered the probes."""
    return all(case.pairs is not None and case.pairs.runs == case.runs for case in cases.values())


def by_first(cases: Cases) -> dict[Any, Cases]:
    """The cases of two columns by the first, then by the second."""
    return {first: cases_of(cases, first) for first in dict.fromkeys(first for first, _ in cases)}


def reach(cases: Cases, share: float) -> int:
    """The largest value up to which every seed has this share right; 0 where there is none."""
    reached = 0
    for value, case in cases.items():
        if case.low < share:
            break
        reached = value
    return reached


def one_by_one(cases: Cases, order: Sequence[str], prefix: str = "with ") -> dict[str, Comparison]:
    """Each case beside the first, by what it adds."""
    first, *others = order
    return {name.removeprefix(prefix): compared(cases[first], cases[name]) for name in others}


def step_by_step(cases: Cases, order: Sequence[str], prefix: str = "+ ") -> dict[str, Comparison]:
    """Each case beside the one before it, by what it adds."""
    return {now.removeprefix(prefix): compared(cases[last], cases[now]) for last, now in pairwise(order)}


def alone_and_added(
    alone: Cases, names: Sequence[str], rungs: Cases, ladder: Sequence[str]
) -> dict[str, Comparison]:
    """Each setting alone and on the ladder, as two strata; the first has the same runs in both."""
    plain, first, *others = names
    both = {
        name: compared(
            {"alone": alone[plain], "added": rungs[last]}, {"alone": alone[name], "added": rungs[now]}
        )
        for name, (last, now) in zip(others, pairwise(ladder[1:]), strict=True)
    }
    both = {first: compared(alone[plain], alone[first]), **both}
    return {name.removeprefix("with "): one for name, one in both.items()}


def largest_changes(changes: Mapping[str, Comparison], says: str, sign: int = 0) -> dict[str, Comparison]:
    """The changes with this conclusion, the largest first; with a sign only those that go up or down."""
    kept = {name: one for name, one in changes.items() if one.says == says and one.difference * sign >= 0}
    return dict(sorted(kept.items(), key=lambda pair: -pair[1].difference))


def listed(changes: Mapping[str, Comparison]) -> str:
    """Each with its change."""
    return ", ".join(f"{name} ({signed(one.difference)})" for name, one in changes.items())


def most_different(some: Mapping[str, Comparison], others: Mapping[str, Comparison]) -> str:
    """Return the name at which two lists of changes lie furthest apart."""
    return max(some, key=lambda name: abs(some[name].difference - others[name].difference))


def best(cases: Cases, order: Sequence[str]) -> str:
    """The case with the highest mean, the first of several."""
    return max(order, key=lambda name: cases[name].mean)


def memory_for(by: Callable[[str], Cases], name: Any, share: float) -> int:
    """The fewest symbols that bring a case this share of what the most bring in place of one."""
    bits = [by(f"bits_with_{k}")[name].mean for k in MEMORIES]
    wanted = bits[0] - share * (bits[0] - bits[-1])
    reached = (k for k, one in zip(MEMORIES, bits, strict=True) if one <= wanted)
    return next(reached, MEMORIES[-1])


def always_right(cases: Cases, share: float) -> list[Any]:
    """The values with which every seed is right on so many."""
    return [value for value, case in cases.items() if case.low >= share]


def seeds_right(case: ShareOverSeeds, share: float) -> str:
    """Count the seeds that are right on so many, with the range of their probability (Wilson, 1927; 95 %).

    >>> seeds_right(ShareOverSeeds((1.0, 0.99, 0.97, 1.0, 0.5)), 0.95)
    '4 of 5 seeds (a probability of 38 to 96%)'
    """
    right, z = sum(seed >= share for seed in case.seeds), 1.96
    middle, of_z = right / case.runs + z**2 / (2 * case.runs), 1 + z**2 / case.runs
    half = z * math.sqrt(right * (case.runs - right) / case.runs + z**2 / 4) / case.runs
    low, high = (middle - half) / of_z, (middle + half) / of_z
    return f"{right} of {case.runs} seeds (a probability of {100 * low:.0f} to {high:.0%})"


def far_apart(cases: Cases, spread: float) -> list[Any]:
    """The values whose seeds differ by more than this."""
    return [value for value, case in cases.items() if case.spread > spread]


def elman_elsewhere(*cases: ShareOverSeeds) -> str:
    """A sentence on what a plain RNN reaches with another recipe; empty where these cases reach as much."""
    if max(case.mean for case in cases) >= _ELMAN_REACHES[0]:
        return ""
    low, high = (f"{share:.0%}".removesuffix("%") for share in _ELMAN_REACHES)
    return (
        f"With another recipe a plain RNN reaches more: `elman`, with that of its card, {low} to {high} % of "
        "the test reviews."
    )
