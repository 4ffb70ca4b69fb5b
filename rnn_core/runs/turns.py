"""Whose turn it is: the queue as the store keeps it, and who may begin."""

import sqlite3
import time

from rnn_core.errors import RunError
from rnn_core.runs import process
from rnn_core.runs.database import Database
from rnn_core.runs.run import FAILED, INTERRUPTED, QUEUED, RUNNING, STOPPED, Run
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.training.checkpoint import has_checkpoint

MOST_AT_ONCE = 16
_LAUNCH_PATIENCE = 60.0  # seconds that a worker may take from its start to its claim


class Turns:
    """Moves runs through the queue; of two processes that ask for the same turn at once, one gets it."""

    def __init__(self, database: Database, runs: StoredRuns) -> None:
        self._database, self._runs = database, runs

    def at_once(self) -> int:
        """How many runs may train at the same time."""
        with self._database.connection() as connection:
            return _at_once(connection)

    def set_at_once(self, runs: int) -> None:
        """Let so many runs train at the same time. Raises RunError where it is not 1 to MOST_AT_ONCE."""
        if not 1 <= runs <= MOST_AT_ONCE:
            raise RunError(f"Between 1 and {MOST_AT_ONCE} runs can train at once, got {runs:,}.")
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES ('at_once', ?)", (runs,))

    def claim(self, run_id: str) -> bool:
        """Begin a run if it is its turn: as many more may train as come before it in the queue, and it.

        Only who holds the lock on its folder may ask. Of two who ask at once, one gets True.
        """
        with self._database.writing() as connection:
            if run_id not in [run.id for run in self._next(connection)]:
                connection.execute("UPDATE runs SET launched = NULL WHERE id = ?", (run_id,))
                return False
            connection.execute(
                "UPDATE runs SET state = ?, started = IFNULL(started, ?), message = ?, paused = 0"
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
        """Whether it was interrupted, failed, or was stopped on its way back from either.

        One that was stopped while it trained has been scored, and has no checkpoint any more.
        """
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
        return waiting[: max(_at_once(connection) - at_work, 0)]


def _at_once(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM settings WHERE name = 'at_once'").fetchone()
    return int(row[0]) if row else 1
