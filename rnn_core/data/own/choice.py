"""The choice of rows that become texts of a corpus, with class and split, if they are enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import MOST_CLASSES
from rnn_core.data.corpus import SPLITS
from rnn_core.data.held_out import VALIDATION_SHARE, held_out
from rnn_core.data.own.classes import classes_of
from rnn_core.data.own.recipe import FEW_TEXTS, OTHER, Recipe
from rnn_core.data.own.rows import Rows
from rnn_core.errors import DataError
from rnn_core.refusals import shown

Numbers = NDArray[np.uint64]
"""(N,) the same number for the same text, or for rows of the same group."""
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


class LeftOut(NamedTuple):
    """Rows that don't become texts, each counted once, for the first reason there is."""

    without_class: int = 0
    empty: int = 0
    """Rows without a token."""
    contradictory: int = 0
    """Rows whose text stands in another class, too."""
    duplicates: int = 0
    """Rows whose text stands before them in the same class and split; only the first is kept."""
    across_splits: int = 0
    """Rows whose text, or a text of whose group, stands in a split that is scored."""
    small_classes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The class and split that each of the R rows of a table gets."""

    classes: tuple[str, ...]
    labels: NDArray[np.int8]
    """(R,) index into `classes`; -1 for a row that is left out."""
    splits: NDArray[np.int8]
    """(R,) index into SPLITS; of no meaning for a row that is left out."""
    groups: NDArray[np.int64] | None
    """(R,) texts with the same number stay on one side of every split; None where each text is alone."""
    left_out: LeftOut
    found: Repeated
    """The repeated texts that were found, whatever became of them."""
    small: tuple[tuple[str, int], ...]
    """The classes with few texts, and how many each has, whatever became of them."""

    @property
    def texts(self) -> int:
        """The number of rows that become texts."""
        return int((self.labels >= 0).sum())


def choose(rows: Rows, recipe: Recipe, file: str) -> Choice:
    """Decide on every row. Raises DataError where no corpus of two to fifty classes is left."""
    choosing = _Choosing(rows, recipe, file)
    choosing.leave_out_what_has_no_text_or_class()
    choosing.join_small_classes()  # first, since the same text in two of them is then a duplicate
    choosing.settle_contradictions()
    choosing.leave_out_duplicates()
    if recipe.split:
        choosing.keep_splits_apart()
    choosing.settle_small_classes()
    return choosing.made()


class _Choosing:
    """The decisions so far; each step leaves out some of the rows that are left."""

    def __init__(self, rows: Rows, recipe: Recipe, file: str) -> None:
        self._rows, self._recipe, self._file = rows, recipe, file
        self._names, of_label = classes_of(rows.names, rows.first_rows, recipe, file)
        # The last one stands for -1, a row without a label.
        self._labels = np.append(of_label, np.int32(-1))[rows.labels]
        self._left_out: dict[str, int] = {}
        self._small: tuple[tuple[str, int], ...] = ()
        self._found = Repeated()

    def _kept(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._labels >= 0)

    def _reject(self, reason: str, rows: NDArray[np.int64]) -> None:
        self._labels[rows] = -1
        self._left_out[reason] = self._left_out.get(reason, 0) + len(rows)

    def leave_out_what_has_no_text_or_class(self) -> None:
        """Rows from which nothing can be learned."""
        self._left_out["without_class"] = int((self._labels < 0).sum())
        kept = self._kept()
        self._reject("empty", kept[self._rows.tokens[kept] == 0])
        if not len(self._kept()):
            raise DataError(
                f"No row of {self._file} has both a text in column {shown(self._recipe.text)} and a class in "
                f"column {shown(self._recipe.label)}. Choose other columns."
            )

    def settle_contradictions(self) -> None:
        """Settles what becomes of a text that is in two classes."""
        kept, texts, labels = self._now()
        clashing = clashes(texts, labels)
        self._found = self._found._replace(contradictory=int(clashing.sum()))
        if self._recipe.contradictory == "leave-out":
            self._reject("contradictory", kept[clashing])
        elif self._recipe.contradictory == "keep-first":
            self._reject("contradictory", kept[~same_class_as_the_first(texts, labels)])

    def leave_out_duplicates(self) -> None:
        """Leaves out a text that is in one class and split twice."""
        kept, texts, labels = self._now()
        splits = self._rows.splits[kept]
        repeated = ~first_of_each(texts, labels, splits)
        across = in_a_later_split(texts, splits)
        self._found = self._found._replace(
            duplicates=int(repeated.sum()), across_splits=int((across & ~repeated).sum())
        )
        if self._recipe.duplicates == "keep-first":
            self._reject("duplicates", kept[repeated])

    def keep_splits_apart(self) -> None:
        """Nothing that is learned from is in a split that is scored; between those, the test is kept."""
        if self._recipe.across_splits == "leave-training":
            kept, texts, _ = self._now()
            self._reject("across_splits", kept[in_a_later_split(texts, self._rows.splits[kept])])
        if self._rows.groups is not None:
            kept = self._kept()
            later = in_a_later_split(self._rows.groups[kept], self._rows.splits[kept])
            self._reject("across_splits", kept[later])

    def _now(self) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int32]]:
        kept = self._kept()
        return kept, self._rows.fingerprints[kept], self._labels[kept]

    def join_small_classes(self) -> None:
        """Make one class of those with too few texts, if the recipe says so."""
        if self._recipe.small_classes != "join":
            return
        counts, is_small, of_small = self._small_classes()
        joined = {name: count for name, count in self._named(is_small, counts) if name != OTHER}
        self._small = (*self._small, *joined.items())
        if len(of_small):
            if OTHER not in self._names:
                self._names = (*self._names, OTHER)
            self._labels[of_small] = self._names.index(OTHER)

    def settle_small_classes(self) -> None:
        """Classes with too few texts to learn them from, also those that have become small."""
        if self._recipe.small_classes == "join":
            self.join_small_classes()
            return
        counts, is_small, of_small = self._small_classes()
        self._small = self._named(is_small, counts)
        if self._recipe.small_classes == "leave-out":
            if 2 * len(of_small) > len(self._kept()):
                raise DataError(
                    f"Column {shown(self._recipe.label)} of {self._file} has {int((counts > 0).sum()):,} "
                    f"classes, {int(is_small.sum()):,} of them with fewer than {FEW_TEXTS} texts, and "
                    "without these most texts would be left out. Choose another column, merge classes "
                    "(--merge OLD=NEW), or keep small ones (--small-classes keep)."
                )
            self._reject("small_classes", of_small)

    def _small_classes(self) -> tuple[NDArray[np.int64], Whether, NDArray[np.int64]]:
        """(K,) the texts of each class, (K,) whether these are few, and the rows of those classes."""
        kept = self._kept()
        counts = np.bincount(self._labels[kept], minlength=len(self._names)).astype(np.int64)
        is_small = (counts > 0) & (counts < FEW_TEXTS)
        return counts, is_small, kept[is_small[self._labels[kept]]]

    def _named(self, is_small: Whether, counts: NDArray[np.int64]) -> tuple[tuple[str, int], ...]:
        return tuple((self._names[c], int(counts[c])) for c in np.flatnonzero(is_small))

    def made(self) -> Choice:
        """The choice. Raises DataError where the classes that are left make no corpus."""
        kept = self._kept()
        present = np.unique(self._labels[kept])
        names = tuple(self._names[index] for index in present)
        check_number(names, self._left_out, self._recipe.label, self._file)
        labels = np.full(len(self._labels), -1, np.int8)
        labels[kept] = np.searchsorted(present, self._labels[kept])
        texts = self._rows.fingerprints[kept] if self._recipe.across_splits == "leave-training" else None
        groups = None if self._rows.groups is None else self._rows.groups[kept]
        together = units(len(kept), texts, groups)
        if together is not None:
            of_kept, together = together, np.full(len(self._labels), -1, np.int64)
            together[kept] = of_kept
        splits = self._splits(kept, labels, together, names)
        check_parts(kept, splits, labels, together, names, self._file)
        return Choice(
            classes=names,
            labels=labels,
            splits=splits,
            groups=together,
            left_out=LeftOut(**self._left_out),
            found=self._found,
            small=self._small,
        )

    def _splits(
        self,
        kept: NDArray[np.int64],
        labels: NDArray[np.int8],
        together: NDArray[np.int64] | None,
        names: Sequence[str],
    ) -> NDArray[np.int8]:
        """(R,) as the table says; where it names no test texts a stratified share of those for training."""
        test = SPLITS.index("test")
        given = self._rows.splits
        if self._recipe.split and (given[kept] == test).any():
            return given
        rows = kept[given[kept] == SPLITS.index("training")] if self._recipe.split else kept
        shuffled = np.random.default_rng(self._recipe.seed).permutation(rows)
        splits = given.copy()
        splits[rows] = SPLITS.index("training")
        splits[held_out(shuffled, labels, self._recipe.test_share, names, together)] = test
        return splits


_WHY = {
    "without_class": "without a class",
    "empty": "without a text",
    "contradictory": "with a text that is in another class, too",
    "duplicates": "with a text that stands there before",
    "across_splits": "with a text, or of a group, that is kept for the test",
    "small_classes": f"of a class with fewer than {FEW_TEXTS} texts",
}
"""The words for rows that are left out, after their number."""


def check_number(names: Sequence[str], left_out: Mapping[str, int], column: str, file: str) -> None:
    """Raise DataError where there are too few classes or too many; `left_out` counts the rows that are."""
    where = f"column {shown(column)} of {file}"
    if len(names) > MOST_CLASSES:
        some = ", ".join(map(shown, names[:5]))
        raise DataError(
            f"There are {len(names):,} classes in {where}, such as {some}; a corpus has 2 to {MOST_CLASSES}. "
            "Merge some (--merge OLD=NEW, --small-classes join), choose another column, or, if it is a "
            "rating, give thresholds, such as 4,7."
        )
    if len(names) < 2:
        parts = "; ".join(left_out_in_words(left_out))
        said = f"Left out are rows: {parts}. " if parts else ""
        only = f"Only the class {shown(names[0])} has" if names else "No class has"
        raise DataError(
            f"{only} texts left in {where}; a network needs two classes at least. "
            f"{said}Choose another column, or check what is merged and left out."
        )


def left_out_in_words(left_out: Mapping[str, int]) -> list[str]:
    """Say how many rows were left out for each reason that there was.

    >>> left_out_in_words({"empty": 0, "small_classes": 4})
    ['4 of a class with fewer than 10 texts']
    """
    return [f"{count:,} {_WHY[why]}" for why, count in left_out.items() if count]


def check_parts(
    kept: NDArray[np.int64],
    splits: NDArray[np.int8],
    labels: NDArray[np.int8],
    together: NDArray[np.int64] | None,
    names: Sequence[str],
    file: str,
) -> None:
    """Raise DataError where the rows that are kept leave a class nothing to learn from or to hold out."""
    training = kept[splits[kept] == SPLITS.index("training")]
    counts = np.bincount(labels[training], minlength=len(names))
    if (counts == 0).any():
        raise DataError(
            f"The class {shown(names[int(counts.argmin())])} of {file} has no text to learn from: all of "
            "them are for validation or test, or are left out. Merge it with another class, or leave the "
            "column of splits out."
        )
    if (splits[kept] == SPLITS.index("validation")).any():
        return
    if not len(held_out(training, labels, VALIDATION_SHARE, names, together)):
        raise DataError(
            f"No class of {file} has two texts to learn from, so none can be held out for validation. Add "
            "texts, or take a smaller test share."
        )


def clashes(texts: Numbers, labels: NDArray[np.int32]) -> Whether:
    """Mark texts that have another label somewhere."""
    _, inverse = np.unique(texts, return_inverse=True)
    lowest = np.full(len(texts), np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(texts), -1, np.int32)
    np.minimum.at(lowest, inverse, labels)
    np.maximum.at(highest, inverse, labels)
    return (lowest != highest)[inverse]


def same_class_as_the_first(texts: Numbers, labels: NDArray[np.int32]) -> Whether:
    """Mark rows that have the label of the first row with their text."""
    _, first, inverse = np.unique(texts, return_index=True, return_inverse=True)
    return labels[first[inverse]] == labels


def first_of_each(texts: Numbers, labels: NDArray[np.int32], splits: NDArray[np.int8]) -> Whether:
    """Mark rows before which no row has the same text, label and split."""
    order = np.lexsort((splits, labels, texts))  # stable, so that the first of equals stays the first
    text, label, split = texts[order], labels[order], splits[order]
    new = np.ones(len(texts), bool)
    new[1:] = (text[1:] != text[:-1]) | (label[1:] != label[:-1]) | (split[1:] != split[:-1])
    first = np.empty(len(texts), bool)
    first[order] = new
    return first


def in_a_later_split(numbers: Numbers, splits: NDArray[np.int8]) -> Whether:
    """Mark numbers that are in a later split as well; training comes before validation and test."""
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
