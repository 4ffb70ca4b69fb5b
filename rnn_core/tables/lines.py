"""Tables of text that are read line by line: lines decoded one at a time, none longer than a bound."""

import codecs
import io
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from rnn_core.errors import DataError
from rnn_core.files import FormatError
from rnn_core.refusals import shown
from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Reading, Table

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


FIRST_BYTES = 16_000_000
"""The bytes by which the encoding is guessed."""


class TableByLine(Table):
    """A table in a text file."""

    _source: Source

    @contextmanager
    def _read(self, columns: Sequence[str]) -> Iterator[Reading]:
        with self._source.open() as stream:
            lines = Lines(stream, self.options.encoding)
            rows = self._source.to_the_end(self._rows(lines, columns))
            yield Reading(rows, stream.tell, lambda: f"line {lines.number:,}")

    @abstractmethod
    def _rows(self, lines: Lines, columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
        """The cells of these columns, row by row. Raises DataError."""


def encoding_of(source: Source, asked: str, start: bytes) -> str:
    """The encoding that was asked for, or a guess by the first bytes. Raises DataError for an unknown one."""
    return checked_encoding(asked, source.name) if asked else guess_encoding(start)
