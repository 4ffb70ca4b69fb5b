"""Optimizers and schedules: what makes a change of the weights of a gradient, and how large one."""

from collections.abc import Iterable

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR

from rnn_core.config.training_settings import TrainingConfig

_SGD_MOMENTUM = 0.9
_RATES = {"lr", "initial_lr", "max_lr", "min_lr"}
"""The learning rates in a group of weights: torch's schedules go by all of them."""


def make_optimizer(config: TrainingConfig, weights: Iterable[nn.Parameter]) -> Optimizer:
    """AdamW, Adam, or SGD with momentum 0.9, on these weights."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return SGD(weights, lr=rate, weight_decay=decay, momentum=_SGD_MOMENTUM)
    return {"adamw": AdamW, "adam": Adam}[config.optimizer](weights, lr=rate, weight_decay=decay)


def make_schedule(config: TrainingConfig, optimizer: Optimizer, total_steps: int) -> LRScheduler:
    """Constant; down to zero along half a cosine; or up to the learning rate and down again."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=total_steps, cycle_momentum=False)
    if config.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=total_steps)
    return LambdaLR(optimizer, lambda step: 1.0)


class LearningRate:
    """The learning rate of a step: what the schedule says, or a rate that is held."""

    def __init__(self, optimizer: Optimizer, schedule: LRScheduler) -> None:
        self._optimizer, self._schedule = optimizer, schedule
        self.behind: float | None = None
        """The rate of the schedule while another rate is held; None while none is."""
        self.changed_from: float | None = None
        """The rate that the next optimizer step would have taken, where another was given by hand."""

    @property
    def now(self) -> float:
        """The learning rate of the next optimizer step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def advance(self) -> None:
        """Let the schedule take a step, behind a rate that is held."""
        self.changed_from = None
        if self.behind is None:
            self._schedule.step()
            return
        held = self.now
        self._set(self.behind)  # torch computes some schedules from the rate before
        self._schedule.step()
        self.behind = self.now
        self._set(held)

    def hold(self, rate: float) -> None:
        """Take this rate for the next optimizer step and all after it."""
        self._note_change()
        if self.behind is None:
            self.behind = self.now
        self._set(rate)

    def scale_to(self, rate: float) -> None:
        """Take this rate for the next optimizer step, and the schedule in proportion to it after that.

        A schedule that has come down to zero is over: no step is left that could take the rate.
        """
        self._note_change()
        if self.behind is not None:
            self._set(self.behind)
            self.behind = None
        if self.now == 0:
            return
        factor = rate / self.now
        for group in self._optimizer.param_groups:
            for name in _RATES & set(group):
                group[name] *= factor
        self._schedule.base_lrs = [base * factor for base in self._schedule.base_lrs]

    def _note_change(self) -> None:
        if self.changed_from is None:
            self.changed_from = self.now

    def _set(self, rate: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = rate
