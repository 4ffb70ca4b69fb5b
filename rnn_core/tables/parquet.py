"""Parquet tables, read some rows at a time; lists and structures inside a row are no cells."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rnn_core.errors import DataError, reason
from rnn_core.refusals import shown
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Options, RowPlace, Table, cell_of, table_in, unique_names

_ROWS = 128
"""The rows read at a time: few, since a long text that many rows share is short in the file."""
_BUFFER = 1 << 20
_NO_TEXT = (ValueError, OverflowError, pa.ArrowException)
"""Errors of Arrow for bytes that aren't UTF-8, dates beyond the year 9999, unknown time zones."""


def open_parquet(source: Source, options: Options) -> Table:
    """Open a Parquet file. Raises DataError for one damaged, without rows, or with nested columns alone."""
    with source.open_seekable() as stream:
        try:
            file = _opened(stream)
            schema, rows_in_all = file.schema_arrow, file.metadata.num_rows
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DataError(f"{source.name} is damaged, or no Parquet file: {reason(error)}.") from error
    names = unique_names(schema.names, source.name)
    flat = [place for place, field in enumerate(schema) if not _is_nested(field.type)]
    if not rows_in_all:
        raise DataError(f"{source.name} has columns but no rows.")
    if not flat:
        raise DataError(
            f"{source.name} has only columns of lists or structures: "
            f"{', '.join(map(shown, names[:20]))}. Write it with a column of texts."
        )

    def read(columns: Sequence[int], place: RowPlace) -> Generator[Sequence[Cell], None, None]:
        row = 0
        place.bytes_done = lambda: source.total_bytes * row // rows_in_all  # those of the columns lie apart

        def rows(stream: BinaryIO) -> Iterator[Sequence[Cell]]:
            nonlocal row
            places = [flat[column] for column in columns]
            asked = sorted({schema.names[at] for at in places})
            try:
                for batch in _opened(stream).iter_batches(_ROWS, columns=asked, use_threads=False):
                    values = [batch.column(_place_in(batch.schema.names, schema.names, at)) for at in places]
                    cells = [
                        _cells(source.name, some, names[at], row)
                        for some, at in zip(values, places, strict=True)
                    ]
                    yield from zip(*cells, strict=True)
                    row += len(batch)
            except (pa.ArrowException, OSError) as error:
                raise DataError(
                    f"{source.name} is damaged: it can't be read after row {row:,} ({reason(error)})."
                ) from error

        with source.open_seekable() as stream:
            yield from source.read_through(rows(stream))

    left_out = [name for place, name in enumerate(names) if place not in flat]
    return table_in(source, "Parquet", Options(), [names[place] for place in flat], read, left_out)


def _place_in(read: Sequence[str], names: Sequence[str], place: int) -> int:
    """The place of a column among those that were read: columns of the same name keep their order."""
    alike = [at for at, name in enumerate(read) if name == names[place]]
    return alike[names[:place].count(names[place])]


def _cells(file: str, values: Any, column: str, rows_before: int) -> list[Cell]:
    """The cells of some rows of a column. Raises DataError for a value that has no text."""
    try:
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        if pa.types.is_float16(values.type) or pa.types.is_float32(values.type):
            numbers = values.to_numpy(zero_copy_only=False)
            return [None if np.isnan(number) else cell_of(float(str(number))) for number in numbers]
        return [cell_of(value) for value in values.to_pylist()]
    except _NO_TEXT as error:
        raise DataError(
            f"Column {shown(column)} of {file} holds a value that can't be shown as text, "
            f"in one of the rows {rows_before + 1:,} to {rows_before + len(values):,}: {reason(error)}."
        ) from error


def _opened(stream: BinaryIO) -> Any:
    return pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)


def _is_nested(kind: Any) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _is_nested(kind.storage_type)
    return bool(pa.types.is_nested(kind)) or (pa.types.is_dictionary(kind) and _is_nested(kind.value_type))
