"""Baselines: what counting words is worth on the texts that a run is trained on.

A baseline is trained on the training reviews of a run with that seed, whole ones. Its settings are those of a
small grid that do best on the validation reviews; the test reviews are scored once, with these. On a corpus
of the user's own there is one seed, and of very many texts it learns from so many as IMDB has twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.baselines import counting
from rnn_core.baselines.counting import Grams, LinearModel, Model
from rnn_core.baselines.scores import Baseline, BaselineScore, write_baselines
from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.nouns import Nouns
from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import Splits, split_reviews
from rnn_core.data.probes.pairs import SETS
from rnn_core.data.sources import load_corpus
from rnn_core.machine import describe_machine
from rnn_core.models.probing import ProbeShares, ask_pairs, ask_without_opinion
from rnn_core.tasks.classes import probabilities_of
from rnn_core.training.epoch import composed_sentences

SEEDS = (0, 1)
_MOST_TOKENS = 12_000_000
"""The most tokens of a user's training texts: twice those of IMDB, so that pairs fit in memory."""
_C = (0.01, 0.03, 0.1, 0.3, 1.0)  # the strictest first: it is kept where a laxer one is no better


class Method(NamedTuple):
    """A way to train a baseline."""

    name: str
    title: str
    longest: int
    """The words of its longest gram."""
    grid: Sequence[Mapping[str, Any]]
    """The settings to choose from."""
    fit: Callable[..., LinearModel]
    """Counts, labels, seed and settings -> model."""


_WEIGHTED = [{"weighting": weighting, "C": c} for weighting in ("counts", "presence") for c in _C]
_SMOOTHED = [{"alpha": alpha, "C": c} for alpha in (1.0, 0.3, 0.1) for c in _C]

