"""Batches of reviews of about the same length, so that little of a batch is padding.

Within a batch the longest review comes first: the rows still running at any time step are the first ones.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.encoding import EncodedReviews
from rnn_core.text.vocabulary import PAD_ID

BATCHES_PER_POOL = 32
"""Reviews are sorted by length within pools of so many batches."""


class Batch(NamedTuple):
    """B reviews, the longest first, filled up on the right to the longest."""

    ids: torch.Tensor
    """(B, T) int64"""
    lengths: torch.Tensor
    """(B,) int64, descending; beyond it there is nothing to compute."""
    labels: torch.Tensor
    """(B,) int64, index of the class of each."""
    rows: NDArray[np.int64]
    """(B,) which of the encoded reviews each one is."""
    folds: torch.Tensor | None = None
    """(B,) int64, where bigrams are counted: whose counts each one is not to see, -1 for none."""

    def to(self, device: torch.device) -> "Batch":
        """The batch with its tensors on a device."""
        ids, lengths, labels = (part.to(device) for part in self[:3])
        return Batch(ids, lengths, labels, self.rows, None if self.folds is None else self.folds.to(device))


def training_batches(reviews: EncodedReviews, batch_size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Every review once, in random batches of about equal length, in random order."""
    for rows in training_rows(reviews.lengths(), batch_size, rng):
        yield make_batch(reviews, rows)


def training_rows(
    lengths: NDArray[np.int64], batch_size: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Which reviews, of these lengths (N,), each of the `training_batches` holds, the longest first."""
    shuffled = rng.permutation(len(lengths))
    pools = np.array_split(
        shuffled, range(batch_size * BATCHES_PER_POOL, len(shuffled), batch_size * BATCHES_PER_POOL)
    )
    batches = [rows for pool in pools for rows in _cut(pool[_longest_first(lengths[pool])], batch_size)]
    for number in rng.permutation(len(batches)):
        yield batches[number]


def evaluation_batches(reviews: EncodedReviews, batch_size: int) -> Iterator[Batch]:
    """Every review once, the longest first."""
    for rows in _cut(_longest_first(reviews.lengths()), batch_size):
        yield make_batch(reviews, rows)


def count_batches(reviews: int, batch_size: int) -> int:
    """How many batches `training_batches` makes: it never leaves a review out."""
    per_pool = batch_size * BATCHES_PER_POOL
    pools, rest = divmod(reviews, per_pool)
    return pools * BATCHES_PER_POOL + -(-rest // batch_size)


def make_batch(reviews: EncodedReviews, rows: NDArray[np.int64]) -> Batch:
    """The reviews at `rows`, which must come the longest first."""
    lengths = reviews.lengths()[rows]
    ids = np.full((len(rows), lengths[0]), PAD_ID, np.int64)
    for line, row, length in zip(ids, rows, lengths, strict=True):
        line[:length] = reviews.ids[reviews.offsets[row] : reviews.offsets[row] + length]
    return Batch(
        ids=torch.from_numpy(ids),
        lengths=torch.from_numpy(lengths),
        labels=torch.from_numpy(reviews.labels[rows].astype(np.int64)),
        rows=rows,
    )


def _longest_first(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.argsort(-lengths, kind="stable")


def _cut(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return np.array_split(rows, range(size, len(rows), size))
