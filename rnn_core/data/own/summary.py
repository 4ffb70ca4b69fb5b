"""What a corpus holds, in numbers: texts and words by class and split, lengths, telling words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import Splits
from rnn_core.data.statistics.words import TellingWord, count_words, telling_words
from rnn_core.text.vocabulary import SPECIAL_TOKENS

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class PartCount:
    """The texts of one class in one split, and their tokens."""

    texts: int
    tokens: int


Parts = dict[str, dict[str, PartCount]]
"""Class -> split -> how much."""


def count_parts(
    classes: Sequence[str], labels: NDArray[np.int8], splits: NDArray[np.int8], tokens: NDArray[np.integer]
) -> Parts:
    """The parts of N texts, from their class, split and number of tokens, (N,) each."""
    size, columns = len(classes), len(SPLITS)
    place = labels.astype(np.int64) * columns + splits
    texts = np.bincount(place, minlength=size * columns).reshape(size, columns)
    sums = np.bincount(place, tokens, size * columns).reshape(size, columns).astype(np.int64)
    return {
        name: {
            split: PartCount(int(texts[label, column]), int(sums[label, column]))
            for column, split in enumerate(SPLITS)
        }
        for label, name in enumerate(classes)
    }


def texts_in(parts: Parts) -> int:
    """The texts of all classes and splits."""
    return sum(part.texts for splits in parts.values() for part in splits.values())


def length_quantiles(tokens: NDArray[np.integer]) -> tuple[float, ...]:
    """The number of tokens of a text at each of QUANTILES; nothing where there is no text."""
    return tuple(np.quantile(tokens, QUANTILES).tolist()) if len(tokens) else ()


class Summary(NamedTuple):
    """A corpus in numbers."""

    parts: Parts
    lengths: tuple[float, ...]
    """Tokens of a text at each of QUANTILES, over all splits."""
    words: int
    """Distinct tokens."""
    telling: dict[str, tuple[TellingWord, ...]]
    """Class -> its most telling words, by its training texts against those of all others."""


def summary(corpus: Corpus, most: int = 10) -> Summary:
    """The numbers of a corpus, with `most` telling words for each class at most."""
    return Summary(
        parts=count_parts(corpus.classes, corpus.labels, corpus.splits, corpus.lengths()),
        lengths=length_quantiles(corpus.lengths()),
        words=len(corpus.words),
        telling=_telling(corpus, most),
    )


def _telling(corpus: Corpus, most: int) -> dict[str, tuple[TellingWord, ...]]:
    nothing = np.empty(0, np.int64)
    splits = Splits(training=corpus.indices("training"), validation=nothing, test=nothing)
    counts = count_words(corpus, splits)
    size = len(counts.ranking) + len(SPECIAL_TOKENS)
    return {
        name: tuple(telling_words(corpus, counts, size, most, label)[1])
        for label, name in enumerate(corpus.classes)
    }
