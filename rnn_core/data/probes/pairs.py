"""The probes: minimal pairs of sentences that ask what a network understands, and texts without an opinion.

In the manner of CheckList (Ribeiro et al., 2020). The two sentences of a pair differ in little and in their
verdict, so a pair is right only where what differs was understood. The two halves have different authors,
opinion words and patterns: settings are chosen on the development half, and the reported half is scored for
what ships. Its strict part leaves out what stands near a composed sentence
(`rnn_core/data/composed/reach.py`), and what the halves share. The third set asks for other phenomena; its
author had seen neither half and no composed sentence.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from rnn_core.text.tokenizer import tokenize

NEAR = 2
"""Words: a sentence that differs by no more from one that the patterns can write stands near it."""
FAR = NEAR + 1
"""Words from which on nobody counts how many they are."""

_FOLDER = Path(__file__).parent
DISTANCES = _FOLDER / "distances.csv"
COLUMNS = ("sentence", "words")


@cache
def words_from_composed() -> Mapping[str, int]:
    """Sentence of the reported half or the third set -> words to the nearest composed one, up to FAR."""
    with DISTANCES.open(encoding="utf-8", newline="") as file:
        return {row["sentence"]: int(row["words"]) for row in csv.DictReader(file)}


DEVELOPMENT, REPORTED = HALVES = ("development", "reported")
STRICT, THIRD = "reported-strict", "third"
SETS = (STRICT, REPORTED, THIRD, DEVELOPMENT)
"""All that networks can be asked; the one that ships are judged by first."""

PHENOMENA = {
    "plain": "Plain opinion",
    "negation": "Negation",
    "negation_elsewhere": "Negation of something else",
    "negative_quantifier": "Nobody, nothing, not one",
    "double_negation": "Double negation",
    "but": "But",
    "although": "Although",
    "concession": "Despite",
    "comparison": "Comparison",
    "expectation": "Expected and found",
    "irrealis": "Could have been",
    "reported_opinion": "What others say",
    "without_lack_fail": "Without, lack, fail",
    "intensity": "Stronger and weaker",
}
"""The phenomena of the halves: key -> title."""

OTHER_PHENOMENA = {
    "time": "Then and now",
    "degree": "Hardly, anything but",
    "rating": "Points and stars",
    "recommending": "Recommended or not",
    "staying": "Walking out, falling asleep",
    "again": "Seeing it again",
    "question": "Questions",
    "list": "Lists",
}
"""The phenomena of the third set."""

TITLES = PHENOMENA | OTHER_PHENOMENA


class Pair(NamedTuple):
    """Two sentences that differ in little and in their verdict."""

    phenomenon: str
    """A key of TITLES."""
    positive: str
    negative: str

    @property
    def differs_in_order_alone(self) -> bool:
        """True if both sentences have the same words, which a model that counts words can't set apart."""
        return sorted(tokenize(self.positive)) == sorted(tokenize(self.negative))


@cache
def pairs(name: str) -> tuple[Pair, ...]:
    """All pairs of a set, in the order of its phenomena. Raises ValueError where it is none of SETS."""
    _check(name)
    if name == STRICT:
        words = words_from_composed()
        return tuple(
            pair for pair in pairs(REPORTED) if min(words[pair.positive], words[pair.negative]) > NEAR
        )
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Pair(**row) for row in csv.DictReader(file))


@cache
def texts_without_opinion(name: str) -> tuple[str, ...]:
    """All texts of a set to which no verdict is right; the third has none. Raises ValueError as `pairs`."""
    _check(name)
    if name == STRICT:
        both = set(texts_without_opinion(DEVELOPMENT))
        return tuple(text for text in texts_without_opinion(REPORTED) if text not in both)
    if name == THIRD:
        return ()
    return tuple((_FOLDER / f"{name}-neutral.txt").read_text(encoding="utf-8").splitlines())


def phenomena_of(name: str) -> dict[str, str]:
    """The phenomena that a set asks for: key -> title. Raises ValueError as `pairs` does."""
    return titles_of(pairs(name))


def titles_of(asked: Sequence[Pair]) -> dict[str, str]:
    """The phenomena of some pairs: key -> title."""
    return {key: TITLES[key] for key in dict.fromkeys(pair.phenomenon for pair in asked)}


def _check(name: str) -> None:
    if name not in SETS:
        known = ", ".join((*HALVES, STRICT, THIRD))
        raise ValueError(f"a set of the probes must be one of {known}, got {name!r}")


Pattern: TypeAlias = tuple[str, ...]
"""The connecting words of a text: what stays when the words with a meaning of their own are taken out.

Sentences of one pattern differ in what they judge and in the words that judge it, not in what connects these.
"""
OPEN = "_"
"""Stands for one or more words with a meaning of their own."""


@cache
def _connecting() -> frozenset[str]:
    return frozenset((_FOLDER / "connecting.txt").read_text(encoding="utf-8").split())


def pattern_of(text: str) -> Pattern:
    """The connecting words of a text, with OPEN in the place of all others between two of them.

    >>> pattern_of("The acting isn't as bad as I feared.")
    ('the', '_', "isn't", 'as', '_', 'as', 'i', 'feared')
    """
    connecting = _connecting()
    pattern: list[str] = []
    for token in tokenize(text):
        if token.partition("'")[0] in connecting:  # it's, don't
            pattern.append(token)
        elif pattern[-1:] != [OPEN]:
            pattern.append(OPEN)
    return tuple(pattern)
