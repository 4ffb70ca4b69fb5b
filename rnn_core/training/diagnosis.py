"""Faults of a training, seen in its history: a sentence with the number, and what would change it.

Each threshold lies between the runs that it was set on, the failures of `rnn_core.config.presets` and
healthy runs of an Elman RNN, a GRU and an LSTM (seeds 0 to 2); `python -m tests.diagnosis` judges it on
other seeds.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from rnn_core.config.readouts import READOUTS
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.equations.bounds import unbounded_part
from rnn_core.registry import Registry
from rnn_core.tasks.task import task_of
from rnn_core.training.history import History

COIN_LOSS = math.log(2)
"""The loss of a verdict that is always 50 %, in nats: 0.693."""
LEARNED = 1 - 0.008 / COIN_LOSS
"""A validation loss below this share of that of a guess says that something was learned."""
_LEARNED_BY_HEART = 0.6 / COIN_LOSS
"""A training loss below this share says the same, if only of the training texts."""
_PATIENCE, _PATIENCE_SHARE = 1_500, 0.6
"""Optimizer steps, or that share of all if it is fewer, until a network must have learned something."""
RECENT = 20  # optimizer steps
_DRIVEN = 1.5  # so many times the highest rate that was planned is far above it
_MOST_CHANGES = 3  # so many changes of the learning rate are named; of more, the last ones


class DiagnosedRun:
    """The facts that several diagnoses ask of a run."""

    def __init__(self, config: RunConfig, history: History, message: str = "") -> None:
        self.config, self.message = config, message
        self.recommended = recommended_config(config.data, config.identity, config.task)
        self.task = task_of(config)
        self.guess = self.task.guess(config)
        self.in_words = self.task.loss_in_words
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
        """Return the recommended values of these settings, and `more`, as far as the run has others."""
        now, usual = self.config.values(), self.recommended.values()
        cure = {name: usual[name] for name in names} | more
        return {name: value for name, value in cure.items() if now[name] != value}

    @property
    def best_beside_guess(self) -> str:
        """A sentence on how low the validation loss has been, and for how long."""
        best, guessed = self.in_words(self.best), self.in_words(self.guess.loss)
        return (
            f"The validation loss has not gone below {best} up to optimizer step {len(self.losses):,}; "
            f"that of {self.guess.what} is {guessed}."
        )

    @property
    def is_slow(self) -> bool:
        """True if the settings take steps that are no larger than usual."""
        return self.config.training.learning_rate <= self.recommended.training.learning_rate

    @property
    def is_driven(self) -> bool:
        """True if changes by hand took a rate that was not too high far above all that was planned."""
        is_high = bool(self.rates.max(initial=0.0) > _DRIVEN * self.config.training.learning_rate)
        return bool(self.rate_events) and self.is_slow and is_high

    def blame_rate(self, seen: str, **more: str) -> "Diagnosis":
        """Diagnose what smaller steps along clipped gradients, and the settings in `more`, would change."""
        cure: dict[str, Any]
        if self.is_slow:
            lower = {} if self.is_driven else {"learning_rate": self.config.training.learning_rate / 10}
            cure = self.usual("clip_norm") or lower
        else:
            cure = self.usual("clip_norm", "optimizer", "learning_rate")
        cure |= more
        return Diagnosis(sentence=seen + self.rate_changes(), cure=cure, without_changes=self.is_driven)

    def rate_changes(self) -> str:
        """Return a sentence on the changes of the learning rate; empty where there were none."""
        if not self.rate_events:
            return ""
        earlier = len(self.rate_events) - _MOST_CHANGES
        changes = "; ".join(
            f"at epoch {change.epoch:.2f} from {change.before:.3g} to {change.rate:.3g}, "
            f"{'where it stayed' if change.held else 'and the schedule went on in proportion'}"
            for change in self.rate_events[-_MOST_CHANGES:]
        )
        before = f"{earlier} times, and then " if earlier > 0 else ""
        return (
            f" The learning rate was changed by hand: {before}{changes}. It went up to "
            f"{self.rates.max():.3g}; the settings plan {self.config.training.learning_rate:.3g} at most."
        )


_DIVERGED = 2  # so many times the loss of a guess, or of a new network where that is higher
_EXPLODED = 100.0
_FAR = 20  # tokens
_VANISHED = 1e-3
_STILL = 0.25
_SATURATED = 0.985
_MOSTLY_PADDING = 0.3
_HARDLY_MOVED = 0.01
_RISE, _RISE_SHARE = 0.1, 0.25

_AGAINST_OVERFITTING = {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing that goes wrong."""

    kind: str = ""
    """The key of its rule in `RULES`, which `diagnose` adds."""
    sentence: str
    """The finding, with the number behind it."""
    cure: Mapping[str, Any]
    """The settings that would change it; empty where it is none that we know of."""
    without_changes: bool = False
    """True if the learning rate, changed by hand, is to blame: without that, the settings may do."""
    at: str = ""
    """The loss that a network is stuck at, as its charts show it."""

    @property
    def title(self) -> str:
        """Return the title.

        >>> Diagnosis(kind="stuck", sentence="", cure={}, at="1.585 bits").title
        'Stuck at 1.585 bits'
        """
        return f"{RULES[self.kind].title} {self.at}".rstrip()


