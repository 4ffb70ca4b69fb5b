"""The SQLite file of the store: how it is opened, read and written by any number of processes at once.

Each call opens its own connection and closes it again, so nothing is shared between threads and nothing stays
open.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import filelock

from rnn_core.errors import StoreError
from rnn_core.paths import runs_folder
from rnn_core.runs.schema import VERSION, bring_up_to_date, version

_FILE = "runs.sqlite"
_BUSY_TIMEOUT = 10.0  # seconds
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class Database:
    """The file under `artifacts/runs`. Making one opens nothing."""

    def __init__(self) -> None:
        self.root = runs_folder()

    def changed_at(self) -> tuple[tuple[Path, int, int], ...]:
        """Another value after anything in the store has changed: its files, their times (ns) and sizes."""
        files = (self.root / _FILE, self.root / f"{_FILE}-wal")
        known = [(file, file.stat()) for file in files if file.exists()]
        return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in known)

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
            # To read a file in WAL mode SQLite writes another beside it, unless it is said to be alone.
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
    return "Check that the disk is not full and that the folder belongs to you."
