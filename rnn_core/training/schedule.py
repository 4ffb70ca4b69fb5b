"""The learning rate of every optimizer step: as the settings plan it, and as changes by hand make it.

Optimizer steps are counted from 1, so the rate of step s stands at place s - 1. The trainer takes its rates
from torch's schedules; these are the same numbers in one formula, for what draws or judges them.
"""

import copy
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.training.history import Columns, SeenChange

Rates = NDArray[np.float64]

FAR_ABOVE = 10.0
"""A peak this many times as high as the highest of the plan is worth a warning."""
_WARM_UP, _BEGINNING, _END = 0.3, 1 / 25, 1e-4
"""Of one cycle: the share of the steps that goes up, the first rate as a share of the highest, the last as a
share of the first (torch's own defaults)."""
_CHANGED = 0.02
"""A recorded rate that differs by this share from what was expected was changed by hand."""


def after_change(held: bool) -> str:
    """How the learning rate goes on after a change by hand, as the second half of a sentence."""
    return "it stays there" if held else "the schedule goes on in proportion"


class RateChange(NamedTuple):
    """Another learning rate, given by hand while a run trains."""

    after: int
    """Optimizer steps done before it; the one after them takes the new rate."""
    rate: float
    held: bool
    """Whether the rate stays; otherwise the schedule goes on in proportion to it."""


def planned_rates(training: TrainingConfig, total_steps: int) -> Rates:
    """(total_steps,) as the settings alone make them."""
    return _planned(training, np.arange(total_steps), total_steps)


def _planned(training: TrainingConfig, steps: Rates | NDArray[np.int_], total_steps: int) -> Rates:
    """(N,) the rates of some of the steps, counted from 0."""
    peak = training.learning_rate
    if training.schedule == "constant":
        return np.full(len(steps), peak)
    if training.schedule == "cosine":
        return peak * (1 + np.cos(np.pi * steps / total_steps)) / 2
    top, last = _WARM_UP * total_steps - 1, total_steps - 1  # where it is highest: mostly no whole number
    first = peak * _BEGINNING
    up = np.asarray(steps / (top or math.inf), np.float64)
    down = np.asarray((steps - top) / ((last - top) or math.inf), np.float64)
    return np.where(steps <= top, _anneal(first, peak, up), _anneal(peak, first * _END, down))


def _anneal(start: float, end: float, share: Rates) -> Rates:
    """From start to end along half a cosine."""
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
    def in_force(self) -> float:
        """The rate of the next optimizer step."""
        return float(self.rates[self.done])

    def after(self, rate: float, held: bool) -> "Outlook":
        """What follows if this rate is given now."""
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


def seen_changes(training: TrainingConfig, records: Columns) -> tuple[SeenChange, ...]:
    """The changes by hand that show in the recorded rates, in their order; none where nothing can be known.

    A rate that departs from the plan at once was set; one that stands still while the plan moves was held.
    """
    rates, epochs = records["learning_rate"], records["epoch"]
    steps = records["optimizer_step"]
    if len(rates) == 0 or not np.isfinite([rates, epochs, steps]).all():
        return ()
    total_steps = training.epochs * steps[-1] / epochs[-1] if epochs[-1] > 0 else math.nan
    if not (1 <= steps.min() <= steps.max() < total_steps + 1 < math.inf and (rates > 0).all()):
        return ()
    planned = _planned(training, steps - 1, round(total_steps))
    if np.allclose(rates, planned, rtol=_CHANGED, atol=0):
        return ()
    return tuple(
        SeenChange(
            float(epochs[row - 1]) if row else 0.0, float(rates[row - 1] if row else planned[0]),
            float(rates[row]), held,
        )
        for row, held in _rows_of_changes(rates, planned)
    )  # fmt: skip


def _rows_of_changes(rates: Rates, planned: Rates) -> list[tuple[int, bool]]:
    """At which rows the rate departs from what was expected, and whether it was held after that."""
    found: list[tuple[int, bool]] = []
    times, held = 1.0, math.nan
    for row, (rate, plan) in enumerate(zip(rates.tolist(), planned.tolist(), strict=True)):
        expected = times * plan if math.isnan(held) else held
        if abs(rate / expected - 1) <= _CHANGED:
            continue
        first = _first_of_its_kind(rates, row, held)
        if math.isnan(held) and row and rate == rates[row - 1]:
            held = rate
            found = [change for change in found if change[0] < first]
        else:
            times, held = float(rates[first] / planned[first]), math.nan
        found.append((first, not math.isnan(held)))
    return found


def _first_of_its_kind(rates: Rates, row: int, held: float) -> int:
    """Since when what shows at `row` is so: it may show late, a hold as well as the end of one."""
    before = rates[:row]
    if not math.isnan(held):
        return int(np.flatnonzero(before == held)[-1]) + 1
    others = np.flatnonzero(before != rates[row])
    return int(others[-1]) + 1 if len(others) else 0
