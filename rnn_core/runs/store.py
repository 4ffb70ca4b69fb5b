"""What outlives a process: runs, their records and the commands given to them, in one SQLite file.

Any number of processes and threads may use it at once. Each call opens its own connection and closes
it again, so nothing is shared between threads and nothing stays open.
"""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import filelock

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, RunError, StoreError, UnknownRunError, UnreadableRunError
from rnn_core.files import FormatError, to_json
from rnn_core.models.scores import read_scores
from rnn_core.paths import runs_folder
from rnn_core.runs import process
from rnn_core.runs.command import EPOCH, PAUSE, RESUME, STEP, Command
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
    new_run_id,
)
from rnn_core.runs.schema import VERSION, bring_up_to_date, version
from rnn_core.training.checkpoint import has_checkpoint
from rnn_core.training.records import Record, read_records

_FILE = "runs.sqlite"
_BUSY_TIMEOUT = 10.0  # seconds
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
MOST_AT_ONCE = 16
_LAUNCH_PATIENCE = 60.0  # seconds that a worker may take from its start to its claim


class RecordsSince(NamedTuple):
    """Records in the order they were made, and the row to ask from next time."""

    records: list[Record]
    row: int


class Store:
    """The runs under `artifacts/runs`. Making one opens nothing."""

    def __init__(self) -> None:
        self.root = runs_folder()

    def folder(self, run_id: str) -> Path:
        """Where a run's files lie. Raises UnknownRunError for what can't be an id."""
        return self.root / check_run_id(run_id)

    def create(self, config: RunConfig, name: str = "", *, foreground: bool = False) -> Run:
        """Put a run at the end of the queue and make its folder."""
        name = clean_name(name)
        run_id = new_run_id()
        with self._writing() as connection:
            folder = self.folder(run_id)
            folder.mkdir()
            try:
                (folder / "config.json").write_text(config.to_json(), encoding="utf-8")
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            connection.execute(
                "INSERT INTO runs (id, name, config, state, foreground, created, message)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id,
                    name,
                    config.to_json(),
                    QUEUED,
                    foreground,
                    time.time(),
                    "Waiting for its turn",
                ),
            )
            return self._one(connection, run_id)

    def get(self, run_id: str) -> Run:
        """One run. Raises UnknownRunError, and UnreadableRunError for one of another version."""
        check_run_id(run_id)
        with self._connection() as connection:
            return self._one(connection, run_id)

    def runs(self) -> list[Run]:
        """All runs that can be read, the newest first."""
        with self._connection() as connection:
            return self._select(connection, "ORDER BY number DESC")

    def unreadable(self) -> list[UnreadableRunError]:
        """What is wrong with each run that can't be read, the newest first."""
        with self._connection() as connection:
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
        with self._connection() as connection:
            runs = self._select(connection, "WHERE state IN (?, ?) ORDER BY number", RUNNING, QUEUED)
        return sorted((run for run in runs if run.active), key=lambda run: run.state != RUNNING)

    def changed_at(self) -> tuple[tuple[Path, int, int], ...]:
        """Another value after anything in the store has changed: its files, their times (ns) and sizes."""
        files = (self.root / _FILE, self.root / f"{_FILE}-wal")
        known = [(file, file.stat()) for file in files if file.exists()]
        return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in known)

    def append(self, run_id: str, records: Iterable[Record]) -> None:
        """Add records to a run's history and move its progress to the last of them."""
        rows = [
            (
                run_id,
                record.optimizer_step,
                record.to_json(),
                record.accuracy if record.kind == "validation" else None,
            )
            for record in records
        ]
        if not rows:
            return
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO metrics (run, optimizer_step, record, validation_accuracy) VALUES (?, ?, ?, ?)",
                rows,
            )
            connection.execute("UPDATE runs SET optimizer_step = ? WHERE id = ?", (rows[-1][1], run_id))

    def records(self, run_id: str, after: int = 0) -> RecordsSince:
        """The records that came after row `after`; all of them from row 0."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT number, record FROM metrics WHERE run = ? AND number > ? ORDER BY number",
                (run_id, after),
            ).fetchall()
        try:
            records = read_records(f"[{','.join(row['record'] for row in rows)}]")
        except FormatError as error:
            raise UnreadableRunError(run_id, f"In its history, {error}.") from error
        return RecordsSince(records, rows[-1]["number"] if rows else after)

    def validation_curves(self) -> dict[str, list[float]]:
        """Run id -> the validation accuracy at each evaluation, in order, of every run that has any."""
        curves: dict[str, list[float]] = {}
        with self._connection() as connection:
            for run_id, accuracy in connection.execute(
                "SELECT run, validation_accuracy FROM metrics WHERE validation_accuracy BETWEEN 0 AND 1"
                " ORDER BY run, number"
            ):
                curves.setdefault(run_id, []).append(accuracy)
        return curves

    def at_once(self) -> int:
        """How many runs may train at the same time."""
        with self._connection() as connection:
            return _at_once(connection)

    def set_at_once(self, runs: int) -> None:
        """Let so many runs train at the same time. Raises RunError where it is not 1 to MOST_AT_ONCE."""
        if not 1 <= runs <= MOST_AT_ONCE:
            raise RunError(f"Between 1 and {MOST_AT_ONCE} runs can train at once, got {runs:,}.")
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES ('at_once', ?)", (runs,))

    def set_message(self, run_id: str, message: str) -> None:
        """Say what a run is doing."""
        self._update(run_id, message=message)

    def set_threads(self, run_id: str, threads: int) -> None:
        """Say with how many processor threads a run computes, so that it goes on with as many."""
        self._update(run_id, threads=threads)

    def set_total_steps(self, run_id: str, total_steps: int) -> None:
        """Say how many optimizer steps a run takes."""
        self._update(run_id, total_steps=total_steps)

    def set_validation_accuracy(self, run_id: str, accuracy: float) -> None:
        """Say how the weights that would be kept now do on the validation reviews."""
        self._update(run_id, validation_accuracy=accuracy)

    def finish(self, run_id: str, state: str, message: str, scores: Mapping[str, Any] | None = None) -> None:
        """End a run in `state`; `scores` are those on the test reviews, where there are any."""
        self._update(
            run_id,
            state=state,
            message=message,
            ended=time.time(),
            scores=to_json(dict(scores or {})),
        )

    def describe(self, run_id: str, *, name: str, note: str, starred: bool) -> None:
        """Give a run another name, a note, a star. Raises RunError for a name or a note that is too long."""
        name, note = clean_name(name), clean_note(note)
        with self._writing() as connection:
            self._row(connection, run_id)
            connection.execute(
                "UPDATE runs SET name = ?, note = ?, starred = ? WHERE id = ?", (name, note, starred, run_id)
            )

    def take_in(
        self, folder: Path, config: RunConfig, records: Iterable[Record], scores: Mapping[str, Any],
        about: Mapping[str, Any],
    ) -> Run:  # fmt: skip
        """Keep a run that was trained elsewhere: its folder, its history, and what it says of itself.

        All of it or nothing, also where the keeping is given up.
        """
        run = self.create(config, foreground=True)  # it waits for nobody: no worker may begin it
        try:
            with process.hold(self.folder(run.id)):
                _copy_files(folder, self.folder(run.id))
                self.append(run.id, records)
                self.finish(run.id, about["state"], about["message"], scores)
                self._update(
                    run.id, name=about["name"], note=about["note"], total_steps=about["total_steps"],
                    validation_accuracy=about["validation_accuracy"], foreground=False,
                )  # fmt: skip
        except BaseException:
            self.delete(run.id)
            raise
        return self.get(run.id)

    def set_paused(self, run_id: str, paused: bool, message: str) -> None:
        """Say whether a run waits for a command to go on."""
        self._update(run_id, paused=paused, message=message)

    def command(self, run_id: str, name: str, value: float | None = None) -> None:
        """Give a command to whoever trains the run."""
        with self._writing() as connection:
            self._one(connection, run_id)
            connection.execute(
                "INSERT INTO commands (run, command, value, given) VALUES (?, ?, ?, ?)",
                (run_id, name, value, time.time()),
            )

    def take_commands(
        self, run_id: str, records: int = 0, optimizer_step: int = 0, *, only: str | None = None
    ) -> list[Command]:
        """The commands given since the last time, in order; each is handed out once.

        What was done until then is kept with them. With `only`, those of another name stay for later.
        """
        untaken = "FROM commands WHERE run = ? AND taken IS NULL AND command = IFNULL(?, command)"
        with self._connection() as connection:
            # Asked several times a second: a look costs no lock, only a command does.
            if not connection.execute(f"SELECT 1 {untaken}", (run_id, only)).fetchone():
                return []
        with self._writing() as connection:
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
        """Whether the last that was commanded of its pace, taken or not, lets it wait sooner or later."""
        pace = (PAUSE, STEP, EPOCH, RESUME)
        with self._connection() as connection:
            last = connection.execute(
                "SELECT command FROM commands WHERE run = ? AND command IN (?, ?, ?, ?) ORDER BY number DESC",
                (run_id, *pace),
            ).fetchone()
        return last is not None and last["command"] != RESUME

    def commands(self, run_id: str, after: int = 0) -> list[Command]:
        """The commands that a run has taken, in order, from behind the one of number `after`."""
        with self._connection() as connection:
            return [command for command in _taken(connection, run_id) if command.number > after]

    def go_on_from(self, run_id: str, records: int) -> None:
        """Take back all of a run's history but its first so many records."""
        with self._writing() as connection:
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

    def can_go_on(self, run: Run) -> bool:
        """Whether it was interrupted, failed, or was stopped on its way back from either.

        One that was stopped while it trained has been scored, and has no checkpoint any more.
        """
        if run.state == STOPPED:
            return has_checkpoint(self.folder(run.id))
        return run.state in (INTERRUPTED, FAILED)

    def requeue(self, run_id: str) -> None:
        """Put a run that can go on back into the queue, at its old place. Raises RunError for any other."""
        with self._writing() as connection:
            run = self._one(connection, run_id)
            if not self.can_go_on(run):
                raise RunError(f"Run {run_id} is {run.state}: only one that was interrupted can go on.")
            connection.execute(
                "UPDATE runs SET state = ?, foreground = 0, paused = 0, launched = NULL, ended = NULL,"
                " message = ? WHERE id = ?",
                (QUEUED, "Waiting to go on", run_id),
            )

    def claim(self, run_id: str) -> bool:
        """Begin a run if it is its turn: as many more may train as come before it in the queue, and it.

        Only who holds the lock on its folder may ask. Of two who ask at once, one gets True.
        """
        with self._writing() as connection:
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
        with self._writing() as connection:
            for run in self._next(connection):
                launched = self._row(connection, run.id)["launched"]
                # abs: a clock that was set back must not block the queue.
                is_starting = launched is not None and abs(time.time() - launched) < _LAUNCH_PATIENCE
                if not is_starting and not process.is_held(self.folder(run.id)):
                    connection.execute(
                        "UPDATE runs SET launched = ?, message = ? WHERE id = ?",
                        (time.time(), "Starting", run.id),
                    )
                    return run
            return None

    def leave_queue(self, run_id: str, state: str, message: str) -> bool:
        """End a run that has not begun, in `state`; False where it has."""
        with self._writing() as connection:
            left = connection.execute(
                "UPDATE runs SET state = ?, message = ?, ended = ? WHERE id = ? AND state = ?",
                (state, message, time.time(), run_id, QUEUED),
            )
            return left.rowcount > 0

    def delete(self, run_id: str) -> None:
        """Delete a run and its files, readable or not. Raises RunError where it is running."""
        folder = self.folder(run_id)
        with self._connection() as connection:
            row = self._row(connection, run_id)
        # Nothing is written until there is room again, but where a worker could begin it meanwhile.
        may_begin = row["state"] == QUEUED and not row["foreground"]
        if process.is_held(folder) or (may_begin and not self.leave_queue(run_id, STOPPED, "Being deleted")):
            raise RunError(f"Run {run_id} is still at work: stop it before you delete it.")
        try:
            _remove(folder)
        except OSError as error:
            raise RunError(
                f"The files of run {run_id} could not be deleted: {error.strerror}. "
                "Close what has them open, then try again."
            ) from error
        with self._writing() as connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))

    def _update(self, run_id: str, **values: object) -> None:
        assignments = ", ".join(f"{column} = ?" for column in values)
        with self._writing() as connection:
            connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", (*values.values(), run_id))

    def _select(self, connection: sqlite3.Connection, which: str, *values: object) -> list[Run]:
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

    def _row(self, connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise UnknownRunError(
                f"There is no run {run_id[:80]!r}. `python -m rnn_core runs list` shows the ids."
            )
        return row

    def _one(self, connection: sqlite3.Connection, run_id: str) -> Run:
        row = self._row(connection, run_id)
        abandoned = self._abandoned([row])
        return _run_of(self._row(connection, run_id) if abandoned else row, abandoned)

    def _next(self, connection: sqlite3.Connection) -> list[Run]:
        """The runs whose turn it is: the first of the queue, as many as may train beside those at work."""
        runs = self._select(connection, "WHERE state IN (?, ?) ORDER BY number", RUNNING, QUEUED)
        waiting = [run for run in runs if run.state == QUEUED]
        at_work = sum(run.state == RUNNING for run in runs)
        return waiting[: max(_at_once(connection) - at_work, 0)]

    def _abandoned(self, rows: Iterable[sqlite3.Row]) -> set[str]:
        """The ids of those that only a process keeps alive which is not there."""
        needing = [row["id"] for row in rows if _needs_a_holder(row)]
        return {run_id for run_id in needing if not process.is_held(self.root / run_id)}

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        path = self.root / _FILE
        try:
            with contextlib.closing(self._open(path)) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The runs in {path} can't be read or written ({error}). {_advice(error)}"
            ) from error

    def _open(self, path: Path) -> sqlite3.Connection:
        """A connection that can write; where the disk is full or the folder read-only, one that can read."""
        connection = None
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, isolation_level=None)
            if version(connection) != VERSION:
                self._prepare(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
        except (sqlite3.OperationalError, OSError) as error:
            if connection is not None:
                connection.close()
            if not path.exists() or _code(error) in _LOCKED:
                raise
            # To read a file in WAL mode SQLite writes another beside it, unless it is told that nobody does.
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            if version(connection) != VERSION:
                connection.close()
                raise
        connection.row_factory = sqlite3.Row
        return connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else writes meanwhile."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        with filelock.FileLock(self.root / f"{_FILE}.lock"):
            if version(connection) > VERSION:
                raise StoreError(
                    f"The runs in {self.root} were written by a newer Gatescope. Update this one."
                )
            bring_up_to_date(connection)


def _copy_files(folder: Path, into: Path) -> None:
    """Copy the files of a run. Raises OSError with the file that could not be written."""
    for file in folder.iterdir():
        try:
            shutil.copyfile(file, into / file.name)
        except OSError as error:
            error.filename, error.filename2 = str(into / file.name), None
            raise


def _remove(folder: Path) -> None:
    """Delete a folder, where another process may be deleting it, too. Raises OSError where it can't be."""
    for tries_left in (2, 1, 0):
        try:
            if folder.exists():
                shutil.rmtree(folder)
            return
        except FileNotFoundError:
            if not tries_left:
                raise


def _code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _advice(error: Exception) -> str:
    """What to do about a store that can't be read or written."""
    if _code(error) in _LOCKED:
        return "Another program is writing to it: wait a moment, then try again."
    if _code(error) in _DAMAGED:
        return (
            "The list of runs is damaged; the models beside it are not. Move this file away, and a new list "
            "begins."
        )
    return "See that the disk is not full and the folder belongs to you."


def _needs_a_holder(row: sqlite3.Row) -> bool:
    """Whether the run is only alive while a process holds its lock."""
    return bool(row["state"] == RUNNING or (row["state"] == QUEUED and row["foreground"]))


def _run_of(row: sqlite3.Row, abandoned: set[str]) -> Run:
    state = INTERRUPTED if row["id"] in abandoned and _needs_a_holder(row) else row["state"]
    try:
        config, scores = RunConfig.from_json(row["config"]), read_scores(row["scores"])
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


def _at_once(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM settings WHERE name = 'at_once'").fetchone()
    return int(row[0]) if row else 1


def _taken(connection: sqlite3.Connection, run_id: str) -> list[Command]:
    rows = connection.execute(
        "SELECT number, command, value, IFNULL(records, 0), IFNULL(optimizer_step, 0) FROM commands"
        " WHERE run = ? AND taken IS NOT NULL ORDER BY number",
        (run_id,),
    )
    return [Command(*row) for row in rows]


_INTERRUPTED_MESSAGE = "The process that trained it has gone; what it recorded until then is kept."
