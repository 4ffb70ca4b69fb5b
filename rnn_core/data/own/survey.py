"""A table in numbers before a corpus is made of it, and the corpus that is made then."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import Splits
from rnn_core.data.own.choice import Choice, LeftOut, Repeated, choose
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.rows import Rows, read_rows
from rnn_core.data.statistics import TellingWord, count_words, telling_words
from rnn_core.errors import GatescopeError
from rnn_core.progress import Progress
from rnn_core.tables.guess import ROWS_OF_A_GUESS, guess_columns, need_column
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Cell, Columns, Options
from rnn_core.text.scripts import has_no_spaces
from rnn_core.text.vocabulary import SPECIAL_TOKENS

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


class Summary(NamedTuple):
    """A corpus in numbers."""

    parts: Parts
    lengths: tuple[float, ...]
    """The tokens of a text at each of QUANTILES, over all splits."""
    words: int
    """The number of distinct tokens."""
    telling: dict[str, tuple[TellingWord, ...]]
    """Class -> its most telling words, by its training texts against those of all others."""


def summary(corpus: Corpus, most: int = 10) -> Summary:
    """The numbers of a corpus, with `most` telling words for each class at most."""
    nothing = np.empty(0, np.int64)
    counts = count_words(
        corpus, Splits(training=corpus.indices("training"), validation=nothing, test=nothing)
    )
    size = len(counts.ranking) + len(SPECIAL_TOKENS)
    return Summary(
        parts=count_parts(corpus.classes, corpus.labels, corpus.splits, corpus.lengths()),
        lengths=length_quantiles(corpus.lengths()),
        words=len(corpus.words),
        telling={
            name: tuple(telling_words(corpus, counts, size, most, label)[1])
            for label, name in enumerate(corpus.classes)
        },
    )


ROWS_SHOWN = 10
LONGEST_SHOWN = 300
"""The characters of a cell that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLook:
    """The beginning of a table, and guesses by it."""

    format: str
    options: Options
    """The options by which it was read."""
    columns: tuple[str, ...]
    nested: tuple[str, ...]
    """Columns that hold lists or objects, which can't be read."""
    total_bytes: int
    rows: tuple[tuple[Cell, ...], ...]
    """The first rows, long cells cut."""
    guessed: Columns
    """The columns that look like those with the texts, classes and splits; each may be empty."""
    distinct: dict[str, int]
    """The number of different values that each column has in the first rows."""
    is_unspaced: bool
    """True if the texts are in a script that puts no spaces between words."""

    def recipe(self, path: Path, given: Columns, option: str, **choices: Any) -> Recipe:
        """Return the recipe of this table by the columns given, guessed ones in place of the others, and more
        choices.

        `option` says how a person names a column: "--{}". Raises DataError where none has texts or classes.
        """
        taken = {*given, choices.get("group", "")}
        both = zip(given, self.guessed, strict=True)
        found = Columns(*(name or ("" if guess in taken else guess) for name, guess in both))
        for name, holds in (("text", "texts"), ("label", "classes")):
            advice = f"Name it with {option.format(name)}"
            need_column(getattr(found, name), holds, path.name, self.columns, advice)
        return Recipe(source=str(path.absolute()), **asdict(self.options), **found._asdict(), **choices)


def look_at(path: str, options: Options = GUESS, text: str = "") -> Generator[Progress, None, TableLook]:
    """Read the first 1,000 rows of a table or fewer. Raises DataError where they can't be read.

    `text` names the column with the texts, else it is guessed.
    """
    yield from ()
    table = open_table(Path(path), options)
    head = table.head(ROWS_OF_A_GUESS)
    guessed = table.meaning or guess_columns(head)

    def cut(cell: Cell) -> Cell:
        return cell if cell is None or len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]} …"

    return TableLook(
        format=table.format,
        options=table.options,
        columns=table.columns,
        nested=table.left_out,
        total_bytes=table.total_bytes,
        rows=tuple(tuple(cut(row[name]) for name in table.columns) for row in head[:ROWS_SHOWN]),
        guessed=guessed,
        distinct={name: len({row[name] for row in head} - {None}) for name in table.columns},
        is_unspaced=has_no_spaces((row.get(text or guessed.text) or "")[:LONGEST_SHOWN] for row in head),
    )


NOT_SAID = "not said"
"""The split of rows in a table without a column of splits."""
_MOST_LABELS = 1_000
"""The most frequent labels are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The counts of a table."""

    rows: int
    labels: dict[str, dict[str, int]]
    """Label as it is written -> split -> rows, the most frequent labels first, 1,000 at most."""
    distinct_labels: int
    problem: str = ""
    """A sentence that says why the table makes no corpus as it is to be read, or empty."""
    classes: Parts = field(default_factory=dict)
    """Texts and tokens of the corpus by class and split; empty where the table makes no corpus."""
    lengths: tuple[float, ...] = ()
    """The tokens of a text of the corpus at each of QUANTILES; empty as well."""
    left_out: LeftOut = field(default_factory=LeftOut)
    found: Repeated = field(default_factory=Repeated)
    small: tuple[tuple[str, int], ...] = ()
    """The classes with few texts, and how many each has."""
    telling: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Class of the corpus -> its most telling words, by the first of its training texts."""


def survey(recipe: Recipe) -> Generator[Progress, None, Survey]:
    """Read the table of a recipe once and count. Raises DataError where a row can't be read."""
    table = recipe.table()
    rows = yield from read_rows(table, recipe)
    try:
        return surveyed(rows, choose(rows, recipe, table.path.name))
    except GatescopeError as error:
        return surveyed(rows, None, str(error))


def surveyed(rows: Rows, choice: Choice | None, problem: str = "") -> Survey:
    """The numbers of rows that were read, and of what becomes of them."""
    of_label = np.bincount(rows.labels[rows.labels >= 0], minlength=len(rows.names))
    listed = np.argsort(-of_label, kind="stable")[:_MOST_LABELS].tolist()
    splits = (*SPLITS, NOT_SAID)
    here = rows.labels >= 0
    place = rows.labels[here].astype(np.int64) * len(splits) + rows.splits[here] % len(splits)  # -1: the last
    counts = np.bincount(place, minlength=len(rows.names) * len(splits)).reshape(-1, len(splits)).tolist()
    labels = {rows.names[label]: dict(zip(splits, counts[label], strict=True)) for label in listed}
    distinct = int((of_label > 0).sum())
    found = Survey(rows=len(rows), labels=labels, distinct_labels=distinct, problem=problem)
    if choice is None:
        return found
    kept = choice.labels >= 0
    tokens = rows.tokens[kept]
    return replace(
        found,
        classes=count_parts(choice.classes, choice.labels[kept], choice.splits[kept], tokens),
        lengths=length_quantiles(tokens),
        left_out=choice.left_out,
        found=choice.found,
        small=choice.small,
        telling=rows.tally.telling(choice.classes, choice.labels, choice.splits),
    )
