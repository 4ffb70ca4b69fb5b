"""Composed sentences: short opinions written by patterns, as people type them, with their verdicts.

They say what negation, turns and comparisons do to a verdict: in most families an opinion word stands as
often against the verdict as for it. No sentence has a pattern that a probe has.
"""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rnn_core.data.composed.writer import Grammar, SentenceWriter, finished, grammar
from rnn_core.data.probes.pairs import HALVES, Pattern, pairs, pattern_of, texts_without_opinion
from rnn_core.data.sentences import sentences_of
from rnn_core.data.verdict import plot_sentence

_WITHOUT_OPINION = 0.03
_WITH_ASIDE = 0.08
_TWO = 0.08
"""Shares of the texts: of no opinion, of one beside a sentence without, of two that agree."""

_PLOT, _ASIDE = 0.4, 0.3
"""Shares of the sentences without an opinion: the others are written out."""


class Composed(NamedTuple):
    """A text of a sentence or two, and its verdict; one without an opinion has either, as a coin falls."""

    text: str
    positive: bool


def compose(count: int, rng: random.Random) -> Iterator[Composed]:
    """Write texts, as many positive as negative ones, give or take one.

    Texts without an opinion have random verdicts: they hold the network at a half where nothing is to judge.
    """
    composer = _Composer(grammar(), rng)
    for number in range(count):
        positive = number % 2 == 0
        yield Composed(composer.text(positive), positive)


class _Composer:
    def __init__(self, known: Grammar, rng: random.Random) -> None:
        self._rng, self._writer = rng, SentenceWriter(known, rng)
        # A family of more patterns comes more often, but not in proportion.
        self._families = [
            name for name, patterns in known.families.items() for _ in range(round(len(patterns) ** 0.5))
        ]

    def text(self, positive: bool) -> str:
        """A text with this verdict, whose sentences have no pattern of a probe."""
        kind = self._rng.random()
        if kind < _WITHOUT_OPINION:
            return self._neutral_text()
        text = self._opinion(positive)
        if kind < _WITHOUT_OPINION + _WITH_ASIDE:
            both = [text, self._neutral_text()]
            self._rng.shuffle(both)
            return " ".join(both)
        if kind < _WITHOUT_OPINION + _WITH_ASIDE + _TWO:
            return f"{text} {self._opinion(positive)}"
        return text

    def _opinion(self, positive: bool) -> str:
        while True:
            text = self._writer.sentence(self._rng.choice(self._families), positive)
            if not _is_held_out(text):
                return _closed(text)

    def _neutral_text(self) -> str:
        while True:
            drawn = self._rng.random()
            if drawn < _PLOT:
                text = plot_sentence(self._rng)
            elif drawn < _PLOT + _ASIDE:
                text = finished(self._writer.clause(self._rng.choice(("aside", "aside_not")), positive=True))
            else:
                text = self._rng.choice(_written_out())
            if not _is_held_out(text):
                return _closed(text)


def _closed(text: str) -> str:
    return text if text[-1] in ".!?" else f"{text}."


def _is_held_out(text: str) -> bool:
    """True if a text, or one of its sentences, has a pattern that a probe has."""
    return any(pattern_of(part) in patterns_of_probes() for part in {text, *sentences_of(text)})


@cache
def _written_out() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("neutral.txt").read_text(encoding="utf-8").splitlines())


@cache
def patterns_of_probes() -> frozenset[Pattern]:
    """Returns the patterns of both halves of the probes, which no composed sentence has."""
    return frozenset(
        pattern_of(text)
        for half in HALVES
        for text in (
            *(sentence for _, *both in pairs(half) for sentence in both),
            *texts_without_opinion(half),
        )
    )
