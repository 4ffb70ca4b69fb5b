"""A table that is written for other programs: a CSV file whose text cells no spreadsheet computes."""

import csv
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from rnn_core.files import check_spares
from rnn_core.tables.table import Cell

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?")


def safe_cell(cell: Cell) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers.

    >>> safe_cell("=1+1"), safe_cell("-3.5"), safe_cell("- a line"), safe_cell(None)
    ("'=1+1", '-3.5', "'- a line", '')
    """
    text = cell or ""
    if text.startswith(_BEGINS_A_FORMULA) and not _NUMBER.fullmatch(text.strip()):
        return f"'{text}"
    return text


class Writer:
    """Rows into a CSV file, text cells made safe."""

    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write these rows. Raises OSError."""
        self._rows.writerows([safe_cell(cell) for cell in row] for row in rows)


@contextmanager
def written_table(path: Path, columns: Sequence[str], *, sources: Iterable[Path] = ()) -> Iterator[Writer]:
    """A CSV file in UTF-8 with these columns, which is there once the work is done, or not at all.

    Raises OSError, and DataError where it would replace one of `sources`.
    """
    check_spares(path, sources)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with new.open("x", encoding="utf-8", errors="replace", newline="") as file:
            writer = Writer(file)
            writer.write([columns])
            yield writer
        check_spares(path, sources)
        new.replace(path)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
