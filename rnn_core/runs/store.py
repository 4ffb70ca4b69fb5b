"""What outlives a process: runs, their records and the commands given to them, in one SQLite file.

Any number of processes and threads may use it at once.
"""

import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError, reason
from rnn_core.files import to_json
from rnn_core.runs import process
from rnn_core.runs.command_rows import CommandRows
from rnn_core.runs.record_rows import RecordRows
from rnn_core.runs.run import QUEUED, RUNNING, STOPPED, STOPPING, Run, clean_name, clean_note, new_run_id
from rnn_core.runs.turns import Turns
from rnn_core.training.records import Record


class Store(Turns, RecordRows, CommandRows):
    """The runs under `artifacts/runs`. Making one opens nothing."""

    def create(self, config: RunConfig, name: str = "", *, foreground: bool = False) -> Run:
        """Put a run at the end of the queue and make its folder.

        Raises ConfigError where no worker could find its cell.
        """
        if not foreground:
            config.model.declared.check_for_workers()
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

    def set_message(self, run_id: str, message: str) -> None:
        """Say what a run is doing."""
        self._update(run_id, message=message)

    def change_message(self, run_id: str, before: str, after: str) -> None:
        """Say what a run is doing, where it says this until now."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE runs SET message = ? WHERE id = ? AND message = ?", (after, run_id, before)
            )

    def say_at_work(self, run_id: str, message: str) -> None:
        """Say in the place of a run what it is doing; nothing where it is not at work."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE runs SET message = ? WHERE id = ? AND state = ?", (message, run_id, RUNNING)
            )

    def say_unless_stopping(self, run_id: str, message: str) -> None:
        """Say what a run is doing; nothing where it was asked to stop, which it says until it is scored."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE runs SET message = ? WHERE id = ? AND message != ?", (message, run_id, STOPPING)
            )

    def set_threads(self, run_id: str, threads: int) -> None:
        """Say with how many processor threads a run computes, so that it goes on with as many."""
        self._update(run_id, threads=threads)

    def set_total_steps(self, run_id: str, total_steps: int) -> None:
        """Say how many optimizer steps a run takes."""
        self._update(run_id, total_steps=total_steps)

    def set_validation_accuracy(self, run_id: str, accuracy: float) -> None:
        """Say how the weights that would be kept now do on the validation reviews."""
        self._update(run_id, validation_accuracy=accuracy)

    def set_paused(self, run_id: str, paused: bool, message: str) -> None:
        """Say whether a run waits for a command to go on, and in words unless it was asked to stop."""
        self._update(run_id, paused=paused)
        self.say_unless_stopping(run_id, message)

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

    def delete(self, run_id: str) -> None:
        """Delete a run and its files, readable or not. Raises RunError where it is running."""
        folder = self.folder(run_id)
        with self._connection() as connection:
            row = self._row(connection, run_id)
        # Nothing is written until there is room again, but where a worker could begin it meanwhile.
        may_begin = row["state"] == QUEUED and not row["foreground"]
        has_ended = row["state"] not in (QUEUED, RUNNING)
        is_at_work = process.stays_held(folder) if has_ended else process.is_held(folder)
        if is_at_work or (may_begin and not self.leave_queue(run_id, STOPPED, "Being deleted")):
            raise RunError(f"Run {run_id} is still at work: stop it before you delete it.")
        try:
            _remove(folder)
        except OSError as error:
            raise RunError(
                f"The files of run {run_id} could not be deleted: {reason(error)}. "
                "Close what has them open, or make the folder writable, then try again."
            ) from error
        with self._writing() as connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))


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
