"""Texts of the user's own: a million of them, and few sentences beside NB-SVM."""

import csv
import itertools
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean

import click
import numpy as np

from benchmarks.app.browser import browse, own_artifacts
from benchmarks.app.data_page import measure_sliders
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.baselines.measurement import SEEDS, Measured, measure_baselines
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import stratified
from rnn_core.data.own.make import add_apart
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.recommendation import recommend
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import BenchError
from rnn_core.nn.threads import use_threads
from rnn_core.paths import own_corpora_folder
from rnn_core.progress import finish
from rnn_core.tasks.classification import Scores
from rnn_core.training.trainer import Trainer

_WORDS = 50
_NAME, _CLASSES, _DIFFERENT_WORDS = "million", ("red", "green", "blue"), 60_000
_STEPS = 150
"""Optimizer steps of which the speed is taken, after as many that warm up."""
_MOST_EPOCHS = 50
_ADDING, _MEMORY, _SLIDER, _SLOWER = 240.0, 2_000.0, 300.0, 1.25
_HELD_OUT = 5_000
"""Sentences for validation, and as many for the test; the same ones for every size."""
_LEAST_WORDS = 4
_AHEAD, _PROMISED = 1.0, 10_000
"""Points that NB-SVM may be ahead, from so many sentences on."""
_BREAK, _END = re.compile(r"<br ?/?>"), re.compile(r"(?<=[.!?])\s+")


@bench(
    "own",
    click.option("--texts", default=1_000_000, show_default=True, help="Rows of the table that is made."),
    in_browser=True,
)
def measure_own(texts: int) -> Measuring:
    """Time a million texts of one's own: adding, the sliders of Data, training. Takes about ten minutes.

    On two idle cores, with IMDB prepared; needs the command chromium. What is made is deleted again.
    """
    use_threads(1)
    if sys.platform == "win32":
        raise BenchError("Windows does not say how much memory a process has held.")
    import resource

    with own_artifacts(), browse() as visitor:
        table = new_table("made", ("text", "class"), drawn_texts(texts))
        began = time.perf_counter()
        finish(add_apart(_NAME, Recipe(source=str(table), text="text", label="class")))
        what = f"{texts:,} texts of {_WORDS} words, a CSV file of {table.stat().st_size / 1e6:,.0f} MB"
        yield Measurement(f"Adding {what}", time.perf_counter() - began, "s", at_most=_ADDING)
        held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # bytes on macOS, else kibibytes
        megabytes = held / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
        yield Measurement("Memory that this took", megabytes, "MB", at_most=_MEMORY)
        yield from measure_sliders(visitor, _NAME, f"{texts:,} texts", _SLIDER)
        ours, usual = (_tokens_a_second(recommended_config(data)) for data in (_NAME, "imdb"))
        yield Measurement("Tokens a second on the usual settings of IMDB", usual, "tokens")
        yield Measurement("The same on these texts, with theirs", ours, "tokens")
        times = usual / ours
        yield Measurement("IMDB's, as many times as these", times, "times", at_most=_SLOWER)


