"""What a published sweep found, in a paragraph whose figures are those of its file of results.

Each says what was found, how sure it is, and what would change it. There is none while a case has fewer than
two runs. Chance is what the seeds alone make: a difference no larger than that is called none.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.experiments.questions import QUESTIONS, with_case_names

_MEASURE = "test_accuracy"
_FEWEST = 2
"""Seeds of each case without which there is no paragraph."""
_REMEMBERED = 0.95
"""A cell that tells so many verdicts has not forgotten them."""
_APART = 0.1
"""Seeds that differ by more have not found the same thing, and have no mean."""


class Mean(NamedTuple):
    """The test accuracy of one case over its seeds, 0 to 1."""

    mean: float
    low: float
    high: float
    runs: int
    seconds: float
    """Per epoch, of its fastest seed: what else the machine did only adds to it."""

    @property
    def spread(self) -> float:
        """What chance alone makes of it: the highest minus the lowest."""
        return self.high - self.low

    def __str__(self) -> str:
        return f"{self.mean:.1%}" if self.spread <= _APART else f"{100 * self.low:.1f}–{self.high:.1%}"


Means = Mapping[Any, Mean]


def means(table: pd.DataFrame, keys: Sequence[str]) -> dict[Any, Mean]:
    """Value of the key -> test accuracy over the seeds, the values in order; of several keys their tuple."""
    known = table.dropna(subset=[_MEASURE])
    return {
        value if len(keys) > 1 else value[0]: Mean(
            float(runs[_MEASURE].mean()), float(runs[_MEASURE].min()), float(runs[_MEASURE].max()), len(runs),
            float(runs["seconds_per_epoch"].min()),
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
    """A difference of accuracies, in percentage points, without its sign.

    >>> _points(0.0123), _points(-0.0004)
    ('1.2 points', '0.0 points')
    """
    return f"{abs(difference) * 100:.1f} points"


def _signed(difference: float) -> str:
    """
    >>> _signed(0.0123), _signed(-0.02)
    ('+1.2 points', '−2.0 points')
    """
    return f"{'+' if difference >= 0 else '−'}{_points(difference)}"


def _change(before: Mean, after: Mean, chance: float) -> str:
    """What something makes of an accuracy, after the name of who has it."""
    difference = after.mean - before.mean
    if max(before.spread, after.spread) > _APART:
        if before.low <= after.high and after.low <= before.high:
            return "changes no more than its seeds do"
        return f"{'gains' if difference > 0 else 'loses'}: {after} in place of {before}"
    if abs(difference) <= chance:
        return f"changes no more than its seeds do ({_signed(difference)})"
    return f"{'gains' if difference > 0 else 'loses'} {_points(difference)}"


def _chance(found: Iterable[Mean]) -> float:
    """The largest spread that the seeds alone make."""
    return max(mean.spread for mean in found)


def _runs(found: Means) -> str:
    """How many runs it rests on."""
    counts = {mean.runs for mean in found.values()}
    seeds = f"{max(counts)} seeds" if len(counts) == 1 else f"{min(counts)} to {max(counts)} seeds"
    return f"{sum(mean.runs for mean in found.values())} runs, {seeds} each"


def _sure(found: Means) -> str:
    """How many runs it rests on, and what chance makes of them."""
    return f"{_runs(found)}; the seed alone moves an accuracy by up to {_points(_chance(found.values()))}."


def _each(found: Means) -> str:
    """The accuracy with every value, in their order."""
    return ", ".join(f"{mean} with {value:,}" for value, mean in found.items())


def _course(found: Means, unit: str) -> str:
    """Where a row of growing values stops helping, in a sentence."""
    values = list(found)
    best = max(values, key=lambda value: found[value].mean)
    chance = _chance(found.values())
    as_good = [value for value in values if found[best].mean - found[value].mean <= chance]
    are_all_above = values[-len(as_good) :] == as_good
    if as_good == values:
        return f"More {unit} make no difference beyond chance."
    if are_all_above and len(as_good) > 1:
        return f"From {as_good[0]:,} {unit} on the differences are no larger than what the seeds make."
    if all(found[more].mean - found[less].mean > chance for less, more in pairwise(values)):
        return f"More {unit} help all the way."
    return f"Best are {best:,} {unit}."


def _start_token(found: Means) -> str:
    with_it, without = found[True], found[False]
    difference = with_it.mean - without.mean
    better = "with" if difference > 0 else "without"
    said = (
        f"{_points(difference)} for a network {better} it, more than chance makes"
        if abs(difference) > _chance(found.values())
        else "no difference that these runs can tell"
    )
    return (
        f"With `<start>` a GRU is right on {with_it} of the test reviews, without it on {without}: {said}. "
        "It begins from a state of zeros either way; what `<start>` adds is one step that every review "
        f"shares. {_sure(found)} More seeds would show a smaller difference, and a very short maximum length "
        "would change the question: there it takes the place of a word."
    )


def _vocabulary(found: Means) -> str:
    return (
        f"A GRU's accuracy on the test reviews by the number of words it knows: {_each(found)}. "
        f"{_course(found, 'words')} The rarer a word, the fewer reviews it is in, and the less can be "
        f"learned of it. {_sure(found)} More reviews, or word vectors learned elsewhere, would let rare "
        "words count for more."
    )


def _length(found: Means) -> str:
    short, long = found[min(found)], found[max(found)]
    why = (
        "Reviewers often end with their verdict, so the last words tell most; what stands further back is in "
        "fewer reviews, and must be remembered for longer. "
        if long.mean - short.mean > _chance(found.values())
        else ""
    )
    return (
        f"A GRU's accuracy on the test reviews by the number of last tokens it reads: {_each(found)}. "
        f"{_course(found, 'tokens')} {why}{_sure(found)} Truncation at the end in place of the beginning "
        "would change it (see what padding does), and so would texts that do not end with a verdict."
    )


def _length_of_cells(found: Means) -> str:
    lengths = sorted({length for _, length in found})
    short, long = lengths[0], lengths[-1]

    def told(cell: str) -> str:
        of_cell = {length: found[cell, length] for length in lengths}
        change = _change(of_cell[short], of_cell[long], _chance(of_cell.values()))
        return f"{change} ({_each(of_cell)})"

    return (
        f"From {short:,} to {long:,} tokens an LSTM {told('lstm')}. A plain RNN {told('elman')}: more text "
        f"is also a longer way for the gradient to come back. {_sure(found)} What a plain RNN reaches may "
        "depend on its learning rate, too, which was not searched for each length."
    )


def _padding(found: Means) -> str:
    cells = {"elman": "Elman", "gru": "GRU"}

    def case(cell: str, padding: str, cut: str = "beginning") -> Mean:
        return found[f"{cells[cell]}, {cut} cut, padding {padding}"]

    def told(cell: str) -> str:
        return (
            f"{case(cell, 'skipped')} with padding skipped, {case(cell, 'before')} read before, "
            f"{case(cell, 'after')} read after"
        )

    chance = {
        cell: _chance(mean for name, mean in found.items() if name.startswith(cells[cell])) for cell in cells
    }

    def by_reading_after(cell: str) -> str:
        return _change(case(cell, "skipped"), case(cell, "after"), chance[cell])

    def by_cutting_the_end(cell: str) -> str:
        return _change(case(cell, "skipped"), case(cell, "skipped", "end"), chance[cell])

    read, skipped = case("gru", "before").seconds, case("gru", "skipped").seconds
    cost = "To read it costs time, too" if read > skipped else "To read it cost no time here"
    return (
        f"A GRU is right on {told('gru')}; a plain RNN on {told('elman')}. Behind the review, padding is the "
        "last that a network reads before it answers: by that a plain RNN "
        f"{by_reading_after('elman')}, a GRU {by_reading_after('gru')}. {cost}: {read:.0f} s an epoch of a "
        f"GRU against {skipped:.0f} where it is skipped, each the fastest of its seeds. When the end of long "
        f"reviews is cut and not the beginning, a plain RNN {by_cutting_the_end('elman')}, a GRU "
        f"{by_cutting_the_end('gru')}. "
        f"{_runs(found)}; the seed alone moves a plain RNN by up to {_points(chance['elman'])} and a GRU by "
        f"up to {_points(chance['gru'])}. With a shorter maximum length there would be less padding, and "
        "a cut would cost more."
    )


def _network(found: Means) -> str:
    usual, *others = QUESTIONS["network"].cases
    base, gates = QUESTIONS["network"].sweep.base.model, 3
    differences = {name: found[name].mean - found[usual].mean for name in others}
    told = ", ".join(f"{name} {found[name]} ({_signed(differences[name])})" for name in others)
    beyond = [name for name in others if abs(differences[name]) > _chance(found.values())]
    said = f"Beyond chance: {', '.join(beyond)}." if beyond else "None of them differs beyond chance."
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
        kept = [distance for distance in distances if found[cell, distance].low >= _REMEMBERED]
        lost = [distance for distance in distances if distance > max(kept, default=0)]
        if not kept:
            near, far = distances[:2]
            then = f"{found[cell, far]} after {far:,}"
            return f"tells {found[cell, near]} of the verdicts after {near:,} words, {then}"
        then = f"{found[cell, lost[0]]} after {lost[0]:,}" if lost else "the farthest that was asked"
        return f"still tells {found[cell, max(kept)]} of the verdicts after {max(kept):,} words, {then}"

    apart = (
        "Where the seeds of one case are far apart, one found the way back and another did not. "
        if _chance(found.values()) > _APART
        else ""
    )
    return (
        f"A plain RNN {reach('elman')}. A GRU {reach('gru')}. An LSTM {reach('lstm')}. A coin is right on "
        "half. What a gate buys is a way along which the gradient comes back hardly shrunk, but not for "
        f"ever: with a bias of {bias:g} a gate lets {_leak(bias):.0%} of the memory go at each word until it "
        f"has learned otherwise. {_sure(found)} {apart}A larger bias moves the limit (the next question); "
        "more epochs, or an easier start with short distances, may do so, too."
    )


def _leak(bias: float) -> float:
    """The share of the memory that a gate lets go at each word before it has learned anything.

    >>> round(_leak(3.0), 3)
    0.047
    """
    return 1 / (1 + math.exp(bias))


def _forget_bias(found: Means) -> str:
    distance = QUESTIONS["forget-bias"].sweep.base.text.verdict_distance
    kept = [bias for bias in found if found[bias].low >= _REMEMBERED]
    at_times = [f"{bias:g}" for bias in found if found[bias].low < _REMEMBERED <= found[bias].high]
    course = ", ".join(f"{mean} with {bias:g}" for bias, mean in found.items())
    said = (
        f"With a bias of {min(kept):g} every seed remembers: then one part in {1 / _leak(min(kept)):,.0f} of "
        f"the memory goes at each word, and {(1 - _leak(min(kept))) ** distance:.0%} of it is there at the "
        "end, before anything was learned."
        if kept
        else "None of them is enough for every seed."
    )
    luck = f" With {' and '.join(at_times)} one seed found the way and another did not." if at_times else ""
    return (
        f"Of the verdicts a GRU tells, {distance:,} words later: {course}. {said}{luck} Where next to "
        "nothing of a word is left at the end, next to no gradient says that it mattered, and to learn to "
        "keep it is luck. The bias should grow with the distance, as its logarithm (Tallec and Ollivier, "
        f"2018). {_sure(found)} Other distances move the place where it turns, and so may more epochs. Which "
        "bias suits IMDB, where the distance is another in each review, is not answered by this."
    )


def _recipe(found: Means) -> str:
    plain, *others = QUESTIONS["recipe"].cases
    gains = {name.removeprefix("with "): found[name].mean - found[plain].mean for name in others}
    ranked, chance = sorted(gains, key=lambda name: -gains[name]), _chance(found.values())
    helps = [f"{name} ({_signed(gains[name])})" for name in ranked if gains[name] > chance]
    hurts = [f"{name} ({_signed(gains[name])})" for name in ranked if gains[name] < -chance]
    said = (
        f"Alone, these help beyond chance: {', '.join(helps)}."
        if helps
        else "Alone, none helps beyond chance."
    )
    if hurts:
        said += f" These hurt: {', '.join(hurts)}."
    if 0 < len(helps) + len(hurts) < len(others):
        said += " The others change less than the seeds do."
    return (
        f"Without any of them the GRU is right on {found[plain]} of the test reviews. {said} {_sure(found)} "
        "What one of them brings depends on the others (the next question adds them up), and on the time: "
        "with more epochs there is more over-fitting to keep down."
    )


def _ladder(found: Means) -> str:
    names, epochs = QUESTIONS["ladder"].cases, QUESTIONS["ladder"].sweep.base.training.epochs
    first, best = names[0], max(names, key=lambda name: found[name].mean)
    steps = {after: found[after].mean - found[before].mean for before, after in pairwise(names)}
    ranked, chance = sorted(steps, key=lambda name: -steps[name]), _chance(found.values())

    def told(wanted: Iterable[str]) -> str:
        return ", ".join(f"{name.removeprefix('+ ')} ({_signed(steps[name])})" for name in wanted)

    up = [name for name in ranked if steps[name] > chance]
    down = [name for name in ranked if steps[name] < -chance]
    climb = (
        f"the ladder climbs to {found[best]}, at the step “{best}”."
        if found[best].mean - found[first].mean > chance
        else "the best step of the ladder is not above it beyond chance."
    )
    said = f" Up by more than chance it goes with {told(up)}." if up else " No single step is beyond chance."
    if down:
        said += f" Down it goes with {told(down)}."
    return (
        f"From {found[first]} of the test reviews {climb}{said} {_sure(found)} The order matters: a setting "
        "that stands late finds less left to gain. All steps have the same learning rate and "
        f"{epochs} epochs, which suits the first ones best. The shipped model `best` is no step of it: it "
        "has eight of the settings, a stronger push and more epochs."
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
