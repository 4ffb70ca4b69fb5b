"""Data that outlives a process: runs, their records and commands, in one SQLite file for any user."""

import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rnn_core.cell_files.traced import run_files
from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError, reason
from rnn_core.files import to_json
from rnn_core.runs import process
from rnn_core.runs.database import Database
from rnn_core.runs.history import StoredCommands, StoredRecords
from rnn_core.runs.run import QUEUED, RUNNING, STOPPED, Run, clean_name, new_run_id
from rnn_core.runs.stored_runs import StoredRuns, Turns
from rnn_core.training.records import Record


class Store:
    """The runs under `artifacts/runs`. Making one opens nothing."""

    def __init__(self) -> None:
        self.database = Database()
        self.runs = StoredRuns(self.database)
        self.records = StoredRecords(self.database)
        self.commands = StoredCommands(self.database, self.runs)
        self.turns = Turns(self.database, self.runs)
        self.root, self.folder = self.database.root, self.database.folder

    def create(self, config: RunConfig, name: str = "", *, foreground: bool = False) -> Run:
        """Put a run at the end of the queue."""
        name = clean_name(name)
        run_id = new_run_id()
        with self.database.writing() as connection:
            folder = self.folder(run_id)
            folder.mkdir()
            try:
                (folder / "config.json").write_text(config.to_json(), encoding="utf-8")
                for file, content in run_files(config.model.cell).items():
                    (folder / file).write_bytes(content)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            connection.execute(
                "INSERT INTO runs (id, name, config, state, foreground, created, message)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, name, config.to_json(), QUEUED, foreground, time.time(), "Waiting for its turn"),
            )
            return self.runs.one(connection, run_id)

    def take_in(
        self,
        folder: Path,
        config: RunConfig,
        records: Iterable[Record],
        scores: Mapping[str, Any],
        about: Mapping[str, Any],
    ) -> Run:
        """Keep a run that was trained elsewhere, all of it or nothing; `about` are columns of its row."""
        run = self.create(config, foreground=True)  # it waits for nobody: no worker may begin it
        try:
            with process.hold(self.folder(run.id)):
                for file in folder.iterdir():
                    try:
                        shutil.copyfile(file, self.folder(run.id) / file.name)
                    except OSError as error:  # says which file could not be written
                        error.filename, error.filename2 = str(self.folder(run.id) / file.name), None
                        raise
                self.records.append(run.id, records)
                scored = to_json(dict(scores))
                self.runs.update(run.id, **about, scores=scored, ended=time.time(), foreground=False)
        except BaseException:
            self.delete(run.id)
            raise
        return self.runs.get(run.id)

    def delete(self, run_id: str) -> None:
        """Delete a run and its files, readable or not. Raises RunError where it is running."""
        folder = self.folder(run_id)
        with self.database.connection() as connection:
            row = self.runs.row(connection, run_id)
        # Nothing is written until there is room again, but where a worker could begin it meanwhile.
        may_begin = row["state"] == QUEUED and not row["foreground"]
        has_ended = row["state"] not in (QUEUED, RUNNING)
        is_at_work = process.stays_held(folder) if has_ended else process.is_held(folder)
        if is_at_work or (may_begin and not self.turns.leave(run_id, STOPPED, "Being deleted")):
            raise RunError(f"Run {run_id} is still at work: stop it before you delete it.")
        try:
            _remove(folder)
        except OSError as error:
            raise RunError(
                f"The files of run {run_id} could not be deleted: {reason(error)}. "
                "Close what has them open, or make the folder writable, then try again."
            ) from error
        self.database.write("DELETE FROM runs WHERE id = ?", run_id)


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
