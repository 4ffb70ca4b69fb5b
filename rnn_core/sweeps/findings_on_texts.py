"""The written texts of the questions on what is read: vocabulary, length, padding, truncation, <start>."""

from collections.abc import Mapping
from itertools import pairwise

from rnn_core.sweeps.over_seeds import OverSeeds, each, enough, noise, points, signed
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.written import Found, Written, is_as_good, overlap, titled

_GUESSED = 0.55
"""Of two classes of equal size, a network that is right on fewer has learned next to nothing."""


def _a_small_vocabulary_loses(found: Found) -> bool:
    smallest, first = next(iter(found.cases)), enough(found.cases)
    return first not in (None, smallest) and all(
        found.gain(smallest, size) > found.noise for size in found.cases if size != smallest
    )


def _vocabulary(found: Found) -> str:
    first = enough(found.cases)
    larger = {size: case for size, case in found.cases.items() if size >= first}
    below = {size: case for size, case in found.cases.items() if size < first}
    return (
        f"A small vocabulary costs a GRU test accuracy: {each(below)} words. From {first:,} words on no "
        f"difference is larger than the noise over seeds: {each(larger)}. The rarer a word, the fewer "
        "reviews it is in, and the less can be learned about it. These networks have dropout; a larger "
        f"vocabulary without any is a case of {titled('recipe')}"
    )


def _more_tokens_help(found: Found) -> bool:
    lengths, first = list(found.cases), enough(found.cases)
    if first in (None, lengths[0]):
        return False
    rising = [length for length in lengths if length <= first]
    return all(found.gain(shorter, longer) > 0 for shorter, longer in pairwise(rising))


def _length(found: Found) -> str:
    lengths, first = list(found.cases), enough(found.cases)
    and_then = (
        "" if first == lengths[-1] else " From there on no difference is larger than the noise over seeds."
    )
    return (
        f"More of a review helps a GRU up to {first:,} tokens: {each(found.cases)} tokens.{and_then} Fewer "
        "and fewer reviews are so long, and what stands far back must be remembered for longer. `<start>` "
        f"takes one place of the length, and of a longer review the front is cut; {titled('truncation')} "
        "asks which end to cut."
    )


def _of_cell(found: Found, cell: str) -> dict[int, OverSeeds]:
    return {length: case for (whose, length), case in found.cases.items() if whose == cell}


def _an_lstm_gains_more(found: Found) -> bool:
    plain, lstm = _of_cell(found, "elman"), _of_cell(found, "lstm")
    short, long = min(lstm), max(lstm)
    gain, plain_gain = lstm[long].mean - lstm[short].mean, plain[long].mean - plain[short].mean
    return gain > noise(lstm.values()) and gain - plain_gain > found.noise and plain_gain > -found.noise


def _length_of_cells(found: Found) -> str:
    plain, lstm = _of_cell(found, "elman"), _of_cell(found, "lstm")
    short, long = min(lstm), max(lstm)
    return (
        f"From {short:,} to {long:,} tokens an LSTM gains {points(lstm[long].mean - lstm[short].mean)} of "
        f"test accuracy: {each(lstm)} tokens. A plain RNN (Elman) changes by "
        f"{signed(plain[long].mean - plain[short].mean)}: {each(plain)}, where its seeds lie up to "
        f"{points(noise(plain.values()))} apart.{_a_worse_seed(found, plain[long])} More text is also a "
        "longer way back for the gradient. The plain RNN's learning rate was not searched for each length."
    )


def _a_worse_seed(found: Found, long: OverSeeds) -> str:
    """The same plain RNN was trained with more seeds for another question."""
    padding = found.beside("padding")
    same = padding.cases["Elman, front cut, padding skipped"] if padding is not None else long
    if same.runs <= long.runs or same.low >= long.low - long.spread:
        return ""
    return (
        f" Even that is not certain: of {same.runs} seeds of the same network under {titled('padding')} one "
        f"ended at {same.low:.1%}."
    )


_PADDINGS = ("skipped", "in front", "at the end")


def _padded(found: Found, cell: str, cut: str = "front") -> list[OverSeeds]:
    """Padding skipped, in front and at the end."""
    return [found.cases[f"{cell}, {cut} cut, padding {padding}"] for padding in _PADDINGS]


def _noise_of(found: Found, cell: str) -> float:
    return noise(case for name, case in found.cases.items() if name.startswith(cell))


