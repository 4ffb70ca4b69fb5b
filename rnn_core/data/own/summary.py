"""What a corpus holds, in numbers: texts and words by class and split, lengths, telling words."""

from typing import NamedTuple

import numpy as np

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import Splits
from rnn_core.data.own.parts import Parts, count_parts, length_quantiles
from rnn_core.data.statistics.words import TellingWord, count_words, telling_words
from rnn_core.text.vocabulary import SPECIAL_TOKENS


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
