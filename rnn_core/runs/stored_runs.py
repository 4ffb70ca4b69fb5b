"""The runs in the store: one that can't be read neither hides the others nor stops the queue."""

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, UnknownRunError, UnreadableRunError
from rnn_core.files import FormatError, to_json
from rnn_core.runs import process
from rnn_core.runs.database import Database
from rnn_core.runs.run import (
    INTERRUPTED,
    QUEUED,
    RUNNING,
    STOPPING,
    Run,
    check_run_id,
    clean_name,
    clean_note,
)
from rnn_core.tasks.task import task_of

_INTERRUPTED_MESSAGE = "The process that trained it has gone; what it recorded until then is kept."


class StoredRuns:
    """The table of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: str) -> Run:
        """One run. Raises UnknownRunError, and UnreadableRunError for one of another version."""
        check_run_id(run_id)
        with self._database.connection() as connection:
            return self.one(connection, run_id)

    def all(self) -> list[Run]:
        """All runs that can be read, the newest first."""
        with self._database.connection() as connection:
            return self.select(connection, "ORDER BY number DESC")

    def unreadable(self) -> list[UnreadableRunError]:
        """What is wrong with each run that can't be read, the newest first."""
        with self._database.connection() as connection:
            rows = connection.execute("SELECT * FROM runs ORDER BY number DESC").fetchall()
        found = []
        for row in rows:
            try:
                _run_of(row, abandoned=set())
            except UnreadableRunError as error:
                found.append(error)
        return found

    def active(self) -> list[Run]:
        """The runs at work, then the queue: those that wait for their turn, the next one first."""
        with self._database.connection() as connection:
            runs = self.select(connection, "WHERE state IN (?, ?) ORDER BY number", RUNNING, QUEUED)
        return sorted((run for run in runs if run.active), key=lambda run: run.state != RUNNING)

    def select(self, connection: sqlite3.Connection, which: str, *values: object) -> list[Run]:
        """The runs that can be read: one that can't must neither hide the others nor block the queue.

        All as they stood at one moment: other processes end and delete runs meanwhile.
        """
        query = f"SELECT * FROM runs {which}"
        rows = connection.execute(query, values).fetchall()
        abandoned = self._abandoned(rows)
        if abandoned:  # or have ended between the two looks, at the list and at the locks
            rows = connection.execute(query, values).fetchall()
        runs = []
        for row in rows:
            with contextlib.suppress(UnreadableRunError):
                runs.append(_run_of(row, abandoned))
        return runs

    def row(self, connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
        """The row of a run, readable or not. Raises UnknownRunError."""
        row: sqlite3.Row | None = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise _unknown(run_id)
        return row

    def one(self, connection: sqlite3.Connection, run_id: str) -> Run:
        """One run, read by this connection; see `get`."""
        row = self.row(connection, run_id)
        abandoned = self._abandoned([row])
        return _run_of(self.row(connection, run_id) if abandoned else row, abandoned)

    def update(self, run_id: str, condition: str = "1", *given: object, **values: object) -> bool:
        """Write these columns of a run where the condition on its row holds; whether it did."""
        assignments = ", ".join(f"{column} = ?" for column in values)
        with self._database.writing() as connection:
            updated = connection.execute(
                f"UPDATE runs SET {assignments} WHERE id = ? AND {condition}",
                (*values.values(), run_id, *given),
            )
            return updated.rowcount > 0

    def say(self, run_id: str, message: str) -> None:
        """Say what a run is doing; one that was asked to stop says so until it is scored."""
        self.update(run_id, "message != ?", STOPPING, message=message)

    def set_paused(self, run_id: str, paused: bool, message: str) -> None:
        """Say whether a run waits for a command to go on."""
        self.update(run_id, paused=paused)
        self.say(run_id, message)

    def finish(self, run_id: str, state: str, message: str, scores: Mapping[str, Any] | None = None) -> None:
        """End a run in `state`; `scores` are those on the test reviews, where there are any."""
        self.update(
            run_id, state=state, message=message, ended=time.time(), scores=to_json(dict(scores or {}))
        )

    def describe(self, run_id: str, *, name: str, note: str, starred: bool) -> None:
        """Give a run another name, a note, a star. Raises RunError for a name or a note that is too long."""
        if not self.update(run_id, name=clean_name(name), note=clean_note(note), starred=starred):
            raise _unknown(run_id)

    def _abandoned(self, rows: Iterable[sqlite3.Row]) -> set[str]:
        """The ids of the runs that need a process which is not there."""
        needing = [row["id"] for row in rows if _needs_a_holder(row)]
        return {run_id for run_id in needing if not process.is_held(self._database.root / run_id)}


def _unknown(run_id: str) -> UnknownRunError:
    return UnknownRunError(f"There is no run {run_id[:80]!r}. `python -m rnn_core runs list` shows the ids.")


def _needs_a_holder(row: sqlite3.Row) -> bool:
    """Whether the run is only alive while a process holds its lock."""
    return bool(row["state"] == RUNNING or (row["state"] == QUEUED and row["foreground"]))


def _run_of(row: sqlite3.Row, abandoned: set[str]) -> Run:
    state = INTERRUPTED if row["id"] in abandoned and _needs_a_holder(row) else row["state"]
    try:
        config = RunConfig.from_json(row["config"])
        scores = task_of(config).read_scores(row["scores"], config)
    except ConfigError as error:
        raise UnreadableRunError(row["id"], str(error), row["name"]) from error
    except FormatError as error:
        raise UnreadableRunError(row["id"], f"In its scores, {error}.", row["name"]) from error
    return Run(
        id=row["id"],
        name=row["name"],
        config=config,
        state=state,
        foreground=bool(row["foreground"]),
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
        optimizer_step=row["optimizer_step"],
        total_steps=row["total_steps"],
        message=_INTERRUPTED_MESSAGE if state == INTERRUPTED else row["message"],
        validation_accuracy=row["validation_accuracy"],
        scores=scores,
        paused=bool(row["paused"]) and state == RUNNING,
        resumed=row["resumed"],
        starred=bool(row["starred"]),
        note=row["note"],
        threads=row["threads"],
    )
