"""The most telling words of each class in the beginning of a table, before a corpus is made of it."""

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.statistics.words import made_up_texts, most_telling, odds_against_rest

MOST_TEXTS = 2_000
"""Texts of each label whose words are remembered; this and the next bound keep memory small."""
_MOST_NUMBERS = 10_000_000
"""Words of all these texts together, four bytes each."""
_SHOWN = 6


class Tally:
    """Which words stand in the first texts of each label, each word once for a text."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._texts = Counter[int]()
        self._rows, self._lengths, self._words = array("q"), array("i"), array("i")
        self._read = 0

    def add(self, tokens: Sequence[Sequence[str]], labels: Sequence[int]) -> None:
        """Take in some texts, as long as a label has not too many; those with the label -1 don't count."""
        for row, (text, label) in enumerate(zip(tokens, labels, strict=True), self._read):
            if label >= 0 and self._texts[label] < MOST_TEXTS and len(self._words) < _MOST_NUMBERS:
                self._texts[label] += 1
                numbers = {self._number_of.setdefault(word, len(self._number_of)) for word in text}
                self._rows.append(row)
                self._lengths.append(len(numbers))
                self._words.extend(numbers)
        self._read += len(labels)

    def telling(
        self, classes: Sequence[str], labels: NDArray[np.int8], splits: NDArray[np.int8]
    ) -> dict[str, tuple[str, ...]]:
        """Class -> up to six words that set it apart from the others, by the texts for training.

        `labels` (R,) are the classes of all rows that were read, -1 where one is left out; `splits` (R,)
        index into SPLITS.
        """
        rows = np.array(self._rows, np.int64)
        label_of = np.where(splits[rows] == SPLITS.index("training"), labels[rows], -1).astype(np.int64)
        label_of_each = np.repeat(label_of, self._lengths)
        numbers = np.array(self._words, np.int64)[label_of_each >= 0]
        size = len(self._number_of)
        place = label_of_each[label_of_each >= 0] * size + numbers
        counts = np.bincount(place, minlength=len(classes) * size).reshape(len(classes), size)
        stands = set(np.flatnonzero(counts.sum(axis=0)).tolist())
        words = [(word, number) for word, number in sorted(self._number_of.items()) if number in stands]
        if len(words) < 2:  # the odds of the only word there is are without bounds
            return {}
        texts = counts[:, [number for _, number in words]]  # (K, W)
        everywhere, made_up = texts.sum(axis=0), made_up_texts(texts)
        found = {}
        for name, inside in zip(classes, texts, strict=True):
            odds = odds_against_rest(inside, everywhere - inside, made_up)
            _, towards = most_telling(odds, everywhere)
            found[name] = tuple(words[here][0] for here in towards[:_SHOWN].tolist())
        return found
