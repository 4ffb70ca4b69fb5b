"""The curves of a published question's runs: one Parquet file under `artifacts/results/curves`.

A row for each record, all optimizer steps of all runs: in single precision they take 8 to 14 kB a run, less
than fewer points in JSON, and a smoothed curve stays what it was. Looks inside are JSON with four digits.
Measures of a task other than accuracy have a column each, behind the others.
"""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.errors import SweepError
from rnn_core.files import FormatError, from_json, to_json, write_whole
from rnn_core.paths import results_folder
from rnn_core.sweeps.sweep import check_name
from rnn_core.tasks.task import task_named
from rnn_core.training.gradient_flow import InsideLook
from rnn_core.training.records import Record, read_training

_NUMBERS = ("epoch", "loss", "accuracy", "seconds", "gradient_norm", "learning_rate")
_SCHEMA = pa.schema(
    {
        "run": pa.string(),
        "kind": pa.string(),
        "optimizer_step": pa.int32(),
        **dict.fromkeys(_NUMBERS, pa.float32()),
        "inside": pa.string(),
    }
)
_ENCODING = {
    **dict.fromkeys(("loss", "gradient_norm"), "BYTE_STREAM_SPLIT"),  # they hardly repeat a value
    "optimizer_step": "DELTA_BINARY_PACKED",
}
_MOST_BYTES, _MOST_ROWS = 20_000_000, 2_000_000


def curves_path(question: str) -> Path:
    """The file of a question. Raises SweepError where no sweep can be called so."""
    check_name(question)
    return results_folder() / "curves" / f"{question}.parquet"


def write_curves(question: str, records: Mapping[str, Sequence[Record]]) -> None:
    """Put the records of these runs, id -> records, in the place of what was there. Raises OSError."""
    rows = []
    measures = sorted({name for its in records.values() for record in its for name in record.measures or {}})
    schema = pa.schema([*_SCHEMA, *(pa.field(name, pa.float32()) for name in measures)])
    encoding = {**_ENCODING, **dict.fromkeys(measures, "BYTE_STREAM_SPLIT")}
    for run, its in records.items():
        for values in (record.to_dict() for record in its):
            inside = values["inside"]
            packed = None if inside is None else _packed(inside)
            kept = {name: values[name] for name in _SCHEMA.names if name != "run"}
            kept |= values.get("measures") or {}
            rows.append({**kept, "run": run, "seconds": round(values["seconds"]), "inside": packed})
    content = BytesIO()
    pq.write_table(
        pa.Table.from_pylist(rows, schema=schema),
        content,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in schema.names if name not in encoding],
        column_encoding=encoding,
    )
    path = curves_path(question)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content.getvalue())


def runs_with_curves(question: str) -> list[str]:
    """The ids of all runs whose curves were published. Raises SweepError for a damaged file."""
    return pc.unique(_read(question, ["run"])["run"]).to_pylist()


def read_curves(question: str, run: str, cell: str, task: str = CLASSIFICATION) -> list[Record]:
    """The records of a run of this cell for this task, if its curves were published.

    Raises SweepError for any others.
    """
    rows = _read(question)
    names = [name for name in rows.column_names if name not in _SCHEMA.names]
    records = rows.filter(pc.equal(rows["run"], run)).drop_columns("run").to_pylist()
    try:
        for record in records:
            if record["inside"] is not None:
                record["inside"] = from_json(record["inside"], InsideLook)
            found = {name: record.pop(name) for name in names}
            if measures := {name: value for name, value in found.items() if value is not None}:
                record |= {"measures": measures, "scored_by": task_named(task).score.field}
        return read_training(to_json(records), cell, task)
    except FormatError as error:
        raise _damaged(question, error) from error


def _read(question: str, columns: Sequence[str] | None = None) -> pa.Table:
    """These columns, or all."""
    path = curves_path(question)
    if not path.exists():
        return _SCHEMA.empty_table().select(columns or _SCHEMA.names)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it must have at most {_MOST_BYTES:,} bytes")
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > _MOST_ROWS or not _is_of_runs(file.schema_arrow):
                raise ValueError("it must hold the records of runs")
            rows = file.read(columns=columns)
        rows.validate(full=True)  # pyarrow believes a file of its lengths and of its letters
        return rows
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _damaged(question, error) from error


def _is_of_runs(schema: pa.Schema) -> bool:
    fields = list(schema)
    known, measures = fields[: len(_SCHEMA)], fields[len(_SCHEMA) :]
    return pa.schema(known).equals(_SCHEMA) and all(field.type == pa.float32() for field in measures)


def _damaged(question: str, error: Exception) -> SweepError:
    return SweepError(f"The curves of {question} can't be read: {curves_path(question).name}: {error}")


def _packed(inside: Any) -> str:
    """JSON of a look inside, with numbers of four digits; whole numbers stay whole."""
    rounded = json.loads(to_json(inside), parse_float=lambda digits: float(f"{float(digits):.4g}"))
    return to_json(rounded, separators=(",", ":"))
