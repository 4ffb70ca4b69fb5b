"""The learning rate of every optimizer step: as the settings plan it, and as changes by hand make it.

Optimizer steps are counted from 1: the rate of step s stands at place s - 1. The rates are those of torch's
schedules, in one formula.
"""

import copy
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.training_settings import TrainingConfig

Rates = NDArray[np.float64]

FAR_ABOVE = 10.0
"""A peak this many times as high as the highest of the plan is worth a warning."""
_WARM_UP, _BEGINNING, _END = 0.3, 25, 1e4
"""Parts of one cycle: the share of the steps that goes up; the highest rate as a multiple of the first;
the first as a multiple of the last (torch's own defaults)."""


def course_after_change(held: bool) -> str:
    """Return how the learning rate goes on after a change by hand, as the second half of a sentence."""
    return "it stays there" if held else "the schedule goes on in proportion"


class RateChange(NamedTuple):
    """A learning rate that is given by hand while a run trains."""

    after: int
    """Optimizer steps done before it; the one after them takes the new rate."""
    rate: float
    held: bool
    """True if the rate stays; otherwise the schedule goes on in proportion to it."""


def planned_rates(training: TrainingConfig, total_steps: int) -> Rates:
    """(total_steps,) as the settings alone make them."""
    steps, peak = np.arange(total_steps), training.learning_rate
    if training.schedule == "constant":
        return np.full(total_steps, peak)
    if training.schedule == "cosine":
        return peak * (1 + np.cos(np.pi * steps / total_steps)) / 2
    top, last = _WARM_UP * total_steps - 1, total_steps - 1  # where it is highest: mostly no whole number
    first = peak / _BEGINNING
    up = np.asarray(steps / (top or math.inf), np.float64)
    down = np.asarray((steps - top) / ((last - top) or math.inf), np.float64)
    return np.where(steps <= top, _anneal(first, peak, up), _anneal(peak, first / _END, down))


def _anneal(start: float, end: float, share: Rates) -> Rates:
    """The rates from start to end along half a cosine, `share` of the way."""
    return end + (start - end) / 2 * (1 + np.cos(np.pi * share))


def changed_rates(planned: Rates, changes: Iterable[RateChange]) -> Rates:
    """(N,) the plan as these changes, in their order, make it."""
    rates = planned.copy()
    for after, rate, held in changes:
        if after < len(planned):
            rates[after:] = rate if held else planned[after:] * (rate / planned[after])
    return rates


class Outlook:
    """The rates of a run while it trains: those planned, those that hold now, those after a change."""

    def __init__(
        self, training: TrainingConfig, total_steps: int, done: int, changes: Iterable[RateChange] = ()
    ) -> None:
        """`done` optimizer steps of `total_steps`, 1 at least, were taken, with these changes until now."""
        self.done = min(done, total_steps - 1)
        self.planned = planned_rates(training, total_steps)
        so_far = list(changes)
        self.rates = changed_rates(self.planned, so_far)
        self.is_held = bool(so_far) and so_far[-1].held

    @property
    def current_rate(self) -> float:
        """The rate of the next optimizer step."""
        return float(self.rates[self.done])

    def with_rate(self, rate: float, held: bool) -> "Outlook":
        """Return the outlook if this rate is given now."""
        other = copy.copy(self)
        other.rates = self.rates.copy()
        other.rates[self.done :] = changed_rates(self.planned, [RateChange(self.done, rate, held)])[
            self.done :
        ]
        other.is_held = held
        return other

    @property
    def peak(self) -> float:
        """The highest rate that is still to come."""
        return float(self.rates[self.done :].max())

    @property
    def warning(self) -> str:
        """A sentence where the peak is far above all that was planned; else empty."""
        planned = float(self.planned.max())
        if self.peak <= FAR_ABOVE * planned:
            return ""
        return (
            f"The rate then peaks at {self.peak:.3g}, {self.peak / planned:.0f} times the highest that the "
            f"settings plan ({planned:.3g}). Above {FAR_ABOVE:g} times a training often diverges."
        )
