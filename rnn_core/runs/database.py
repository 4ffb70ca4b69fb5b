"""The SQLite file of the store: its tables, and how any number of processes read and write it at once.

Each call has a connection of its own, so nothing is shared between threads and nothing stays open.
"""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import filelock

from rnn_core.errors import StoreError
from rnn_core.paths import runs_folder
from rnn_core.runs.run import check_run_id

_FILE = "runs.sqlite"
_BUSY_TIMEOUT = 10.0  # seconds
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            config TEXT NOT NULL,
            state TEXT NOT NULL,
            foreground INTEGER NOT NULL,
            created REAL NOT NULL,
            launched REAL,
            started REAL,
            ended REAL,
            optimizer_step INTEGER NOT NULL DEFAULT 0,
            total_steps INTEGER NOT NULL DEFAULT 0,
            message TEXT NOT NULL DEFAULT '',
            validation_accuracy REAL,
            scores TEXT NOT NULL DEFAULT '{}'
        )
        """,
        """
        CREATE TABLE metrics (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            optimizer_step INTEGER NOT NULL,
            record TEXT NOT NULL
        )
        """,
        "CREATE INDEX metrics_of_a_run ON metrics (run, number)",
        """
        CREATE TABLE commands (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            command TEXT NOT NULL,
            given REAL NOT NULL,
            taken REAL
        )
        """,
        "CREATE INDEX commands_of_a_run ON commands (run, taken)",
    ),
    (
        "ALTER TABLE runs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE commands ADD COLUMN value REAL",
        "ALTER TABLE commands ADD COLUMN records INTEGER",
        "ALTER TABLE commands ADD COLUMN optimizer_step INTEGER",
    ),
    (
        "ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    ),
    (
        "ALTER TABLE runs ADD COLUMN threads INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE metrics ADD COLUMN validation_accuracy REAL",
        "UPDATE metrics SET validation_accuracy = json_extract(record, '$.accuracy')"
        " WHERE json_extract(record, '$.kind') = 'validation'",
        "CREATE INDEX evaluations ON metrics (run, number, validation_accuracy)"
        " WHERE validation_accuracy IS NOT NULL",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    ),
    ("ALTER TABLE runs ADD COLUMN ending INTEGER NOT NULL DEFAULT 0",),
)
"""Statements of each version, in order: a new file gets all, an older one those of later versions."""
_VERSION = len(_VERSIONS)


class Database:
    """The file under `artifacts/runs`. Making one opens nothing."""

    def __init__(self) -> None:
        self.root = runs_folder()

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run. Raises UnknownRunError for what can't be an id."""
        return self.root / check_run_id(run_id)

    def changed_at(self) -> tuple[tuple[Path, int, int], ...]:
        """Returns the files of the store, their times (ns) and sizes: another value after any change."""
        known = []
        for file in (self.root / _FILE, self.root / f"{_FILE}-wal"):
            # SQLite removes the journal with the last connection.
            with contextlib.suppress(FileNotFoundError):
                stat = file.stat()
                known.append((file, stat.st_mtime_ns, stat.st_size))
        return tuple(known)

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with. Raises StoreError, which says what to do."""
        path = self.root / _FILE
        try:
            with contextlib.closing(self._open(path)) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            advice = "Check that the disk is not full and that the folder belongs to you."
            if _code(error) in _LOCKED:
                advice = "Another program is writing to it: wait a moment, then try again."
            elif _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                advice = (
                    "The list of runs is damaged; the models beside it are not. Move this file away, and a "
                    "new list begins."
                )
            raise StoreError(f"The runs in {path} can't be read or written ({error}). {advice}") from error

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query finds. Raises StoreError."""
        with self.connection() as connection:
            return connection.execute(query, values).fetchall()

    def write(self, statement: str, *values: object) -> int:
        """Write by one statement; the number of rows that it changed. Raises StoreError."""
        with self.writing() as connection:
            return connection.execute(statement, values).rowcount

    def _open(self, path: Path) -> sqlite3.Connection:
        """A connection that can write; where the disk is full or the folder read-only, one that can read."""
        connection = None
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, isolation_level=None)
            if _version(connection) != _VERSION:
                self._prepare(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
        except (sqlite3.OperationalError, OSError) as error:
            if connection is not None:
                connection.close()
            if not path.exists() or _code(error) in _LOCKED:
                raise
            # To read a file in WAL mode SQLite writes another beside it, unless it is said to be alone.
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            if _version(connection) != _VERSION:
                connection.close()
                raise
        connection.row_factory = sqlite3.Row
        return connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction: all or nothing, and nobody else writes meanwhile."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables, or bring them from an older version to _VERSION: all or nothing."""
        # SQLite does not wait when two switch a new file to WAL at once.
        with filelock.FileLock(self.root / f"{_FILE}.lock"):
            before = _version(connection)
            if before > _VERSION:
                raise StoreError(
                    f"The runs in {self.root} were written by a newer Gatescope. Update this one."
                )
            if before == _VERSION:  # somebody else was first
                return
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in itertools.chain.from_iterable(_VERSIONS[before:]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
