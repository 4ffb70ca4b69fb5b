"""Seconds from loaded reviews to trained weights, beside the plain way and beside counting words.

Each mark is an accuracy to reach soon, with a recipe that was chosen on validation reviews.
Nothing is evaluated on the way; the test reviews are scored once, after the clock has stopped.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import fmean
from typing import Any, NamedTuple, Self

from typing_extensions import override

from rnn_core.baselines.counting import count_grams, fit_nb_svm, learn_grams
from rnn_core.bench.compared import markdown
from rnn_core.bench.reference import TorchClassifier
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.errors import BenchError
from rnn_core.machine import Machine
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import threads_here
from rnn_core.progress import Progress, RateLimit
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.trainer import Trainer


class Mark(NamedTuple):
    """Accuracy that the mean over seeds is to reach, its settings, and its threads."""

    accuracy: float
    """The share of the test reviews that are right, 0 to 1."""
    threads: int
    recipe: RunConfig
    """Epochs and batch size fix the number of optimizer steps. The weights after the last one count."""

    def __str__(self) -> str:
        return f"{self.accuracy:.1%}"


_BASE = RunConfig().with_settings(vocab_size=10_000, label_odds=True, excerpts=0.0, bigram_dropout=0.3)
_SHORT = _BASE.with_settings(max_length=150, hidden_size=32, bigrams=30_000, learning_rate=0.015, epochs=1)
_LONG = _BASE.with_settings(max_length=400, embedding_size=16, hidden_size=64, bigrams=20_000)

MARKS = (
    Mark(0.870, 1, _SHORT),
    # where early MLPerf stopped its sentiment task
    Mark(
        0.906, 2, _LONG.with_settings(embedding_dropout=0.3, head_dropout=0.3, learning_rate=0.01, epochs=2)
    ),
)

NB_SVM = {"alpha": 0.1, "C": 0.03}
"""The best settings on the validation reviews of seed 0, of the grid that the command `baselines` tries."""


def plain_way(mark: Mark) -> RunConfig:
    """A network of the same size that reads the same, with the assignment's recipe and nn.GRU's reset."""
    text, model = mark.recipe.text, mark.recipe.model
    return PRESETS["reference"].config.with_settings(
        vocab_size=text.vocab_size,
        max_length=text.max_length,
        embedding_size=model.embedding_size,
        hidden_size=model.hidden_size,
        bigrams=model.bigrams,
        reset="after",
    )


OURS, PLAIN_WAY, COUNTING = "ours", "nn.GRU", "NB-SVM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A training against the clock."""

    what: str
    mark: Mark | None = None
    seed: int
    threads: int
    seconds: float
    """Time between loaded reviews and trained weights."""
    test_accuracy: float
    optimizer_steps: int | None = None


class _Unevaluated(Trainer):
    """Trains from the first optimizer step to the last, and keeps the weights of that one."""

    @property
    @override
    def evaluation_is_due(self) -> bool:
        return False


