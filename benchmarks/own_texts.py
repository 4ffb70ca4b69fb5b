"""A million texts of the user's own: adding them, looking at them, learning from them."""

import itertools
import random
import sys
import time
from pathlib import Path

import click

from benchmarks.app.browser import browse, own_artifacts
from benchmarks.app.data_page import measure_sliders
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.config.run import RunConfig
from rnn_core.data.own.process import add_apart
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.sources import load_corpus, prepare, recommended_config
from rnn_core.errors import BenchError
from rnn_core.nn.threads import use_threads
from rnn_core.paths import own_corpora_folder
from rnn_core.training.trainer import Trainer

_WORDS = 50
_NAME, _CLASSES, _DIFFERENT_WORDS = "million", ("red", "green", "blue"), 60_000
_STEPS = 150
"""Optimizer steps of which the speed is taken, after as many that warm up."""
_MOST_EPOCHS = 50
_ADDING, _MEMORY, _SLIDER, _SLOWER = 240.0, 2_000.0, 300.0, 1.25


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
        own_corpora_folder().mkdir(parents=True)
        table = own_corpora_folder() / "made.csv"
        write_table(table, texts)
        recipe = Recipe(source=str(table), text="text", label="class")
        began = time.perf_counter()
        for _ in add_apart(_NAME, recipe):
            pass
        what = f"{texts:,} texts of {_WORDS} words, a CSV file of {table.stat().st_size / 1e6:,.0f} MB"
        yield Measurement(
            what=f"Adding {what}", measured=time.perf_counter() - began, unit="s", at_most=_ADDING
        )
        held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # bytes on macOS, else kibibytes
        megabytes = held / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
        yield Measurement(what="Memory that this took", measured=megabytes, unit="MB", at_most=_MEMORY)
        yield from measure_sliders(visitor, _NAME, f"{texts:,} texts", _SLIDER)
        for _ in prepare("imdb"):
            pass
        ours, usual = (_tokens_a_second(recommended_config(data)) for data in (_NAME, "imdb"))
        yield Measurement(what="Tokens a second on the usual settings of IMDB", measured=usual, unit="tokens")
        yield Measurement(what="The same on these texts, with theirs", measured=ours, unit="tokens")
        times = usual / ours
        yield Measurement(
            what="IMDB's, as many times as these", measured=times, unit="times", at_most=_SLOWER
        )


def write_table(path: Path, texts: int) -> None:
    """Texts drawn by a seed, the frequent words as often as in a language (Zipf), some words by class."""
    generator = random.Random(0)
    words = [f"word{number}" for number in range(_DIFFERENT_WORDS)]
    shares = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    with path.open("w", encoding="utf-8") as file:
        file.write("text,class\n")
        for number in range(texts):
            name = _CLASSES[number % len(_CLASSES)]
            drawn = generator.choices(words, cum_weights=shares, k=_WORDS - 1)
            drawn.insert(generator.randrange(_WORDS), f"{name}{generator.randrange(50)}")
            file.write(f"{' '.join(drawn)},{name}\n")


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
