"""The history of a run in the store: the records that its training appends, the commands that pages leave."""

import sqlite3
import time
from collections.abc import Iterable
from typing import NamedTuple

from rnn_core.errors import UnreadableRunError
from rnn_core.files import FormatError
from rnn_core.runs.database import Database
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.training.records import Record, read_records
from rnn_core.training.schedule import RateChange

STOP, PAUSE, RESUME, STEP, EPOCH = "stop", "pause", "resume", "step", "epoch"
"""End, keep what was learned and score it; wait; go on; a step, or an epoch, then wait."""
STOP_UNSCORED = "stop unscored"
"""End and keep what was learned, without a score: what is asked of a run that is ending already."""
RATE, HOLD = RATES = ("rate", "hold")
"""Kinds of a new learning rate: the schedule goes on in proportion to it, or it stays."""


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
        rows = self._database.rows(
            "SELECT number, record FROM metrics WHERE run = ? AND number > ? ORDER BY number", run_id, row
        )
        try:
            records = read_records(f"[{','.join(row['record'] for row in rows)}]")
        except FormatError as error:
            raise UnreadableRunError(run_id, f"In its history, {error}.") from error
        return RecordsSince(records, rows[-1]["number"] if rows else row)

    def validation_curves(self) -> dict[str, list[float]]:
        """Run id -> the validation score at each evaluation, in order, of every run that has any."""
        curves: dict[str, list[float]] = {}
        for run_id, accuracy in self._database.rows(
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


class Command(NamedTuple):
    """A command as the training took it."""

    number: int
    """Later ones have larger numbers, over all runs."""
    name: str
    value: float | None
    """The learning rate, where one was given."""
    records: int
    """Number of records that the training had given until then: the command's place in its history."""
    optimizer_step: int
    """Number of optimizer steps done until then."""


def rate_changes(commands: Iterable[Command]) -> list[RateChange]:
    """Return the changes that these commands make to the learning rate."""
    return [
        RateChange(command.optimizer_step, command.value, command.name == HOLD)
        for command in commands
        if command.name in RATES and command.value is not None
    ]


class StoredCommands:
    """The table of commands."""

    def __init__(self, database: Database, runs: StoredRuns) -> None:
        self._database, self._runs = database, runs

    def give(self, run_id: str, name: str, value: float | None = None) -> None:
        """Leave a command for the process that trains the run."""
        with self._database.writing() as connection:
            self._runs.one(connection, run_id)
            connection.execute(
                "INSERT INTO commands (run, command, value, given) VALUES (?, ?, ?, ?)",
                (run_id, name, value, time.time()),
            )

    def take(
        self, run_id: str, records: int = 0, optimizer_step: int = 0, *, only: str | None = None
    ) -> list[Command]:
        """The commands given since the last time, in order, each once; with `only`, others stay for later."""
        untaken = "FROM commands WHERE run = ? AND taken IS NULL AND command = IFNULL(?, command)"
        # Asked several times a second: a look costs no lock, only a command does.
        if not self._database.rows(f"SELECT 1 {untaken}", run_id, only):
            return []
        with self._database.writing() as connection:
            numbers = [
                row["number"] for row in connection.execute(f"SELECT number {untaken}", (run_id, only))
            ]
            connection.executemany(
                "UPDATE commands SET taken = ?, records = ?, optimizer_step = ? WHERE number = ?",
                [(time.time(), records, optimizer_step, number) for number in numbers],
            )
            taken = _taken(connection, run_id)
        return [command for command in taken if command.number in numbers]

    def is_to_pause(self, run_id: str) -> bool:
        """True if the last command about its pace, taken or not, lets it wait sooner or later."""
        pace = (PAUSE, STEP, EPOCH, RESUME)
        given = self._database.rows(
            "SELECT command FROM commands WHERE run = ? AND command IN (?, ?, ?, ?) ORDER BY number",
            *(run_id, *pace),
        )
        return bool(given) and given[-1]["command"] != RESUME

    def taken(self, run_id: str) -> list[Command]:
        """The commands that a run has taken, in order."""
        with self._database.connection() as connection:
            return _taken(connection, run_id)


def _taken(connection: sqlite3.Connection, run_id: str) -> list[Command]:
    rows = connection.execute(
        "SELECT number, command, value, IFNULL(records, 0), IFNULL(optimizer_step, 0) FROM commands"
        " WHERE run = ? AND taken IS NOT NULL ORDER BY number",
        (run_id,),
    )
    return [Command(*row) for row in rows]
