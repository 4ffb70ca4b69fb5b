"""The training loop, as an iterator of records.

It prints nothing, knows no screen and no store. Whoever stops asking for records stops the training.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rnn_core.config import ModelConfig, RunConfig
from rnn_core.data.batches import Batch, count_batches, training_batches
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews, learn_vocabulary, split_reviews
from rnn_core.models.scoring import Scores, ScoringStoppedError, score
from rnn_core.nn.classifier import Classifier
from rnn_core.training.optimization import make_optimizer, make_schedule
from rnn_core.training.records import Record


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
    the same number of threads. It seeds torch's global generator when the iteration begins.
    """

    def __init__(
        self,
        config: RunConfig,
        corpus: Corpus,
        network: Callable[[ModelConfig, int], Classifier] = Classifier,
    ) -> None:
        """`network` makes what is trained, given its settings and the number of words."""
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
        self.averaged = (
            AveragedModel(self.classifier, multi_avg_fn=get_ema_multi_avg_fn(settings.weight_averaging))
            if settings.weight_averaging
            else None
        )
        self.steps_per_epoch = count_batches(len(self.training), settings.batch_size)
        self.total_steps = settings.epochs * self.steps_per_epoch
        self.optimizer = make_optimizer(settings, self.classifier.parameters())
        self.schedule = make_schedule(settings, self.optimizer, self.total_steps)

        self.optimizer_step = 0
        self.best: Best | None = None
        self.outcome = "running"
        """"running", then "finished", "stopped early" or "diverged"."""
        self.message = ""
        """A sentence about the outcome where there is something to say."""
        self._evaluations = 0
        self._evaluations_since_best = 0
        self._tokens = 0
        self._step_seconds = 0.0
        self._evaluation_seconds = 0.0

    def __iter__(self) -> Iterator[Record]:
        """Train, from the first optimizer step to the outcome."""
        # A gradient that fades over hundreds of time steps passes through denormal numbers, which some
        # processors multiply many times slower.
        torch.set_flush_denormal(True)
        torch.manual_seed(self.config.training.seed)
        self.classifier.train()
        began = time.perf_counter()
        for batch in self._batches():
            record = self._step(batch, began)
            if record is None:
                self.outcome = "diverged"
                return
            yield record
            if self._evaluation_is_due():
                record = self._evaluate()
                if record is None:
                    self.outcome = "diverged"
                    return
                yield record
                patience = self.config.training.patience
                if patience and self._evaluations_since_best >= patience:
                    self.outcome = "stopped early"
                    self.message = f"Stopped early: {patience} evaluations in a row brought nothing better."
                    return
            began = time.perf_counter()
        self.outcome = "finished"

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

    def _batches(self) -> Iterator[Batch]:
        settings = self.config.training
        for epoch in range(settings.epochs):
            chance = np.random.default_rng([settings.seed, epoch])
            yield from training_batches(self.training, settings.batch_size, chance)

    def _step(self, batch: Batch, began: float) -> Record | None:
        """One optimizer step; None where loss or gradient is no longer a finite number.

        `began` is when the batch was asked for, so that making it counts.
        """
        labels = batch.labels.to(self.device)
        logits = self.classifier(batch.ids.to(self.device), batch.lengths.to(self.device))
        loss = self.classifier.loss(logits, labels).mean()
        self.optimizer.zero_grad()
        loss.backward()
        norm = self._clip()
        rate = self.optimizer.param_groups[0]["lr"]
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            self.message = (
                f"Diverged at optimizer step {self.optimizer_step + 1}: the loss was {loss.item():.3g} "
                f"and the gradient norm {norm:.3g}, at a learning rate of {rate:.3g}."
            )
            return None
        self.optimizer.step()
        self.schedule.step()
        self.optimizer_step += 1
        if self.averaged is not None:
            self.averaged.update_parameters(self.classifier)
        right = (self.classifier.positive_logit(logits) > 0) == labels.bool()
        tokens = int(batch.lengths.sum())
        seconds = time.perf_counter() - began
        self._tokens += tokens
        self._step_seconds += seconds
        return Record(
            kind="training",
            optimizer_step=self.optimizer_step,
            epoch=self.optimizer_step / self.steps_per_epoch,
            loss=loss.item(),
            accuracy=right.float().mean().item(),
            seconds=self._step_seconds + self._evaluation_seconds,
            seconds_left=self._seconds_left(),
            gradient_norm=norm,
            learning_rate=rate,
            tokens_per_second=tokens / seconds,
        )

    def _clip(self) -> float:
        """Shorten the gradient where the settings say so; its norm before that."""
        limit = self.config.training.clip_norm or math.inf
        return clip_grad_norm_(self.classifier.parameters(), limit).item()

    def _evaluation_is_due(self) -> bool:
        """Whether a further part of the epoch is over, of as many parts as the settings say."""
        parts = self.config.training.evaluations_per_epoch
        now, before = self.optimizer_step, self.optimizer_step - 1
        return now * parts // self.steps_per_epoch > before * parts // self.steps_per_epoch

    def _evaluated_classifier(self) -> Classifier:
        return self.classifier if self.averaged is None else cast(Classifier, self.averaged.module)

    def _seconds_left(self) -> float:
        """By the mean optimizer step so far, and the mean second of an evaluated token."""
        steps = self.total_steps - self.optimizer_step
        parts = min(self.config.training.evaluations_per_epoch, self.steps_per_epoch)
        evaluations = self.config.training.epochs * parts - self._evaluations
        if self._evaluations:
            per_token = self._evaluation_seconds / (self._evaluations * len(self.validation.ids))
        else:  # reading a token without learning from it takes about a third of the time
            per_token = self._step_seconds / self._tokens / 3
        tokens = evaluations * len(self.validation.ids) + len(self.test.ids)
        return steps * self._step_seconds / self.optimizer_step + tokens * per_token

    def _evaluate(self) -> Record | None:
        """Score the validation reviews; None where their loss is no longer a finite number."""
        began = time.perf_counter()
        classifier = self._evaluated_classifier()
        scores = score(classifier, self.validation, self.device)
        if not math.isfinite(scores.loss):
            self.message = (
                f"Diverged at optimizer step {self.optimizer_step}: the loss of the validation reviews was "
                f"{scores.loss:.3g}."
            )
            return None
        self._evaluations += 1
        self._evaluations_since_best += 1
        if self.best is None or self.best.beaten_by(scores):
            self._evaluations_since_best = 0
            self.best = Best(
                accuracy=scores.accuracy,
                loss=scores.loss,
                optimizer_step=self.optimizer_step,
                weights=copy.deepcopy(classifier.state_dict()),
            )
        self._evaluation_seconds += time.perf_counter() - began
        return Record(
            kind="validation",
            optimizer_step=self.optimizer_step,
            epoch=self.optimizer_step / self.steps_per_epoch,
            loss=scores.loss,
            accuracy=scores.accuracy,
            seconds=self._step_seconds + self._evaluation_seconds,
            seconds_left=self._seconds_left(),
        )


def train(config: RunConfig, corpus: Corpus) -> Iterator[Record]:
    """Train a network and say how it goes, record by record; closing the iterator stops it."""
    return iter(Trainer(config, corpus))


def choose_device(name: str) -> torch.device:
    """auto is a GPU where there is one. Raises ValueError where cuda is asked for in vain."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was asked for, but torch finds no CUDA GPU on this machine")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
