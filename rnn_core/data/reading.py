"""Batches of texts: whole texts, or windows of them, each begun on its own or gone on from the one before.

A text of which each next token is asked has n + 1 ids and n time steps: a window of L steps reads
ids[j : j + L] and is asked ids[j + 1 : j + L + 1], so the last id of a window is the first one of the next.

With the state carried (truncated back-propagation through time) the texts of an epoch, one after another, are
cut into B contiguous streams of equally many time steps. Batch w holds window w of each stream. Where a text
begins within a window, a row ends and another one begins with the state's first value; the last row of each
stream hands its state on to the next batch.

A batch is tensors, the longest review first: the rows still running at a time step are the first ones.
"""

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from typing_extensions import override

from rnn_core.data.batch_rows import count_batches, evaluation_rows, mixed_rows, training_rows
from rnn_core.data.encoding import EncodedReviews, places_of
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


Numbers = NDArray[np.int64]

_TOKENS_AT_ONCE = 16_384
"""The most tokens of a batch of windows that is evaluated, which bounds its memory."""


class Reading(ABC):
    """The way in which batches are made of encoded texts."""

    mixes_lengths: ClassVar[bool] = True
    """True if a training batch mixes rows of all lengths, False if it has rows of about the same."""

    @abstractmethod
    def batches(self, texts: EncodedReviews, batch_size: int, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield the batches of an epoch on these texts."""

    @abstractmethod
    def count(self, texts: int, steps: Numbers, batch_size: int) -> int:
        """Return the batches of an epoch of so many texts; `steps` (N,) are those of the N whole ones."""

    @abstractmethod
    def evaluation(self, texts: EncodedReviews, batch_size: int) -> Iterator[Batch]:
        """Yield batches in which every text is read once, `batch_size` rows at most."""


class ByLength(Reading):
    """Each text as one row, in batches of about equal length."""

    mixes_lengths = False

    @override
    def batches(self, texts: EncodedReviews, batch_size: int, rng: np.random.Generator) -> Iterator[Batch]:
        rows_of = mixed_rows if self.mixes_lengths else training_rows
        for rows in rows_of(texts.lengths(), batch_size, rng):
            yield make_batch(texts, rows)

    @override
    def count(self, texts: int, steps: Numbers, batch_size: int) -> int:
        return count_batches(texts, batch_size)

    @override
    def evaluation(self, texts: EncodedReviews, batch_size: int) -> Iterator[Batch]:
        return evaluation_batches(texts, batch_size)


class Mixed(ByLength):
    """Each text as one row, in batches of any lengths."""

    mixes_lengths = True


class Windows(NamedTuple):
    """M parts of encoded texts, which overlap by one id."""

    text: Numbers
    """(M,) the number of the text of each."""
    first: Numbers
    """(M,) where it begins among the ids of all texts."""
    steps: Numbers
    """(M,) its time steps, one less than its ids."""

    def batch(self, texts: EncodedReviews, rows: Numbers | slice, continues: Numbers | None = None) -> Batch:
        """The windows at `rows`, which must come the longest first."""
        text, first, steps = (part[rows] for part in self)
        return Batch(
            ids=torch.from_numpy(padded(texts.ids, first, steps + 1)),
            lengths=torch.from_numpy(steps + 1),
            labels=torch.from_numpy(texts.labels[text].astype(np.int64)),
            rows=text,
            continues=None if continues is None else torch.from_numpy(continues),
        )


@dataclass(frozen=True, slots=True)
class Separate(Reading):
    """All windows of all texts, each begun with the state's first value."""

    most: int
    """L, time steps of a window."""

    def windows(self, texts: EncodedReviews) -> Windows:
        """Cut every text into windows of L steps, the last one as long as what is left."""
        steps = texts.lengths() - 1
        counts = -(-steps // self.most)
        text = np.repeat(np.arange(len(steps)), counts)
        begun = places_of(np.zeros_like(counts), counts) * self.most
        return Windows(text, texts.offsets[text] + begun, np.minimum(steps[text] - begun, self.most))

    @override
    def batches(self, texts: EncodedReviews, batch_size: int, rng: np.random.Generator) -> Iterator[Batch]:
        windows = self.windows(texts)
        for rows in mixed_rows(windows.steps, batch_size, rng):
            yield windows.batch(texts, rows)

    @override
    def count(self, texts: int, steps: Numbers, batch_size: int) -> int:
        return count_batches(int((-(-steps // self.most)).sum()), batch_size)

    @override
    def evaluation(self, texts: EncodedReviews, batch_size: int) -> Iterator[Batch]:
        windows = self.windows(texts)
        for rows in evaluation_rows(
            windows.steps, np.arange(len(windows.steps)), _rows(batch_size, self.most)
        ):
            yield windows.batch(texts, rows)


@dataclass(frozen=True, slots=True)
class Carried(Reading):
    """All windows of all texts, the state carried on from window to window."""

    most: int
    """L, time steps of a window."""

    @override
    def batches(self, texts: EncodedReviews, batch_size: int, rng: np.random.Generator) -> Iterator[Batch]:
        steps = texts.lengths() - 1
        total, begins = int(steps.sum()), np.cumsum(steps) - steps
        length = -(-total // batch_size)  # of a stream; the last one may be shorter
        ahead = np.arange(0, total, length)[:, None] + np.arange(0, length, self.most)  # (B, windows)
        first = np.union1d(ahead[ahead < total], begins[steps > 0])  # time steps with which rows begin
        text = np.searchsorted(begins, first, side="right") - 1
        windows = Windows(text, texts.offsets[text] + first - begins[text], np.diff(np.append(first, total)))
        is_new, number = (first == begins[text]) | (first % length == 0), first % length // self.most
        order = np.lexsort((first, -windows.steps, number))
        bounds = np.searchsorted(number[order], np.arange(self.count(len(steps), steps, batch_size) + 1))
        place = np.empty_like(order)  # of each row in its batch
        place[order] = np.arange(len(order)) - bounds[number[order]]
        continues = np.where(is_new, -1, np.roll(place, 1))  # what is not new goes on from the row before it
        for begin, end in itertools.pairwise(bounds.tolist()):
            rows = order[begin:end]
            yield windows.batch(texts, rows, continues[rows])

    @override
    def count(self, texts: int, steps: Numbers, batch_size: int) -> int:
        return math.ceil(math.ceil(steps.sum() / batch_size) / self.most)

    @override
    def evaluation(self, texts: EncodedReviews, batch_size: int) -> Iterator[Batch]:
        """Yield window after window of some texts, then of the next ones: each text is its own stream."""
        all_steps = texts.lengths() - 1
        at_once = _rows(batch_size, self.most)
        for rows in evaluation_rows(all_steps, np.flatnonzero(all_steps), at_once):
            for begun in range(0, int(all_steps[rows[0]]), self.most):
                text = rows[all_steps[rows] > begun]
                steps = np.minimum(all_steps[text] - begun, self.most)
                windows = Windows(text, texts.offsets[text] + begun, steps)
                yield windows.batch(
                    texts, slice(None), np.arange(len(text)) if begun else -np.ones_like(text)
                )


def _rows(batch_size: int, most: int) -> int:
    return max(1, min(batch_size, _TOKENS_AT_ONCE // most))
