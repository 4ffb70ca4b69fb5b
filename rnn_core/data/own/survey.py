"""What a table holds, in numbers, before a corpus is made of it: what the preview of an adding shows."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnn_core.data.labelled_text import SPLITS
from rnn_core.data.own.choice import Choice, LeftOut, choose
from rnn_core.data.own.copies import Repeated
from rnn_core.data.own.found import Found
from rnn_core.data.own.parts import Parts, count_parts, length_quantiles
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import Rows, read_rows
from rnn_core.errors import GatescopeError
from rnn_core.progress import Progress
from rnn_core.tables.table import Table

NOT_SAID = "not said"
"""The split of rows in a table without a column of splits."""
_MOST_LABELS = 1_000
"""The most frequent ones are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Found):
    """The counts of a table."""

    rows: int
    labels: dict[str, dict[str, int]]
    """Label as it is written -> split -> rows, the most frequent labels first, 1,000 at most."""
    distinct_labels: int
    classes: Parts
    """Texts and tokens of the corpus by class and split; empty where the table makes no corpus."""
    lengths: tuple[float, ...]
    """Tokens of a text of the corpus at each of QUANTILES; empty as well."""
    left_out: LeftOut
    found: Repeated
    small: tuple[tuple[str, int], ...]
    """The classes with few texts, and how many each has."""
    telling: dict[str, tuple[str, ...]]
    """Class of the corpus -> its most telling words, by the first of its training texts."""
    problem: str
    """Why the table makes no corpus as it is to be read; a sentence, or empty."""


def survey(table: Table, recipe: Recipe) -> Generator[Progress, None, Survey]:
    """Read a table once and count. Raises DataError where a row can't be read."""
    rows = yield from read_rows(table, recipe)
    try:
        choice = choose(rows, recipe, table.path.name)
    except GatescopeError as error:
        return surveyed(rows, None, str(error))
    return surveyed(rows, choice)


def surveyed(rows: Rows, choice: Choice | None, problem: str = "") -> Survey:
    """The numbers of rows that were read, and of what becomes of them."""
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
        classes={} if choice is None else _parts(rows, choice),
        lengths=() if choice is None else length_quantiles(rows.tokens[choice.labels >= 0]),
        left_out=LeftOut() if choice is None else choice.left_out,
        found=Repeated() if choice is None else choice.found,
        small=() if choice is None else choice.small,
        telling={} if choice is None else rows.tally.telling(choice.classes, choice.labels, choice.splits),
        problem=problem,
    )


def _parts(rows: Rows, choice: Choice) -> Parts:
    kept = choice.labels >= 0
    return count_parts(choice.classes, choice.labels[kept], choice.splits[kept], rows.tokens[kept])


def _by_split(labels: Any, splits: Any, size: int) -> Any:
    """(size, 4) rows of each label in each split, the last one for rows without a split."""
    here = labels >= 0
    columns = len(SPLITS) + 1
    place = labels[here].astype(np.int64) * columns + splits[here] % columns  # -1 is the last column
    return np.bincount(place, minlength=size * columns).reshape(size, columns)
