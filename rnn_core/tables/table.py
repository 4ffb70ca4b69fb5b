"""A table of texts from outside, whatever its format.

A table is read row by row and never held whole, and nothing in it is run or trusted. A value of a typed
format (Parquet, Excel, JSON) becomes the text of a cell in its shortest form.
"""

import datetime
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from rnn_core.errors import DataError
from rnn_core.refusals import shown

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


class Batch(NamedTuple):
    """Some successive rows: `first_row` is 1 for the first one below the header; all columns are as long."""

    first_row: int
    columns: Mapping[str, list[Cell]]
    bytes_done: int
    """The part of the table's `total_bytes` that is done."""


class Reading(NamedTuple):
    """A table while it is read."""

    rows: Iterator[Sequence[Cell]]
    bytes_done: Callable[[], int]
    place: Callable[[], str]
    """The place of the last row in the file, such as "line 18"; empty where a row's number says it."""


class Table(ABC):
    """A table in a file or a folder, which was looked at and can be read as often as needed."""

    def __init__(
        self,
        path: Path,
        form: str,
        options: Options,
        columns: tuple[str, ...],
        total_bytes: int,
        left_out: tuple[str, ...] = (),
        meaning: Columns | None = None,
    ) -> None:
        """`left_out` are columns of lists or objects; `meaning` is what a format says of columns."""
        self.path = path
        self.format = form
        self.options = options
        self.columns = columns
        self.total_bytes = total_bytes
        self.left_out = left_out
        self.meaning = meaning

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read, in order: one, or those of a folder that hold its texts."""
        return (self.path,)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """The rows of these columns, or of all, from first to last.

        Raises DataError: at once for a column that isn't there, while reading with the place in the file.
        """
        names = self.columns if columns is None else tuple(columns)
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
        if not names or len(set(names)) < len(names):
            raise DataError(f"Name the columns of {self.path.name} to read, each once.")
        return self._batches(names)

    def head(self, rows: int = 10) -> list[dict[str, Cell]]:
        """The first rows, each with all columns; fewer where the table ends. Raises DataError."""
        with self._read(self.columns) as reading:
            portions = self._portions(
                self.columns, reading._replace(rows=itertools.islice(reading.rows, rows))
            )
            return [dict(zip(self.columns, row, strict=True)) for portion in portions for row in portion]

    def _batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        with self._read(columns) as reading:
            first_row = 1
            for rows in self._portions(columns, reading):
                cells = map(list, zip(*rows, strict=True))
                yield Batch(first_row, dict(zip(columns, cells, strict=True)), reading.bytes_done())
                first_row += len(rows)

    @abstractmethod
    def _read(self, columns: Sequence[str]) -> AbstractContextManager[Reading]:
        """Open the table and read these of its columns. Entering and reading raise DataError."""

    def _portions(self, columns: Sequence[str], reading: Reading) -> Iterator[list[Sequence[Cell]]]:
        """The rows, a few thousand or a few megabytes at a time. Raises DataError for a cell too long."""
        portion: list[Sequence[Cell]] = []
        row, characters = 0, 0
        for row, cells in enumerate(reading.rows, start=1):
            characters += len(cells)  # so that ten thousand empty cells aren't nothing
            for cell in cells:
                if cell is not None:
                    characters += len(cell)
                    if len(cell) > MOST_CELL or "\0" in cell:
                        wrong = "has a NUL byte, which no text has. Remove it"
                        if len(cell) > MOST_CELL:
                            wrong = (
                                f"has {len(cell):,} characters, where {MOST_CELL:,} are the most. Cut it "
                                "into several rows"
                            )
                        place = f" ({reading.place()})" if reading.place() else ""
                        raise DataError(
                            f"The cell in row {row:,}{place}, column {shown(columns[cells.index(cell)])} of "
                            f"{self.path.name} {wrong}, or leave the row out."
                        )
            portion.append(cells)
            if len(portion) >= ROWS_PER_BATCH or characters >= CHARACTERS_PER_BATCH:
                yield portion
                portion, characters = [], 0
        if portion:
            yield portion


MOST_COLUMNS = 10_000
_WHOLE_BELOW = 1e16
"""The number above which not every whole number is a float."""


def as_cell(value: object) -> Cell:
    """The text of a value. Raises UnicodeDecodeError for bytes that are no text.

    >>> as_cell(3.0), as_cell(2.5), as_cell(True), as_cell(datetime.datetime(2024, 5, 1)), as_cell("")
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
