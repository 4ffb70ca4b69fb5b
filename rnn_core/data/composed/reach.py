"""The sentences that the patterns of composed ones can write, found without writing them all.

Given sentences are followed through a pattern together. Beside each place in a sentence stands what it
costs to get there with the part of the pattern that was read, in the cheapest of all ways to fill it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.composed.writer import Alternatives, Grammar, Template, TemplateSlot, parsed
from rnn_core.data.probes.pairs import FAR, OPEN, Pattern, pattern_of
from rnn_core.text.tokenizer import tokenize

Costs = NDArray[np.int8]
"""(N, L + 1) for N sentences of L words at most, or (N, L + 1, L + 1), from each place to each; up to FAR."""


def words_between(sentences: Sequence[str], known: Grammar) -> NDArray[np.int8]:
    """(N,) how many words at least each sentence differs by from what the patterns can write, FAR at most.

    Words are put in, taken out or exchanged. `a` and `an` count as one word.
    """
    reader = _ByWords([_words(sentence) for sentence in sentences], known)
    patterns = (both for family in known.families.values() for both in family)
    return np.minimum.reduce([reader.end(one) for both in patterns for one in _both_verdicts(both)])


def patterns_that_write(patterns: Sequence[Pattern], known: Grammar) -> list[str]:
    """Find what in the grammar writes a sentence with one of these patterns; of a pair, the first."""
    reader = _ByPattern([["a" if word == "an" else word for word in one] for one in patterns], known)
    return [
        both[0]
        for family in known.families.values()
        for both in family
        if any((reader.end(one) == 0).any() for one in _both_verdicts(both))
    ]


def _both_verdicts(both: tuple[str, str]) -> Iterator[tuple[str, bool]]:
    return zip(both, (True, False), strict=True)


def _words(text: str) -> list[str]:
    return ["a" if word == "an" else word for word in tokenize(text)]


class _Reader(ABC):
    """Follows rows of words through patterns."""

    def __init__(self, rows: Sequence[Sequence[str]], known: Grammar) -> None:
        self._grammar = known
        self._ends = np.array([len(row) for row in rows])
        self._most = int(self._ends.max())
        self._places: dict[str, NDArray[np.bool_]] = {}
        for number, row in enumerate(rows):
            for place, word in enumerate(row):
                self._places.setdefault(word, self._nowhere())[number, place] = True
        self._slots: dict[tuple[str, bool], Costs] = {}

    @abstractmethod
    def _word(self, costs: Costs, word: str) -> Costs:
        """The costs when a pattern's next word was read, too."""

    def end(self, pattern: tuple[str, bool]) -> Costs:
        """(N,) what it costs to read each row whole with a pattern of this verdict."""
        text, positive = pattern
        costs = np.full((len(self._ends), self._most + 1), FAR, np.int8)
        costs[:, 0] = 0
        read = self._template(self._skip(costs), parsed(text), positive)
        return np.asarray(read[np.arange(len(self._ends)), self._ends])

    def _template(self, costs: Costs, template: Template, positive: bool) -> Costs:
        for piece in template:
            if isinstance(piece, str):
                for word in _words(piece):
                    costs = self._word(costs, word)
            elif isinstance(piece, TemplateSlot):
                costs = _costs_after_slot(costs, self._slot(piece.name, positive != piece.opposite))
            else:
                costs = self._choice(costs, piece, positive)
        return costs

    def _choice(self, costs: Costs, choice: Alternatives, positive: bool) -> Costs:
        return np.minimum.reduce([self._template(costs, one, positive) for one in choice.options])

    def _slot(self, name: str, positive: bool) -> Costs:
        """(N, L + 1, L + 1) what a slot costs from each place to each."""
        if (name, positive) not in self._slots:
            still = np.full((len(self._ends), self._most + 1, self._most + 1), FAR, np.int8)
            places = np.arange(self._most + 1)
            still[:, places, places] = 0
            fillings = Alternatives(tuple(parsed(one) for one in set(self._grammar.fillings(name, positive))))
            self._slots[name, positive] = self._choice(self._skip(still), fillings, positive)
        return self._slots[name, positive]

    def _skip(self, costs: Costs) -> Costs:
        """The costs when words of a row may be passed over."""
        return costs

    def _is_at(self, word: str, costs: Costs) -> NDArray[np.bool_]:
        """Mark the places of a word in the rows, for costs of either shape."""
        places = self._places.get(word)
        if places is None:
            places = self._nowhere()
        return places if costs.ndim == 2 else places[:, None]

    def _nowhere(self) -> NDArray[np.bool_]:
        return np.zeros((len(self._ends), self._most), bool)


class _ByWords(_Reader):
    """Counts the words that differ."""

    def _word(self, costs: Costs, word: str) -> Costs:
        left_out = np.minimum(costs + 1, FAR).astype(np.int8)
        exchanged = costs[..., :-1] + ~self._is_at(word, costs)
        np.minimum(left_out[..., 1:], exchanged, out=left_out[..., 1:])
        return self._skip(left_out)

    def _skip(self, costs: Costs) -> Costs:
        for _ in range(FAR - 1):
            np.minimum(costs[..., 1:], costs[..., :-1] + 1, out=costs[..., 1:])
        return costs


class _ByPattern(_Reader):
    """Costs nothing where the pattern of what is written is the one of the row, and FAR elsewhere."""

    def _word(self, costs: Costs, word: str) -> Costs:
        [sign] = pattern_of(word)
        is_at = self._is_at(sign, costs)
        read = np.full_like(costs, FAR)
        read[..., 1:] = np.where(is_at, costs[..., :-1], FAR)
        if sign == OPEN:  # stands for all such words in a row
            np.minimum(read[..., 1:], np.where(is_at, costs[..., 1:], FAR), out=read[..., 1:])
        return read


def _costs_after_slot(costs: Costs, slot: Costs) -> Costs:
    """The costs when a slot was read, too."""
    if costs.ndim == 3:
        slot = slot[:, None]
    return np.minimum.reduce(
        [costs[..., place, None] + slot[..., place, :] for place in range(costs.shape[-1])]
    ).clip(max=FAR)
