"""What a network reaches without reading: the loss and the accuracy of an answer that is always the same."""

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.errors import DataError

_NEARLY_EVEN = 0.005
"""Nats that the entropy of the class shares may lack of ln K; with more missing it is the reference."""


class Guess(NamedTuple):
    """The best answer that is the same for every text."""

    loss: float
    """Mean cross-entropy in nats."""
    accuracy: float
    """Share of the texts that have the most frequent class, 0 to 1."""
    what: str
    """What has this loss, as in "the loss of a coin"."""


def guess_of(config: RunConfig) -> Guess:
    """The guess on the corpus of a run: by the classes of its training texts where the corpus is there."""
    return guess(len(config.classes), class_counts(config), config.training.class_weights == "balanced")


def guess(classes: int, counts: Sequence[int] | None = None, balanced: bool = False) -> Guess:
    """The guess among K classes; `counts` (K,) are the texts of each where they are known.

    The loss is the entropy of the class shares; ln K where they are unknown or equal, and where the loss of
    each class counts alike, so that all are guessed alike.

    >>> guess(2).what, round(guess(2).loss, 3)
    ('a coin', 0.693)
    >>> guess(3, [80, 10, 10]).accuracy, round(guess(3, [80, 10, 10]).loss, 3)
    (0.8, 0.639)
    """
    even = math.log(classes)
    known = counts if counts and sum(counts) else [1] * classes
    shares = np.array(known) / sum(known)
    entropy = float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    most = float(shares.max())
    if balanced or even - entropy < _NEARLY_EVEN or not entropy:
        return Guess(even, most, "a coin" if classes == 2 else f"guessing among {classes} classes")
    return Guess(entropy, most, "always answering with the class shares")


def class_counts(config: RunConfig) -> tuple[int, ...] | None:
    """(K,) how many training texts of a corpus have each class.

    None where all have equally many, and for a corpus that is gone or has other classes by now.
    """
    corpus = config.corpus
    if corpus.is_even:
        return None
    try:
        changed = (corpus.folder / "offsets.npy").stat().st_mtime_ns
        classes, counts = _counted(corpus, changed)
    except (DataError, OSError):  # the page says so where the corpus is needed
        return None
    return counts if classes == config.classes else None


@functools.lru_cache(maxsize=32)
def _counted(ref: CorpusRef, _changed: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    corpus = ref.load()
    labels = corpus.labels[corpus.indices("training")]
    return corpus.classes, tuple(np.bincount(labels, minlength=len(corpus.classes)).tolist())
