"""Batches as tensors, the longest review first: the rows still running at a time step are the first ones."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.batch_rows import evaluation_rows
from rnn_core.data.encoding import EncodedReviews
from rnn_core.text.vocabulary import PAD_ID


class Batch(NamedTuple):
    """B reviews, the longest first, filled up on the right to the longest."""

    ids: torch.Tensor
    """(B, T) int64, the token at each time step."""
    lengths: torch.Tensor
    """(B,) int64, descending; beyond it there is nothing to compute."""
    labels: torch.Tensor
    """(B,) int64, index of the class of each."""
    rows: NDArray[np.int64]
    """(B,) which of the encoded reviews each one is."""
    folds: torch.Tensor | None = None
    """(B,) int64, where bigrams are counted: whose counts each one is not to see, -1 for none."""
    continues: torch.Tensor | None = None
    """(B,) int64, where a state is carried: which row of the batch before each goes on from, -1 for none."""

    def to(self, device: torch.device) -> "Batch":
        """The batch with its tensors on a device."""
        moved = (part.to(device) if isinstance(part, torch.Tensor) else part for part in self)
        return Batch._make(moved)

    def beginnings(self, steps: int) -> "Batch":
        """The first time steps of each review."""
        return self._replace(ids=self.ids[:, :steps], lengths=self.lengths.clamp(max=steps))


def evaluation_batches(reviews: EncodedReviews, batch_size: int) -> Iterator[Batch]:
    """Every review once, the longest first."""
    for rows in evaluation_rows(reviews.lengths(), np.arange(len(reviews)), batch_size):
        yield make_batch(reviews, rows)


def make_batch(reviews: EncodedReviews, rows: NDArray[np.int64]) -> Batch:
    """The reviews at `rows`, which must come the longest first."""
    lengths = reviews.lengths()[rows]
    return Batch(
        ids=torch.from_numpy(padded(reviews.ids, reviews.offsets[rows], lengths)),
        lengths=torch.from_numpy(lengths),
        labels=torch.from_numpy(reviews.labels[rows].astype(np.int64)),
        rows=rows,
    )


def padded(ids: NDArray[np.int32], first: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """(B, T) ids from each place on, (B,), so many of each, descending; filled up on the right."""
    rows = np.full((len(lengths), lengths[0]), PAD_ID, np.int64)
    for row, begin, length in zip(rows, first.tolist(), lengths.tolist(), strict=True):
        row[:length] = ids[begin : begin + length]
    return rows
