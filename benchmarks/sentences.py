"""Sentences as texts of the user's own: what the settings that suit them reach, beside NB-SVM."""

import csv
import re
from collections.abc import Generator, Iterator, Sequence
from statistics import mean
from typing import NamedTuple

import numpy as np

from benchmarks.app.browser import own_artifacts
from benchmarks.report import Measurement
from rnn_core.baselines.measurement import Measured, measure_own
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import stratified
from rnn_core.data.own.process import add_apart
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.recommendation import recommend
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BenchError
from rnn_core.paths import own_corpora_folder
from rnn_core.tasks.classification import Scores
from rnn_core.training.trainer import Trainer

SIZES, SEEDS = (1_000, 5_000, 10_000), (0, 1)
_HELD_OUT = 5_000
"""Sentences for validation, and as many for the test; the same ones for every size."""
_LEAST_WORDS = 4
_AHEAD, _PROMISED = 1.0, 10_000
"""Points that NB-SVM may be ahead, from so many sentences on."""
_BREAK, _END = re.compile(r"<br ?/?>"), re.compile(r"(?<=[.!?])\s+")


class Sentence(NamedTuple):
    """A sentence that a person wrote, with the class of the review that it ends."""

    text: str
    label: str


def last_sentence(review: str) -> str:
    """The last sentence of four words or more; of a review without one all of it.

    >>> last_sentence("I saw it twice.<br /><br />It is far too long! 4/10")
    'It is far too long!'
    """
    whole = _BREAK.sub(" ", review).strip()
    long = [found for found in _END.split(whole) if len(found.split()) >= _LEAST_WORDS]
    return long[-1] if long else whole


def sentences_of(corpus: Corpus, number: int) -> list[Sentence]:
    """The last sentences of so many training reviews, drawn by a seed, the classes spread evenly."""
    drawn = np.random.default_rng(0).permutation(corpus.indices("training"))
    rows = stratified(drawn, corpus.labels)[:number]
    return [Sentence(last_sentence(corpus.text(row)), corpus.classes[corpus.labels[row]]) for row in rows]


def measure_sentences(
    sizes: Sequence[int] = SIZES, seeds: Sequence[int] = SEEDS
) -> Generator[Measurement, None, None]:
    """A corpus of each size, added, learned from with the settings that suit it, and counted by NB-SVM."""
    sentences = sentences_of(load_corpus("imdb"), max(sizes) + 2 * _HELD_OUT)
    with own_artifacts():
        own_corpora_folder().mkdir(parents=True)
        for size in sizes:
            name = f"sentences-{size}"
            table = own_corpora_folder() / f"{name}.csv"
            splits = [*["validation"] * _HELD_OUT, *["test"] * _HELD_OUT, *["training"] * size]
            with table.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["text", "class", "split"])
                writer.writerows((*one, split) for one, split in zip(sentences, splits, strict=False))
            for _ in add_apart(name, Recipe(source=str(table), text="text", label="class", split="split")):
                pass
            yield from _measure(load_corpus(name), size, seeds)


def _measure(corpus: Corpus, size: int, seeds: Sequence[int]) -> Iterator[Measurement]:
    steps = (step for step in measure_own(corpus) if isinstance(step, Measured))
    counted = next(step.score for step in steps if step.method.name == "nb-svm")
    validated, tested = map(mean, zip(*(_network(corpus, seed) for seed in seeds), strict=True))
    of_seeds = f"mean of {len(seeds)} seeds"
    for part, of_counting, of_networks in (
        ("validation", counted.validation_accuracy, validated),
        ("test", counted.test_accuracy, tested),
    ):
        what = f"{size:,} sentences, {part}"
        yield Measurement(what=f"{what}: NB-SVM on bigrams", measured=100 * of_counting, unit="%")
        yield Measurement(
            what=f"{what}: the settings that suit them, {of_seeds}", measured=100 * of_networks, unit="%"
        )
        yield Measurement(
            what=f"{what}: how far NB-SVM is ahead",
            measured=100 * (of_counting - of_networks),
            unit="points",
            at_most=_AHEAD if size >= _PROMISED else None,
        )


def _network(corpus: Corpus, seed: int) -> tuple[float, float]:
    """Its accuracy on validation and on test sentences, trained with the settings that suit the corpus."""
    settings = {**recommend(corpus).settings, "seed": seed, "threads": 1}
    config = RunConfig.plain(corpus.name, corpus.identity).with_settings(**settings)
    trainer = Trainer(config, corpus, looks_inside=False)
    for _ in trainer:
        pass
    validated, scores = trainer.kept_score, trainer.score_test()
    if validated is None or not isinstance(scores, Scores):
        raise BenchError(f"The training on {corpus.name} {trainer.outcome}. {trainer.message}")
    return validated, scores.accuracy
