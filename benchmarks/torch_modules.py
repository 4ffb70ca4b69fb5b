"""Ours beside torch's own modules, and against the clock, as measurements that can be kept."""

from collections.abc import Generator

from benchmarks.report import Measurement
from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.bench.speedrun import MARKS, Outcome, speedrun
from rnn_core.bench.suite import CASES, ROUNDS, run_benchmark
from rnn_core.data.sources import load_corpus
from rnn_core.progress import Progress

_SEEDS = 5


def measure_torch() -> Generator[Measurement, None, None]:
    """How many times faster ours is, case by case."""
    for row in run_benchmark(CASES, ROUNDS):
        what = f"`{row.case}`: {row.against}"
        yield Measurement(what=what, measured=row.ratio, unit="times", at_least=row.at_least)


def measure_speedrun() -> Generator[Measurement, None, None]:
    """The seconds until each mark, and the test accuracy there. IMDB has to be prepared."""
    need_scikit_learn()
    timed = [one for one in speedrun(load_corpus("imdb"), range(_SEEDS)) if not isinstance(one, Progress)]
    for mark in MARKS:
        if (outcome := Outcome.of(mark, timed)) is not None:
            ours = f"{mark}, mean of {_SEEDS} seeds"
            accuracy = 100 * outcome.test_accuracy
            yield Measurement(what=f"{ours}: seconds", measured=outcome.seconds, unit="s")
            yield Measurement(
                what=f"{ours}: test accuracy", measured=accuracy, unit="%", at_least=100 * mark.accuracy
            )