def _padding_matters_to_a_plain_rnn_alone(found: Found) -> bool:
    skipped, before, after = _padded(found, "Elman")
    gru, within = _padded(found, "GRU"), _noise_of(found, "GRU")
    return (
        after.high < _GUESSED < min(skipped.low, before.low)
        and overlap(skipped, before)
        and all(is_as_good(gru[0], other, within) for other in gru[1:])
        and overlap(skipped, _padded(found, "Elman", "end")[0])
        and is_as_good(gru[0], _padded(found, "GRU", "end")[0], within)
        and gru[1].seconds > gru[0].seconds
    )


def _padding(found: Found) -> str:
    skipped, before, after = _padded(found, "Elman")
    gru_skipped, gru_before, gru_after = _padded(found, "GRU")
    plain_cut, gru_cut = _padded(found, "Elman", "end")[0], _padded(found, "GRU", "end")[0]
    length = QUESTIONS["padding"].sweep.base.text.max_length
    return (
        "Padding at the end is read last, just before the answer. A plain RNN (Elman) forgets the review "
        f"over it: it is right on {after} of the test reviews, no better than a guess, where it reaches "
        f"{before} with padding in front and {skipped} with padding skipped. A GRU carries the review "
        f"across: {gru_after} at the end, {gru_before} in front, {gru_skipped} skipped, no difference beyond "
        f"noise. Reading padding costs time: the fastest seed of the GRU takes {gru_before.seconds:.0f} s an "
        f"epoch, {gru_skipped.seconds:.0f} s where padding is skipped. At a maximum length of {length:,}, "
        "which end of a longer review is cut makes no difference beyond noise: with the end cut and padding "
        f"skipped the GRU has {gru_cut}, the plain RNN {plain_cut}; {titled('truncation')} asks it where "
        "more is cut."
    )


def _by_length(found: Found) -> dict[int, tuple[OverSeeds, OverSeeds]]:
    """Length -> front cut, end cut."""
    return {
        length: (found.cases[length, "pre"], found.cases[length, "post"])
        for length in sorted({length for length, _ in found.cases})
    }


def _the_end_of_a_review_says_more(found: Found) -> bool:
    gaps = [front.mean - end.mean for front, end in _by_length(found).values()]
    return min(gaps) > found.noise and gaps == sorted(gaps, reverse=True)


def _truncation(found: Found) -> str:
    (shortest, (front, end)), *others = _by_length(found).items()
    rest = ", ".join(
        f"{points(front.mean - end.mean)} at {length:,} ({front} and {end})"
        for length, (front, end) in others
    )
    return (
        f"The front. With {shortest:,} tokens a GRU that keeps the end of a review is right on {front} of "
        f"the test reviews, one that keeps its beginning on {end}: {points(front.mean - end.mean)} less. "
        f"Reviewers often end with their verdict. The longer the maximum length, the less it matters: {rest}."
        f"{_at_full_length(found)}"
    )


def _at_full_length(found: Found) -> str:
    padding = found.beside("padding")
    if padding is None:
        return ""
    (front, *_), (end, *_) = _padded(padding, "GRU"), _padded(padding, "GRU", "end")
    if not is_as_good(front, end, _noise_of(padding, "GRU")):
        return ""
    length = QUESTIONS["padding"].sweep.base.text.max_length
    return (
        f" At {length:,} it makes no difference beyond noise ({front} and {end}, from {titled('padding')})."
    )


def _start_makes_no_difference(found: Found) -> bool:
    return is_as_good(found.cases[True], found.cases[False], found.noise)


def _start_token(found: Found) -> str:
    length = QUESTIONS["start-token"].sweep.base.text.max_length
    return (
        f"These runs show no difference: with `<start>` a GRU is right on {found.cases[True]} of the test "
        f"reviews, without it on {found.cases[False]}, {points(found.gain(True, False))} apart, which is "
        "within the noise over seeds. The state begins at zeros either way; `<start>` adds one time step "
        f"that is the same for every review, and takes one of {length:,} places. More seeds could show a "
        "smaller difference; shorter lengths, where a place is worth more, were not asked."
    )


ON_TEXTS: Mapping[str, Written] = {
    "vocabulary": Written(("vocab_size",), _a_small_vocabulary_loses, _vocabulary),
    "length": Written(("max_length",), _more_tokens_help, _length),
    "length-of-cells": Written(("cell", "max_length"), _an_lstm_gains_more, _length_of_cells),
    "padding": Written(("case",), _padding_matters_to_a_plain_rnn_alone, _padding),
    "truncation": Written(("max_length", "truncation"), _the_end_of_a_review_says_more, _truncation),
    "start-token": Written(("start_token",), _start_makes_no_difference, _start_token),
}
"""By question: what tells its cases apart, when the text holds, and the text."""
