"""Tables of text with a character between the cells: CSV and TSV.

The first row names the columns, unless it looks like data. Lines without anything are passed over. Files with
tabs are often written without any quoting, which is noticed by their beginning.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from typing_extensions import override

from rnn_core.errors import DataError
from rnn_core.files import FormatError
from rnn_core.refusals import shown
from rnn_core.tables.lines import FIRST_BYTES, MOST_LINE, Lines, TableByLine, encoding_of, lines_of
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Options, unique_names

DELIMITERS = "\t,;|"
"""The delimiters in the order of preference: a tab is rarely a part of a text."""
_FIRST_CHARACTERS = 200_000
"""The characters by which the delimiter is guessed, and whether quotes mean anything."""
_LONGEST_NAME = 200


class DelimitedTable(TableByLine):
    """A CSV or TSV file."""

    def __init__(self, source: Source, options: Options) -> None:
        """Raises DataError where it has no row below its header, or an option that can't be."""
        self._source = source
        start = source.sample(FIRST_BYTES)
        encoding = encoding_of(source, options.encoding, start)
        sample = start[: 4 * _FIRST_CHARACTERS].decode(encoding, "replace")[:_FIRST_CHARACTERS]
        sample = sample.removeprefix("\ufeff")
        delimiter = _checked_delimiter(options.delimiter, source.name) or guess_delimiter(sample) or ","
        whole = len(start) == source.total_bytes and len(start) <= _FIRST_CHARACTERS
        self._has_quotes = _has_quotes(sample, delimiter, whole)
        options = replace(options, encoding=encoding, delimiter=delimiter, sheet="")
        super().__init__(source.path, "TSV" if delimiter == "\t" else "CSV", options, (), source.total_bytes)
        self._has_header = True
        with source.open() as stream:
            records = self._records(Lines(stream, encoding))
            first, second = next(records, None), next(records, None)
            self._has_header = first is None or not _looks_like_data(first, second)
            if first is None or (self._has_header and second is None):
                what = "is empty: it has no rows" if first is None else "has a header but no rows below it"
                raise DataError(f"{source.name} {what}.")
        self.columns = unique_names(first if self._has_header else [None] * len(first), source.name)

    @override
    def _rows(self, lines: Lines, columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
        width, places = len(self.columns), [self.columns.index(name) for name in columns]
        records = self._records(lines)
        if self._has_header:
            next(records)
        for row, record in enumerate(records, start=1):
            if len(record) != width:
                if any(record[width:]):
                    names = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}
                    delimiter = self.options.delimiter
                    raise DataError(
                        f"Row {row:,} of {self._source.name} (line {lines.number:,}) has "
                        f"{len(record):,} cells where the table has {width:,} columns. Put quotes around a "
                        f"cell with {names.get(delimiter, delimiter)} in it, or choose another delimiter."
                    )
                record += [""] * (width - len(record))
            yield [record[place] or None for place in places]

    def _records(self, lines: Lines) -> Iterator[list[str]]:
        """Yield the cells of each line that has anything. Raises DataError."""
        csv.field_size_limit(max(csv.field_size_limit(), MOST_LINE))
        reader = csv.reader(
            lines,
            delimiter=self.options.delimiter,
            quoting=csv.QUOTE_MINIMAL if self._has_quotes else csv.QUOTE_NONE,
            strict=True,
        )
        row = 0 if self._has_header else 1
        while True:
            began = lines.number + 1
            try:
                record = next(reader, None)
            except (FormatError, csv.Error) as error:
                where = f"Row {row:,}" if row else "The header"
                raise DataError(f"{where} of {self._source.name} {_wrong(error, began)}.") from error
            if record is None:
                return
            if record:
                yield record
                row += 1


def _wrong(error: FormatError | csv.Error, began: int) -> str:
    """Say what is wrong with the row that begins in this line, as the end of a sentence."""
    message = str(error)
    if isinstance(error, FormatError):
        return message
    if "unexpected end of data" in message:
        return f"has a quote that opens and never closes; the row begins in line {began:,}"
    if "field larger" in message:
        return (
            f"has a cell of over {MOST_LINE:,} characters, or a quote that opens and never closes; "
            f"the row begins in line {began:,}"
        )
    return (
        f"has a quote inside a quoted cell, or one that was never closed; the row begins in line {began:,}. "
        "Write a quote inside a quoted cell twice"
    )


def guess_delimiter(sample: str) -> str:
    r"""Guess the sign between the cells: with it most rows have as many as the first; empty for none.

    >>> guess_delimiter("text;label\ngood, really;1\nbad;0\n"), guess_delimiter("word\nother\n")
    (';', '')
    """
    lines, best, most = lines_of(sample), "", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1 and (share := widths.count(widths[0]) / len(widths)) > most:
            best, most = delimiter, share
    return best


def _checked_delimiter(delimiter: str, file: str) -> str:
    """The character itself, for its name as well. Raises DataError for what can't stand between cells."""
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    if len(delimiter) > 1 or delimiter in {'"', "\n", "\r", "\0"}:
        raise DataError(
            f"The delimiter of {file} must be one character such as , or ; or a tab, got {shown(delimiter)}."
        )
    return delimiter


def _has_quotes(sample: str, delimiter: str, whole: bool) -> bool:
    """True if quotes hold cells together. With tabs they are plain characters where they come unpaired."""
    if delimiter != "\t":
        return True
    lines = lines_of(sample)
    try:
        for _ in csv.reader(lines if whole else lines[:-1], delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return not whole and "unexpected end of data" in str(error)
    return True


def _looks_like_data(first: list[str], second: list[str] | None) -> bool:
    """True if a first row holds no names but a number other than 0, 1, 2 ..., or a text.

    A number is one only where the second row has a number below it.

    >>> below = ["4", "Gas rises"]
    >>> [_looks_like_data(row, below) for row in (["2019", "2020"], ["3", "Oil falls"], ["0", "1"])]
    [True, True, False]
    >>> _looks_like_data(["nan", "2019"], below), _looks_like_data(["text", "3"], None)
    (False, True)
    """
    if any(len(cell) > _LONGEST_NAME or "\n" in cell for cell in first):
        return True
    counted = [cell for cell in first if cell]
    below = first if second is None else second
    numbers = (_is_number(cell) and _is_number(under) for cell, under in zip(first, below, strict=False))
    return any(numbers) and counted != [str(place) for place in range(len(counted))]


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
