"""Which texts are there several times, and which stay together; a text is known by a number."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
"""(N,) the same number for the same text, or for texts of the same group."""
Whether = NDArray[np.bool_]
"""(N,)"""


class Repeated(NamedTuple):
    """Rows with a text that is there several times."""

    contradictory: int = 0
    """Rows whose text is in another class, too."""
    duplicates: int = 0
    """Rows whose text stands before them in the same class and split."""
    across_splits: int = 0
    """Other rows whose text stands in a split that is scored, too."""


def clashes(texts: Numbers, labels: NDArray[np.int32]) -> Whether:
    """Whether the same text has another label somewhere."""
    _, inverse = np.unique(texts, return_inverse=True)
    lowest = np.full(len(texts), np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(texts), -1, np.int32)
    np.minimum.at(lowest, inverse, labels)
    np.maximum.at(highest, inverse, labels)
    return (lowest != highest)[inverse]


def same_class_as_the_first(texts: Numbers, labels: NDArray[np.int32]) -> Whether:
    """Whether a row has the label of the first row with its text."""
    _, first, inverse = np.unique(texts, return_index=True, return_inverse=True)
    return labels[first[inverse]] == labels


def first_of_each(texts: Numbers, labels: NDArray[np.int32], splits: NDArray[np.int8]) -> Whether:
    """Whether no row before has the same text, label and split."""
    order = np.lexsort((splits, labels, texts))  # stable, so that the first of equals stays the first
    text, label, split = texts[order], labels[order], splits[order]
    new = np.ones(len(texts), bool)
    new[1:] = (text[1:] != text[:-1]) | (label[1:] != label[:-1]) | (split[1:] != split[:-1])
    first = np.empty(len(texts), bool)
    first[order] = new
    return first


def in_a_later_split(numbers: Numbers, splits: NDArray[np.int8]) -> Whether:
    """Whether the same number is in a later split, where training comes before validation and test."""
    _, inverse = np.unique(numbers, return_inverse=True)
    last = np.full(len(numbers), -1, np.int8)
    np.maximum.at(last, inverse, splits)
    return splits < last[inverse]


def units(
    size: int, texts: NDArray[np.uint64] | None, groups: NDArray[np.uint64] | None
) -> NDArray[np.int64] | None:
    """(size,) a number for what must stay together: the same text, the same group, and whatever they connect.

    They count from 0 by appearance. None where each text is alone and there are no groups.
    """
    if texts is not None and len(np.unique(texts)) == size:
        texts = None
    links = [_dense(numbers) for numbers in (texts, groups) if numbers is not None]
    if not links:
        return None
    return _dense(links[0] if len(links) == 1 else _connected(links[0], links[1]))


def _dense(numbers: NDArray[np.generic]) -> NDArray[np.int64]:
    """Returns the numbers counted from 0 in the order of their appearance."""
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]


def _connected(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest row that each row is connected with, over rows that share either number."""
    smallest = np.arange(len(first))
    while True:
        before = smallest
        for numbers in (first, second):
            of_number = np.full(int(numbers.max()) + 1, len(first))
            np.minimum.at(of_number, numbers, smallest)
            smallest = of_number[numbers]
        smallest = smallest[smallest]  # a row knows what the smallest it is connected with knows
        if np.array_equal(smallest, before):
            return smallest
