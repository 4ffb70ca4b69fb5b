"""Texts of an epoch: training reviews, some of them in part, snippets of them, composed sentences."""

import random
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.composed.composed import compose
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, Parts, encode_texts, encode_words, ids_of_words, joined
from rnn_core.text.vocabulary import Vocabulary

SHORTEST_EXCERPT = 6
SHORTEST_SNIPPET, LONGEST_SNIPPET = 5, 40
"""The bounds of a snippet, in words."""
OF_NO_REVIEW = -1
"""The index of a sentence that is composed."""

_EXCERPTS, _SNIPPETS = 1, 2  # so that their random numbers differ, and from those that shuffle the epoch


@dataclass(frozen=True)
class Epochs:
    """The texts of each epoch: the same number in each, drawn by the seed of the run and by the epoch."""

    config: RunConfig
    corpus: Corpus
    vocabulary: Vocabulary
    whole: EncodedReviews
    """The training reviews, uncut."""

    @cached_property
    def _id_of_word(self) -> NDArray[np.int32]:
        return ids_of_words(self.corpus, self.vocabulary)

    def __len__(self) -> int:
        """Texts of an epoch."""
        return count_texts(len(self.whole), self.config.training)

    def texts(self, epoch: int) -> EncodedReviews:
        """Return the texts of an epoch, counted from 0."""
        config, settings, whole = self.config, self.config.training, self.whole.indices
        parts, lengths = [self.whole], self.corpus.lengths()
        if settings.excerpts:
            rng = np.random.default_rng([settings.seed, epoch, _EXCERPTS])
            parts = [self._encode(whole, excerpts(lengths[whole], settings.excerpts, rng))]
        if settings.snippets:
            rng = np.random.default_rng([settings.seed, epoch, _SNIPPETS])
            indices = rng.choice(whole, settings.snippets)
            parts.append(self._encode(indices, snippets(lengths[indices], rng)))
        if settings.composed:
            texts, labels = composed_sentences(settings.composed, settings.seed, epoch)
            encoded = encode_texts(texts, self.vocabulary, config.text, config.tokens, labels)
            parts.append(replace(encoded, indices=np.full(len(texts), OF_NO_REVIEW)))
        return reduce(joined, parts)

    def _encode(self, indices: NDArray[np.int64], parts: Parts) -> EncodedReviews:
        return encode_words(self.corpus, indices, self._id_of_word, self.config.text, parts)


def composed_sentences(count: int, seed: int, epoch: int) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """The composed sentences of an epoch of a run with this seed, and the label of each, (count,)."""
    texts, labels = zip(*compose(count, random.Random(f"composed {seed} {epoch}")), strict=True)
    return texts, np.array(labels, np.int8)


def count_texts(reviews: int, settings: TrainingConfig) -> int:
    """Return the number of texts of an epoch, with so many training reviews."""
    return reviews + settings.snippets + settings.composed


def excerpts(lengths: NDArray[np.int64], share: float, rng: np.random.Generator) -> Parts:
    """A part, of SHORTEST_EXCERPT words at least, of this share of the reviews; `lengths` (N,) in tokens."""
    parts = _parts(lengths, SHORTEST_EXCERPT, lengths, rng)
    cut = rng.random(len(lengths)) < share
    return Parts(first=np.where(cut, parts.first, 0), length=np.where(cut, parts.length, lengths))


def snippets(lengths: NDArray[np.int64], rng: np.random.Generator) -> Parts:
    """A part of each review, from SHORTEST_SNIPPET to LONGEST_SNIPPET words; `lengths` (N,) in tokens."""
    return _parts(lengths, SHORTEST_SNIPPET, np.minimum(lengths, LONGEST_SNIPPET), rng)


def _parts(
    lengths: NDArray[np.int64], shortest: int, longest: NDArray[np.int64], rng: np.random.Generator
) -> Parts:
    """A part of each review, of log-uniform length: each doubling is as likely as the next."""
    low, high = (np.log(np.maximum(bound, 1)) for bound in (np.minimum(shortest, lengths), longest))
    length = np.minimum(np.exp(rng.uniform(low, high)).round().astype(np.int64), longest)
    return Parts(first=rng.integers(0, lengths - length + 1), length=length)
