"""Workbooks of Excel (.xlsx): one sheet, row by row, with the values that formulas had when it was saved.

The first row that has anything names the columns; cells to the right of the last name and rows without
anything are passed over. A workbook is a zip of XML, whose parts have bounds.
"""

import re
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.source import DAMAGED, Bounded, Source, checked_members, opened_zip
from rnn_core.tables.table import Cell, Options, RowPlace, Table, cell_of, table_in, unique_names

MOST_ROWS = 1_048_576
"""The rows of a sheet, as in Excel."""
_MOST_SHARED_BYTES = 300_000_000
"""The bytes of the texts, which a workbook keeps apart from its sheets and which stay in memory."""
_MOST_PART_BYTES = 20_000_000
"""The bytes of each other part that is read whole, such as the styles."""
_ESCAPED = re.compile("_x(00(?:0[1-9A-F]|1[0-9A-F]|5F))_", re.IGNORECASE)
_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_READ_BY_ROWS_OR_NOT_AT_ALL = tuple(
    f"xl/{part}/" for part in ("worksheets", "media", "drawings", "pivotCache", "embeddings")
)
_DAMAGED = (*DAMAGED, OSError, SyntaxError, LookupError, ArithmeticError, TypeError, AttributeError)
"""Errors of openpyxl for a workbook that isn't as it should be; a SyntaxError is one of XML."""

warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")  # of what no table of texts needs


def open_workbook(source: Source, options: Options) -> Table:
    """Open a sheet: the one named, or the first that has rows. Raises DataError where there is none."""
    asked, header = options.sheet, None
    with _opened(source) as (sheets, _):
        if asked and asked not in sheets:
            there = ", ".join(map(shown, list(sheets)[:20]))
            raise DataError(f"{source.name} has no sheet {shown(asked)}. It has {there}.")
        for sheet in [asked] if asked else sheets:
            rows = _rows_with_cells(sheets[sheet])
            header = next(rows, None)
            if header is not None and next(rows, None) is not None:
                break
        else:
            where = f"Sheet {shown(asked)} of {source.name}" if asked else source.name
            raise DataError(f"{where} has no rows: the first must name the columns, and others must follow.")
    header_row, names = header

    def read(columns: Sequence[int], place: RowPlace) -> Generator[Sequence[Cell], None, None]:
        with _opened(source) as (sheets, bytes_done):
            number = header_row
            place.bytes_done, place.words = bytes_done, lambda: f"row {number:,} of the sheet"
            rows = _rows_with_cells(sheets[sheet], header_row, len(names))
            for at, cells in source.read_through(rows):
                number = at
                cells += [None] * (len(names) - len(cells))
                yield [cells[column] for column in columns]

    return table_in(source, "Excel", Options(sheet=sheet), unique_names(names, source.name), read)


@contextmanager
def _opened(source: Source) -> Iterator[tuple[dict[str, Any], Callable[[], int]]]:
    """The sheets by name, and how many bytes were read so far. Raises DataError, also while open."""
    import openpyxl  # here, since it takes a third of a second, and most tables are no workbooks

    with source.open_seekable() as stream:
        try:
            with opened_zip(stream, source.name) as archive:
                for member in checked_members(archive, source):
                    shared = member.filename == "xl/sharedStrings.xml"
                    most = _MOST_SHARED_BYTES if shared else _MOST_PART_BYTES
                    is_whole = not member.filename.startswith(_READ_BY_ROWS_OR_NOT_AT_ALL)
                    if is_whole and member.file_size > most:
                        raise DataError(
                            f"{source.name} has {member.file_size:,} bytes in its part "
                            f"{shown(member.filename)}, where {most:,} are the most. Save the sheet as "
                            "CSV, which can have any length."
                        )
            book = openpyxl.load_workbook(Bounded(stream), read_only=True, data_only=True, keep_links=False)
            yield {sheet.title: sheet for sheet in book.worksheets}, stream.tell
        except _DAMAGED as error:
            raise DataError(f"{source.name} is damaged, or no workbook of Excel: {error}.") from error


def _unescaped(value: Any) -> Any:
    """A text as it is shown in Excel, which writes a carriage return as _x000D_; nothing for an error."""
    if not isinstance(value, str):
        return value
    if value in _ERRORS:
        return None
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value


def _rows_with_cells(
    sheet: Any, after: int = 0, width: int | None = None
) -> Iterator[tuple[int, list[Cell]]]:
    """Number and cells of each row that has any, without the empty ones at its end."""
    sheet.reset_dimensions()  # what a file says of its size need not be true
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=width, values_only=True)
    for number, values in enumerate(rows, start=1):
        if number > after:
            cells = [cell_of(_unescaped(value)) for value in values]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                yield number, cells
