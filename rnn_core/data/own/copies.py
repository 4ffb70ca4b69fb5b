"""Texts that are there several times: in one class, in two, or in two splits. Texts are known by a number."""

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
