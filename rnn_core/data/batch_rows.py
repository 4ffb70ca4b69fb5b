"""The choice of the texts of one batch: those of about the same length, or any."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

BATCHES_PER_POOL = 32
"""Reviews are sorted by length within pools of so many batches."""


def training_rows(lengths: Rows, batch_size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Every review of these lengths (N,) once, in random batches of about equal length, the longest first.

    Little of such a batch is padding.
    """
    shuffled = rng.permutation(len(lengths))
    pools = _cut(shuffled, batch_size * BATCHES_PER_POOL)
    batches = [rows for pool in pools for rows in evaluation_rows(lengths, pool, batch_size)]
    for number in rng.permutation(len(batches)):
        yield batches[number]


def mixed_rows(lengths: Rows, batch_size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Every text of these lengths (N,) once, in random batches of any lengths, the longest of each first."""
    for rows in _cut(rng.permutation(len(lengths)), batch_size):
        yield rows[np.argsort(-lengths[rows], kind="stable")]


def evaluation_rows(lengths: Rows, rows: Rows, batch_size: int) -> list[Rows]:
    """These rows of reviews of such lengths (N,) in batches, the longest first."""
    return _cut(rows[np.argsort(-lengths[rows], kind="stable")], batch_size)


def count_batches(reviews: int, batch_size: int) -> int:
    """Return the number of batches of `training_rows` or `mixed_rows`: neither leaves a text out."""
    pools, rest = divmod(reviews, batch_size * BATCHES_PER_POOL)
    return pools * BATCHES_PER_POOL + -(-rest // batch_size)


def _cut(rows: Rows, size: int) -> list[Rows]:
    return np.array_split(rows, range(size, len(rows), size))
