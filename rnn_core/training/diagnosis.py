"""What goes wrong with a training, seen in its history: a sentence with the number, and what would change it.

Each threshold lies between the runs that it was set on, the failures of `rnn_core.config.presets` and
healthy runs of all three cells (seeds 0 to 2); `python -m tests.diagnosis` judges it on other seeds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnn_core.config.run import DEFAULT_IMDB_REVIEWS, RunConfig, default_config
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.symbols import declaration, symbol
from rnn_core.training.history import History, SeenChange
from rnn_core.training.schedule import after_change, seen_changes

COIN_LOSS = math.log(2)
"""The loss of a verdict that is always 50 %, in nats: 0.693."""

_LEARNED = COIN_LOSS - 0.008
"""A validation loss below says that something was learned."""
_LEARNED_BY_HEART = 0.6
"""A training loss below says that something was learned, if only of the training reviews."""
_PATIENCE, _PATIENCE_SHARE = 1_500, 0.6
"""Optimizer steps, or that share of all if it is fewer, until a network must have learned something."""
_RECENT = 20  # optimizer steps
_DIVERGED = 2 * COIN_LOSS
_EXPLODED = 100.0
_FAR = 20  # tokens
_VANISHED = 1e-3
_STILL = 0.25
_SATURATED = 0.985
_MOSTLY_PADDING = 0.3
_HARDLY_MOVED = 0.01
_RISE, _RISE_SHARE = 0.1, 0.25
_DRIVEN = 1.5
"""So many times the highest rate that was planned is far above it."""
_MOST_CHANGES = 3
"""So many changes of the learning rate are named; of more, the last ones."""

_TRAINING_REVIEWS = {"imdb": 9 * DEFAULT_IMDB_REVIEWS // 10, "verdict": SPLIT_SIZES["training"]}
_AGAINST_OVERFITTING = {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that goes wrong."""

    kind: str
    """A key of `KINDS`."""
    sentence: str
    """What was seen, with the number behind it."""
    cure: Mapping[str, Any]
    """The settings that would change it; empty where it is none that we know of."""
    without_changes: bool = False
    """Whether the learning rate, changed by hand, is to blame: without that, the settings may do."""


KINDS = {
    "diverged": "Diverged",
    "exploding": "Exploding gradients",
    "padding": "Padding read as text",
    "dead": "Dead units",
    "stuck": "Stuck at 0.693",
    "over-fitting": "Over-fitting",
}
"""What a diagnosis can be, and its title. Of those that keep a network from learning, the first is named."""


def diagnose(config: RunConfig, history: History, message: str = "") -> list[Diagnosis]:
    """What is wrong with a run, as far as its history shows by now; mostly nothing.

    `message` is that of a training that ended because it diverged.
    """
    case = _Case(config, history)
    first = next(
        filter(None, (_diverged(case, message), _exploding(case), _padding(case), _dead(case), _stuck(case))),
        None,
    )
    return [found for found in (first, _over_fitting(case)) if found is not None]


