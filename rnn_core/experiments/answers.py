"""What a published sweep found, in a paragraph whose figures are those of its file of results.

Each says what was found, how sure it is, and what would change it. There is none while a case has fewer than
two runs.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.experiments.questions import QUESTIONS, with_case_names

_MEASURE = "test_accuracy"
_FEWEST = 2
"""Seeds of each case without which there is no paragraph."""
_REMEMBERED = 0.95
"""A cell that tells so many verdicts has not forgotten them."""


class Mean(NamedTuple):
    """The test accuracy of one case over its seeds, 0 to 1."""

    mean: float
    low: float
    high: float
    runs: int
    seconds: float
    """Per epoch, the mean over the seeds."""

    @property
    def spread(self) -> float:
        """What chance alone makes of it: the highest minus the lowest."""
        return self.high - self.low

    def __str__(self) -> str:
        return f"{self.mean:.1%}"


Means = Mapping[Any, Mean]


def means(table: pd.DataFrame, keys: Sequence[str]) -> dict[Any, Mean]:
    """Value of the key -> test accuracy over the seeds, the values in order; of several keys their tuple."""
    known = table.dropna(subset=[_MEASURE])
    return {
        value if len(keys) > 1 else value[0]: Mean(
            float(runs[_MEASURE].mean()), float(runs[_MEASURE].min()), float(runs[_MEASURE].max()), len(runs),
            float(runs["seconds_per_epoch"].mean()),
        )
        for value, runs in known.groupby(list(keys))
    }  # fmt: skip


def answer(name: str, table: pd.DataFrame) -> str | None:
    """The paragraph of a published question, given a row for each run that has ended.

    None where the sweep is no published question, or a case has no two runs yet: with one seed nobody knows
    what chance makes.
    """
    if name not in _ANSWERS or table.empty:
        return None
    keys, words = _ANSWERS[name]
    found = means(with_case_names(QUESTIONS[name], table), keys)
    is_whole = len(found) == len(QUESTIONS[name].sweep.cases)
    return words(found) if is_whole and min(mean.runs for mean in found.values()) >= _FEWEST else None


def _points(difference: float) -> str:
    """A difference of accuracies, in percentage points.

    >>> _points(0.0123), _points(-0.0004)
    ('1.2 points', '0.0 points')
    """
    return f"{abs(difference) * 100:.1f} points"


def _chance(found: Means) -> float:
    """The largest spread that the seeds alone make."""
    return max(mean.spread for mean in found.values())


def _sure(found: Means) -> str:
    """How many runs it rests on, and what chance makes of them."""
    runs, seeds = sum(mean.runs for mean in found.values()), max(mean.runs for mean in found.values())
    return f"{runs} runs, {seeds} seeds each; seeds alone make up to {_points(_chance(found))}."


def _enough(found: Means) -> tuple[Any, bool]:
    """The smallest value that is as good as the best, to what chance makes, and whether all above it are."""
    best = max(found, key=lambda value: found[value].mean)
    as_good = [value for value in found if found[best].mean - found[value].mean <= _chance(found)]
    return as_good[0], list(found)[-len(as_good) :] == as_good


def _start_token(found: Means) -> str:
    with_it, without = found[True], found[False]
    difference, chance = with_it.mean - without.mean, _chance(found)
    better = "with" if difference > 0 else "without"
    said = (
        "no difference that these runs can tell"
        if abs(difference) <= chance
        else f"{_points(difference)} for a network {better} it, more than chance makes"
    )
    return (
        f"With `<start>` a GRU is right on {with_it} of the test reviews, without it on {without}: {said}. "
        "It begins from a state of zeros either way; what `<start>` adds is one step that every review "
        f"shares. {_sure(found)} More seeds would show a smaller difference, and a very short maximum length "
        "would change the question: there it takes the place of a word."
    )


def _vocabulary(found: Means) -> str:
    small, large = min(found), max(found)
    enough, all_above = _enough(found)
    more = (
        f"From {enough:,} words on the differences are no larger than what the seeds make."
        if all_above
        else f"Best are {max(found, key=lambda size: found[size].mean):,} words."
    )
    return (
        f"With {small:,} words the GRU is right on {found[small]} of the test reviews, with {enough:,} on "
        f"{found[enough]}, with {large:,} on {found[large]}. {more} The rarer a word, the fewer reviews it "
        f"is in, and the less can be learned of it. {_sure(found)} More reviews, or word vectors learned "
        "elsewhere, would let rare words count for more."
    )


def _length(found: Means) -> str:
    short, long = min(found), max(found)
    enough, all_above = _enough(found)
    more = (
        f"From {enough:,} on, more text brings no more than what the seeds make."
        if all_above and enough != long
        else f"Every doubling still helps, up to {long:,}."
        if enough == long
        else f"Best is {max(found, key=lambda length: found[length].mean):,}."
    )
    course = ", ".join(f"{found[length]} of {length:,}" for length in found)
    return (
        f"Reading only the last {short:,} tokens a GRU is right on {found[short]} of the test reviews; in "
        f"full: {course}. {more} Reviewers often end with their verdict, so the last words tell most; what "
        f"stands further back is in fewer reviews, and must be remembered for longer. {_sure(found)} "
        "Truncation at the end in place of the beginning would change it (see what padding does), and so "
        "would texts that do not end with a verdict."
    )


def _length_of_cells(found: Means) -> str:
    lengths = sorted({length for _, length in found})
    short, long = lengths[0], lengths[-1]
    gain = {cell: found[cell, long].mean - found[cell, short].mean for cell in ("elman", "lstm")}
    chance = _chance(found)
    elman = (
        f"A plain RNN gains {_points(gain['elman'])} from them"
        if gain["elman"] > chance
        else f"A plain RNN loses {_points(gain['elman'])}"
        if gain["elman"] < -chance
        else "To a plain RNN they make no difference beyond chance"
    )
    course = {cell: ", ".join(f"{found[cell, length]} of {length:,}" for length in lengths) for cell in gain}
    return (
        f"From {short:,} to {long:,} tokens an LSTM gains {_points(gain['lstm'])} ({course['lstm']}). "
        f"{elman} ({course['elman']}): more text is also a longer way for the gradient to come back. "
        f"{_sure(found)} What a plain RNN reaches may hang on its learning rate, too, which was not searched "
        "for each length."
    )


def _padding(found: Means) -> str:
    def of(cell: str, cut: str) -> str:
        skipped, before, after = (
            found[f"{cell}, {cut} cut, padding {what}"] for what in ("skipped", "before", "after")
        )
        return f"{skipped} with padding skipped, {before} read before, {after} read after"

    skipped, read = found["GRU, beginning cut, padding skipped"], found["GRU, beginning cut, padding before"]
    ends = [f"GRU, {cut} cut, padding skipped" for cut in ("beginning", "end")]
    cut = found[ends[0]].mean - found[ends[1]].mean
    why = ", since verdicts tend to stand at the end" if cut > _chance(found) else ""
    return (
        f"A GRU is right on {of('GRU', 'beginning')}; a plain RNN on {of('Elman', 'beginning')}. Behind the "
        "review, padding is the last that a network reads before it answers. To read it costs time in any "
        f"case: {read.seconds:.0f} s an epoch against {skipped.seconds:.0f}. Cutting the beginning, not the "
        f"end, of long reviews {'gains' if cut > 0 else 'loses'} a GRU {_points(cut)}{why}. {_sure(found)} "
        "With a shorter maximum length there would be less padding, and a cut would cost more."
    )


def _network(found: Means) -> str:
    usual, *others = QUESTIONS["network"].cases
    base, gates = QUESTIONS["network"].sweep.base.model, 3
    chance = _chance(found)
    differences = {name: found[name].mean - found[usual].mean for name in others}
    told = ", ".join(
        f"{name} {found[name]} ({'+' if difference >= 0 else '−'}{_points(difference)})"
        for name, difference in differences.items()
    )
    beyond = [name for name, difference in differences.items() if abs(difference) > chance]
    said = (
        f"By more than chance makes {'differs' if len(beyond) == 1 else 'differ'} {' and '.join(beyond)}."
        if beyond
        else "None of them differs by more than chance makes."
    )
    return (
        f"{usual.capitalize()}: {found[usual]} of the test reviews. One thing changed at a time: {told}. "
        f"{said} {_sure(found)} With one-hot input each word has {gates * base.hidden_size:,} weights of its "
        f"own in place of {base.embedding_size:,}, so fewer reviews or a larger vocabulary would tell "
        "against it; a mean over time helps where the gradient of the last state alone comes too late."
    )


def _distance(found: Means) -> str:
    distances = sorted({distance for _, distance in found})
    bias = QUESTIONS["distance"].sweep.base.model.forget_bias

    def reach(cell: str) -> str:
        kept = [distance for distance in distances if found[cell, distance].mean >= _REMEMBERED]
        lost = [distance for distance in distances if distance > max(kept, default=0)]
        if not kept:
            near, far = distances[:2]
            then = f"{found[cell, far]} after {far:,}"
            return f"tells {found[cell, near]} of the verdicts after {near:,} words, {then}"
        then = f"{found[cell, lost[0]]} after {lost[0]:,}" if lost else "the farthest that was asked"
        return f"still tells {found[cell, max(kept)]} of the verdicts after {max(kept):,} words, {then}"

    return (
        f"A plain RNN {reach('elman')}. A GRU {reach('gru')}. An LSTM {reach('lstm')}. A coin is right on "
        "half. What a gate buys is a way along which the gradient comes back hardly shrunk, but not for "
        f"ever: with a bias of {bias:g} a gate lets {_leak(bias):.0%} of the memory go at each word until it "
        f"has learned otherwise. {_sure(found)} Where the seeds of one case are far apart, one found the way "
        "back and the other did not. A larger bias moves the limit (the next question); more epochs, or an "
        "easier start with short distances, may do so, too."
    )


def _leak(bias: float) -> float:
    """The share of the memory that a gate lets go at each word before it has learned anything.

    >>> round(_leak(3.0), 3)
    0.047
    """
    return 1 / (1 + math.exp(bias))


def _forget_bias(found: Means) -> str:
    distance = QUESTIONS["forget-bias"].sweep.base.text.verdict_distance
    kept = [bias for bias in found if found[bias].mean >= _REMEMBERED]
    course = ", ".join(f"{found[bias]} with {bias:g}" for bias in found)
    said = (
        f"With a bias of {min(kept):g} it remembers: then one part in {1 / _leak(min(kept)):,.0f} of the "
        f"memory goes at each word, and {(1 - _leak(min(kept))) ** distance:.0%} of it is there at the end, "
        "before anything was learned."
        if kept
        else "None of them is enough."
    )
    return (
        f"So many verdicts a GRU tells {distance:,} words later: {course}. {said} Where next to nothing of a "
        "word is left at the end, next to no gradient says that it mattered, and a gate can't learn to keep "
        "it. The bias should grow with the distance, as its logarithm (Tallec and Ollivier, 2018). "
        f"{_sure(found)} Other distances move the place where it turns, and so may more epochs. Which bias "
        "suits IMDB, where the distance is another in each review, is not answered by this."
    )


def _recipe(found: Means) -> str:
    plain, *others = QUESTIONS["recipe"].cases
    chance = _chance(found)
    gains = {name: found[name].mean - found[plain].mean for name in others}
    ranked = sorted(gains, key=lambda name: -gains[name])
    helps = [f"{name} (+{_points(gains[name])})" for name in ranked if gains[name] > chance]
    hurts = [f"{name} (−{_points(gains[name])})" for name in ranked if gains[name] < -chance]
    said = (
        f"Alone, these help beyond chance: {', '.join(helps)}."
        if helps
        else "Alone, none helps beyond chance."
    )
    if hurts:
        said += f" These hurt: {', '.join(hurts)}."
    return (
        f"Without any of them the GRU is right on {found[plain]} of the test reviews. {said} The others "
        f"change less than the seeds do. {_sure(found)} What regularises shows its worth only where a "
        "network has the time and the weights to over-fit: with more epochs, or together (the ladder), they "
        "count for more."
    )


def _ladder(found: Means) -> str:
    names, epochs = QUESTIONS["ladder"].cases, QUESTIONS["ladder"].sweep.base.training.epochs
    first, best = names[0], max(names, key=lambda name: found[name].mean)
    steps = {after: found[after].mean - found[before].mean for before, after in pairwise(names)}
    largest = sorted(steps, key=lambda name: -steps[name])[:3]
    worse = [name.removeprefix("+ ") for name in steps if steps[name] < -_chance(found)]
    told = ", ".join(f"{name.removeprefix('+ ')} (+{_points(steps[name])})" for name in largest)
    said = f" Worse by more than chance became it with {', '.join(worse)}." if worse else ""
    return (
        f"From {found[first]} of the test reviews the ladder climbs to {found[best]}, at the step “{best}”. "
        f"The largest steps are {told}.{said} {_sure(found)} The order matters: a setting that stands late "
        f"finds less left to gain. All steps have the same learning rate and {epochs} epochs, which suits "
        "the first ones best; the shipped model `best` was given more time."
    )


_ANSWERS: Mapping[str, tuple[tuple[str, ...], Callable[[Means], str]]] = {
    "vocabulary": (("vocab_size",), _vocabulary),
    "length": (("max_length",), _length),
    "length-of-cells": (("cell", "max_length"), _length_of_cells),
    "padding": (("case",), _padding),
    "start-token": (("start_token",), _start_token),
    "network": (("case",), _network),
    "distance": (("cell", "verdict_distance"), _distance),
    "forget-bias": (("forget_bias",), _forget_bias),
    "recipe": (("case",), _recipe),
    "ladder": (("case",), _ladder),
}
"""By question: what tells its cases apart, and the paragraph."""