def speedrun(
    corpus: Corpus, seeds: Sequence[int], marks: Sequence[Mark] = MARKS
) -> Iterator[Progress | Timed]:
    """Yield the progress of each training, and each one that has ended; the plain way and NB-SVM with the
    first seed.

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
    doing, is_time = f"{mark}: {what}, seed {config.training.seed}", RateLimit(0.2)
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
        scores = TextClassification().evaluate(trainer.learner.evaluated, trainer.test)
    yield Timed(
        what=what,
        mark=mark,
        seed=config.training.seed,
        threads=threads,
        seconds=seconds,
        test_accuracy=scores.accuracy,
        optimizer_steps=total,
    )


def _count(corpus: Corpus, seed: int) -> Iterator[Progress | Timed]:
    """Count words and pairs with settings that were chosen before; scikit-learn takes one thread for it."""
    doing = f"{COUNTING}, seed {seed}"
    yield Progress(doing, 0, 1)
    splits = split_reviews(corpus, len(corpus), seed)
    began = time.perf_counter()
    grams = learn_grams(corpus, splits.training, 2)
    counts = count_grams(corpus, splits.training, grams)
    model = fit_nb_svm(counts, corpus.labels[splits.training], seed, **NB_SVM)
    seconds = time.perf_counter() - began
    yield Progress(doing, 1, 1)
    test = count_grams(corpus, splits.test, grams)
    yield Timed(
        what=COUNTING,
        seed=seed,
        threads=1,
        seconds=seconds,
        test_accuracy=model.accuracy(test, corpus.labels[splits.test]),
    )


_HEADINGS = ("Mark", "What", "Threads", "Optimizer steps", "Seconds", "Test accuracy")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOutcome:
    """Result for a mark, as far as it was measured."""

    mark: Mark
    ours: tuple[Timed, ...]
    beside: tuple[Timed, ...]

    @classmethod
    def of(cls, mark: Mark, timed: Sequence[Timed]) -> Self | None:
        """None where none of ours has ended."""
        ours = tuple(one for one in timed if one.what == OURS and one.mark == mark)
        if not ours:
            return None
        beside = [one for one in timed if one.what != OURS and one.mark in (mark, None)]
        beside.sort(key=lambda one: (PLAIN_WAY, COUNTING).index(one.what))
        return cls(mark=mark, ours=ours, beside=tuple(beside))

    @property
    def test_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return fmean(one.test_accuracy for one in self.ours)

    @property
    def seconds(self) -> float:
        """The mean over the seeds."""
        return fmean(one.seconds for one in self.ours)

    @property
    def is_reached(self) -> bool:
        """True if the mean over the seeds is at the mark or above it."""
        return self.test_accuracy >= self.mark.accuracy

    def to_dict(self) -> dict[str, Any]:
        """Return a value that JSON can hold."""
        trainings = [{**asdict(one), "seconds": round(one.seconds, 2)} for one in (*self.ours, *self.beside)]
        for training in trainings:
            del training["mark"]
        return {
            "mark": self.mark.accuracy,
            "is_reached": self.is_reached,
            "mean_test_accuracy": self.test_accuracy,
            "mean_seconds": round(self.seconds, 2),
            "recipe": self.mark.recipe.to_dict(),
            "trainings": trainings,
        }


def training_line(timed: Timed) -> str:
    """One training that has ended, for the person who waits."""
    mark = f"{timed.mark}: " if timed.mark else ""
    return (
        f"{mark}{timed.what}, seed {timed.seed}: {timed.seconds:.1f} s, "
        f"{timed.test_accuracy:.2%} of the test reviews"
    )


def table(outcomes: Sequence[MarkOutcome], machine: Machine) -> str:
    """Markdown: a line for each contestant of each mark, and the machine below."""
    rows = []
    for outcome in outcomes:
        rows += [_ours(outcome), *(_reference_row(one, outcome.mark) for one in outcome.beside)]
    return markdown(_HEADINGS, rows, machine)


def _ours(outcome: MarkOutcome) -> tuple[str, ...]:
    seconds = [one.seconds for one in outcome.ours]
    accuracies = [one.test_accuracy for one in outcome.ours]
    over_seeds = f", mean of {len(seconds)} seeds" if len(seconds) > 1 else ""
    return (
        f"**{outcome.mark}**: {'reached' if outcome.is_reached else 'missed'}",
        f"ours{over_seeds}",
        f"{outcome.ours[0].threads}",
        f"{outcome.ours[0].optimizer_steps:,}",
        f"**{outcome.seconds:.1f}** ({min(seconds):.1f} to {max(seconds):.1f})",
        f"**{outcome.test_accuracy:.2%}** ({min(accuracies):.2%} to {max(accuracies):.2%})",
    )


def _reference_row(timed: Timed, mark: Mark) -> tuple[str, ...]:
    length = mark.recipe.text.max_length
    what = {
        PLAIN_WAY: f"the same network on nn.GRU padded to {length}, recipe of the assignment",
        COUNTING: "NB-SVM on bigrams",
    }[timed.what]
    steps = "" if timed.optimizer_steps is None else f"{timed.optimizer_steps:,}"
    figures = (f"{timed.threads}", steps, f"{timed.seconds:.1f}", f"{timed.test_accuracy:.2%}")
    return "", f"{what}, seed {timed.seed}", *figures
