"""A table that is written for other programs: a CSV file whose text cells no spreadsheet computes."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rnn_core.files import written_whole
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


@contextmanager
def written_table(
    path: Path, columns: Sequence[str], *, sources: Iterable[Path] = ()
) -> Iterator[Callable[[Iterable[Sequence[Cell]]], None]]:
    """A CSV file in UTF-8 with these columns, which is there once the work is done, or not at all.

    Yields what writes rows into it, text cells made safe. Raises OSError, and DataError where the file would
    replace one of `sources`.
    """
    with written_whole(path, sources=sources) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(text)

        def write(rows: Iterable[Sequence[Cell]]) -> None:
            writer.writerows([safe_cell(cell) for cell in row] for row in rows)

        write([columns])
        yield write
        text.detach()
