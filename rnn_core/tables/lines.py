"""Tables of text that are read line by line: CSV and TSV, and JSON Lines.

A line is decoded alone, and none is longer than a bound. Of CSV and TSV the first row names the columns,
unless it looks like data; lines without anything are passed over. Files with tabs are often written without
any quoting, which is noticed by their beginning. Of JSON Lines each line is an object, whose keys are the
columns; the keys of the first thousand count. A key that is missing is an empty cell; lists and objects are
no cells.
"""

import codecs
import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, BinaryIO

from rnn_core.errors import DataError
from rnn_core.files import FormatError
from rnn_core.refusals import shown
from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Options, Read, RowPlace, Table, cell_of, table_in, unique_names

MOST_LINE = 16_000_000
"""Characters of a line, so that a file without line breaks isn't read whole."""

_INVALID = "\udcff"
"""The sign for bytes that are no text: half a surrogate pair, which no encoding yields."""
_NO_FILES = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape"}
"""Encodings of Python that are not for files."""


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return _INVALID, error.end
    raise error


_MARKED = "rnn_core.tables.marked"
codecs.register_error(_MARKED, _mark)


class Lines:
    """Iterates over the lines of a stream, with their line breaks.

    Raises FormatError for one that can't be read; its message goes on after the words "Row 3".
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding, errors=_MARKED, newline="")
        self._encoding = encoding
        self.number = 0
        """The number of the last line, from 1."""

    def __iter__(self) -> Iterator[str]:
        while True:
            try:
                line = self._text.readline(MOST_LINE)
            except UnicodeError:  # of UTF-16 that doesn't begin with its mark
                line = _INVALID
            if not line:
                return
            self.number += 1
            if self.number == 1:
                line = line.removeprefix("\ufeff")
            if _INVALID in line:
                raise FormatError(
                    f"has bytes that aren't {self._encoding} (line {self.number:,}). Choose the encoding in "
                    "which the file was written, often windows-1252 or utf-16, or save it again as UTF-8"
                )
            if "\0" in line:
                raise FormatError(
                    f"has a NUL byte (line {self.number:,}), so the file is no text, is damaged, or has "
                    "another encoding, such as utf-16"
                )
            if len(line) >= MOST_LINE:
                raise FormatError(
                    f"has a line of over {MOST_LINE:,} characters (line {self.number:,}). Cut its text into "
                    "several rows, or check that the file has line breaks"
                )
            yield line


def lines_of(text: str) -> list[str]:
    """The lines of a text with their line breaks, cut where those of a file are."""
    return list(io.StringIO(text, newline=""))


def checked_encoding(name: str, file: str) -> str:
    """The name as Python knows it, or the name as it is. Raises DataError for an unknown one.

    >>> checked_encoding("UTF8", "a.csv"), checked_encoding("cp1252", "a.csv")
    ('utf-8', 'windows-1252')
    """
    try:
        known = codecs.lookup(name).name
        "".encode(name)  # raises LookupError for base64 and others that turn bytes into bytes
        if known in _NO_FILES:
            raise LookupError(known)
    except (LookupError, ValueError, UnicodeError) as error:
        raise DataError(
            f"{file} can't be read in the encoding {shown(name)}, which is not known. "
            "Names that are: utf-8, utf-16, windows-1252, latin-1, shift_jis, gb18030, koi8-r."
        ) from error
    return {"cp1252": "windows-1252", "iso8859-1": "latin-1", "utf-8-sig": "utf-8"}.get(known, known)


_FIRST_BYTES = 16_000_000
"""The bytes by which the encoding is guessed."""


def _start_of(source: Source, asked: str) -> tuple[bytes, str]:
    """The first bytes, and the encoding: that asked for, or a guess. Raises DataError for an unknown one."""
    start = source.sample(_FIRST_BYTES)
    return start, checked_encoding(asked, source.name) if asked else guess_encoding(start)


def _line_reader(
    source: Source, encoding: str, cells: Callable[[Lines, Sequence[int]], Iterator[Sequence[Cell]]]
) -> Read:
    """Return the reader of a table from one that reads lines; `cells` raises DataError."""

    def read(columns: Sequence[int], place: RowPlace) -> Generator[Sequence[Cell], None, None]:
        with source.open() as stream:
            lines = Lines(stream, encoding)
            place.bytes_done, place.words = stream.tell, lambda: f"line {lines.number:,}"
            yield from source.read_through(cells(lines, columns))

    return read


DELIMITERS = "\t,;|"
"""The delimiters in the order of preference: a tab is rarely a part of a text."""
_NAMES = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}
_FIRST_CHARACTERS = 200_000
"""The characters by which the delimiter is guessed, and whether quotes mean anything."""
_LONGEST_NAME = 200


def open_delimited(source: Source, options: Options) -> Table:
    """Open a CSV or TSV file. Raises DataError for one without rows, and for an option that can't be."""
    start, encoding = _start_of(source, options.encoding)
    sample = start[: 4 * _FIRST_CHARACTERS].decode(encoding, "replace")[:_FIRST_CHARACTERS]
    sample = sample.removeprefix("\ufeff")
    delimiter = _checked_delimiter(options.delimiter, source.name) or guess_delimiter(sample) or ","
    whole = len(start) == source.total_bytes and len(start) <= _FIRST_CHARACTERS
    has_quotes = _has_quotes(sample, delimiter, whole)

    def records(lines: Lines, row: int) -> Iterator[list[str]]:
        """Yield the cells of each line that has any; the first is of this row, 0 for the header."""
        csv.field_size_limit(max(csv.field_size_limit(), MOST_LINE))
        reader = csv.reader(
            lines,
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE,
            strict=True,
        )
        while True:
            began = lines.number + 1
            try:
                record = next(reader, None)
            except (FormatError, csv.Error) as error:
                where = f"Row {row:,}" if row else "The header"
                raise DataError(f"{where} of {source.name} {_wrong(error, began)}.") from error
            if record is None:
                return
            if record:
                yield record
                row += 1

    with source.open() as stream:
        beginning = records(Lines(stream, encoding), 0)
        first, second = next(beginning, None), next(beginning, None)
    has_header = first is None or not _looks_like_data(first, second)
    if first is None or (has_header and second is None):
        what = "is empty: it has no rows" if first is None else "has a header but no rows below it"
        raise DataError(f"{source.name} {what}.")
    names, width = unique_names(first if has_header else [None] * len(first), source.name), len(first)

    def cells(lines: Lines, columns: Sequence[int]) -> Iterator[Sequence[Cell]]:
        rows = records(lines, 0 if has_header else 1)
        for row, record in enumerate(itertools.islice(rows, int(has_header), None), start=1):
            if len(record) != width:
                if any(record[width:]):
                    raise DataError(
                        f"Row {row:,} of {source.name} (line {lines.number:,}) has "
                        f"{len(record):,} cells where the table has {width:,} columns. Put quotes around a "
                        f"cell with {_NAMES.get(delimiter, delimiter)} in it, or choose another delimiter."
                    )
                record += [""] * (width - len(record))
            yield [record[column] or None for column in columns]

    form, read_by = "TSV" if delimiter == "\t" else "CSV", Options(encoding=encoding, delimiter=delimiter)
    return table_in(source, form, read_by, names, _line_reader(source, encoding, cells))


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


