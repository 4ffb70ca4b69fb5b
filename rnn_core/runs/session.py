"""A training from its beginning, or from its last checkpoint, as far as it gets in one process.

After a checkpoint it gets the same commands at the same places again, so that it ends as if undisturbed.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from rnn_core.errors import DataError
from rnn_core.models.folder import VOCABULARY, save_model
from rnn_core.models.weights import is_of_code, upgraded
from rnn_core.progress import RateLimit
from rnn_core.runs import process
from rnn_core.runs.history import EPOCH, HOLD, PAUSE, RATES, RESUME, STEP, STOP, STOP_UNSCORED, Command
from rnn_core.runs.store import Store
from rnn_core.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from rnn_core.training.learner import part
from rnn_core.training.records import Record, ThreadEvent
from rnn_core.training.schedule import course_after_change
from rnn_core.training.trainer import Trainer

_FLUSH_EVERY = 0.5  # seconds
_CHECKPOINT_EVERY = 20.0  # seconds
BEGINS_AGAIN = (
    "Training from its first optimizer step, with the weights that it had: its cell was code, and is "
    "computed by its equations now, for which the optimizer has no state yet. Its curves begin again, too."
)


class Controls:
    """The commands' effect on a training: when it pauses, when it ends, at which learning rate it goes on."""

    def __init__(
        self, store: Store, run_id: str, trainer: Trainer, stop: threading.Event, values: Mapping[str, Any]
    ) -> None:
        """`values` are those of its checkpoint."""
        self.stop = stop
        """Set once it is to stop."""
        self.is_scored = True
        self.records: int = values["records"]
        """Number of records given so far."""
        self.obeyed: list[int] = list(values["obeyed"])
        """The numbers of the commands that were done."""
        self._trainer, self._take = trainer, partial(store.commands.take, run_id)
        again = (command for command in store.commands.taken(run_id) if command.number not in self.obeyed)
        self._again = sorted(again, key=lambda command: (command.records, command.number))
        self._pause_at: int | None = None

    @property
    def pauses(self) -> bool:
        """True if the next optimizer step has to wait. An evaluation that is due is made before."""
        if self._pause_at is None or self._trainer.optimizer_step < self._pause_at:
            return False
        return not self._trainer.evaluation_is_due and not self.stop.is_set()

    def follow(self) -> list[Command]:
        """Do what was commanded since the last time, and once more what was commanded at this place before
        the training was interrupted; returns the new commands.

        Not the pauses of then: they change nothing of how it ends, and who let it go on wants it to.
        """
        while self.repeats():
            command = self._again.pop(0)
            if command.name in (STOP, *RATES):
                self._do(command)
        commands = self._take(self.records, self._trainer.optimizer_step)
        for command in commands:
            self._do(command)
        return commands

    def repeats(self) -> bool:
        """True if something is to be done once more at this place, so that `follow` can't wait."""
        return bool(self._again) and self._again[0].records <= self.records

    def _do(self, command: Command) -> None:
        step = self._trainer.optimizer_step
        if command.name in (STOP, STOP_UNSCORED):
            self.stop.set()
            self.is_scored = self.is_scored and command.name == STOP
        elif command.name == PAUSE:
            self._pause_at = step
        elif command.name == RESUME:
            self._pause_at = None
        elif command.name == STEP:
            self._pause_at = step + 1
        elif command.name == EPOCH:
            per_epoch = self._trainer.steps_per_epoch
            self._pause_at = (step // per_epoch + 1) * per_epoch
        elif command.name in RATES and command.value is not None:
            self._trainer.change_rate(command.value, held=command.name == HOLD)
        self.obeyed.append(command.number)


class Session:
    """Trains a run, keeping its records and checkpoints, and following its commands."""

    def __init__(self, store: Store, run_id: str, trainer: Trainer, stop: threading.Event) -> None:
        """Bring it to its last checkpoint. Raises DataError where its settings draw other reviews by now."""
        self._store, self._run_id, self._trainer = store, run_id, trainer
        self._folder = store.folder(run_id)
        state = load_checkpoint(self._folder)
        if state is not None:
            words = self._folder / VOCABULARY
            if words.exists() and words.read_bytes() != trainer.vocabulary.to_text().encode():
                texts = trainer.config.corpus.nouns.texts  # others: each id would stand for another word
                raise DataError(
                    f"It can't go on: the {texts} that its settings draw, and with them its vocabulary, are "
                    "no longer those that it learned from. Use its settings for a new run."
                )
        values: dict[str, Any] = state.values if state is not None else {"records": 0, "obeyed": []}
        self._begins_again = False
        if state is not None and is_of_code(weights := part(state.tensors, "classifier")):
            self._begins_again = True
            model = trainer.config.model
            trainer.classifier.load_state_dict(upgraded(weights, model, len(trainer.vocabulary)))
            values = {"records": 0, "obeyed": [one.number for one in store.commands.taken(run_id)]}
        elif state is not None:
            trainer.restore(state)
        if store.runs.get(run_id).optimizer_step:
            lost = store.records.all(run_id)[values["records"] :]
            trainer.threads.repeat(
                {one.optimizer_step: one.thread_event.threads for one in lost if one.thread_event},
                until=lost[-1].optimizer_step if lost else 0,
            )
            store.records.keep_first(run_id, values["records"])
            if (score := trainer.kept_score) is not None:
                store.runs.update(run_id, validation_accuracy=score)
        self._controls = Controls(store, run_id, trainer, stop, values)
        self._unsaved: list[Record] = []
        self._poll_is_due = RateLimit(process.launcher.poll_every)
        trainer.keep_evaluating = self._keep_evaluating

    @property
    def is_scored(self) -> bool:
        """True if the result is scored once it has ended."""
        return self._controls.is_scored

    def records(self) -> Iterator[Record]:
        """Train until the end or until a command stops it; each record is in the store soon after."""
        controls, trainer = self._controls, self._trainer
        flush_is_due, checkpoint_is_due = RateLimit(_FLUSH_EVERY), RateLimit(_CHECKPOINT_EVERY, from_now=True)
        begins = self._store.runs.get(self._run_id).message
        if self._begins_again:
            self._store.runs.say(self._run_id, BEGINS_AGAIN)
        self._take_commands()
        try:
            for number, record in enumerate(trainer):
                if number == 0:
                    self._store.runs.update(self._run_id, "message = ?", begins, message="Training")
                self._unsaved.append(record)
                controls.records += 1
                if record.thread_event:
                    self._say_threads(record.thread_event, record.optimizer_step)
                if record.kind == "validation":
                    # As they are now, so that even a worker that is killed leaves a model behind.
                    save_model(self._folder, trainer.config, trainer.vocabulary, trainer.weights())
                    self._store.runs.update(self._run_id, validation_accuracy=trainer.kept_score)
                if flush_is_due() or record.thread_event:
                    self._flush()
                yield record
                if self._poll_is_due() or controls.repeats():
                    self._take_commands()
                if controls.pauses:
                    self._pause()
                if controls.stop.is_set():
                    return
                is_epoch_over = trainer.optimizer_step % trainer.steps_per_epoch == 0
                if checkpoint_is_due() or (is_epoch_over and not trainer.evaluation_is_due):
                    self._save_checkpoint()
        finally:
            self._flush()

    def _take_commands(self) -> None:
        """Do what was commanded, and say so."""
        for command in self._controls.follow():
            if command.name in RATES:
                after = course_after_change(command.name == HOLD)
                since = f"from optimizer step {command.optimizer_step + 1:,} on"
                message = f"Training at a learning rate of {command.value:.3g} {since}; {after}"
                self._store.runs.say(self._run_id, message)

    def _say_threads(self, change: ThreadEvent, step: int) -> None:
        """Say with how many threads it goes on, and why."""
        fewer = f"{change.before} threads were slower than one: training with one"
        number = fewer if change.threads == 1 else f"Training with {change.threads} threads again"
        self._store.runs.say(self._run_id, f"{number} from optimizer step {step:,} on")

    def _keep_evaluating(self) -> bool:
        if self._poll_is_due():
            self._take_commands()
        return not self._controls.stop.is_set()

    def _pause(self) -> None:
        """Wait for the command to go on, or to stop."""
        self._save_checkpoint()
        step = self._trainer.optimizer_step
        self._store.runs.set_paused(self._run_id, True, f"Paused after optimizer step {step:,}")
        while self._controls.pauses:
            time.sleep(process.launcher.poll_every / 2)
            self._take_commands()
        self._store.runs.set_paused(self._run_id, False, "Training")

    def _flush(self) -> None:
        self._store.records.append(self._run_id, self._unsaved)
        self._unsaved.clear()

    def _save_checkpoint(self) -> None:
        """Its records come first: a checkpoint never knows of one that the store does not have."""
        self._flush()
        tensors, values = self._trainer.state()
        of_run = {"records": self._controls.records, "obeyed": self._controls.obeyed}
        save_checkpoint(self._folder, TrainingState(tensors, values | of_run))
