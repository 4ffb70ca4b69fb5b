"""What commands make of a training: when it pauses, when it ends, at which learning rate it goes on.

A training that goes on from a checkpoint gets the commands after it again, at the same places of its
history, so that it ends as if it had never been interrupted.
"""

import threading
from collections.abc import Callable, Iterable

from rnn_core.runs.command import EPOCH, HOLD, PAUSE, RATE, RATES, RESUME, STEP, STOP, STOP_UNSCORED, Command
from rnn_core.training.trainer import Trainer


class Controls:
    """The commands of one training."""

    def __init__(
        self,
        trainer: Trainer,
        stop: threading.Event,
        take: Callable[[int, int], list[Command]],
        *,
        records: int = 0,
        obeyed: Iterable[int] = (),
        past: Iterable[Command] = (),
    ) -> None:
        """`take` hands out what was commanded since the last time, given the records and optimizer steps
        until then. Of a training that goes on, `records`, and `obeyed`, the numbers of the commands that its
        checkpoint knows of, are those of the checkpoint; `past` are all commands that it ever took.
        """
        self.stop = stop
        """Set once it is to stop."""
        self.is_scored = True
        """Whether what it learned is scored once it has ended."""
        self.records = records
        """How many the training has given so far."""
        self.obeyed = list(obeyed)
        self._trainer, self._take = trainer, take
        again = (command for command in past if command.number not in self.obeyed)
        self._again = sorted(again, key=lambda command: (command.records, command.number))
        self._pause_at: int | None = None

    @property
    def pauses(self) -> bool:
        """Whether the next optimizer step has to wait. An evaluation that is due is made before."""
        return self._is_to_pause and not self._trainer.evaluation_is_due and not self.stop.is_set()

    @property
    def _is_to_pause(self) -> bool:
        return self._pause_at is not None and self._trainer.optimizer_step >= self._pause_at

    def look(self) -> list[Command]:
        """Obey what was commanded since the last look, and once more what was commanded at this place
        before the training was interrupted; the new commands.

        Not the pauses of then: they change nothing of how it ends, and who let it go on wants it to.
        """
        while self._again and self._again[0].records <= self.records:
            command = self._again.pop(0)
            if command.name in (STOP, *RATES):
                self._obey(command)
        commands = self._take(self.records, self._trainer.optimizer_step)
        for command in commands:
            self._obey(command)
        return commands

    def repeats(self) -> bool:
        """Whether something is to be done once more at this place, so that a look can't wait."""
        return bool(self._again) and self._again[0].records <= self.records

    def _obey(self, command: Command) -> None:
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
        elif command.name == RATE and command.value is not None:
            self._trainer.learning_rate.scale_to(command.value)
        elif command.name == HOLD and command.value is not None:
            self._trainer.learning_rate.hold(command.value)
        self.obeyed.append(command.number)
