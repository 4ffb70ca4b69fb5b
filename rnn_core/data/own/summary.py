"""What a corpus holds, in numbers: texts and words by class and split, lengths, telling words."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import tokens_of
from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.survey import QUANTILES
from rnn_core.data.statistics.words import PRIOR, log_odds

_TOKENS_OF_PRIOR = 60_000
"""So many tokens of a corpus are worth one that each word is taken to have been seen beforehand."""


class PartCount(NamedTuple):
    """How much of a corpus is of one class and in one split."""

    texts: int
    tokens: int


class ClassWord(NamedTuple):
    """A word that sets a class apart from all others, by the training texts."""

    word: str
    log_odds: float
    """Of the class against the rest; natural logarithm, with a prior."""
    z: float
    """The same in standard deviations: how sure it is."""
    inside: int
    """How often it stands in training texts of the class."""
    outside: int
    """And in those of all others."""


class Summary(NamedTuple):
    """A corpus in numbers."""

    parts: dict[str, dict[str, PartCount]]
    """Class -> split -> how much."""
    lengths: tuple[float, ...]
    """Tokens of a text at each of QUANTILES, over all splits."""
    words: int
    """Distinct tokens."""
    telling: dict[str, tuple[ClassWord, ...]]
    """Class -> its most telling words, the surest first."""


def summary(corpus: Corpus, most: int = 10) -> Summary:
    """The numbers of a corpus, with `most` telling words for each class at most."""
    return Summary(
        parts=_parts(corpus),
        lengths=tuple(np.quantile(corpus.lengths(), QUANTILES).tolist()) if len(corpus) else (),
        words=len(corpus.words),
        telling=_telling(corpus, most),
    )


def _parts(corpus: Corpus) -> dict[str, dict[str, PartCount]]:
    K, S = len(corpus.classes), len(SPLITS)
    place = corpus.labels.astype(np.int64) * S + corpus.splits
    texts = np.bincount(place, minlength=K * S).reshape(K, S)
    tokens = np.bincount(place, corpus.lengths(), K * S).reshape(K, S).astype(np.int64)
    return {
        name: {split: PartCount(int(texts[c, s]), int(tokens[c, s])) for s, split in enumerate(SPLITS)}
        for c, name in enumerate(corpus.classes)
    }


def _telling(corpus: Corpus, most: int) -> dict[str, tuple[ClassWord, ...]]:
    training = corpus.indices("training")
    counts = np.stack(
        [
            np.bincount(
                tokens_of(corpus, training[corpus.labels[training] == label]), minlength=len(corpus.words)
            )
            for label in range(len(corpus.classes))
        ]
    )  # (K, W)
    seen = np.flatnonzero(counts.sum(axis=0))
    if len(seen) < 2:  # the odds of the only word there is are without bounds
        return dict.fromkeys(corpus.classes, ())
    prior = float(np.clip(counts.sum() / _TOKENS_OF_PRIOR, 1, PRIOR))
    return {
        name: _words_of(corpus, seen, counts[label], counts.sum(axis=0) - counts[label], prior, most)
        for label, name in enumerate(corpus.classes)
    }


def _words_of(
    corpus: Corpus,
    seen: NDArray[np.int64],
    inside: NDArray[np.int64],
    outside: NDArray[np.int64],
    prior: float,
    most: int,
) -> tuple[ClassWord, ...]:
    odds = log_odds(inside[seen], outside[seen], prior)
    order = np.argsort(-odds.z, kind="stable")[:most]
    return tuple(
        ClassWord(
            corpus.words[seen[place]],
            float(odds.log_odds[place]),
            float(odds.z[place]),
            int(inside[seen[place]]),
            int(outside[seen[place]]),
        )
        for place in order.tolist()
        if odds.z[place] > 0
    )
