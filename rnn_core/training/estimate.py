"""Time of a training: before it begins from a few measured steps, while it runs by its pace."""

import math
import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch

from rnn_core.config.run import RunConfig
from rnn_core.data.composed.composed import compose
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.data.reading import Batch
from rnn_core.machine import share_of_a_core
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import threads_here
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.training.device import choose_device, use_precision
from rnn_core.training.epoch import count_texts, excerpts, snippets
from rnn_core.training.gradient_flow import LOOKED_INTO, look_inside
from rnn_core.training.learner import make_optimizer
from rnn_core.training.objective import Objective

_SHORT, _LONG = 12, 48  # time steps of the two measured batches
_MOST_ROWS = 64  # of a larger batch so many are measured, and the time is scaled
_MEASURED = 0.15  # seconds of each length, or the clocks of some systems are too coarse
_MOST_REPEATS = 20
_COMPOSED = 100  # composed sentences whose lengths are counted


class Estimate(NamedTuple):
    """The cost of a run."""

    parameters: int
    optimizer_steps: int
    seconds: float
    """The time from the first batch to the test scores, with what else runs on this machine now."""
    share: float = 1.0
    """The part of a core that other programs leave to a worker now."""


def estimate(config: RunConfig, corpus: Corpus) -> Estimate:
    """Measure some optimizer steps of two lengths and draw the line through them.

    A step costs a part that does not depend on its reviews and a part for each time step; an evaluation the
    forward part of the latter, and a look inside. Takes about a second at most for sensible settings.
    """
    settings, task = config.training, task_of(config)
    vocab_size = min(config.text.vocab_size, len(corpus.words) + len(task.specials))
    splits = split_reviews(corpus, settings.reviews, settings.seed)
    texts = count_texts(len(splits.training), settings)
    time_steps = task.steps_of(corpus.lengths()[splits.training], config)
    steps = settings.epochs * task.reading.count(texts, time_steps, settings.batch_size)

    rows = min(settings.batch_size, _MOST_ROWS)
    with threads_here(settings.threads):  # as many as the worker will use
        short, long, look = _measure(config, vocab_size, rows)
    teachers = len(config.teachers)  # each about as large
    short, long = (one._replace(whole=one.whole + teachers * one.forward) for one in (short, long))
    per_row_and_time_step = max(long.whole - short.whole, 0.0) / (_LONG - _SHORT) / rows
    fixed = max(short.whole - _SHORT * rows * per_row_and_time_step, 0.0)
    per_evaluated_token = long.forward / _LONG / rows

    learned = _time_steps_of_epoch(config, corpus, splits.training)
    validation, test = (
        task.steps_of(corpus.lengths()[texts], config) for texts in (splits.validation, splits.test)
    )
    validated, tested = (read.sum() + task.steps_beside(config) for read in (validation, test))
    evaluations = settings.epochs * min(settings.evaluations_per_epoch, max(steps // settings.epochs, 1))
    looks = look / _LONG * validation.mean()
    seconds = (
        steps * fixed
        + settings.epochs * learned * per_row_and_time_step
        + evaluations * (validated * per_evaluated_token + looks)
        + tested * per_evaluated_token
    )
    # On a GPU the clock is that of the wall, and has it already.
    share = share_of_a_core() if choose_device(settings.device).type == "cpu" else 1.0
    return Estimate(
        parameters=task.parameters(config, vocab_size),
        optimizer_steps=steps,
        seconds=float(seconds / share),
        share=share,
    )


class _Seconds(NamedTuple):
    whole: float
    forward: float


def _measure(config: RunConfig, vocab_size: int, rows: int) -> tuple[_Seconds, _Seconds, float]:
    """Seconds of an optimizer step of _SHORT time steps, of one of _LONG, and of a look at so many."""
    device, task = choose_device(config.training.device), task_of(config)
    clock = _clock(device)
    with torch.random.fork_rng(devices=[]):
        classifier = task.network(config, vocab_size, Classifier).to(device)
        use_precision(classifier, config.training.precision, device)
        optimizer = make_optimizer(config.training, classifier.parameters())
        objective = Objective(task, classifier, config.training)

        def made(rows: int, length: int) -> Batch:
            return Batch(
                ids=torch.randint(vocab_size, (rows, length), device=device),
                lengths=torch.full((rows,), length, device=device),
                labels=torch.ones(rows, dtype=torch.int64, device=device),
                rows=np.arange(rows),
            )

        def step(length: int) -> _Seconds:
            batch = made(rows, length)
            began = clock()
            with torch.inference_mode():
                classifier(batch.ids, batch.lengths)
            between = clock()
            optimizer.zero_grad()
            objective.back_propagate(batch)
            optimizer.step()
            return _Seconds(whole=clock() - between, forward=between - began)

        def mean(length: int) -> _Seconds:
            steps = [step(length)]
            while sum(seconds.whole for seconds in steps) < _MEASURED and len(steps) < _MOST_REPEATS:
                steps.append(step(length))
            whole, forward = np.mean(steps, axis=0)
            return _Seconds(whole=float(whole), forward=float(forward))

        def look() -> float:
            batch, began = made(LOOKED_INTO, _LONG), clock()
            look_inside(classifier, batch.ids, batch.lengths, batch.labels)
            return clock() - began

        step(2)  # warms up
        return mean(_SHORT), mean(_LONG), 0.0 if task.at_every_step else look()


def _clock(device: torch.device) -> Callable[[], float]:
    """Seconds of this thread's own processor time; on a GPU, of the clock on the wall.

    In a server other threads hold Python's lock for longer than a small operation takes.
    """
    if device.type == "cpu":
        return time.thread_time

    def synchronized_time() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return synchronized_time


def _time_steps_of_epoch(config: RunConfig, corpus: Corpus, training: np.ndarray) -> float:
    """Time steps of what is read in an epoch, about."""
    settings, task = config.training, task_of(config)
    lengths, rng = corpus.lengths()[training], np.random.default_rng(settings.seed)
    steps = float(task.steps_of(excerpts(lengths, settings.excerpts, rng).length, config).sum())
    if settings.snippets:
        steps += settings.snippets * task.steps_of(snippets(lengths, rng).length, config).mean()
    if settings.composed:
        sample = compose(_COMPOSED, random.Random(settings.seed))
        composed = np.array([len(tokenize(text)) for text, _ in sample])
        steps += settings.composed * task.steps_of(composed, config).mean()
    return steps


_STEPS, _EVALUATIONS = 60, 12  # so many of the last ones count
_OUTSIDE = 0.2
"""Share of the steps, at either end, that are too quick or too slow to count: the first one, which finds
nothing prepared, or those beside another program."""
_OF_A_STEP = 1 / 3  # to read a token without learning from it takes about so much of the time


@dataclass(kw_only=True)
class Clock:
    """Seconds, tokens and evaluations of a training, which are part of its state."""

    total_steps: int
    total_evaluations: int
    validation_tokens: int
    test_tokens: int

    steps: int = 0
    tokens: int = 0
    evaluations: int = 0
    step_seconds: float = 0.0
    evaluation_seconds: float = 0.0
    _lately: deque[float] = field(default_factory=lambda: deque(maxlen=_STEPS))
    """Seconds of the last steps."""
    _evaluated: deque[float] = field(default_factory=lambda: deque(maxlen=_EVALUATIONS))
    """Seconds of the last evaluations."""

    @property
    def seconds(self) -> float:
        """All that it took, evaluations included."""
        return self.step_seconds + self.evaluation_seconds

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the test reviews are scored, at the pace of the last few steps."""
        evaluations = (self.total_evaluations - self.evaluations) * self._evaluation
        return (self.total_steps - self.steps) * self._step + evaluations + self.scoring_seconds

    @property
    def scoring_seconds(self) -> float:
        """Return the seconds of the test reviews, at the pace of the evaluations, once a step was noted."""
        return self._evaluation * self.test_tokens / self.validation_tokens

    @property
    def _step(self) -> float:
        """Seconds of a step: the mean of those in the middle."""
        outside = math.ceil(_OUTSIDE * len(self._lately)) if len(self._lately) > 2 else 0
        ordered = sorted(self._lately)
        return statistics.fmean(ordered[outside : len(ordered) - outside])

    @property
    def _evaluation(self) -> float:
        """Seconds of an evaluation, estimated from the steps before there was one."""
        if self._evaluated:
            return statistics.median_low(self._evaluated)
        return self.validation_tokens * self._step / (self.tokens / self.steps) * _OF_A_STEP

    def add_step(self, seconds: float, tokens: int) -> None:
        """Note an optimizer step."""
        self.steps += 1
        self.tokens += tokens
        self.step_seconds += seconds
        self._lately.append(seconds)

    def add_evaluation(self, seconds: float) -> None:
        """Note an evaluation of the validation reviews."""
        self.evaluations += 1
        self.evaluation_seconds += seconds
        self._evaluated.append(seconds)

    def restore(self, steps: int, seconds: Mapping[str, float], counts: Mapping[str, int]) -> None:
        """Go on from here, at the mean pace so far until newer times are known."""
        self.steps, self.tokens, self.evaluations = steps, counts["tokens"], counts["evaluations"]
        self.step_seconds, self.evaluation_seconds = seconds["step_seconds"], seconds["evaluation_seconds"]
        for times, total, number in (
            (self._lately, self.step_seconds, self.steps),
            (self._evaluated, self.evaluation_seconds, self.evaluations),
        ):
            times.clear()
            times.extend([total / number] if number else [])
