"""What a training can be told while it goes on."""

from typing import NamedTuple

STOP, PAUSE, RESUME, STEP, EPOCH, RATE = "stop", "pause", "resume", "step", "epoch", "rate"
COMMANDS = {
    STOP: "end, keep what was learned and score it",
    PAUSE: "wait before the next optimizer step",
    RESUME: "go on after a pause",
    STEP: "take one optimizer step, then pause",
    EPOCH: "go on to the end of the epoch, then pause",
    RATE: "take another learning rate from the next optimizer step on",
}
"""Name of a command and what it makes the training do."""


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
