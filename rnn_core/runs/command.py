"""The commands that a training takes while it goes on."""

from collections.abc import Iterable
from typing import NamedTuple

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
