"""The runs in the store, and whose turn it is.

A run that can't be read neither hides the others nor stops the queue.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, RunError, UnknownRunError, UnreadableRunError
from rnn_core.files import FormatError, to_json
from rnn_core.runs import process
from rnn_core.runs.database import Database
from rnn_core.runs.run import (
    FAILED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    STOPPED,
    Run,
    check_run_id,
    clean_name,
    clean_note,
)
from rnn_core.tasks.task import task_of
from rnn_core.training.checkpoint import has_checkpoint

MOST_AT_ONCE = 16
_LAUNCH_PATIENCE = 60.0  # seconds that a worker may take from its start to its claim
_FIELDS = frozenset(field.name for field in fields(Run))


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
        """Name the fault of each run that can't be read, the newest first."""
        found = []
        for row in self._database.rows("SELECT * FROM runs ORDER BY number DESC"):
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
        """The runs that can be read, as of one moment: other processes end and delete runs meanwhile."""
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
        update = f"UPDATE runs SET {assignments} WHERE id = ? AND {condition}"
        return self._database.write(update, *values.values(), run_id, *given) > 0

    def say(self, run_id: str, message: str) -> None:
        """Say what a run is doing; one that was asked to stop says so until it is scored."""
        self.update(run_id, "NOT ending", message=message)

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


class Turns:
    """Moves runs through the queue; of two processes that ask for the same turn at once, one gets it."""

    def __init__(self, database: Database, runs: StoredRuns) -> None:
        self._database, self._runs = database, runs

    def at_once(self) -> int:
        """Return the number of runs that may train at the same time."""
        with self._database.connection() as connection:
            return _read_at_once(connection)

    def set_at_once(self, runs: int) -> None:
        """Let so many runs train at the same time. Raises RunError where it is not 1 to MOST_AT_ONCE."""
        if not 1 <= runs <= MOST_AT_ONCE:
            raise RunError(f"Between 1 and {MOST_AT_ONCE} runs can train at once, got {runs:,}.")
        self._database.write("INSERT OR REPLACE INTO settings (name, value) VALUES ('at_once', ?)", runs)

    def claim(self, run_id: str) -> bool:
        """Begin a run, whose lock this process holds, if it is its turn. Of two who ask at once one may."""
        with self._database.writing() as connection:
            if run_id not in [run.id for run in self._next(connection)]:
                connection.execute("UPDATE runs SET launched = NULL WHERE id = ?", (run_id,))
                return False
            connection.execute(
                "UPDATE runs SET state = ?, started = IFNULL(started, ?), message = ?, paused = 0, ending = 0"
                " WHERE id = ?",
                (RUNNING, time.time(), "Starting", run_id),
            )
            return True

    def launch_next(self) -> Run | None:
        """The run that needs a worker now, if there is one; of two who ask at once, one gets it."""
        with self._database.writing() as connection:
            for run in self._next(connection):
                launched = self._runs.row(connection, run.id)["launched"]
                # abs: a clock that was set back must not block the queue.
                is_starting = launched is not None and abs(time.time() - launched) < _LAUNCH_PATIENCE
                if not is_starting and not process.is_held(self._database.folder(run.id)):
                    connection.execute(
                        "UPDATE runs SET launched = ?, message = ? WHERE id = ?",
                        (time.time(), "Starting", run.id),
                    )
                    return run
            return None

    def leave(self, run_id: str, state: str, message: str) -> bool:
        """End a run that has not begun, in `state`; False where it has."""
        return self._runs.update(run_id, "state = ?", QUEUED, state=state, message=message, ended=time.time())

    def can_go_on(self, run: Run) -> bool:
        """True if it was interrupted or failed, or was stopped on its way back from either, unscored."""
        if run.state == STOPPED:
            return has_checkpoint(self._database.folder(run.id))
        return run.state in (INTERRUPTED, FAILED)

    def requeue(self, run_id: str) -> None:
        """Put a run that can go on back into the queue, at its old place. Raises RunError for any other."""
        with self._database.writing() as connection:
            run = self._runs.one(connection, run_id)
            if not self.can_go_on(run):
                raise RunError(f"Run {run_id} is {run.state}: only one that was interrupted can go on.")
            connection.execute(
                "UPDATE runs SET state = ?, foreground = 0, paused = 0, launched = NULL, ended = NULL,"
                " message = ? WHERE id = ?",
                (QUEUED, "Waiting to go on", run_id),
            )

    def _next(self, connection: sqlite3.Connection) -> list[Run]:
        """The runs whose turn it is: the first of the queue, as many as may train beside those at work."""
        runs = self._runs.select(connection, "WHERE state IN (?, ?) ORDER BY number", RUNNING, QUEUED)
        waiting = [run for run in runs if run.state == QUEUED]
        at_work = sum(run.state == RUNNING for run in runs)
        return waiting[: max(_read_at_once(connection) - at_work, 0)]


def _unknown(run_id: str) -> UnknownRunError:
    return UnknownRunError(f"There is no run {run_id[:80]!r}. `python -m rnn_core runs list` shows the ids.")


def _needs_a_holder(row: sqlite3.Row) -> bool:
    """True if the run is only alive while a process holds its lock."""
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
    gone = "The process that trained it has gone; what it recorded until then is kept."
    stored = {name: row[name] for name in row.keys() if name in _FIELDS}  # noqa: SIM118 (a row yields values)
    changed = {
        "config": config,
        "state": state,
        "scores": scores,
        "message": gone if state == INTERRUPTED else row["message"],
        "foreground": bool(row["foreground"]),
        "starred": bool(row["starred"]),
        "paused": bool(row["paused"]) and state == RUNNING,
    }
    return Run(**stored | changed, is_ending=bool(row["ending"]) and state == RUNNING)


def _read_at_once(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM settings WHERE name = 'at_once'").fetchone()
    return int(row[0]) if row else 1
