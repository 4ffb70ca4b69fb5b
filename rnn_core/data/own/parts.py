"""How much of a corpus is of each class and in each split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.labelled_text import SPLITS

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
