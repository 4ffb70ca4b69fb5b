"""The commands given to a run: a page leaves them in the store, the process that trains takes them."""

import sqlite3
import time
from collections.abc import Iterable
from typing import NamedTuple

from rnn_core.runs.database import Database
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.training.schedule import RateChange

STOP, PAUSE, RESUME, STEP, EPOCH = "stop", "pause", "resume", "step", "epoch"
"""End, keep what was learned and score it; wait; go on; a step, or an epoch, then wait."""
STOP_UNSCORED = "stop unscored"
"""End and keep what was learned, without a score: what is asked of a run that is ending already."""
RATE, HOLD = RATES = ("rate", "hold")
"""Another learning rate: the schedule goes on in proportion to it, or it stays."""


class Command(NamedTuple):
    """A command as the training took it."""

    number: int
    """Later ones have larger numbers, over all runs."""
    name: str
    value: float | None
    """The learning rate, where one was given."""
    records: int
    """How many records the training had given until then: where in its history the command stands."""
    optimizer_step: int
    """How many optimizer steps it had done until then."""


def rate_changes(commands: Iterable[Command]) -> list[RateChange]:
    """What these commands make of the learning rate."""
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
        """The commands given since the last time, in order; each is handed out once.

        What was done until then is kept with them. With `only`, those of another name stay for later.
        """
        untaken = "FROM commands WHERE run = ? AND taken IS NULL AND command = IFNULL(?, command)"
        with self._database.connection() as connection:
            # Asked several times a second: a look costs no lock, only a command does.
            if not connection.execute(f"SELECT 1 {untaken}", (run_id, only)).fetchone():
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
        """Whether the last that was commanded of its pace, taken or not, lets it wait sooner or later."""
        pace = (PAUSE, STEP, EPOCH, RESUME)
        with self._database.connection() as connection:
            last = connection.execute(
                "SELECT command FROM commands WHERE run = ? AND command IN (?, ?, ?, ?) ORDER BY number DESC",
                (run_id, *pace),
            ).fetchone()
        return last is not None and last["command"] != RESUME

    def taken(self, run_id: str, after: int = 0) -> list[Command]:
        """The commands that a run has taken, in order, from behind the one of number `after`."""
        with self._database.connection() as connection:
            return [command for command in _taken(connection, run_id) if command.number > after]


def _taken(connection: sqlite3.Connection, run_id: str) -> list[Command]:
    rows = connection.execute(
        "SELECT number, command, value, IFNULL(records, 0), IFNULL(optimizer_step, 0) FROM commands"
        " WHERE run = ? AND taken IS NOT NULL ORDER BY number",
        (run_id,),
    )
    return [Command(*row) for row in rows]
