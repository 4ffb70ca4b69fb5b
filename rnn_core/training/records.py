"""What training says of itself, as plain values."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One optimizer step, or one evaluation of the validation reviews."""

    kind: str
    """"training" or "validation"."""
    optimizer_step: int
    """Optimizer steps done so far, this one included."""
    epoch: float
    """Epochs done so far; 1.25 is a quarter into the second."""
    loss: float
    """Mean cross-entropy in nats, of the batch or of the validation reviews."""
    accuracy: float
    """0 to 1, of the batch or of the validation reviews."""
    seconds: float
    """Of training so far, evaluations included."""
    seconds_left: float | None = None
    """Until the last epoch is over and the test reviews are scored, by the pace so far."""
    gradient_norm: float | None = None
    """Before clipping; None for an evaluation, like those below."""
    learning_rate: float | None = None
    tokens_per_second: float | None = None
    inside: Mapping[str, Any] | None = None
    """Of an evaluation: what `rnn_core.inspection.inside` saw of some validation reviews."""

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls(**values)
