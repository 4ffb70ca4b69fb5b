"""The tables of the store, and the way to them from those of versions before."""

import sqlite3

VERSION = 4

_EVALUATIONS = (
    "CREATE INDEX evaluations ON metrics (run, number, validation_accuracy)"
    " WHERE validation_accuracy IS NOT NULL"
)
_SETTINGS = "CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
_SCHEMA = (
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
        scores TEXT NOT NULL DEFAULT '{}',
        paused INTEGER NOT NULL DEFAULT 0,
        resumed INTEGER NOT NULL DEFAULT 0,
        starred INTEGER NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT '',
        threads INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE metrics (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        optimizer_step INTEGER NOT NULL,
        record TEXT NOT NULL,
        validation_accuracy REAL
    )
    """,
    "CREATE INDEX metrics_of_a_run ON metrics (run, number)",
    _EVALUATIONS,
    """
    CREATE TABLE commands (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        command TEXT NOT NULL,
        value REAL,
        given REAL NOT NULL,
        taken REAL,
        records INTEGER,
        optimizer_step INTEGER
    )
    """,
    "CREATE INDEX commands_of_a_run ON commands (run, taken)",
    _SETTINGS,
)
# From the version before to each one.
_STEPS = {
    2: (
        "ALTER TABLE runs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE commands ADD COLUMN value REAL",
        "ALTER TABLE commands ADD COLUMN records INTEGER",
        "ALTER TABLE commands ADD COLUMN optimizer_step INTEGER",
    ),
    3: (
        "ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    ),
    4: (
        "ALTER TABLE runs ADD COLUMN threads INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE metrics ADD COLUMN validation_accuracy REAL",
        "UPDATE metrics SET validation_accuracy = json_extract(record, '$.accuracy')"
        " WHERE json_extract(record, '$.kind') = 'validation'",
        _EVALUATIONS,
        _SETTINGS,
    ),
}


def version(connection: sqlite3.Connection) -> int:
    """That of the file: 0 of a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring them from an older version to VERSION: all or nothing.

    SQLite does not wait when two switch a new file to WAL at once, so only one may do this at a time.
    """
    before = version(connection)
    if before == VERSION:  # somebody else was first
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    later = [statement for step, statements in _STEPS.items() if step > before for statement in statements]
    for statement in later if before else _SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
