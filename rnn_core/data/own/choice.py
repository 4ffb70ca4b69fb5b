"""The choice of rows that become texts of a corpus, with class and split, if they are enough."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import MOST_CLASSES, check_class_name
from rnn_core.data.corpus import SPLITS
from rnn_core.data.held_out import VALIDATION_SHARE, first_alike, held_out, numbered_by_appearance
from rnn_core.data.own.recipe import FEW_TEXTS, OTHER, Recipe
from rnn_core.data.own.rows import Rows, number_in
from rnn_core.errors import ConfigError, DataError
from rnn_core.refusals import shown

Marks = NDArray[np.bool_]
"""(N,) True for each row that is meant."""


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

    def values(self, texts: int) -> dict[str, Any]:
        """The counts for machines, of a table of which so many rows became texts."""
        return {"left_out": self._asdict(), "empty_share": self.empty / (texts + sum(self))}

    def lines(self, texts: int) -> list[str]:
        """Say how many rows had no text."""
        rows = texts + sum(self)
        return [f"{self.empty:,} of {rows:,} rows have no text ({self.empty / rows:.1%})"]


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
    choosing.join_small_classes()  # first, since the same text in two of them is then a duplicate
    choosing.settle_contradictions()
    choosing.settle_copies()
    choosing.settle_small_classes()
    return choosing.made()


class _Left(NamedTuple):
    """The N rows that are left."""

    row: NDArray[np.int64]
    """(N,) the number of each in the table, from 0."""
    text: NDArray[np.uint64]
    """(N,) the same for the same text."""
    label: NDArray[np.int32]
    split: NDArray[np.int8]
    group: NDArray[np.uint64] | None
    """(N,) the same for rows of the same group."""


class _Choosing:
    """The decisions so far; each step leaves out some of the rows that are left."""

    def __init__(self, rows: Rows, recipe: Recipe, file: str) -> None:
        """Leave out the rows from which nothing can be learned. Raises DataError where no other is left."""
        self._recipe, self._file, self._rows = recipe, file, rows
        self._names, of_label = _classes_of(rows, recipe, file)
        # The last one stands for -1, a row without a label.
        labels = np.append(of_label, np.int32(-1))[rows.labels]
        self._left = _Left(np.arange(len(rows)), rows.fingerprints, labels, rows.splits, rows.groups)
        self._left_out = Counter[str]()
        self._small: tuple[tuple[str, int], ...] = ()
        self._found = Repeated()
        self._reject("without_class", labels < 0)
        self._reject("empty", rows.tokens[self._left.row] == 0)
        if not len(self._left.row):
            raise DataError(
                f"No row of {file} has both a text in column {shown(recipe.text)} and a class in "
                f"column {shown(recipe.label)}. Choose other columns."
            )

    def _reject(self, reason: str, marked: Marks) -> None:
        self._left_out[reason] += int(marked.sum())
        self._left = _Left._make(column if column is None else column[~marked] for column in self._left)

    def settle_contradictions(self) -> None:
        """Settle what becomes of a text that is in two classes."""
        texts, labels = self._left.text, self._left.label
        clashing = _extreme_of_each(texts, labels, np.minimum) != _extreme_of_each(texts, labels, np.maximum)
        self._found = self._found._replace(contradictory=int(clashing.sum()))
        if self._recipe.contradictory == "leave-out":
            self._reject("contradictory", clashing)
        elif self._recipe.contradictory == "keep-first":
            self._reject("contradictory", labels[first_alike(texts)] != labels)

    def settle_copies(self) -> None:
        """Settle what becomes of a text that is in one class and split twice, or in two splits.

        Nothing that is learned from is in a split that is scored; between those, the test is kept.
        """
        texts, labels, splits = self._left[1:4]
        together = (first_alike(texts) * len(self._names) + labels) * (len(SPLITS) + 1) + splits
        repeated = first_alike(together) != np.arange(len(texts))
        across = splits < _extreme_of_each(texts, splits, np.maximum)
        self._found = self._found._replace(
            duplicates=int(repeated.sum()), across_splits=int((across & ~repeated).sum())
        )
        if self._recipe.duplicates == "keep-first":
            self._reject("duplicates", repeated)
        if self._recipe.split and self._recipe.across_splits == "leave-training":
            self._leave_for_later(self._left.text)
        if self._recipe.split and self._left.group is not None:
            self._leave_for_later(self._left.group)

    def _leave_for_later(self, numbers: NDArray[np.uint64]) -> None:
        """Leave out rows whose number is in a later split, too: training, validation, test."""
        self._reject(
            "across_splits", self._left.split < _extreme_of_each(numbers, self._left.split, np.maximum)
        )

    def join_small_classes(self) -> None:
        """Make one class of those with too few texts, if the recipe says so."""
        if self._recipe.small_classes != "join":
            return
        small = self._small_classes()
        joined = {name: count for name, count in small.items() if name != OTHER}
        self._small = (*self._small, *joined.items())
        if small:
            of_small = np.isin(self._left.label, [self._names.index(name) for name in small])
            if OTHER not in self._names:
                self._names = (*self._names, OTHER)
            self._left.label[of_small] = self._names.index(OTHER)

    def settle_small_classes(self) -> None:
        """Settle what becomes of classes with too few texts, also those that have become small."""
        if self._recipe.small_classes == "join":
            self.join_small_classes()
            return
        small = self._small_classes()
        self._small = tuple(small.items())
        if self._recipe.small_classes == "leave-out":
            if 2 * sum(small.values()) > len(self._left.row):
                raise DataError(
                    f"Column {shown(self._recipe.label)} of {self._file} has "
                    f"{len(np.unique(self._left.label)):,} classes, {len(small):,} of them with fewer than "
                    f"{FEW_TEXTS} texts, and without these most texts would be left out. Choose another "
                    "column, merge classes (--merge OLD=NEW), or keep small ones (--small-classes keep)."
                )
            few = [self._names.index(name) for name in small]
            self._reject("small_classes", np.isin(self._left.label, few))

    def _small_classes(self) -> dict[str, int]:
        """The classes with few texts, and how many each has."""
        counts = np.bincount(self._left.label, minlength=len(self._names)).tolist()
        return {name: texts for name, texts in zip(self._names, counts, strict=True) if 0 < texts < FEW_TEXTS}

    def made(self) -> Choice:
        """The choice. Raises DataError where the classes that are left make no corpus."""
        kept, texts, of_name, _, groups = self._left
        present, dense = np.unique(of_name, return_inverse=True)
        names = tuple(self._names[index] for index in present)
        _check_number(names, self._left_out, self._recipe.label, self._file)
        labels = np.full(len(self._rows), -1, np.int8)
        labels[kept] = dense
        units = _units(len(kept), texts if self._recipe.across_splits == "leave-training" else None, groups)
        together = None
        if units is not None:
            together = np.full(len(self._rows), -1, np.int64)
            together[kept] = units
        splits = self._splits(labels, together, names)
        self._check_parts(splits, labels, together, names)
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
        self, labels: NDArray[np.int8], together: NDArray[np.int64] | None, names: Sequence[str]
    ) -> NDArray[np.int8]:
        """(R,) as the table says; where it names no test texts a stratified share of those for training."""
        training, test = SPLITS.index("training"), SPLITS.index("test")
        rows, given = self._left.row, self._left.split
        splits = self._rows.splits.copy()
        if self._recipe.split and (given == test).any():
            return splits
        if self._recipe.split:
            rows = rows[given == training]
        shuffled = np.random.default_rng(self._recipe.seed).permutation(rows)
        splits[rows] = training
        splits[held_out(shuffled, labels, self._recipe.test_share, names, together)] = test
        return splits

    def _check_parts(
        self,
        splits: NDArray[np.int8],
        labels: NDArray[np.int8],
        together: NDArray[np.int64] | None,
        names: Sequence[str],
    ) -> None:
        """Raise DataError where a class has nothing to learn from, or nothing can be held out."""
        kept = self._left.row
        training = kept[splits[kept] == SPLITS.index("training")]
        counts = np.bincount(labels[training], minlength=len(names))
        if (counts == 0).any():
            raise DataError(
                f"The class {shown(names[int(counts.argmin())])} of {self._file} has no text to learn from: "
                "all of them are for validation or test, or are left out. Merge it with another class, or "
                "leave the column of splits out."
            )
        if (splits[kept] == SPLITS.index("validation")).any():
            return
        if not len(held_out(training, labels, VALIDATION_SHARE, names, together)):
            raise DataError(
                f"No class of {self._file} has two texts to learn from, so none can be held out for "
                "validation. Add texts, or take a smaller test share."
            )


_WHY = {
    "without_class": "without a class",
    "empty": "without a text",
    "contradictory": "with a text that is in another class, too",
    "duplicates": "with a text that stands there before",
    "across_splits": "with a text, or of a group, that is kept for the test",
    "small_classes": f"of a class with fewer than {FEW_TEXTS} texts",
}
"""The words for rows that are left out, after their number."""


def _check_number(names: Sequence[str], left_out: Mapping[str, int], column: str, file: str) -> None:
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


_DECIMAL = re.compile(r"[+-]?(\d+[.,]\d+|[.,]\d+|\d+([.,]\d+)?[eE][+-]?\d+)")

Values = TypeVar("Values", NDArray[np.int8], NDArray[np.int32])


def _extreme_of_each(numbers: NDArray[np.uint64], values: Values, reduce: np.ufunc) -> Values:
    """(N,) the least or the greatest value over all rows with the same number."""
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    found = values[first]
    reduce.at(found, inverse, values)
    return found[inverse]


def _units(
    size: int, texts: NDArray[np.uint64] | None, groups: NDArray[np.uint64] | None
) -> NDArray[np.int64] | None:
    """(size,) a number for what must stay together: the same text, the same group, and whatever they connect.

    They count from 0 by appearance. None where each text is alone and there are no groups.
    """
    if texts is not None and len(np.unique(texts)) == size:
        texts = None
    links = [numbered_by_appearance(numbers) for numbers in (texts, groups) if numbers is not None]
    if not links:
        return None
    smallest = np.arange(size)  # the first row that each is connected with, over rows that share a number
    while True:
        before = smallest
        for numbers in links:
            of_number = np.full(size, size)
            np.minimum.at(of_number, numbers, smallest)
            smallest = of_number[numbers]
        smallest = smallest[smallest]  # a row knows what the smallest it is connected with knows
        if np.array_equal(smallest, before):
            return numbered_by_appearance(smallest)


def _classes_of(rows: Rows, recipe: Recipe, file: str) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Names of the classes, and the index of each label's class in them, (labels,).

    Numbers come by their size, then the others by the alphabet; the classes of a rating from the lowest on.
    Raises ConfigError for a merge of none, DataError for decimals, which are a rating.
    """
    names = rows.names
    new_name = dict(recipe.merges)
    if unknown := next((old for old in new_name if old not in names), None):
        some = ", ".join(map(shown, names[:20]))
        cut = any(name.startswith(f"{unknown}=") for name in names)
        raise ConfigError(
            f"There is no class {shown(unknown)} to merge or rename; column {shown(recipe.label)} has {some}."
            + (" On the command line an equals sign in a name is written \\=." if cut else "")
        )
    called = [new_name.get(name, name) for name in names]
    for name in new_name.values():
        check_class_name(name)
    if recipe.thresholds:
        in_order = list(dict.fromkeys(called))
    else:
        for name, row in zip(called, rows.first_rows, strict=True):
            if _DECIMAL.fullmatch(name):
                raise DataError(
                    f"Column {shown(recipe.label)} of {file} has {shown(name)} in row {row:,}, a number with "
                    "decimals, which is no class. Give thresholds, such as 4,7, to make classes of a rating, "
                    "or rename each number."
                )
        number = {name: number_in(name) for name in called}
        in_order = sorted(
            number, key=lambda name: (number[name] is None, number[name] or 0.0, name.casefold(), name)
        )
    index_of = {name: index for index, name in enumerate(in_order)}
    return tuple(in_order), np.array([index_of[name] for name in called], np.int32)
