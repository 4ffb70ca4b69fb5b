"""What a published sweep found, in a paragraph whose figures are those of its file of results.

Each says what was found, how sure it is, and what would change it. There is none while a case has no run.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

_MEASURE = "test_accuracy"


class Mean(NamedTuple):
    """The test accuracy of one case over its seeds, 0 to 1."""

    mean: float
    low: float
    high: float
    runs: int

    @property
    def spread(self) -> float:
        """What chance alone makes of it: the highest minus the lowest."""
        return self.high - self.low

    def __str__(self) -> str:
        return f"{self.mean:.1%}"


def means(table: pd.DataFrame, factor: str) -> dict[object, Mean]:
    """Value of the factor -> test accuracy over the seeds, the values in order."""
    of_value = table.dropna(subset=[_MEASURE]).groupby(factor)[_MEASURE]
    return {
        value: Mean(float(runs.mean()), float(runs.min()), float(runs.max()), len(runs))
        for value, runs in of_value
    }


def answer(name: str, table: pd.DataFrame, cases: int) -> str | None:
    """The paragraph of a published question, given a row for each run that has ended and the number of cases.

    None where the question has no paragraph yet, or a case has no run yet.
    """
    if name not in _ANSWERS:
        return None
    factor, words = _ANSWERS[name]
    found = means(table, factor) if len(table) else {}
    return words(found) if len(found) == cases else None


def _points(difference: float) -> str:
    """A difference of accuracies, in percentage points.

    >>> _points(0.0123), _points(-0.0004)
    ('1.2 points', '0.0 points')
    """
    return f"{abs(difference) * 100:.1f} points"


def _chance(found: Mapping[object, Mean]) -> float:
    """The largest spread that the seeds alone make."""
    return max(mean.spread for mean in found.values())


def _start_token(found: Mapping[object, Mean]) -> str:
    with_it, without = found[True], found[False]
    difference, chance = with_it.mean - without.mean, _chance(found)
    better = "with" if difference > 0 else "without"
    said = (
        "no difference that these runs can tell"
        if abs(difference) <= chance
        else f"{_points(difference)} for a network {better} it, more than chance makes"
    )
    return (
        f"With `<start>` a GRU is right on {with_it} of the test reviews, without it on {without}: {said} "
        f"(seeds alone make up to {_points(chance)}). It begins from a state of zeros either way; what "
        f"`<start>` adds is one step that every review shares. {with_it.runs + without.runs} runs; more "
        "seeds would show a smaller difference, and a very short maximum length would change the question: "
        "there it takes the place of a word."
    )


def _vocabulary(found: Mapping[object, Mean]) -> str:
    sizes = sorted(found, key=lambda size: int(str(size)))
    small, large = sizes[0], sizes[-1]
    best = max(sizes, key=lambda size: found[size].mean)
    chance = _chance(found)
    as_good = [size for size in sizes if found[best].mean - found[size].mean <= chance]
    enough = as_good[0]
    more = (
        f"From {enough:,} words on the differences are no larger than what the seeds alone make, up to"
        if sizes[-len(as_good) :] == as_good
        else f"Best are {best:,} words; seeds alone make differences of up to"
    )
    return (
        f"With {small:,} words the GRU is right on {found[small]} of the test reviews, with {enough:,} on "
        f"{found[enough]}, with {large:,} on {found[large]}. {more} {_points(chance)}. The rarer a word, the "
        "fewer reviews it is in, and the less can be learned of it. More reviews, or word vectors learned "
        "elsewhere, would let rare words count for more."
    )


_ANSWERS: Mapping[str, tuple[str, Callable[[Mapping[object, Mean]], str]]] = {
    "start-token": ("start_token", _start_token),
    "vocabulary": ("vocab_size", _vocabulary),
}
"""By question: the factor whose values the paragraph compares, and the paragraph."""
