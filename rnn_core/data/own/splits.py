"""Which texts are for testing, and which must stay together in every split."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.held_out import held_out
from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.recipe import Recipe


def drawn_splits(
    given: NDArray[np.int8],
    rows: NDArray[np.int64],
    labels: NDArray[np.int8],
    together: NDArray[np.int64] | None,
    classes: Sequence[str],
    recipe: Recipe,
) -> NDArray[np.int8]:
    """(R,) the splits with a test share drawn from `rows`, the rest of them for training.

    Stratified by class, by the seed of the recipe, and all texts or none with the same number in `together`.
    Raises DataError where that can't be.
    """
    shuffled = np.random.default_rng(recipe.seed).permutation(rows)
    splits = given.copy()
    splits[rows] = SPLITS.index("training")
    test = held_out(shuffled, labels, recipe.test_share, classes, together)
    splits[test] = SPLITS.index("test")
    return splits


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
    """The same numbers counted from 0 in the order of their appearance."""
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
