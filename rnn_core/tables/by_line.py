"""What tables of text, read line by line, have in common: an encoding, and the line that was read last."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.lines import Lines, checked_encoding
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Reading, Table

FIRST_BYTES = 16_000_000
"""By which the encoding is guessed."""


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