class _Case:
    """A run, and what several diagnoses ask of it."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.config = config
        self.losses = history.training["loss"]
        self.norms = history.training["gradient_norm"]
        self.rates = history.training["learning_rate"]
        self.changes = seen_changes(config.training, history.training)
        self.epochs = history.validation["epoch"]
        self.validation = history.validation["loss"]
        self.looks = [seen for _, seen in history.inside]
        self.last: Mapping[str, Any] = self.looks[-1] if self.looks else {}

        steps = len(self.losses)
        done = history.training["epoch"][-1] / config.training.epochs if steps else 0.0
        had_its_chance = done >= _PATIENCE_SHARE or steps >= _PATIENCE
        self.best = float(self.validation.min()) if len(self.validation) else math.inf
        self.learned = float(self.losses[-_RECENT:].mean()) if steps else math.inf
        self.learns_nothing = (
            had_its_chance and _LEARNED < self.best < math.inf and self.learned > _LEARNED_BY_HEART
        )

    def usual(self, *names: str, **more: object) -> dict[str, Any]:
        """What an expert would set these to, and the settings in `more`, as far as the run has others."""
        now, usual = self.config.values(), default_config(self.config.data).values()
        cure = {name: usual[name] for name in names} | more
        return {name: value for name, value in cure.items() if now[name] != value}

    @property
    def is_slow(self) -> bool:
        """Whether the settings take steps that are no larger than usual."""
        training, usual = self.config.training, default_config(self.config.data).training
        return training.optimizer == usual.optimizer and training.learning_rate <= usual.learning_rate

    @property
    def is_driven(self) -> bool:
        """Whether changes by hand took a rate that was not too high far above all that was planned."""
        highest = float(self.rates.max(initial=0.0))
        return bool(self.changes) and self.is_slow and highest > _DRIVEN * self.config.training.learning_rate

    def calmer_steps(self) -> dict[str, Any]:
        """Steps that are no larger than usual, along gradients that are clipped."""
        if self.is_slow:
            cure = self.usual("clip_norm")
            lower = {} if self.is_driven else {"learning_rate": self.config.training.learning_rate / 10}
            return cure or lower
        return self.usual("clip_norm", "optimizer", "learning_rate")

    def by_hand(self) -> str:
        """What was done to the learning rate, in a sentence; empty where nothing was."""
        if not self.changes:
            return ""
        earlier = len(self.changes) - _MOST_CHANGES
        changes = "; ".join(map(_in_words, self.changes[-_MOST_CHANGES:]))
        before = f"{earlier} times, and then " if earlier > 0 else ""
        return (
            f" The learning rate was changed by hand: {before}{changes}. It went up to "
            f"{self.rates.max():.3g}; the settings plan {self.config.training.learning_rate:.3g} at most."
        )


def _in_words(change: SeenChange) -> str:
    return (
        f"at epoch {change.epoch:.2f} from {change.before:.3g} to {change.rate:.3g}, "
        f"{after_change(change.held)}"
    )


def _diverged(case: _Case, message: str) -> Diagnosis | None:
    """The loss is no number, or it rose above twice that of a coin and the network did not recover."""
    seen = message or _rise(case)
    if not seen:
        return None
    return Diagnosis(
        kind="diverged",
        sentence=seen + case.by_hand(),
        cure=case.calmer_steps(),
        without_changes=case.is_driven,
    )


def _rise(case: _Case) -> str:
    """How far the training loss rose, in a sentence; empty where it did not, or the network recovered."""
    if len(case.losses) < _RECENT:
        return ""
    highest = np.convolve(case.losses, np.full(_RECENT, 1 / _RECENT), "valid").max()
    has_recovered = len(case.validation) and case.validation[-1] < _LEARNED
    if highest <= _DIVERGED or has_recovered:
        return ""
    return (
        f"The training loss rose to {highest:.3g}, {highest / COIN_LOSS:.1f} times that of a coin, at a "
        f"learning rate of up to {case.rates.max():.3g}."
    )


def _exploding(case: _Case) -> Diagnosis | None:
    """Gradients that are huge most of the time, or now and then where nothing clips them."""
    if len(case.norms) < _RECENT:
        return None
    recent, usual, most = (float(f(x)) for f, x in (
        (np.median, case.norms[-_RECENT:]), (np.median, case.norms), (np.max, case.norms)))  # fmt: skip
    is_clipped = bool(case.config.training.clip_norm)
    jumps = not is_clipped and most > _EXPLODED * max(usual, 1.0)
    if recent <= _EXPLODED and not jumps:
        return None
    behind = "it is clipped, but its direction is lost" if is_clipped else "nothing clips it"
    return Diagnosis(
        kind="exploding",
        sentence=f"The gradient norm went up to {most:.3g}, with a median of {usual:.3g}, and {behind}: one "
        f"such step can undo all that was learned.{case.by_hand()}",
        cure=case.calmer_steps(),
        without_changes=case.is_driven,
    )


def _padding(case: _Case) -> Diagnosis | None:
    """The network reads on after the last word, and by the end of the padding the review is forgotten."""
    text, share = case.config.text, case.last.get("padding", 0.0)
    reads_on = text.padding == "post" and not text.skip_padding and case.config.model.readout == "last"
    if not (case.learns_nothing and reads_on and share > _MOSTLY_PADDING):
        return None
    return Diagnosis(
        kind="padding",
        sentence=f"It reads padding as if it were text: {share:.0%} of its time steps come after the last "
        "word, and the verdict is read off after them. The validation loss has not gone below "
        f"{case.best:.3f}; a coin's is 0.693.",
        cure={"skip_padding": True},
    )


def _dead(case: _Case) -> Diagnosis | None:
    """Units that have the same value at every token, or are so saturated that nothing passes back."""
    model = case.config.model
    still = min((look.get("still", 0.0) for look in case.looks[-2:]), default=0.0)
    saturated = case.last.get("gates", {}).get("slope", (0.0,))[0]
    if still > _STILL:
        seen = f"{still:.0%} of the {model.hidden_size:,} units have the same value, to 0.01, at every token."
    elif case.learns_nothing and saturated > _SATURATED:
        seen = (
            f"{saturated:.1%} of the hidden values are so close to -1 or 1 that less than a tenth of a "
            "change passes through, so no gradient reaches the weights behind them."
        )
    else:
        return None
    update, usual = declaration(model.cell).update, default_config(case.config.data).model.forget_bias
    if update is not None and abs(model.forget_bias) > 2 * usual:
        gate = symbol(model.cell, update.writes).name
        why = f" The {gate} starts at a bias of {-model.forget_bias:g}, nearly shut."
        return Diagnosis(kind="dead", sentence=seen + why, cure={"forget_bias": usual})
    cure = case.calmer_steps() if update is not None else {**case.calmer_steps(), "cell": "gru"}
    return Diagnosis(kind="dead", sentence=seen + case.by_hand(), cure=cure, without_changes=case.is_driven)


def _stuck(case: _Case) -> Diagnosis | None:
    """Nothing was learned: the weights hardly move, or the gradient does not reach the words that decide."""
    if not case.learns_nothing:
        return None
    seen = f"The validation loss has not gone below {case.best:.3f}; a coin's is 0.693."
    moved = _moved(case.looks[0]["weights"], case.last["weights"]) if len(case.looks) > 1 else math.inf
    if moved < _HARDLY_MOVED:
        why = f" At a learning rate of up to {case.rates.max():.3g} no weight matrix grew or shrank by 1 %."
        cure = case.usual("optimizer", "learning_rate")
        return Diagnosis(
            kind="stuck", sentence=seen + why + case.by_hand(), cure=cure,
            without_changes=bool(case.changes) and not cure,
        )  # fmt: skip
    share = _gradient_from_afar(case.last)
    if declaration(case.config.model.cell).update is None and share < _VANISHED:
        why = (
            f" {_FAR} words back the gradient has {share:.1g} of its size at the last word: it vanishes, so "
            "what was read there can't be learned from."
        )
        cure = case.usual("initialisation", "optimizer", "learning_rate", cell="gru")
        return Diagnosis(kind="stuck", sentence=seen + why, cure=cure)
    cure = case.usual("optimizer", "learning_rate", "clip_norm", "initialisation")
    return Diagnosis(kind="stuck", sentence=seen, cure=cure or {"epochs": 3 * case.config.training.epochs})


def _moved(first: Mapping[str, float], last: Mapping[str, float]) -> float:
    """By which share the norm of a matrix changed most."""
    return max(
        (
            abs(last[name] / norm - 1)
            for name, norm in first.items()
            if norm and not name.endswith(("b", "bias"))
        ),
        default=math.inf,
    )


def _gradient_from_afar(look: Mapping[str, Any]) -> float:
    """The gradient so many tokens from the end as a share of that at the end; 1 where none is as long."""
    gradients = look.get("gradients", {}).get("h", [])
    places = [n for n, distance in enumerate(look.get("distance", [])) if distance >= _FAR]
    return gradients[places[0]] / gradients[0] if places and gradients[0] else 1.0


def _over_fitting(case: _Case) -> Diagnosis | None:
    """The validation loss rises while the training loss goes on falling."""
    if len(case.validation) < 3:
        return None
    training = case.config.training
    now = float(case.validation[-1])
    rise = now - case.best
    if rise < max(_RISE, _RISE_SHARE * case.best) or case.learned > now / 2:
        return None
    best_epoch = float(case.epochs[case.validation.argmin()])
    return Diagnosis(
        kind="over-fitting",
        sentence=f"Since epoch {best_epoch:.3g} the validation loss rose from {case.best:.3f} to {now:.3f}, "
        f"while the training loss fell to {case.learned:.3g}: it learns the training reviews by heart.",
        cure=_against_over_fitting(case, training.reviews, training.epochs, best_epoch),
    )


def _against_over_fitting(case: _Case, reviews: int, epochs: int, best_epoch: float) -> dict[str, Any]:
    """More reviews in as many optimizer steps; where it has them all, dropout; else fewer epochs."""
    all_reviews = _TRAINING_REVIEWS[case.config.data]
    if reviews < all_reviews / 2:
        return case.usual("reviews", epochs=max(2, round(epochs * reviews / all_reviews)))
    values = case.config.values()
    dropouts = {name: share for name, share in _AGAINST_OVERFITTING.items() if values[name] < share}
    return dropouts or {"epochs": max(1, math.ceil(best_epoch))}
