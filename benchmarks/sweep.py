"""Cost of a sweep beside its runs, and gain of a second worker: measured on real sweeps."""

import time

from joblib.externals.loky import get_reusable_executor

from benchmarks.app.browser import own_artifacts
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.cli.options import which_reviews
from rnn_core.cli.output import show_progress
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import prepare, recommended_config
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.sweep import Sweep

_OVERHEAD, _TWO_WORKERS = 3.0, 1.15


@bench("sweep", which_reviews, threads=1)
def measure_sweep(data: str) -> Measuring:
    """Time what a sweep costs beside its runs, and what a second worker brings. Takes about five minutes.

    On two idle cores; the runs are those of the published questions, and are not kept.
    """
    show_progress(prepare(data))
    base = QUESTIONS["vocabulary"].sweep.base if data == "imdb" else recommended_config(data)
    with own_artifacts():
        one, own = _measure(base, "one", runs=1)
        yield Measurement("One run, as a sweep", one, "s")
        beside = 100 * (one / own - 1)
        yield Measurement("What the sweep took beside its run", beside, "%", at_most=_OVERHEAD)
        two, _ = _measure(base, "two", runs=2)
        yield Measurement(
            "Two runs with two workers, against one run", two / one, "times", at_most=_TWO_WORKERS
        )


def _measure(base: RunConfig, name: str, *, runs: int) -> tuple[float, float]:
    """Seconds of a sweep with as many workers as runs, and of these alone, from reviews to test scores."""
    get_reusable_executor().shutdown(wait=True)  # starting processes belongs to a sweep
    config = base.with_settings(threads=1)
    sweep = Sweep(name=name, base=config, cases=[{"cell": config.model.cell}], seeds=range(runs))
    began = time.perf_counter()
    own = sum(ended.own_seconds for ended in run_sweep(sweep, Store(), workers=runs))
    return time.perf_counter() - began, own
