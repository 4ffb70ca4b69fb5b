"""Networks without the app: beside torch's, and until a mark, as `python -m rnn_core bench` measures them."""

from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.baselines.counting import need_scikit_learn
from rnn_core.bench.speedrun import MARKS, Outcome, speedrun
from rnn_core.bench.suite import run_benchmark
from rnn_core.cli.output import show_progress
from rnn_core.data.sources import load_corpus, prepare
from rnn_core.nn.threads import use_threads
from rnn_core.progress import Progress

_SEEDS = 5


@bench("torch")
def measure_torch() -> Measuring:
    """Time our networks against torch's, as `python -m rnn_core bench` does. Takes about five minutes."""
    use_threads(0)
    for row in run_benchmark():
        what = f"`{row.case}`: {row.against}"
        yield Measurement(what=what, measured=row.ratio, unit="times", at_least=row.at_least)


@bench("speedrun")
def measure_speedrun() -> Measuring:
    """Train up to two marks, as `python -m rnn_core bench speedrun` does. Takes about ten minutes."""
    show_progress(prepare("imdb"))
    need_scikit_learn()
    events = speedrun(load_corpus("imdb"), range(_SEEDS))
    timed = [event for event in events if not isinstance(event, Progress)]
    for mark in MARKS:
        if (outcome := Outcome.of(mark, timed)) is not None:
            ours = f"{mark}, mean of {_SEEDS} seeds"
            accuracy, least = 100 * outcome.test_accuracy, 100 * mark.accuracy
            yield Measurement(what=f"{ours}: seconds", measured=outcome.seconds, unit="s")
            yield Measurement(what=f"{ours}: test accuracy", measured=accuracy, unit="%", at_least=least)
