"""The kinds of files in which something is exported, for pages, commands and notebooks alike.

`TRACE_FORMATS` write the table of a trace, as `trace_table` makes it. `runs.transfer` has those of a run.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from rnn_core.export.format import Format
from rnn_core.inspection.tables import table_facts
from rnn_core.registry import Registry
from rnn_core.tables.written import safe_cell


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat(Format[[pa.Table]]):
    """A kind of file that holds a table."""

    lists: bool = True
    """True if a cell may be a list, as the units of a gate are; else their columns are left out."""

    def columns(self, table: pa.Table) -> list[str]:
        """Returns the names of the columns that a file has of this table."""
        return [field.name for field in table.schema if self.lists or not pa.types.is_list(field.type)]


def to_parquet(table: pa.Table) -> bytes:
    """Returns the content of a Parquet file; what `table_facts` returns is the metadata of its schema."""
    written = pa.BufferOutputStream()
    # Few numbers come twice: with dictionaries the file would be 1.5 times as large.
    pq.write_table(table, written, use_dictionary=False)
    return written.getvalue().to_pybytes()


def to_json(table: pa.Table) -> bytes:
    """Returns the content of a JSON file: one object with `table_facts` and `columns`, each column a list.

    A number has the digits that its float32 needs to come back to the bit. What is no finite number is null.
    """
    columns = {name: _values(table.column(name).combine_chunks()) for name in table.column_names}
    value = {"about": table_facts(table), "columns": columns}
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode()


def to_csv(table: pa.Table) -> bytes:
    """Returns the content of a CSV file with the columns of single values, safe to open as a spreadsheet."""
    columns = {
        name: pa.array(map(safe_cell, column.to_pylist()), pa.string())
        if pa.types.is_string(column.type)
        else column
        for name, column in zip(table.column_names, table.columns, strict=True)
        if not pa.types.is_list(column.type)
    }
    out = pa.BufferOutputStream()
    pyarrow.csv.write_csv(pa.table(columns), out)
    return out.getvalue().to_pybytes()


TRACE_FORMATS: Registry[TableFormat] = Registry(
    "format of a trace",
    {
        "parquet": TableFormat(
            label="Parquet", suffix=".parquet", mime="application/vnd.apache.parquet", content=to_parquet
        ),
        "json": TableFormat(label="JSON", suffix=".json", mime="application/json", content=to_json),
        "csv": TableFormat(
            label="CSV, without the units", suffix=".csv", mime="text/csv", content=to_csv, lists=False
        ),
    },
)


def _values(column: pa.Array) -> list[Any]:
    """Returns a column as JSON can hold it."""
    if pa.types.is_list(column.type):
        flat, T = _values(column.flatten()), len(column)
        H = len(flat) // T
        return [flat[t * H : (t + 1) * H] for t in range(T)]
    if not pa.types.is_floating(column.type):
        return column.to_pylist()
    values = column.to_numpy(zero_copy_only=False)  # what is empty becomes nan
    numbers = values.astype(str).astype(float).tolist()  # float32's own digits, which are half of float64's
    if np.isfinite(values).all():
        return numbers
    return [number if math.isfinite(number) else None for number in numbers]
