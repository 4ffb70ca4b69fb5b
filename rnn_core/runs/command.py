"""What a training can be told while it goes on."""

from typing import NamedTuple

STOP, PAUSE, RESUME, STEP, EPOCH, RATE = "stop", "pause", "resume", "step", "epoch", "rate"
"""End and keep what was learned; wait; go on; a step, or an epoch, then wait; another learning rate."""


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
