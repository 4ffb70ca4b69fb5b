"""Seconds from loaded reviews to trained weights, beside the plain way and beside counting words.

Nothing is evaluated on the way; the test reviews are scored once, after the clock has stopped.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from typing_extensions import override

from rnn_core.baselines.counting import count_grams, fit_nb_svm, learn_grams
from rnn_core.bench.marks import MARKS, NB_SVM, Mark, plain_way
from rnn_core.bench.reference import TorchClassifier
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.errors import BenchError
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import threads_here
from rnn_core.progress import Progress, RateLimit
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.trainer import Trainer

OURS, PLAIN_WAY, COUNTING = "ours", "nn.GRU", "NB-SVM"

_EVERY = 0.2  # seconds
_LONGEST_GRAM = 2  # words


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A training against the clock."""

    what: str
    """OURS, PLAIN_WAY or COUNTING."""
    mark: Mark | None = None
    """None for what is the same beside each mark."""
    seed: int
    threads: int
    seconds: float
    """From loaded reviews to trained weights."""
    test_accuracy: float
    optimizer_steps: int | None = None
    """None for what takes none."""


class _Unevaluated(Trainer):
    """Trains from the first optimizer step to the last, and keeps the weights of that one."""

    @property
    @override
    def evaluation_is_due(self) -> bool:
        return False


def speedrun(
    corpus: Corpus, seeds: Sequence[int], marks: Sequence[Mark] = MARKS
) -> Iterator[Progress | Timed]:
    """How far each training is, and each one that has ended; the plain way and NB-SVM with the first seed.

    Raises BenchError where a training diverges; ImportError where scikit-learn is missing, which
    `need_scikit_learn` says in words.
    """
    yield from _count(corpus, seeds[0])
    for mark in marks:
        for seed in seeds:
            yield from _train(OURS, mark, mark.recipe.with_settings(seed=seed), corpus)
        config = plain_way(mark).with_settings(seed=seeds[0])
        padded = partial(TorchClassifier, padding=config.text.max_length)
        yield from _train(PLAIN_WAY, mark, config, corpus, padded)


def _train(
    what: str,
    mark: Mark,
    config: RunConfig,
    corpus: Corpus,
    network: Callable[[ModelConfig, int, int], Classifier] = Classifier,
) -> Iterator[Progress | Timed]:
    doing, is_time = f"{mark}: {what}, seed {config.training.seed}", RateLimit(_EVERY)
    with threads_here(mark.threads) as threads:
        began = time.perf_counter()
        trainer = _Unevaluated(config.with_settings(device="cpu"), corpus, network, looks_inside=False)
        total = trainer.total_steps
        for record in trainer:
            if is_time():
                yield Progress(doing, record.optimizer_step, total)
        seconds = time.perf_counter() - began
        if trainer.outcome != "finished":
            raise BenchError(f"The training of {doing} failed. {trainer.message}")
        yield Progress(doing, total, total)
        scores = TextClassification().evaluate(trainer.learner.evaluated, trainer.test, trainer.device)
    yield Timed(
        what=what, mark=mark, seed=config.training.seed, threads=threads, seconds=seconds,
        test_accuracy=scores.accuracy, optimizer_steps=total,
    )  # fmt: skip


def _count(corpus: Corpus, seed: int) -> Iterator[Progress | Timed]:
    """Count words and pairs with settings that were chosen before; scikit-learn takes one thread for it."""
    doing = f"{COUNTING}, seed {seed}"
    yield Progress(doing, 0, 1)
    splits = split_reviews(corpus, len(corpus), seed)
    began = time.perf_counter()
    grams = learn_grams(corpus, splits.training, _LONGEST_GRAM)
    counts = count_grams(corpus, splits.training, grams)
    model = fit_nb_svm(counts, corpus.labels[splits.training], seed, **NB_SVM)
    seconds = time.perf_counter() - began
    yield Progress(doing, 1, 1)
    test = count_grams(corpus, splits.test, grams)
    yield Timed(
        what=COUNTING, seed=seed, threads=1, seconds=seconds,
        test_accuracy=model.accuracy(test, corpus.labels[splits.test]),
    )  # fmt: skip
