"""A table of texts from outside, whatever its format.

A table is read row by row and never held whole, and nothing in it is run or trusted. A value of a typed
format (Parquet, Excel, JSON) becomes the text of a cell in its shortest form.
"""

import datetime
import itertools
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.source import Source

Cell = str | None
"""The text of a cell; None where it is empty or missing."""

MOST_CELL = 1_000_000
"""Characters of a cell: some 200,000 words, more than a novel has."""
ROWS_PER_BATCH = 4_096
CHARACTERS_PER_BATCH = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options by which a table is read. Empty means: guess. A table has those that hold, empty for none."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


GUESS = Options()


class Columns(NamedTuple):
    """The columns with the texts, the classes and the split; empty where there is none."""

    text: str
    label: str
    split: str


class RowBatch(NamedTuple):
    """Some successive rows: `first_row` is 1 for the first one below the header; all columns are as long."""

    first_row: int
    columns: Mapping[str, list[Cell]]
    bytes_done: int
    """The part of the table's `total_bytes` that is done."""


@dataclass(slots=True)
class RowPlace:
    """The place in its file that a reading has come to; the reader sets it."""

    bytes_done: Callable[[], int] = int
    words: Callable[[], str] = str
    """Names the place of the last row, such as "line 18"; empty where a row's number says it."""


Read = Callable[[Sequence[int], RowPlace], Generator[Sequence[Cell], None, None]]
"""Yields all rows from first to last, with the cells of the columns of these numbers. Raises DataError."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table in a file or a folder, which was looked at and can be read as often as needed."""

    path: Path
    format: str
    options: Options
    columns: tuple[str, ...]
    total_bytes: int
    read: Read
    left_out: tuple[str, ...] = ()
    """Columns of lists or objects."""
    meaning: Columns | None = None
    """The meaning of columns, where the format says it."""
    inside: Sequence[tuple[str, ...]] = ()
    """The parts of the path of each file that is read, where `path` is a folder."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read, in order: one, or those of a folder that hold its texts."""
        return tuple(self.path.joinpath(*parts) for parts in self.inside) or (self.path,)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[RowBatch]:
        """The rows of these columns, or of all, from first to last, a few thousand or megabytes at a time.

        Raises DataError: at once for a column that isn't there, while reading with the place in the file.
        """
        names = self.columns if columns is None else tuple(columns)
        self.check_columns(names)
        if not names or len(set(names)) < len(names):
            raise DataError(f"Name the columns of {self.path.name} to read, each once.")
        return self._batches(names)

    def check_columns(self, names: Iterable[str]) -> None:
        """Raise DataError for a column that isn't there, or holds no texts."""
        for name in names:
            if name in self.left_out:
                raise DataError(
                    f"Column {shown(name)} of {self.path.name} holds lists or objects, which are no text. "
                    "Choose another column, or write the table with that one taken apart."
                )
            if name not in self.columns:
                there = ", ".join(map(shown, self.columns[:20]))
                raise DataError(
                    f"{self.path.name} has no column {shown(name)}. It has {len(self.columns):,}: {there}."
                )

    def head(self, rows: int = 10) -> list[dict[str, Cell]]:
        """The first rows, each with all columns; fewer where the table ends. Raises DataError."""
        return [
            dict(zip(self.columns, row, strict=True))
            for batch in self._batches(self.columns, rows)
            for row in zip(*batch.columns.values(), strict=True)
        ]

    def _batches(self, names: Sequence[str], most: int | None = None) -> Iterator[RowBatch]:
        place = RowPlace()
        portion: list[Sequence[Cell]] = []
        first_row, characters = 1, 0

        def batch(bytes_done: int) -> RowBatch:
            cells = map(list, zip(*portion, strict=True))
            return RowBatch(first_row, dict(zip(names, cells, strict=True)), bytes_done)

        with closing(self.read([self.columns.index(name) for name in names], place)) as rows:
            for row, cells in enumerate(itertools.islice(rows, most), start=1):
                if len(portion) >= ROWS_PER_BATCH or characters >= CHARACTERS_PER_BATCH:
                    yield batch(place.bytes_done())
                    portion, first_row, characters = [], row, 0
                characters += len(cells)  # so that ten thousand empty cells aren't nothing
                for cell in filter(None, cells):
                    characters += len(cell)
                    if len(cell) > MOST_CELL or "\0" in cell:
                        raise self._refusal(row, names[cells.index(cell)], cell, place.words())
                portion.append(cells)
        if portion:
            yield batch(self.total_bytes)

    def _refusal(self, row: int, column: str, cell: str, place: str) -> DataError:
        wrong = "has a NUL byte, which no text has. Remove it"
        if len(cell) > MOST_CELL:
            wrong = (
                f"has {len(cell):,} characters, where {MOST_CELL:,} are the most. Cut it into several rows"
            )
        return DataError(
            f"The cell in row {row:,}{f' ({place})' if place else ''}, column {shown(column)} of "
            f"{self.path.name} {wrong}, or leave the row out."
        )


def table_in(
    source: Source, form: str, options: Options, names: Sequence[str], read: Read, nested: Sequence[str] = ()
) -> Table:
    """The table in a source: its format, its columns, and those of lists or objects, which are left out."""
    return Table(
        path=source.path,
        format=form,
        options=options,
        columns=tuple(names),
        total_bytes=source.total_bytes,
        read=read,
        left_out=tuple(nested),
    )


MOST_COLUMNS = 10_000
_WHOLE_BELOW = 1e16
"""The number above which not every whole number is a float."""


def cell_of(value: object) -> Cell:
    """The text of a value. Raises UnicodeDecodeError for bytes that are no text.

    >>> cell_of(3.0), cell_of(2.5), cell_of(True), cell_of(datetime.datetime(2024, 5, 1)), cell_of("")
    ('3', '2.5', 'true', '2024-05-01', None)
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_BELOW else repr(value)
    if isinstance(value, Decimal):
        if value.is_nan():
            return None
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bytes):
        return value.decode() or None
    if isinstance(value, datetime.datetime) and value.tzinfo is None and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) or None


def unique_names(names: Iterable[Cell], file: str) -> tuple[str, ...]:
    """Names for columns: a repeated one gets a number, one without a name its place.

    Raises DataError for too many of them.

    >>> unique_names(["text", "label", None, "text"], "a.csv")
    ('text', 'label', 'column 3', 'text (2)')
    """
    unique: dict[str, None] = {}
    given = [(name or "").strip() or f"column {place}" for place, name in enumerate(names, start=1)]
    if len(given) > MOST_COLUMNS:
        raise DataError(f"{file} has {len(given):,} columns; a table of texts has {MOST_COLUMNS:,} at most.")
    taken = set(given)
    for name in given:
        number, candidate = 2, name
        while candidate in unique or (candidate != name and candidate in taken):
            candidate, number = f"{name} ({number})", number + 1
        unique[candidate] = None
    return tuple(unique)
