"""What is read in an epoch: the training reviews, excerpts of some of them, and composed sentences."""

import random

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.data.composed.composed import compose
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import (
    EncodedReviews,
    Parts,
    encode_texts,
    encode_words,
    ids_of_words,
    joined,
)
from rnn_core.text.vocabulary import Vocabulary

SHORTEST_EXCERPT = 6  # words


class Epochs:
    """The reviews of each epoch: the same number in each, drawn by the seed of the run and by the epoch."""

    def __init__(
        self, config: RunConfig, corpus: Corpus, vocabulary: Vocabulary, training: EncodedReviews
    ) -> None:
        """`training` are the training reviews, whole."""
        self._config, self._corpus, self._vocabulary, self._whole = config, corpus, vocabulary, training
        self._id_of_word = ids_of_words(corpus, vocabulary) if config.training.excerpts else None

    def __len__(self) -> int:
        """Reviews and sentences of an epoch."""
        return len(self._whole) + self._config.training.composed

    def reviews(self, epoch: int) -> EncodedReviews:
        """What is read in an epoch, counted from 0."""
        settings = self._config.training
        reviews = self._with_excerpts(epoch)
        if not settings.composed:
            return reviews
        texts, labels = zip(
            *compose(settings.composed, random.Random(f"composed {settings.seed} {epoch}")), strict=True
        )
        sentences = encode_texts(texts, np.array(labels, np.int8), self._vocabulary, self._config.text)
        return joined(reviews, sentences)

    def _with_excerpts(self, epoch: int) -> EncodedReviews:
        if self._id_of_word is None:
            return self._whole
        settings = self._config.training
        rng = np.random.default_rng([settings.seed, epoch, _EXCERPTS])
        lengths = self._corpus.lengths()[self._whole.indices]
        parts = excerpts(lengths, settings.excerpts, rng)
        return encode_words(self._corpus, self._whole.indices, self._id_of_word, self._config.text, parts)


_EXCERPTS = 1  # keeps their random numbers apart from those that shuffle the epoch


def excerpts(lengths: NDArray[np.int64], share: float, rng: np.random.Generator) -> Parts:
    """A random part of about this share of the reviews, all of the others; `lengths` (N,) in tokens.

    The length of a part is log-uniform between SHORTEST_EXCERPT and that of its review: each doubling is
    as likely as the next.
    """
    shortest = np.minimum(SHORTEST_EXCERPT, lengths)
    drawn = np.exp(rng.uniform(np.log(np.maximum(shortest, 1)), np.log(np.maximum(lengths, 1))))
    cut = rng.random(len(lengths)) < share
    length = np.where(cut, np.minimum(drawn.round().astype(np.int64), lengths), lengths)
    first = rng.integers(0, lengths - length + 1)
    return Parts(first=first, length=length)
