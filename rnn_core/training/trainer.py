"""The training loop, as an iterator of records.

It prints nothing, knows no screen and no store. Whoever stops asking for records stops the training.
"""

import copy
import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rnn_core.config.run import ModelConfig, RunConfig
from rnn_core.data.batches import Batch, count_batches, make_batch, training_batches
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import (
    EncodedReviews,
    encode_reviews,
    frequent_bigrams,
    learn_vocabulary,
    split_reviews,
)
from rnn_core.errors import ConfigError
from rnn_core.models.scoring import Scores, ScoringStoppedError, score
from rnn_core.nn.classifier import Classifier
from rnn_core.training.checkpoint import TrainingState
from rnn_core.training.generators import generator_states, set_generator_states
from rnn_core.training.gradient_flow import Look, look_inside
from rnn_core.training.label_odds import begin_with_label_odds
from rnn_core.training.objective import back_propagate
from rnn_core.training.optimization import LearningRate, make_optimizer, make_schedule
from rnn_core.training.pace import Pace
from rnn_core.training.records import Record

_LOOKED_INTO = 64  # reviews
_CLOCKS = ("step_seconds", "evaluation_seconds")
_COUNTS = ("tokens", "evaluations", "evaluations_since_best", "evaluated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The evaluation that did best so far, with the weights that did it."""

    accuracy: float
    loss: float
    optimizer_step: int
    weights: dict[str, Tensor]

    def beaten_by(self, scores: Scores) -> bool:
        """Whether these scores are better: more accurate, or as accurate with less loss."""
        return (scores.accuracy, -scores.loss) > (self.accuracy, -self.loss)


class Trainer:
    """Everything one training needs, prepared when it is made; iterating it trains.

    Made of the same settings and corpus it trains the same network to the bit, on the same machine with
    the same number of threads; on a GPU, which adds in any order, nearly the same. It seeds torch's global
    generators when the iteration begins.
    """

    def __init__(
        self,
        config: RunConfig,
        corpus: Corpus,
        network: Callable[[ModelConfig, int], Classifier] = Classifier,
        *,
        looks_inside: bool = True,
    ) -> None:
        """`network` makes what is trained, given its settings and the number of words.

        `looks_inside`: whether each evaluation takes a look inside, which needs one of our cells.
        """
        self.config = config
        settings = config.training
        self.device = choose_device(settings.device)
        splits = split_reviews(corpus, settings.reviews, settings.seed)
        self.vocabulary = learn_vocabulary(corpus, splits.training, config.text.vocab_size)
        self.training = encode_reviews(corpus, splits.training, self.vocabulary, config.text)
        self.validation = encode_reviews(corpus, splits.validation, self.vocabulary, config.text)
        self.test = encode_reviews(corpus, splits.test, self.vocabulary, config.text)

        torch.manual_seed(settings.seed)
        self.classifier = network(config.model, len(self.vocabulary)).to(self.device)
        if config.model.bigrams:
            pairs = frequent_bigrams(self.training, len(self.vocabulary), config.model.bigrams)
            self.classifier.bigrams.know(torch.from_numpy(pairs).to(self.device))
        if config.model.label_odds:
            begin_with_label_odds(self.classifier, self.training)
        self.averaged = (
            AveragedModel(self.classifier, multi_avg_fn=get_ema_multi_avg_fn(settings.weight_averaging))
            if settings.weight_averaging
            else None
        )
        self.steps_per_epoch = count_batches(len(self.training), settings.batch_size)
        self.total_steps = settings.epochs * self.steps_per_epoch
        self.optimizer = make_optimizer(settings, self.classifier.parameters())
        self.schedule = make_schedule(settings, self.optimizer, self.total_steps)
        self.learning_rate = LearningRate(self.optimizer, self.schedule)

        self.optimizer_step = 0
        self.best: Best | None = None
        self.outcome = "running"
        """"running", then "finished", "stopped early" or "diverged"."""
        self.message = ""
        """A sentence about the outcome where there is something to say."""
        self._sample = _sample(self.validation) if looks_inside else None
        self.keep_evaluating: Callable[[], bool] = lambda: True
        """Asked in the middle of an evaluation; once it says no, the iteration ends as if it was closed."""
        self._generators: dict[str, Tensor] | None = None
        self._clocks = dict.fromkeys(_CLOCKS, 0.0)
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._pace = Pace()

    def __iter__(self) -> Iterator[Record]:
        """Train, from the first optimizer step, or the one after `restore`, to the outcome.

        After each record the training is in a state that `state` can tell.
        """
        # A gradient that fades over hundreds of time steps passes through denormal numbers, which some
        # processors multiply many times slower.
        torch.set_flush_denormal(True)
        if self._generators is None:
            torch.manual_seed(self.config.training.seed)
        else:
            set_generator_states(self._generators, self.device)
        self.classifier.train()
        batches = self._batches_left()
        while True:
            if self.evaluation_is_due:
                try:
                    record = self._evaluate()
                except ScoringStoppedError:
                    return
                if record is None:
                    self.outcome = "diverged"
                    return
                yield record
                patience = self.config.training.patience
                if patience and self._counts["evaluations_since_best"] >= patience:
                    self.outcome = "stopped early"
                    self.message = f"Stopped early: {patience} evaluations in a row brought nothing better."
                    return
            began = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                self.outcome = "finished"
                return
            record = self._step(batch, began)
            if record is None:
                self.outcome = "diverged"
                return
            yield record

    @property
    def evaluation_is_due(self) -> bool:
        """Whether a further part of the epoch is over, of as many parts as the settings say."""
        parts = self.config.training.evaluations_per_epoch
        now, before = self.optimizer_step, self.optimizer_step - 1
        if now == self._counts["evaluated_at"]:
            return False
        return now * parts // self.steps_per_epoch > before * parts // self.steps_per_epoch

    def state(self) -> TrainingState:
        """All that decides how the training goes on. Its tensors are those at work: write them at once."""
        optimizer = self.optimizer.state_dict()
        tensors = {
            **_named("classifier", self.classifier.state_dict()),
            **_named("averaged", self.averaged.state_dict() if self.averaged else {}),
            **_named("best", self.best.weights if self.best else {}),
            **_named("optimizer", {f"{i}.{name}": t for i, of in optimizer["state"].items()
                                   for name, t in of.items() if t is not None}),
            **_named("generator", generator_states(self.device)),
        }  # fmt: skip
        values = {
            "optimizer_step": self.optimizer_step,
            "groups": optimizer["param_groups"],
            "schedule": self.schedule.state_dict(),
            "behind_held_rate": self.learning_rate.behind,
            "best": self.best and {
                "accuracy": self.best.accuracy, "loss": self.best.loss,
                "optimizer_step": self.best.optimizer_step,
            },
            "clocks": self._clocks,
            "counts": self._counts,
        }  # fmt: skip
        return TrainingState(tensors, values)

    def restore(self, state: TrainingState) -> None:
        """Go on from here: the next iteration gives the records after those before `state` was told.

        Raises ValueError for the state of a training with other settings.
        """
        tensors, values = state
        try:
            self.classifier.load_state_dict(_part(tensors, "classifier"))
            if self.averaged is not None:
                self.averaged.load_state_dict(_part(tensors, "averaged"))
            of_weights: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _part(tensors, "optimizer").items():
                number, _, kind = name.partition(".")
                of_weights.setdefault(int(number), {})[kind] = tensor
            self.optimizer.load_state_dict({"state": of_weights, "param_groups": values["groups"]})
            self.schedule.load_state_dict(values["schedule"])
            self.learning_rate.behind = values.get("behind_held_rate")  # older checkpoints hold none
            best = values["best"]
            self.best = best and Best(**best, weights=_part(tensors, "best"))
            self.optimizer_step = int(values["optimizer_step"])
            self._clocks, self._counts = dict(values["clocks"]), dict(values["counts"])
            self._take_up_the_pace()
            # Before those of GPUs were kept the one of the processor stood alone.
            self._generators = _part(tensors, "generator") or {"cpu": tensors["chance"]}
        except (KeyError, RuntimeError, TypeError) as error:
            raise ValueError(f"this is not the state of a training with these settings: {error}") from error

    def _take_up_the_pace(self) -> None:
        """Go on with the means of before, until newer times are known."""
        step, evaluations = self.optimizer_step, self._counts["evaluations"]
        self._pace = Pace()
        if step:
            self._pace.add_step(self._clocks["step_seconds"] / step, self._counts["tokens"] / step)
        if evaluations:
            self._pace.add_evaluation(self._clocks["evaluation_seconds"] / evaluations)

    def weights(self) -> dict[str, Tensor]:
        """The weights to keep, as the settings say: the best on validation, or the last."""
        if self.config.training.keep == "best" and self.best is not None:
            return self.best.weights
        return self._evaluated_classifier().state_dict()

    def score_test(self, keep_going: Callable[[], bool] = lambda: True) -> Scores | None:
        """Score the kept weights on the test reviews. To be done once, when the training is over.

        None where `keep_going` said no before all were scored.
        """
        classifier = copy.deepcopy(self.classifier)
        classifier.load_state_dict(self.weights())
        try:
            return score(classifier, self.test, self.device, keep_going)
        except ScoringStoppedError:
            return None

    def _batches_left(self) -> Iterator[Batch]:
        settings = self.config.training
        begun, done = divmod(self.optimizer_step, self.steps_per_epoch)
        for epoch in range(begun, settings.epochs):
            chance = np.random.default_rng([settings.seed, epoch])
            batches = training_batches(self.training, settings.batch_size, chance)
            yield from itertools.islice(batches, done if epoch == begun else 0, None)

    def _step(self, batch: Batch, began: float) -> Record | None:
        """One optimizer step; None where loss or gradient is no longer a finite number.

        `began` is when the batch was asked for, so that making it counts.
        """
        self.optimizer.zero_grad()
        loss, logits = back_propagate(self.classifier, batch, self.config.training, self.device)
        norm = self._clip()
        rate = self.learning_rate.now
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            self.message = (
                f"Diverged at optimizer step {self.optimizer_step + 1}: the loss was {loss.item():.3g} "
                f"and the gradient norm {norm:.3g}, at a learning rate of {rate:.3g}."
            )
            return None
        self.optimizer.step()
        self.learning_rate.advance()
        self.optimizer_step += 1
        if self.averaged is not None:
            self.averaged.update_parameters(self.classifier)
        right = (self.classifier.positive_logit(logits).cpu() > 0) == batch.labels.bool()
        tokens = int(batch.lengths.sum())
        seconds = time.perf_counter() - began
        self._counts["tokens"] += tokens
        self._clocks["step_seconds"] += seconds
        self._pace.add_step(seconds, self._counts["tokens"] / self.optimizer_step)
        return Record(
            kind="training",
            optimizer_step=self.optimizer_step,
            epoch=self.optimizer_step / self.steps_per_epoch,
            loss=loss.item(),
            accuracy=right.float().mean().item(),
            seconds=sum(self._clocks.values()),
            seconds_left=self._seconds_left(),
            gradient_norm=norm,
            learning_rate=rate,
            tokens_per_second=tokens / seconds,
        )

    def _clip(self) -> float:
        """Shorten the gradient where the settings say so; its norm before that."""
        limit = self.config.training.clip_norm or math.inf
        return clip_grad_norm_(self.classifier.parameters(), limit).item()

    def _evaluated_classifier(self) -> Classifier:
        return self.classifier if self.averaged is None else cast(Classifier, self.averaged.module)

    def _seconds_left(self) -> float:
        """Until the last step is done and the test reviews are scored, at the pace of late."""
        steps = self.total_steps - self.optimizer_step
        parts = min(self.config.training.evaluations_per_epoch, self.steps_per_epoch)
        evaluations = self.config.training.epochs * parts - self._counts["evaluations"]
        evaluations_of_test = len(self.test.ids) / len(self.validation.ids)
        seconds = self._pace.evaluation(len(self.validation.ids))
        return steps * self._pace.step + (evaluations + evaluations_of_test) * seconds

    def _evaluate(self) -> Record | None:
        """Score the validation reviews; None where their loss is no longer a finite number.

        Raises ScoringStoppedError where `keep_evaluating` said no.
        """
        began = time.perf_counter()
        classifier = self._evaluated_classifier()
        scores = score(classifier, self.validation, self.device, self.keep_evaluating)
        if not math.isfinite(scores.loss):
            self.message = (
                f"Diverged at optimizer step {self.optimizer_step}: the loss of the validation reviews was "
                f"{scores.loss:.3g}."
            )
            return None
        self._counts["evaluated_at"] = self.optimizer_step
        self._counts["evaluations"] += 1
        self._counts["evaluations_since_best"] += 1
        if self.best is None or self.best.beaten_by(scores):
            self._counts["evaluations_since_best"] = 0
            self.best = Best(
                accuracy=scores.accuracy,
                loss=scores.loss,
                optimizer_step=self.optimizer_step,
                weights=copy.deepcopy(classifier.state_dict()),
            )
        inside = self._look_inside(classifier)
        seconds = time.perf_counter() - began
        self._clocks["evaluation_seconds"] += seconds
        self._pace.add_evaluation(seconds)
        return Record(
            kind="validation",
            optimizer_step=self.optimizer_step,
            epoch=self.optimizer_step / self.steps_per_epoch,
            loss=scores.loss,
            accuracy=scores.accuracy,
            seconds=sum(self._clocks.values()),
            seconds_left=self._seconds_left(),
            inside=inside,
        )

    def _look_inside(self, classifier: Classifier) -> Look | None:
        if self._sample is None:
            return None
        ids, lengths, labels, _ = self._sample
        return look_inside(classifier, ids.to(self.device), lengths.to(self.device), labels.to(self.device))


def _sample(reviews: EncodedReviews) -> Batch:
    """Some of the reviews, from all over them, the longest first: those into which a look is taken."""
    rows = np.unique(np.linspace(0, len(reviews) - 1, _LOOKED_INTO).astype(np.int64))
    return make_batch(reviews, rows[np.argsort(-reviews.lengths()[rows], kind="stable")])


def _named(of: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{of}.{name}": tensor for name, tensor in tensors.items()}


def _part(tensors: Mapping[str, Tensor], of: str) -> dict[str, Any]:
    """The inverse of `_named`."""
    return {name[len(of) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(f"{of}.")}


def train(config: RunConfig, corpus: Corpus) -> Iterator[Record]:
    """Train a network and say how it goes, record by record; closing the iterator stops it."""
    return iter(Trainer(config, corpus))


def choose_device(name: str) -> torch.device:
    """auto is a GPU where there is one. Raises ConfigError where cuda is asked for in vain."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "Device must be auto or cpu on this machine, where torch finds no CUDA GPU, got cuda."
        )
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
