"""The training loop, as an iterator of records.

It prints nothing, knows no screen and no store. Who stops asking for records stops the training.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, frequent_bigrams, learn_vocabulary, split_reviews
from rnn_core.data.reading import Batch, make_batch
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import Evaluated, KeepGoing, ScoringStoppedError, task_of
from rnn_core.training.checkpoint import TrainingState
from rnn_core.training.device import Threads, choose_device, generator_states, set_generators, use_precision
from rnn_core.training.epoch import OF_NO_REVIEW, Epochs
from rnn_core.training.estimate import Clock
from rnn_core.training.gradient_flow import LOOKED_INTO, look_inside
from rnn_core.training.label_odds import IN_NO_FOLD, begin_with_label_odds, count_odds, folds_by_index
from rnn_core.training.learner import DivergedError, Learner, named, part
from rnn_core.training.objective import Objective
from rnn_core.training.records import RateEvent, Record
from rnn_core.training.schedule import RateChange, changed_rates, planned_rates
from rnn_core.training.teachers import Encode, Teachers

_WRITES = (1, 10, 100, 1_000)
"""Optimizer steps after which it is kept what the network writes, beside the evaluations."""
_REHEARSED = 16
"""Time steps on which numbers of threads are timed: beside busy programs one can take a tenth of a second."""


class Trainer:
    """Everything one training needs, prepared when it is made; iterating it trains.

    Made of the same settings, corpus and teachers it trains the same network to the bit, on the same machine
    with as many threads, unless `Threads` changes their number; on a GPU, which adds in any order, nearly.
    The iteration seeds torch's generators.
    """

    def __init__(
        self,
        config: RunConfig,
        corpus: Corpus,
        network: Callable[..., Classifier] = Classifier,
        *,
        looks_inside: bool = True,
    ) -> None:
        """`network` makes what is trained, given what a Classifier is made with.

        `looks_inside`: whether each evaluation takes a look inside, which needs one of our cells, and a task
        that asks once a text. Raises ConfigError where a teacher is missing or can't teach, for a precision
        that a GPU does not have, and for the settings of a corpus of other classes or tokens.
        """
        if how := config.identity.differs(corpus.identity):
            raise ConfigError(
                f"The corpus {corpus.name} is not the one that these settings are for: {how}. Start a new "
                "run on it."
            )
        self.config, self.task = config, task_of(config)
        settings = config.training
        self.device = choose_device(settings.device)
        learned_from = self._encode_texts(corpus)
        self.classifier = self._new_network(network)
        self._epochs = Epochs(config, corpus, self.vocabulary, self.training)
        steps = self.task.steps(torch.from_numpy(self.training.lengths())).numpy()
        self.steps_per_epoch = self.task.reading.count(len(self._epochs), steps, settings.batch_size)
        self.total_steps = settings.epochs * self.steps_per_epoch
        teachers = Teachers.of(config, self.vocabulary, self.device, learned_from)
        self._digest_of_teachers = teachers.digest() if teachers else ""
        counted = config.model.counted_bigrams or (teachers is not None and teachers.leave_out)
        self._folds = folds_by_index(self.training) if counted else None
        weights = self.task.class_weights(config, self.training)
        objective = Objective(self.task, self.classifier, settings, teachers, weights)
        self.learner = Learner(objective)
        self._planned = self._rates = planned_rates(settings, self.total_steps)
        self._changes: list[RateChange] = []
        self._changed_from: float | None = None
        """The rate that the next optimizer step would have taken, where another was given by hand."""
        self.clock = self._new_clock()

        self.outcome = "running"
        """"running", then "finished", "stopped early" or "diverged"."""
        self.message = ""
        """A sentence about the outcome where there is something to say."""
        self.keep_evaluating: Callable[[], bool] = lambda: True
        """Asked in the middle of an evaluation; once it says no, the iteration ends as if it was closed."""
        self.write: Callable[[Classifier], str | None] = lambda network: None
        """Asked for what the network writes by then: at evaluations, and early at the steps of _WRITES."""
        self._sample = _sample(self.validation) if looks_inside and not self.task.at_every_step else None
        self.threads = Threads(keep=settings.exact or self.device.type != "cpu")
        self._generators: dict[str, Tensor] | None = None
        self._evaluated_at, self._evaluations_since_best = 0, 0
        self._evaluated: Mapping[str, float] = {}

    def _encode_texts(self, corpus: Corpus) -> Encode:
        """Split and encode the texts; return what gives those to learn from as another network reads them."""
        config, settings = self.config, self.config.training
        splits = split_reviews(corpus, settings.reviews, settings.seed)
        self.vocabulary = learn_vocabulary(
            corpus, splits.training, config.text.vocab_size, self.task.specials
        )
        encode = partial(self.task.encode, corpus)
        self.training, self.validation, self.test = (
            encode(indices, self.vocabulary, config.text)
            for indices in (splits.training, splits.validation, splits.test)
        )
        return partial(encode, splits.training)

    def _new_network(self, network: Callable[..., Classifier]) -> Classifier:
        """Make the network, which knows what its settings ask to be counted in the training texts."""
        config, model = self.config, self.config.model
        torch.manual_seed(config.training.seed)
        classifier = self.task.network(config, len(self.vocabulary), network).to(self.device)
        if model.bigrams:
            pairs = frequent_bigrams(self.training, len(self.vocabulary), model.bigrams)
            classifier.bigrams.know(torch.from_numpy(pairs).to(self.device))
        if model.counted_bigrams:
            count_odds(classifier.counted, self.training)
        if model.label_odds:
            begin_with_label_odds(classifier, self.training)
        use_precision(classifier, config.training.precision, self.device)
        return classifier

    def _new_clock(self) -> Clock:
        """Make the clock, which knows how much is to be done."""
        settings, beside = self.config.training, self.task.steps_beside(self.config)
        return Clock(
            total_steps=self.total_steps,
            total_evaluations=settings.epochs * min(settings.evaluations_per_epoch, self.steps_per_epoch),
            validation_tokens=len(self.validation.ids) + beside,
            test_tokens=len(self.test.ids) + beside,
        )

    @property
    def optimizer_step(self) -> int:
        """Optimizer steps done so far."""
        return self.learner.optimizer_step

    @property
    def kept_score(self) -> float | None:
        """The score of the weights to keep on the validation texts; None before the first evaluation."""
        if self.learner.best is None:
            return None
        is_last = self.config.training.keep == "last" and self._evaluated
        return (self._evaluated if is_last else self.learner.best.fields)[self.task.score.field]

    def change_rate(self, rate: float, *, held: bool) -> None:
        """Take another learning rate from the next optimizer step on: to the end where it is held, else the
        schedule goes on in proportion to it. After the last step this changes nothing.
        """
        if self.optimizer_step < self.total_steps:
            if self._changed_from is None:
                self._changed_from = float(self._rates[self.optimizer_step])
            self._changes.append(RateChange(self.optimizer_step, rate, held))
            self._rates = changed_rates(self._planned, self._changes)

    def __iter__(self) -> Iterator[Record]:
        """Train to the outcome, from the first optimizer step or the one after `restore`."""
        # A gradient that fades over hundreds of time steps passes through denormal numbers, which some
        # processors multiply many times slower.
        torch.set_flush_denormal(True)
        if self._generators is None:
            torch.manual_seed(self.config.training.seed)
        else:
            set_generators(self._generators, self.device)
        self.classifier.train()
        self.threads.begin()
        try:
            yield from self._records()
        except ScoringStoppedError:
            return
        except DivergedError as error:
            self.outcome, self.message = "diverged", str(error)
        finally:
            self.threads.end()

    def _records(self) -> Iterator[Record]:
        """Raises ScoringStoppedError where `keep_evaluating` said no, and DivergedError."""
        batches, patience = self._batches_left(), self.config.training.patience
        while True:
            if self.evaluation_is_due:
                yield self._evaluate()
                if patience and self._evaluations_since_best >= patience:
                    self.outcome = "stopped early"
                    self.message = f"Stopped early: {patience} evaluations in a row brought nothing better."
                    return
            began = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                self.outcome = "finished"
                return
            yield self._step(batch, began)

    @property
    def evaluation_is_due(self) -> bool:
        """True if a further part of the epoch is over, of as many parts as the settings say."""
        parts = self.config.training.evaluations_per_epoch
        now, before = self.optimizer_step, self.optimizer_step - 1
        if now == self._evaluated_at:
            return False
        return now * parts // self.steps_per_epoch > before * parts // self.steps_per_epoch

    def state(self) -> TrainingState:
        """All that decides how the training goes on. Its tensors are those at work: write them at once."""
        tensors, values = self.learner.state()
        clock = self.clock
        return TrainingState(
            {**tensors, **named("generator", generator_states(self.device))},
            {
                **values,
                "clocks": {name: getattr(clock, name) for name in ("step_seconds", "evaluation_seconds")},
                "counts": {
                    "tokens": clock.tokens,
                    "evaluations": clock.evaluations,
                    "evaluations_since_best": self._evaluations_since_best,
                    "evaluated_at": self._evaluated_at,
                    "evaluated": self._evaluated,
                },
                "teachers": self._digest_of_teachers,
                "threads": self.threads.number,
                "rate_changes": self._changes,
                "changed_from": self._changed_from,
            },
        )

    def restore(self, state: TrainingState) -> None:
        """Go on from a state. Raises ValueError for one of other settings, ConfigError for other teachers."""
        tensors, values = state
        if values.get("teachers", "") != self._digest_of_teachers:  # older checkpoints hold none
            raise ConfigError(
                "It can't go on: its teachers are no longer the networks that it began with. Use its "
                "settings for a new run."
            )
        try:
            self.learner.restore(state)
            counts = values["counts"]
            self.threads.restore(values.get("threads", self.threads.number))  # older checkpoints hold none
            # An older checkpoint has the rate of the next step instead, and that of the schedule behind it.
            held = values.get("behind_held_rate") is not None
            rate = (self.optimizer_step, values["groups"][0]["lr"], held)
            self._changes = [RateChange(*change) for change in values.get("rate_changes", [rate])]
            self._rates = changed_rates(self._planned, self._changes)
            self._changed_from = values.get("changed_from")
            self._evaluations_since_best = counts["evaluations_since_best"]
            self._evaluated_at = counts["evaluated_at"]
            self._evaluated = counts.get("evaluated", {})  # older checkpoints hold none
            self.clock.restore(self.optimizer_step, values["clocks"], counts)
            # A checkpoint of before GPUs has one generator only, that of the processor.
            self._generators = part(tensors, "generator") or {"cpu": tensors["chance"]}
        except (KeyError, RuntimeError, TypeError) as error:
            raise ValueError(f"this is not the state of a training with these settings: {error}") from error

    def weights(self) -> dict[str, Tensor]:
        """The weights to keep, as the settings say: the best on validation, or the last."""
        return self.learner.weights()

    def kept(self) -> Classifier:
        """A copy of the network, with the weights to keep."""
        classifier = copy.deepcopy(self.classifier)
        classifier.load_state_dict(self.weights())
        return classifier

    def score_test(self, keep_going: KeepGoing = lambda share: True) -> Evaluated | None:
        """Score the kept weights on the test reviews, once, at the end; None where `keep_going` said no."""
        try:
            return self.task.evaluate(self.kept(), self.test, keep_going)
        except ScoringStoppedError:
            return None

    def _batches_left(self) -> Iterator[Batch]:
        settings = self.config.training
        begun, done = divmod(self.optimizer_step, self.steps_per_epoch)
        for epoch in range(begun, settings.epochs):
            rng = np.random.default_rng([settings.seed, epoch])
            texts = self._epochs.texts(epoch)
            batches = self.task.reading.batches(texts, settings.batch_size, rng)
            for batch in islice(batches, done if epoch == begun else 0, None):
                if self._folds is not None:
                    indices = texts.indices[batch.rows]
                    folds = np.where(indices == OF_NO_REVIEW, IN_NO_FOLD, self._folds[indices])
                    batch = batch._replace(folds=torch.from_numpy(folds))
                yield batch

    def _step(self, batch: Batch, began: float) -> Record:
        """One optimizer step. `began` is when the batch was asked for, so that making it counts."""
        done = self.optimizer_step / self.steps_per_epoch
        thread_event = self.threads.choose(
            self.optimizer_step + 1, done, partial(self.learner.rehearse, batch.beginnings(_REHEARSED))
        )
        rate, event = float(self._rates[self.optimizer_step]), None
        fields, norm = self.learner.learn(batch, rate)
        tokens, seconds = int(batch.lengths.sum()), time.perf_counter() - began
        self.threads.note(seconds - self.threads.seconds, tokens)
        self.clock.add_step(seconds, tokens)
        if self._changed_from is not None:
            event = RateEvent(done, self._changed_from, rate, self._changes[-1].held)
            self._changed_from = None
        return self._record(
            kind="training",
            fields=fields,
            gradient_norm=norm,
            learning_rate=rate,
            rate_event=event,
            thread_event=thread_event,
            tokens_per_second=tokens / seconds,
            written=self.write(self.learner.evaluated) if self.optimizer_step in _WRITES else None,
        )

    def _evaluate(self) -> Record:
        """Score the validation reviews. Raises DivergedError where their loss is no finite number."""
        began = time.perf_counter()
        classifier = self.learner.evaluated
        evaluated = self.task.evaluate(classifier, self.validation, lambda share: self.keep_evaluating())
        fields = evaluated.fields
        if not math.isfinite(fields["loss"]):
            raise DivergedError(
                f"Diverged at optimizer step {self.optimizer_step}: the loss of the validation "
                f"{self.config.corpus.nouns.texts} was {fields['loss']:.3g}."
            )
        self._evaluated_at = self.optimizer_step
        self._evaluated = fields
        is_best = self.learner.keep_if_best(fields)
        self._evaluations_since_best = 0 if is_best else self._evaluations_since_best + 1
        sample = self._sample
        inside = look_inside(classifier, *sample.to(self.device)[:3]) if sample is not None else None
        self.clock.add_evaluation(time.perf_counter() - began)
        written = self.write(classifier)
        return self._record(kind="validation", fields=fields, inside=inside, written=written)

    def _record(self, fields: Mapping[str, float], **values: Any) -> Record:
        """A record of where the training is now, with the numbers of its task and these values."""
        return Record.of(
            fields,
            self.task.score.field,
            optimizer_step=self.optimizer_step,
            epoch=self.optimizer_step / self.steps_per_epoch,
            seconds=self.clock.seconds,
            seconds_left=self.clock.seconds_left,
            **values,
        )


def _sample(reviews: EncodedReviews) -> Batch:
    """Some of the reviews, from all over them, the longest first: those into which a look is taken."""
    rows = np.unique(np.linspace(0, len(reviews) - 1, LOOKED_INTO).astype(np.int64))
    return make_batch(reviews, rows[np.argsort(-reviews.lengths()[rows], kind="stable")])


def train(config: RunConfig, corpus: Corpus) -> Iterator[Record]:
    """Train a network and say how it goes, record by record; closing the iterator stops it."""
    return iter(Trainer(config, corpus))
