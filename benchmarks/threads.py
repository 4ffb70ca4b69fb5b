"""A training with every core's thread beside four busy processes, against one with one thread, in turn."""

import statistics
import subprocess
import sys
import time

import click

from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import threads_here
from rnn_core.training.trainer import Trainer

_BUSY, _ROUNDS, _AT_MOST = 4, 3, 1.5
_CONFIG = recommended_config("verdict").with_settings(reviews=8_000, epochs=1, hidden_size=64, max_length=128)


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
            yield Measurement(what=f"{what}, round {number}", measured=ratios[-1], unit="times")
        middle = statistics.median(ratios)
        yield Measurement(what=f"{what}, median", measured=middle, unit="times", at_most=_AT_MOST)
    finally:
        for process in busy:
            process.kill()
