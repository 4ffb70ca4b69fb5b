"""Texts that are held out of others: a share of each class, of groups all or none; and copies among them.

A network may know a text by heart that stands word for word among those it learned from, so a score without
copies says more about what is new to it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus
from rnn_core.errors import DataError
from rnn_core.refusals import shown

VALIDATION_SHARE = 0.1
"""The share of the texts to learn from, where a corpus has no validation texts of its own."""


def held_out(
    shuffled: NDArray[np.int64],
    labels: NDArray[np.int8],
    share: float,
    classes: Sequence[str],
    groups: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Hold out about this share of some texts of each class, the first ones of each in the order `shuffled`.

    `labels` and `groups` (N,) are those of the whole corpus; texts of a group are held out together. Of each
    class with two texts or more at least one is held out and one is not. Raises DataError where no way was
    found to part the groups so; where one is found for the texts in order, one is found for each shuffle.
    """
    if groups is None:
        parts = [shuffled[labels[shuffled] == label] for label in range(len(classes))]
        return np.sort(np.concatenate([rows[: _wanted(len(rows), share)] for rows in parts]))
    try:
        return _Groups(shuffled, labels, groups, len(classes)).held_out(share, classes)
    except DataError:
        return _Groups(np.sort(shuffled), labels, groups, len(classes)).held_out(share, classes)


def _wanted(texts: int, share: float) -> int:
    """Return how many of so many texts of a class are held out."""
    return min(max(round(share * texts), 1), texts - 1) if texts >= 2 else 0


def first_alike(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """(N,) the place of the first of all that are the same."""
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    return first[inverse]


def numbered_by_appearance(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """(N,) the numbers counted from 0 in the order of their appearance."""
    return np.unique(first_alike(numbers), return_inverse=True)[1]


class _Groups:
    """Texts in G groups, in the order in which the groups appear."""

    def __init__(
        self, rows: NDArray[np.int64], labels: NDArray[np.int8], groups: NDArray[np.int64], K: int
    ) -> None:
        self._rows, self._group = rows, numbered_by_appearance(groups[rows])
        self._totals = np.bincount(labels[rows], minlength=K)
        cells, texts = np.unique(self._group * K + labels[rows], return_counts=True)
        group, self._label = np.divmod(cells, K)
        self._texts = texts
        self._begin = np.searchsorted(group, np.arange(self._group.max(initial=-1) + 2))
        self._sizes = np.bincount(self._group)

    def held_out(self, share: float, classes: Sequence[str]) -> NDArray[np.int64]:
        """The texts of the groups that are taken, in the order of the corpus."""
        wanted = np.array([_wanted(total, share) for total in self._totals])
        taken, held = self._greedy(wanted)
        for label in np.flatnonzero(wanted > 0).tolist():
            if not held[label]:
                taken.append(self._smallest_group(label, held, classes))
                held += self._counts(taken[-1])
        chosen = np.zeros(len(self._begin) - 1, bool)
        chosen[taken] = True
        return np.sort(self._rows[chosen[self._group]])

    def _counts(self, group: int) -> NDArray[np.int64]:
        """(K,) texts of each class in a group."""
        here = slice(self._begin[group], self._begin[group + 1])
        return np.bincount(self._label[here], self._texts[here], len(self._totals)).astype(np.int64)

    def _greedy(self, wanted: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
        """Take groups that no class has too many texts of, then the smallest that bring it nearer still.

        None empties a class. The second look closes the gaps where all the groups that are left are large.
        """
        missing, left = wanted.tolist(), self._totals.tolist()
        begin, labels, texts = self._begin.tolist(), self._label.tolist(), self._texts.tolist()
        taken: dict[int, None] = {}
        by_size = np.argsort(self._sizes, kind="stable").tolist()
        for may_overshoot, order in ((False, range(len(by_size))), (True, by_size)):
            for group in order:
                if all(number <= 0 for number in missing):
                    break
                here = range(begin[group], begin[group + 1])
                nearer = sum(abs(missing[labels[i]]) - abs(missing[labels[i]] - texts[i]) for i in here)
                fits = may_overshoot or all(texts[i] <= missing[labels[i]] for i in here)
                leaves_some = all(left[labels[i]] > texts[i] for i in here)
                if group not in taken and fits and nearer > 0 and leaves_some:
                    taken[group] = None
                    for i in here:
                        missing[labels[i]] -= texts[i]
                        left[labels[i]] -= texts[i]
        return list(taken), wanted - np.array(missing)

    def _smallest_group(self, label: int, held: NDArray[np.int64], classes: Sequence[str]) -> int:
        """The smallest group with a text of this class that leaves some of each class to learn from."""
        left = self._totals - held
        places = np.flatnonzero(self._label == label)
        groups = np.searchsorted(self._begin, places, side="right") - 1
        for group in groups[np.argsort(self._sizes[groups], kind="stable")].tolist():
            here = self._counts(group)
            if np.all((here == 0) | (here < left)):
                return int(group)
        raise DataError(
            f"The {self._totals[label]:,} texts of the class {shown(classes[label])} are in groups that "
            "can't be split between learning and testing. Add texts of other groups, merge the class with "
            "another one, or take the corpus without groups."
        )


def is_copy(corpus: Corpus, reviews: NDArray[np.int64], training: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(len(reviews),) whether the text of each of these is, to the letter, that of one in `training`."""
    texts = corpus.table.column("text")
    learned = set(texts.take(training).to_pylist())
    return np.array([text in learned for text in texts.take(reviews).to_pylist()], bool)