METHODS = (
    Method("majority", "Majority class", 0, [{}], counting.fit_majority),
    Method("bag-of-words", "Bag of words", 1, _WEIGHTED, counting.fit_bag_of_words),
    Method("nb-svm", "NB-SVM on bigrams", 2, _SMOOTHED, counting.fit_nb_svm),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One choice of settings, tried on the validation reviews."""

    method: Method
    seed: int
    settings: Mapping[str, Any]
    validation_accuracy: float

    def in_words(self, nouns: Nouns) -> str:
        """Say what was tried, and the share that it has right."""
        settings = "".join(f", {name} {value}" for name, value in self.settings.items())
        accuracy = f"{self.validation_accuracy:.2%} of the validation {nouns.texts}"
        return f"{self.method.title}, seed {self.seed}{settings}: {accuracy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A baseline of one seed, its settings chosen and the test reviews scored."""

    method: Method
    score: BaselineScore

    def in_words(self, nouns: Nouns) -> str:
        """Say the share that the baseline has right in the end."""
        accuracy = f"{self.score.test_accuracy:.2%} of the test {nouns.texts}, scored once"
        return f"{self.method.title}, seed {self.score.seed}: {accuracy}"


def measure_baselines(
    corpus: Corpus, seeds: Sequence[int] = SEEDS, probe_sets: Sequence[str] = (), composed: int = 0
) -> Iterator[Trial | Measured]:
    """Measure every baseline with every seed, and each choice of settings as it was tried.

    Each answers these sets of the probes. It learns from so many composed sentences beside the training
    reviews, those of the first epoch of a run with its seed; its grams are those of the reviews, as the
    vocabulary of a run. Raises BaselineError where scikit-learn is missing.
    """
    counting.need_scikit_learn()
    for seed in seeds:
        splits = splits_of(corpus, seed)
        for method in METHODS:
            yield from _measure(method, corpus, splits, seed, probe_sets, composed)


def count_trials() -> int:
    """Return the number of choices of settings that one seed tries."""
    return sum(len(method.grid) for method in METHODS)


def splits_of(corpus: Corpus, seed: int = SEEDS[0]) -> Splits:
    """The splits of a run, with fewer training texts where the user's own have more than the most tokens."""
    splits = split_reviews(corpus, len(corpus), seed)
    tokens = int(corpus.lengths()[splits.training].sum())
    if corpus.ref.is_published or tokens <= _MOST_TOKENS:
        return splits
    return split_reviews(corpus, len(splits.training) * _MOST_TOKENS // tokens, seed)


def _measure(
    method: Method, corpus: Corpus, splits: Splits, seed: int, probe_sets: Sequence[str], composed: int
) -> Iterator[Trial | Measured]:
    began = time.perf_counter()
    grams = counting.learn_grams(corpus, splits.training, method.longest)
    training, labels = counting.count_grams(corpus, splits.training, grams), corpus.labels[splits.training]
    if composed:
        texts, verdicts = composed_sentences(composed, seed, epoch=0)
        training = counting.stacked(training, counting.count_in_texts(corpus, texts, grams))
        labels = np.concatenate([labels, verdicts])
    validation = counting.count_grams(corpus, splits.validation, grams)
    best: tuple[Trial, Model] | None = None
    for settings in method.grid:
        model = counting.fit_classes(method.fit, training, labels, len(corpus.classes), seed, **settings)
        accuracy = model.accuracy(validation, corpus.labels[splits.validation])
        trial = Trial(method=method, seed=seed, settings=settings, validation_accuracy=accuracy)
        yield trial
        if best is None or accuracy > best[0].validation_accuracy:
            best = trial, model
    if best is None:
        raise ValueError(f"the grid of {method.name} must hold one choice of settings at least")
    chosen, model = best
    test = counting.count_grams(corpus, splits.test, grams)
    score = BaselineScore(
        seed=seed,
        settings=dict(chosen.settings),
        validation_accuracy=chosen.validation_accuracy,
        test_accuracy=model.accuracy(test, corpus.labels[splits.test]),
        features=len(grams.codes),
        seconds=round(time.perf_counter() - began, 1),
        probes={name: probe_baseline(model, corpus, grams, name) for name in probe_sets},
    )
    yield Measured(method=method, score=score)


def probe_baseline(model: Model, corpus: Corpus, grams: Grams, name: str) -> ProbeShares:
    """Return the shares that a baseline has right of a set; undecided only where it gives a probability."""
    if not isinstance(model, LinearModel):
        raise ValueError("the probes have two verdicts, so a model of more classes can't answer them")

    def answer(texts: Sequence[str]) -> NDArray[np.float64]:
        values = model.values(counting.count_in_texts(corpus, texts, grams))
        return probabilities_of(values) if model.gives_probability else (values > 0).astype(np.float64)

    undecided = ask_without_opinion(answer, name) if model.gives_probability else None
    return ask_pairs(answer, name).shares(undecided)


def baselines_of(steps: Sequence[Trial | Measured]) -> list[Baseline]:
    """Each baseline with the scores of its seeds."""
    measured = [step for step in steps if isinstance(step, Measured)]
    return [
        Baseline(
            name=method.name,
            title=method.title,
            seeds=tuple(one.score for one in measured if one.method.name == method.name),
        )
        for method in METHODS
    ]


def keep_baselines(data: str, corpus: Corpus, steps: Sequence[Trial | Measured]) -> dict[str, Any]:
    """Write the file of a source of reviews; what it holds. Raises BaselineError."""
    splits = splits_of(corpus)
    about = {
        "what": "What counting words is worth on the reviews that a run is trained on. Accuracies are shares "
        "of all reviews of a split. Settings were chosen on the validation reviews, and the test reviews "
        "scored once for each baseline and seed. Probes: shares of the sentences, and of the pairs with both "
        "sentences right; undecided: share of the texts without an opinion.",
        "data": data,
        "command": f"python -m rnn_core baselines --data {data}",
        "scikit_learn": counting.need_scikit_learn(),
        "machine": str(describe_machine()._replace(threads=1)),  # scikit-learn takes one here
        "reviews": {split: len(getattr(splits, split)) for split in SPLITS},
    }
    return write_baselines(data, about, baselines_of(steps))


def measure(data: str | CorpusRef, composed: int = 0) -> Iterator[Trial | Measured]:
    """Measure the baselines of a corpus and keep them at the end; each choice of settings as it was tried.

    A corpus of the user's own has one seed. With composed sentences nothing is kept. Raises BaselineError
    where scikit-learn is missing or the file can't be written, DataError where the corpus is gone.
    """
    counting.need_scikit_learn()
    named = corpus_named(data)
    corpus, steps = load_corpus(named), list[Trial | Measured]()
    seeds = SEEDS if named.is_published else SEEDS[:1]
    for step in measure_baselines(corpus, seeds, SETS if named.answers_probes else (), composed):
        steps.append(step)
        yield step
    if not composed:
        keep_baselines(named.name, corpus, steps)
