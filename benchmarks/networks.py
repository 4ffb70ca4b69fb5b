"""Networks without the app: beside torch's and until a mark, as `python -m rnn_core bench` measures them, and
beside busy processes.
"""

import statistics
import subprocess
import sys
import time

import click

from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.bench.speedrun import MARKS, MarkOutcome, speedrun
from rnn_core.bench.suite import run_benchmark
from rnn_core.cli.output import show_progress
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus, prepare, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import threads_here, use_threads
from rnn_core.progress import Progress
from rnn_core.training.trainer import Trainer

_SEEDS = 5
_BUSY, _ROUNDS, _AT_MOST = 4, 3, 1.5
_CONFIG = recommended_config("verdict").with_settings(reviews=8_000, epochs=1, hidden_size=64, max_length=128)


@bench("torch")
def measure_torch() -> Measuring:
    """Time our networks against torch's, as `python -m rnn_core bench` does. Takes about five minutes."""
    use_threads(0)
    for row in run_benchmark():
        what = f"`{row.case}`: {row.against}"
        yield Measurement(what, row.ratio, "times", at_least=row.at_least)


@bench("speedrun")
def measure_speedrun() -> Measuring:
    """Train up to two marks, as `python -m rnn_core bench speedrun` does. Takes about ten minutes."""
    show_progress(prepare("imdb"))
    need_scikit_learn()
    events = speedrun(load_corpus("imdb"), range(_SEEDS))
    timed = [event for event in events if not isinstance(event, Progress)]
    for mark in MARKS:
        if (outcome := MarkOutcome.of(mark, timed)) is not None:
            ours = f"{mark}, mean of {_SEEDS} seeds"
            accuracy, least = 100 * outcome.test_accuracy, 100 * mark.accuracy
            yield Measurement(f"{ours}: seconds", outcome.seconds, "s")
            yield Measurement(f"{ours}: test accuracy", accuracy, "%", at_least=least)


def _seconds_with(threads: int, corpus: Corpus) -> float:
    """Time a training in which this number of threads is set."""
    with threads_here(threads):
        trainer = Trainer(_CONFIG, corpus)
        began = time.perf_counter()
        for record in trainer:
            if event := record.thread_event:
                said = f"  step {record.optimizer_step}: {event.before} threads, then {event.threads}"
                click.echo(said, err=True)
        return time.perf_counter() - began


@bench("threads")
def measure_threads() -> Measuring:
    """Train beside four busy processes, with all cores' threads and with one. Takes some minutes."""
    corpus, cores = load_corpus(_CONFIG.corpus), describe_machine().cores
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(_BUSY)]
    what = f"A training with {cores} threads set, against one with one, beside {_BUSY} busy processes"
    try:
        _seconds_with(1, corpus)  # the first one finds nothing prepared
        ratios = []
        for number in range(1, _ROUNDS + 1):
            one, several = (_seconds_with(threads, corpus) for threads in (1, cores))
            ratios.append(several / one)
            yield Measurement(f"{what}, round {number}", ratios[-1], "times")
        middle = statistics.median(ratios)
        yield Measurement(f"{what}, median", middle, "times", at_most=_AT_MOST)
    finally:
        for process in busy:
            process.kill()