_FIRST_OBJECTS = 1_000


def open_json_lines(source: Source, options: Options) -> Table:
    """Open a file of JSON Lines. Raises DataError where it holds no object, or none with a text in it."""
    _, encoding = _start_of(source, options.encoding)

    def objects(lines: Lines) -> Iterator[dict[str, Any]]:
        """Yield the object of each line that isn't blank. Raises DataError for a line with anything else."""
        row = 1
        try:
            for line in lines:
                if not line.isspace():
                    yield _object(source.name, line, row, lines.number)
                    row += 1
        except FormatError as error:
            raise DataError(f"Row {row:,} of {source.name} {error}.") from error

    is_nested: dict[str, bool] = {}
    with source.open() as stream:
        for item in itertools.islice(objects(Lines(stream, encoding)), _FIRST_OBJECTS):
            for key, value in item.items():
                is_nested[key] = is_nested.get(key, False) or isinstance(value, list | dict)
    flat = tuple(key for key, nested in is_nested.items() if not nested)
    left_out = tuple(key for key in is_nested if key not in flat)
    if not flat:
        nested = ", ".join(map(shown, left_out[:20]))
        what = f"only lists and objects: {nested}" if nested else "no values"
        raise DataError(f"{source.name} holds {what}. Each line must have a text, and best a label.")

    def cells(lines: Lines, columns: Sequence[int]) -> Iterator[Sequence[Cell]]:
        keys = [flat[column] for column in columns]
        for row, item in enumerate(objects(lines), start=1):
            for key in keys:
                if isinstance(item.get(key), list | dict):
                    raise DataError(
                        f"Row {row:,} of {source.name} (line {lines.number:,}), column {shown(key)}: "
                        "the cell holds a list or an object where a text or a number must be."
                    )
            yield [cell_of(item.get(key)) for key in keys]

    names, read = unique_names(flat, source.name), _line_reader(source, encoding, cells)
    return table_in(source, "JSON Lines", Options(encoding=encoding), names, read, left_out)


def _object(file: str, line: str, row: int, number: int) -> dict[str, Any]:
    where = f"Row {row:,} of {file} (line {number:,})"
    try:
        item = _decoder.decode(line)
    except (ValueError, RecursionError) as error:
        if row == 1 and line.lstrip().startswith(("[", "{")):
            where = (
                f"{file} is no JSON Lines, where each line is a JSON object of its own, "
                f"as a list or an object over several lines is not. Row {row:,} (line {number:,})"
            )
        why = "it is nested too deeply"
        if isinstance(error, json.JSONDecodeError):
            why = f"{error.msg[0].lower()}{error.msg[1:]} at character {error.colno:,}"
        raise DataError(f"{where} is no JSON: {why}.") from error
    if not isinstance(item, dict):
        came = "a list" if isinstance(item, list) else "a single value"
        raise DataError(
            f'{where} must be a JSON object such as {{"text": "...", "label": "..."}}, got {came}. '
            "A file that is one long list must be written again with one object a line."
        )
    return {_whole(key): _whole(value) for key, value in item.items()} if "\\u" in line else item


def _whole(value: Any) -> Any:
    r"""Returns a text with ? for half a letter, which JSON can write as \ud83d and no file can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


# NaN and Infinity, which JSON doesn't have, Python writes for missing numbers.
_decoder = json.JSONDecoder(parse_int=str, parse_constant=lambda _: None)
