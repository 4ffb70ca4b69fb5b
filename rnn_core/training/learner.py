"""A network and all that changes it, one optimizer step at a time; its state can be kept and restored."""

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.reading import Batch
from rnn_core.nn.classifier import Classifier, Left
from rnn_core.training.checkpoint import TrainingState
from rnn_core.training.device import generator_states, set_generators
from rnn_core.training.objective import Objective

_SGD_MOMENTUM = 0.9


def make_optimizer(config: TrainingConfig, weights: Iterable[nn.Parameter]) -> Optimizer:
    """AdamW, Adam, or SGD with momentum 0.9, on these weights."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return SGD(weights, lr=rate, weight_decay=decay, momentum=_SGD_MOMENTUM)
    return {"adamw": AdamW, "adam": Adam}[config.optimizer](weights, lr=rate, weight_decay=decay)


class DivergedError(ArithmeticError):
    """A loss or gradient that is no longer a finite number; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The evaluation that did best so far, with the weights that did it."""

    fields: Mapping[str, float]
    """The scores of that evaluation, as in its record."""
    optimizer_step: int
    weights: dict[str, Tensor]


class Learner:
    """A classifier, its optimizer, its averaged weights, and its best weights so far."""

    def __init__(self, objective: Objective) -> None:
        settings = objective.settings
        self.objective = objective
        self.classifier = objective.classifier
        self.averaged = (
            AveragedModel(self.classifier, multi_avg_fn=get_ema_multi_avg_fn(settings.weight_averaging))
            if settings.weight_averaging
            else None
        )
        self.optimizer = make_optimizer(settings, self.classifier.parameters())
        self.optimizer_step = 0
        self.best: Best | None = None
        self.left: Left | None = None
        """The state that the last batch left, where one is carried."""

    @property
    def evaluated(self) -> Classifier:
        """The classifier that is evaluated: that of the averaged weights, where the settings ask for them."""
        return self.classifier if self.averaged is None else cast(Classifier, self.averaged.module)

    def learn(self, batch: Batch, rate: float) -> tuple[dict[str, float], float]:
        """Take an optimizer step at this learning rate.

        Returns the loss of the batch before it, mean cross-entropy in nats, with the numbers of its task, and
        the gradient's norm before clipping. Raises DivergedError where one is no longer a finite number.
        """
        self.optimizer.zero_grad()
        judged, self.left = self.objective.back_propagate_on(batch, self.left)
        loss = judged.losses.mean().item()
        norm = self.clip()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise DivergedError(
                f"Diverged at optimizer step {self.optimizer_step + 1}: the loss was {loss:.3g} "
                f"and the gradient norm {norm:.3g}, at a learning rate of {rate:.3g}."
            )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.classifier.constrain()
        self.optimizer_step += 1
        if self.averaged is not None:
            self.averaged.update_parameters(self.classifier)
        return {"loss": loss, **self.objective.task.fields(judged)}, norm

    def rehearse(self, batch: Batch) -> None:
        """Compute an optimizer step without taking it: weights and random generators stay as they are."""
        generators = generator_states(self.classifier.device)
        self.optimizer.zero_grad()
        self.objective.back_propagate_on(batch, self.left)
        set_generators(generators, self.classifier.device)

    def clip(self) -> float:
        """Shorten the gradient where the settings say so; its norm before that."""
        limit = self.objective.settings.clip_norm or math.inf
        return clip_grad_norm_(self.classifier.parameters(), limit).item()

    def keep_if_best(self, fields: Mapping[str, float]) -> bool:
        """Keep the evaluated weights if no others scored better so far; whether they were kept."""
        if self.best is not None and not self.objective.task.is_better(fields, self.best.fields):
            return False
        self.best = Best(
            fields=fields,
            optimizer_step=self.optimizer_step,
            weights=copy.deepcopy(self.evaluated.state_dict()),
        )
        return True

    def weights(self) -> dict[str, Tensor]:
        """The weights to keep, as the settings say: the best on validation, or the last."""
        if self.objective.settings.keep == "best" and self.best is not None:
            return self.best.weights
        return self.evaluated.state_dict()

    def state(self) -> TrainingState:
        """Return the whole state. Its tensors are those at work: write them at once."""
        optimizer = self.optimizer.state_dict()
        of_weights = {
            f"{number}.{name}": tensor
            for number, of in optimizer["state"].items()
            for name, tensor in of.items()
            if tensor is not None
        }
        tensors = {
            **named("classifier", self.classifier.state_dict()),
            **named("averaged", self.averaged.state_dict() if self.averaged else {}),
            **named("best", self.best.weights if self.best else {}),
            **named("optimizer", of_weights),
            **named("left", {} if self.left is None else _by_name(self.left)),
        }
        values = {
            "optimizer_step": self.optimizer_step,
            "groups": optimizer["param_groups"],
            "best": self.best and {**self.best.fields, "optimizer_step": self.best.optimizer_step},
        }
        return TrainingState(tensors, values)

    def restore(self, state: TrainingState) -> None:
        """Go on from here. Raises KeyError, RuntimeError or TypeError for the state of another training."""
        tensors, values = state
        self.classifier.load_state_dict(part(tensors, "classifier"))
        if self.averaged is not None:
            self.averaged.load_state_dict(part(tensors, "averaged"))
        of_weights: dict[int, dict[str, Tensor]] = {}
        for name, tensor in part(tensors, "optimizer").items():
            number, _, kind = name.partition(".")
            of_weights.setdefault(int(number), {})[kind] = tensor
        self.optimizer.load_state_dict({"state": of_weights, "param_groups": values["groups"]})
        if best := values["best"]:
            fields = {name: value for name, value in best.items() if name != "optimizer_step"}
            self.best = Best(
                fields=fields, optimizer_step=best["optimizer_step"], weights=part(tensors, "best")
            )
        if left := part(tensors, "left"):
            self.left = _left_of(left, self.classifier)
        self.optimizer_step = int(values["optimizer_step"])


def _by_name(left: Left) -> dict[str, Tensor]:
    """The tensors of a state that is carried: "last", and the states as "layer.number"."""
    states = {
        f"{layer}.{number}": part
        for layer, state in enumerate(left.states, 1)
        for number, part in enumerate(state)
    }
    return {"last": left.last, **states}


def _left_of(tensors: Mapping[str, Tensor], classifier: Classifier) -> Left:
    """The inverse of `_by_name`. Raises KeyError for the state of another network."""
    states = tuple(
        tuple(tensors[f"{layer}.{number}"].to(classifier.device) for number in range(cell.state_size))
        for layer, cell in enumerate(classifier.layers, 1)
    )
    return Left(tensors["last"].to(classifier.device), states)


def named(of: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under names that say which part of a state they are."""
    return {f"{of}.{name}": tensor for name, tensor in tensors.items()}


def part(tensors: Mapping[str, Tensor], of: str) -> dict[str, Any]:
    """The inverse of `named`."""
    return {name[len(of) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(f"{of}.")}
