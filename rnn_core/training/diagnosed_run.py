"""A run as its diagnoses see it: what its history shows, and what an expert would set instead."""

import math
from collections.abc import Mapping
from typing import Any

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.tasks.task import task_of
from rnn_core.training.history import History
from rnn_core.training.records import RateEvent

COIN_LOSS = math.log(2)
"""The loss of a verdict that is always 50 %, in nats: 0.693."""
LEARNED = 1 - 0.008 / COIN_LOSS
"""A validation loss below this share of that of a guess says that something was learned."""
_LEARNED_BY_HEART = 0.6 / COIN_LOSS
"""A training loss below this share says the same, if only of the training texts."""
_PATIENCE, _PATIENCE_SHARE = 1_500, 0.6
"""Optimizer steps, or that share of all if it is fewer, until a network must have learned something."""
RECENT = 20  # optimizer steps
_DRIVEN = 1.5
"""So many times the highest rate that was planned is far above it."""
_MOST_CHANGES = 3
"""So many changes of the learning rate are named; of more, the last ones."""


class DiagnosedRun:
    """What several diagnoses ask of a run."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.config = config
        self.recommended = recommended_config(config.data, config.classes, config.tokens)
        self.task = task_of(config)
        self.guess = self.task.guess(config)
        self.losses = history.training["loss"]
        self.norms = history.training["gradient_norm"]
        self.rates = history.training["learning_rate"]
        self.rate_events = history.rate_events
        self.epochs = history.validation["epoch"]
        self.validation = history.validation["loss"]
        self.looks = [seen for _, seen in history.inside]
        self.last: Mapping[str, Any] = self.looks[-1] if self.looks else {}

        steps = len(self.losses)
        done = history.training["epoch"][-1] / config.training.epochs if steps else 0.0
        had_its_chance = done >= _PATIENCE_SHARE or steps >= _PATIENCE
        self.best = float(self.validation.min()) if len(self.validation) else math.inf
        self.learned = float(self.losses[-RECENT:].mean()) if steps else math.inf
        self.learns_nothing = (
            had_its_chance
            and LEARNED * self.guess.loss < self.best < math.inf
            and self.learned > _LEARNED_BY_HEART * self.guess.loss
        )

    def usual(self, *names: str, **more: object) -> dict[str, Any]:
        """What an expert would set these to, and the settings in `more`, as far as the run has others."""
        now, usual = self.config.values(), self.recommended.values()
        cure = {name: usual[name] for name in names} | more
        return {name: value for name, value in cure.items() if now[name] != value}

    @property
    def is_slow(self) -> bool:
        """Whether the settings take steps that are no larger than usual."""
        training, usual = self.config.training, self.recommended.training
        return training.optimizer == usual.optimizer and training.learning_rate <= usual.learning_rate

    @property
    def is_driven(self) -> bool:
        """Whether changes by hand took a rate that was not too high far above all that was planned."""
        is_high = bool(self.rates.max(initial=0.0) > _DRIVEN * self.config.training.learning_rate)
        return bool(self.rate_events) and self.is_slow and is_high

    def calmer_steps(self) -> dict[str, Any]:
        """Steps that are no larger than usual, along gradients that are clipped."""
        if self.is_slow:
            cure = self.usual("clip_norm")
            lower = {} if self.is_driven else {"learning_rate": self.config.training.learning_rate / 10}
            return cure or lower
        return self.usual("clip_norm", "optimizer", "learning_rate")

    def by_hand(self) -> str:
        """What was done to the learning rate, in a sentence; empty where nothing was."""
        if not self.rate_events:
            return ""
        earlier = len(self.rate_events) - _MOST_CHANGES
        changes = "; ".join(map(_in_words, self.rate_events[-_MOST_CHANGES:]))
        before = f"{earlier} times, and then " if earlier > 0 else ""
        return (
            f" The learning rate was changed by hand: {before}{changes}. It went up to "
            f"{self.rates.max():.3g}; the settings plan {self.config.training.learning_rate:.3g} at most."
        )


def _in_words(change: RateEvent) -> str:
    after = "where it stayed" if change.held else "and the schedule went on in proportion"
    return f"at epoch {change.epoch:.2f} from {change.before:.3g} to {change.rate:.3g}, {after}"