def _overflow(run: DiagnosedRun) -> Diagnosis | None:
    """Loss or gradient is no number with the first weights, which no learning rate has changed yet."""
    if not run.message or len(run.losses):
        return None
    part = unbounded_part(run.config.model.declared.source)
    seen = f"{run.message} Its first weights already take it beyond all numbers, at any learning rate."
    if part:
        seen += f" In its equations {part} can grow without end: bound what it is made of, as by tanh."
    return Diagnosis(sentence=seen, cure={} if part else run.usual("initialisation"))


def _diverged(run: DiagnosedRun) -> Diagnosis | None:
    """The loss is no number, or it rose above twice what it begins at and the network did not recover."""
    if run.message:
        return run.blame_rate(run.message)
    # A new network takes all classes for equally likely, whatever their shares.
    begins_at = max(run.guess, run.task.untrained(run.config), key=lambda one: one.loss)
    enough = len(run.losses) >= RECENT
    highest = np.convolve(run.losses, np.full(RECENT, 1 / RECENT), "valid").max() if enough else 0.0
    has_recovered = len(run.validation) and run.validation[-1] < LEARNED * run.guess.loss
    if highest <= _DIVERGED * begins_at.loss or has_recovered:
        return None
    return run.blame_rate(
        f"The training loss rose to {run.in_words(highest, '.3g')}, {highest / begins_at.loss:.1f} times "
        f"that of {begins_at.what}, at a learning rate of up to {run.rates.max():.3g}."
    )


def _exploding(run: DiagnosedRun) -> Diagnosis | None:
    """Gradients that are huge most of the time, or now and then where nothing clips them."""
    if len(run.norms) < RECENT:
        return None
    recent, usual, most = np.median(run.norms[-RECENT:]), np.median(run.norms), run.norms.max()
    is_clipped = bool(run.config.training.clip_norm)
    jumps = not is_clipped and most > _EXPLODED * max(usual, 1.0)
    if recent <= _EXPLODED and not jumps:
        return None
    seen = f"The gradient norm went up to {most:.3g}, with a median of {usual:.3g}"
    behind = "nothing clips it: one such optimizer step can undo all that was learned."
    if is_clipped:
        behind = (
            f"clipping shortens such a gradient to {run.config.training.clip_norm:g} and keeps its "
            "direction; on so steep a slope even a short step can go too far."
        )
    return run.blame_rate(f"{seen}, and {behind}")


def _padding(run: DiagnosedRun) -> Diagnosis | None:
    """The network reads on after the last word, up to the end of the padding, and learned nothing."""
    text, share = run.config.text, run.last.get("padding", 0.0)
    reads_on, readout = text.padding == "post" and not text.skip_padding, run.config.model.readout
    if not (run.learns_nothing and reads_on and READOUTS[readout].only_last and share > _MOSTLY_PADDING):
        return None
    return Diagnosis(
        sentence=f"It reads padding as if it were text: {share:.0%} of its time steps come after the last "
        f"word, and the verdict is read off after them. {run.best_beside_guess}",
        cure={"skip_padding": True},
    )


def _dead(run: DiagnosedRun) -> Diagnosis | None:
    """Units that have the same value at every token, or are so saturated that nothing passes back."""
    model = run.config.model
    still = min((look.get("still", 0.0) for look in run.looks[-2:]), default=0.0)
    saturated = run.last.get("gates", {}).get("slope", (0.0,))[0]
    if still > _STILL:
        seen = f"{still:.0%} of the {model.hidden_size:,} units have the same value, to 0.01, at every token."
    elif run.learns_nothing and saturated > _SATURATED:
        where = "so close to -1 or 1 that less than a tenth of a change passes through"
        if model.declared["h"].function == "relu":
            where = "0, where the relu lets no change through"
        seen = (
            f"{saturated:.1%} of the hidden values are {where}, so no gradient reaches the weights "
            "behind them."
        )
    else:
        return None
    update, usual = model.declared.update, run.recommended.model.forget_bias
    if update is not None and update.remembers_by_bias and abs(model.forget_bias) > 2 * usual:
        biases = update.biases(keeps=model.forget_bias, writes=-model.forget_bias)
        gate = model.declared[update.gates[-1]]
        is_shut = "shut" if biases[gate.letter] < 0 else "open"
        why = f" The {gate.name} starts at a bias of {biases[gate.letter]:g}, nearly {is_shut}."
        if not gate.is_share:
            why = f" The forget-gate bias is {model.forget_bias:g}; {usual:g} is usual here."
        return Diagnosis(sentence=seen + why, cure={"forget_bias": usual})
    another = {} if update is not None else {"cell": run.recommended.model.cell}
    return run.blame_rate(seen, **another)


