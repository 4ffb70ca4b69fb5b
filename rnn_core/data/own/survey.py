"""What a table holds, in numbers, before a corpus is made of it: what the preview of an adding shows."""

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.choice import Choice, LeftOut, choose
from rnn_core.data.own.copies import Repeated
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import Rows, read_rows
from rnn_core.errors import DataError, GatescopeError, reason
from rnn_core.files import FormatError, from_value
from rnn_core.progress import Progress
from rnn_core.tables.table import Table

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
NOT_SAID = "not said"
"""The split of rows in a table without a column of splits."""
_MOST_LABELS = 1_000
"""The most frequent ones are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The counts of a table. Round-trips through JSON."""

    rows: int
    labels: dict[str, dict[str, int]]
    """Label as it is written -> split -> rows, the most frequent labels first, 1,000 at most."""
    distinct_labels: int
    tokens: int
    """Of all texts."""
    lengths: tuple[float, ...]
    """Tokens of a text at each of QUANTILES, of those that aren't empty."""
    classes: dict[str, dict[str, int]]
    """Class of the corpus -> split -> texts; empty where the table makes no corpus."""
    left_out: LeftOut
    found: Repeated
    small: tuple[tuple[str, int], ...]
    """The classes with few texts, and how many each has."""
    telling: dict[str, tuple[str, ...]]
    """Class of the corpus -> its most telling words, by the first texts of the table."""
    problem: str
    """Why the table makes no corpus as it is to be read; a sentence, or empty."""

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON can hold."""
        return {**asdict(self), "left_out": list(self.left_out), "found": list(self.found)}

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """The inverse of `to_dict`. Raises DataError."""
        try:
            made: Any = from_value(values, cls)
        except FormatError as error:
            raise DataError(f"What was found in the table can't be read: {reason(error)}.") from error
        return made


def survey(table: Table, recipe: Recipe) -> Generator[Progress, None, Survey]:
    """Read a table once and count. Raises DataError where a row can't be read."""
    rows = yield from read_rows(table, recipe)
    try:
        choice = choose(rows, recipe, table.path.name)
    except GatescopeError as error:
        return surveyed(rows, recipe, None, str(error))
    return surveyed(rows, recipe, choice)


def surveyed(rows: Rows, recipe: Recipe, choice: Choice | None, problem: str = "") -> Survey:
    """The numbers of rows that were read, and of what becomes of them."""
    read = rows.tokens[rows.tokens > 0]
    of_label = np.bincount(rows.labels[rows.labels >= 0], minlength=len(rows.names))
    listed = np.argsort(-of_label, kind="stable")[:_MOST_LABELS]
    by_label = _by_split(rows.labels, rows.splits, len(rows.names))
    splits = (*SPLITS, NOT_SAID)
    return Survey(
        rows=len(rows),
        labels={
            rows.names[label]: {split: int(by_label[label, i]) for i, split in enumerate(splits)}
            for label in listed.tolist()
        },
        distinct_labels=int((of_label > 0).sum()),
        tokens=int(read.sum(dtype=np.int64)),
        lengths=tuple(np.quantile(read, QUANTILES).tolist()) if len(read) else (),
        classes={} if choice is None else _classes(choice),
        left_out=LeftOut() if choice is None else choice.left_out,
        found=Repeated() if choice is None else choice.found,
        small=() if choice is None else choice.small,
        telling={} if choice is None else rows.tally.telling(rows.names, choice.classes, recipe),
        problem=problem,
    )


def _classes(choice: Choice) -> dict[str, dict[str, int]]:
    counts = _by_split(choice.labels, choice.splits, len(choice.classes))
    return {
        name: {split: int(counts[label, i]) for i, split in enumerate(SPLITS)}
        for label, name in enumerate(choice.classes)
    }


def _by_split(labels: Any, splits: Any, size: int) -> Any:
    """(size, 4) rows of each label in each split, the last one for rows without a split."""
    here = labels >= 0
    columns = len(SPLITS) + 1
    place = labels[here].astype(np.int64) * columns + splits[here] % columns  # -1 is the last column
    return np.bincount(place, minlength=size * columns).reshape(size, columns)