def new_table(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a CSV file among the corpora of one's own."""
    own_corpora_folder().mkdir(parents=True, exist_ok=True)
    table = own_corpora_folder() / f"{name}.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return table


def drawn_texts(texts: int) -> Iterator[tuple[str, str]]:
    """Texts drawn by a seed, the frequent words as often as in a language (Zipf), some words by class."""
    generator = random.Random(0)
    words = [f"word{number}" for number in range(_DIFFERENT_WORDS)]
    shares = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    for number in range(texts):
        name = _CLASSES[number % len(_CLASSES)]
        drawn = generator.choices(words, cum_weights=shares, k=_WORDS - 1)
        drawn.insert(generator.randrange(_WORDS), f"{name}{generator.randrange(50)}")
        yield " ".join(drawn), name


def _tokens_a_second(config: RunConfig) -> float:
    """Returns the tokens a second of an epoch's optimizer steps, without evaluations."""
    config = config.with_settings(evaluations_per_epoch=1, epochs=_MOST_EPOCHS, threads=1)
    trainer = Trainer(config, load_corpus(config.data), looks_inside=False)
    steps = (record for record in trainer if record.kind == "training")
    for _ in itertools.islice(steps, _STEPS):
        pass
    tokens, seconds = trainer.clock.tokens, trainer.clock.step_seconds
    for _ in itertools.islice(steps, _STEPS):
        pass
    return (trainer.clock.tokens - tokens) / (trainer.clock.step_seconds - seconds)


def last_sentence(review: str) -> str:
    """The last sentence of four words or more; of a review without one all of it.

    >>> last_sentence("I saw it twice.<br /><br />It is far too long! 4/10")
    'It is far too long!'
    """
    whole = _BREAK.sub(" ", review).strip()
    long = [found for found in _END.split(whole) if len(found.split()) >= _LEAST_WORDS]
    return long[-1] if long else whole


def sentences_of(corpus: Corpus, number: int) -> list[tuple[str, str]]:
    """The last sentences of so many training reviews with their classes, drawn by a seed, spread evenly."""
    drawn = np.random.default_rng(0).permutation(corpus.indices("training"))
    rows = stratified(drawn, corpus.labels)[:number]
    return [(last_sentence(corpus.text(row)), corpus.classes[corpus.labels[row]]) for row in rows]


@bench(
    "sentences",
    click.option(
        "--size",
        "sizes",
        multiple=True,
        type=click.IntRange(100, 10_000),
        default=(1_000, 5_000, 10_000),
        show_default=True,
        help="Sentences to learn from; may be given several times.",
    ),
)
def measure_sentences(sizes: Sequence[int], seeds: Sequence[int] = (0, 1)) -> Measuring:
    """Score networks and NB-SVM on few sentences. Takes some minutes.

    The last sentences of IMDB's training reviews become corpora of one's own. Networks with the settings
    that suit each learn from it with two seeds, in one thread. Needs IMDB, and what requirements-dev.txt
    lists. What is made is deleted again.
    """
    use_threads(1)
    sentences = sentences_of(load_corpus("imdb"), max(sizes) + 2 * _HELD_OUT)
    with own_artifacts():
        for size in sizes:
            name = f"sentences-{size}"
            splits = [*["validation"] * _HELD_OUT, *["test"] * _HELD_OUT, *["training"] * size]
            rows = ((*one, split) for one, split in zip(sentences, splits, strict=False))
            table = new_table(name, ("text", "class", "split"), rows)
            finish(add_apart(name, Recipe(source=str(table), text="text", label="class", split="split")))
            yield from _compare_with_counting(load_corpus(name), size, seeds)


def _compare_with_counting(corpus: Corpus, size: int, seeds: Sequence[int]) -> Iterator[Measurement]:
    steps = (step for step in measure_baselines(corpus, SEEDS[:1]) if isinstance(step, Measured))
    counted = next(step.score for step in steps if step.method.name == "nb-svm")
    validated, tested = map(mean, zip(*(_network(corpus, seed) for seed in seeds), strict=True))
    of_seeds = f"mean of {len(seeds)} seeds"
    for part, of_counting, of_networks in (
        ("validation", counted.validation_accuracy, validated),
        ("test", counted.test_accuracy, tested),
    ):
        what = f"{size:,} sentences, {part}"
        yield Measurement(f"{what}: NB-SVM on bigrams", 100 * of_counting, "%")
        yield Measurement(f"{what}: the settings that suit them, {of_seeds}", 100 * of_networks, "%")
        yield Measurement(
            f"{what}: how far NB-SVM is ahead",
            100 * (of_counting - of_networks),
            "points",
            at_most=_AHEAD if size >= _PROMISED else None,
        )


def _network(corpus: Corpus, seed: int) -> tuple[float, float]:
    """Return a network's accuracy on validation and test sentences, with settings that suit the corpus."""
    settings = {**recommend(corpus).settings, "seed": seed, "threads": 1}
    config = RunConfig.plain(corpus.name, corpus.identity).with_settings(**settings)
    trainer = Trainer(config, corpus, looks_inside=False)
    for _ in trainer:
        pass
    validated, scores = trainer.kept_score, trainer.score_test()
    if validated is None or not isinstance(scores, Scores):
        raise BenchError(f"The training on {corpus.name} {trainer.outcome}. {trainer.message}")
    return validated, scores.accuracy