def _stuck(run: DiagnosedRun) -> Diagnosis | None:
    """Nothing was learned: the weights hardly move, or the gradient does not reach the words that decide."""
    if not run.learns_nothing:
        return None
    seen, at = run.best_beside_guess, run.in_words(run.guess.loss)
    moved = _moved(run.looks[0]["weights"], run.last["weights"]) if len(run.looks) > 1 else math.inf
    if moved < _HARDLY_MOVED:
        why = f" At a learning rate of up to {run.rates.max():.3g} no weight matrix grew or shrank by 1 %."
        cure = run.usual("optimizer", "learning_rate")
        return Diagnosis(
            sentence=seen + why + run.rate_changes(),
            cure=cure,
            without_changes=bool(run.rate_events) and not cure,
            at=at,
        )
    share = _gradient_from_afar(run.last)
    if run.config.model.declared.update is None and share < _VANISHED:
        why = (
            f" {_FAR} words back the gradient has {share:.1g} of its size at the last word: it vanishes, so "
            "what was read there can't be learned from."
        )
        cure = run.usual("initialisation", "optimizer", "learning_rate", cell=run.recommended.model.cell)
        return Diagnosis(sentence=seen + why, cure=cure, at=at)
    cure = run.usual("optimizer", "learning_rate", "clip_norm", "initialisation")
    more = {"epochs": 3 * run.config.training.epochs}
    return Diagnosis(sentence=seen, cure=cure or more, at=at)


def _moved(first: Mapping[str, float], last: Mapping[str, float]) -> float:
    """Returns the largest share by which the norm of a matrix changed."""
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


def _over_fitting(run: DiagnosedRun) -> Diagnosis | None:
    """The validation loss rises while the training loss goes on falling."""
    if len(run.validation) < 3:
        return None
    training = run.config.training
    now = float(run.validation[-1])
    rise, texts = now - run.best, run.config.corpus.nouns.texts
    if rise < max(_RISE, _RISE_SHARE * run.best) or run.learned > now / 2:
        return None
    best_epoch = float(run.epochs[run.validation.argmin()])
    all_reviews = run.config.corpus.training_texts or run.recommended.training.reviews
    values = run.config.values()
    dropouts = {name: share for name, share in _AGAINST_OVERFITTING.items() if values[name] < share}
    if training.reviews < all_reviews / 2:  # in as many optimizer steps
        epochs = max(2, round(training.epochs * training.reviews / all_reviews))
        cure = run.usual("reviews", epochs=epochs)
    else:
        cure = dropouts or {"epochs": max(1, math.ceil(best_epoch))}
    return Diagnosis(
        sentence=f"Since epoch {best_epoch:.3g} the validation loss rose from {run.in_words(run.best)} "
        f"to {run.in_words(now)}, while the training loss fell to "
        f"{run.in_words(run.learned, '.3g')}: it learns the training {texts} by heart.",
        cure=cure,
    )


class Rule(NamedTuple):
    """A kind of diagnosis."""

    title: str
    """The title, that of stuck before the loss of a guess."""
    judge: Callable[[DiagnosedRun], Diagnosis | None]
    is_beside: bool = False
    """True if it is named beside one that keeps a network from learning."""


RULES: Registry[Rule] = Registry(
    "diagnosis",
    {
        "overflow": Rule("Beyond all numbers", _overflow),
        "diverged": Rule("Diverged", _diverged),
        "exploding": Rule("Exploding gradients", _exploding),
        "padding": Rule("Padding read as text", _padding),
        "dead": Rule("Dead units", _dead),
        "stuck": Rule("Stuck at", _stuck),
        "over-fitting": Rule("Over-fitting", _over_fitting, is_beside=True),
    },
)
"""The kinds of diagnosis: of those that keep a network from learning, the first is named."""


def diagnose(config: RunConfig, history: History, message: str = "") -> list[Diagnosis]:
    """Return what is wrong with a run, by its history; `message` is that of one that diverged."""
    run = DiagnosedRun(config, history, message)
    judged = ((kind, rule.judge(run)) for kind, rule in RULES.items() if kind in run.task.diagnoses)
    found = [replace(one, kind=kind) for kind, one in judged if one is not None]
    return [one for one in found if one is found[0] or RULES[one.kind].is_beside]
