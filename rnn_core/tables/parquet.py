"""Parquet tables, read some rows at a time; lists and structures inside a row are no cells."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rnn_core.errors import DataError, reason
from rnn_core.refusals import shown
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Options, Reading, Table, as_cell, unique_names

_ROWS = 128
"""The rows read at a time: few, since a long text that many rows share is short in the file."""
_BUFFER = 1 << 20
_NO_TEXT = (ValueError, OverflowError, pa.ArrowException)
"""Errors of Arrow for bytes that aren't UTF-8, dates beyond the year 9999, unknown time zones."""


class ParquetTable(Table):
    """A Parquet file."""

    def __init__(self, source: Source) -> None:
        """Raises DataError where the file is damaged, has no rows, or none but nested columns."""
        self._source = source
        with source.open_seekable() as stream:
            try:
                file = _opened(stream)
                schema, self._rows_in_all = file.schema_arrow, file.metadata.num_rows
            except (pa.ArrowException, OSError, ValueError) as error:
                raise DataError(f"{source.name} is damaged, or no Parquet file: {reason(error)}.") from error
        names = unique_names(schema.names, source.name)
        nested = {name for name, field in zip(names, schema, strict=True) if _is_nested(field.type)}
        if not self._rows_in_all:
            raise DataError(f"{source.name} has columns but no rows.")
        if len(nested) == len(names):
            raise DataError(
                f"{source.name} has only columns of lists or structures: "
                f"{', '.join(map(shown, names[:20]))}. Write it with a column of texts."
            )
        self._places = {name: place for place, name in enumerate(names)}
        self._names = schema.names
        super().__init__(
            source.path,
            "Parquet",
            Options(),
            tuple(name for name in names if name not in nested),
            source.total_bytes,
            tuple(name for name in names if name in nested),
        )

    @contextmanager
    def _read(self, columns: Sequence[str]) -> Iterator[Reading]:
        with self._source.open_seekable() as stream:
            rows_read = 0

            def counted() -> Iterator[Sequence[Cell]]:
                nonlocal rows_read
                for row in self._rows(stream, columns):
                    rows_read += 1
                    yield row

            def bytes_done() -> int:
                """Returns the bytes that are done, by rows: those of the columns lie apart."""
                return self.total_bytes * rows_read // self._rows_in_all

            yield Reading(self._source.to_the_end(counted()), bytes_done, str)

    def _rows(self, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
        asked = {self._names[self._places[column]] for column in columns}
        row = 0
        try:
            file = _opened(stream)
            for batch in file.iter_batches(_ROWS, columns=sorted(asked), use_threads=False):
                cells = []
                for column in columns:
                    # Among those of the same name, which keep their order, so many stand before it.
                    name = self._names[self._places[column]]
                    before = self._names[: self._places[column]].count(name)
                    place = [at for at, other in enumerate(batch.schema.names) if other == name][before]
                    cells.append(self._cells(batch.column(place), column, row))
                yield from zip(*cells, strict=True)
                row += len(batch)
        except (pa.ArrowException, OSError) as error:
            raise DataError(
                f"{self._source.name} is damaged: it can't be read after row {row:,} ({reason(error)})."
            ) from error

    def _cells(self, values: Any, column: str, rows_before: int) -> list[Cell]:
        """The cells of some rows of a column. Raises DataError for a value that has no text."""
        try:
            if pa.types.is_dictionary(values.type):
                values = values.dictionary_decode()
            if pa.types.is_float16(values.type) or pa.types.is_float32(values.type):
                numbers = values.to_numpy(zero_copy_only=False)
                return [None if np.isnan(number) else as_cell(float(str(number))) for number in numbers]
            return [as_cell(value) for value in values.to_pylist()]
        except _NO_TEXT as error:
            raise DataError(
                f"Column {shown(column)} of {self._source.name} holds a value that can't be shown as text, "
                f"in one of the rows {rows_before + 1:,} to {rows_before + len(values):,}: {reason(error)}."
            ) from error


def _opened(stream: BinaryIO) -> Any:
    return pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)


def _is_nested(kind: Any) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _is_nested(kind.storage_type)
    return bool(pa.types.is_nested(kind)) or (pa.types.is_dictionary(kind) and _is_nested(kind.value_type))
