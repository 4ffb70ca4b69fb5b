"""The records of a run in the store: its history, as the training appends it and the pages read it."""

from collections.abc import Iterable
from typing import NamedTuple

from rnn_core.errors import UnreadableRunError
from rnn_core.files import FormatError
from rnn_core.runs.database import Database
from rnn_core.training.records import Record, read_records


class RecordsSince(NamedTuple):
    """Records in the order they were made, and the row to ask from next time."""

    records: list[Record]
    row: int


class StoredRecords:
    """The table of records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run_id: str, records: Iterable[Record]) -> None:
        """Add records to a run's history and move its progress to the last of them."""
        rows = [
            (
                run_id,
                record.optimizer_step,
                record.to_json(),
                record.score if record.kind == "validation" else None,
            )
            for record in records
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO metrics (run, optimizer_step, record, validation_accuracy) VALUES (?, ?, ?, ?)",
                rows,
            )
            connection.execute("UPDATE runs SET optimizer_step = ? WHERE id = ?", (rows[-1][1], run_id))

    def all(self, run_id: str) -> list[Record]:
        """All records of a run."""
        return self.since(run_id, 0).records

    def since(self, run_id: str, row: int) -> RecordsSince:
        """The records that came after this row; all of them from row 0."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT number, record FROM metrics WHERE run = ? AND number > ? ORDER BY number",
                (run_id, row),
            ).fetchall()
        try:
            records = read_records(f"[{','.join(row['record'] for row in rows)}]")
        except FormatError as error:
            raise UnreadableRunError(run_id, f"In its history, {error}.") from error
        return RecordsSince(records, rows[-1]["number"] if rows else row)

    def validation_curves(self) -> dict[str, list[float]]:
        """Run id -> the validation score at each evaluation, in order, of every run that has any."""
        curves: dict[str, list[float]] = {}
        with self._database.connection() as connection:
            for run_id, accuracy in connection.execute(
                "SELECT run, validation_accuracy FROM metrics WHERE validation_accuracy IS NOT NULL"
                " ORDER BY run, number"
            ):
                curves.setdefault(run_id, []).append(accuracy)
        return curves

    def keep_first(self, run_id: str, records: int) -> None:
        """Take back all of a run's history but its first so many records."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM metrics WHERE run = ? AND number NOT IN"
                " (SELECT number FROM metrics WHERE run = ? ORDER BY number LIMIT ?)",
                (run_id, run_id, records),
            )
            connection.execute(
                "UPDATE runs SET resumed = resumed + 1, validation_accuracy = NULL, optimizer_step ="
                " IFNULL((SELECT MAX(optimizer_step) FROM metrics WHERE run = ?), 0) WHERE id = ?",
                (run_id, run_id),
            )
