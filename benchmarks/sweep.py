"""What a sweep costs beside its runs, and what a second worker brings: measured on real sweeps."""

import time
from collections.abc import Generator
from typing import NamedTuple

from joblib.externals.loky import get_reusable_executor

from benchmarks.app.browser import own_artifacts
from benchmarks.report import Measurement
from rnn_core.config.run import RunConfig
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.sweep import Sweep

_OVERHEAD, _TWO_WORKERS = 3.0, 1.15


class _Measured(NamedTuple):
    whole: float
    """Seconds from the call until the last run is kept."""
    own: float
    """Seconds of the runs themselves, from their reviews to their test scores."""


def measure_sweep(base: RunConfig) -> Generator[Measurement, None, None]:
    """A sweep of one run in this process, then one of two runs in two new processes.

    Each run has one thread; none is kept. Needs two idle cores.
    """
    with own_artifacts():
        one = _measure(base, "one", seeds=1, workers=1)
        yield Measurement(what="One run, as a sweep", measured=one.whole, unit="s")
        yield Measurement(
            what="What the sweep took beside its run",
            measured=100 * (one.whole / one.own - 1),
            unit="%",
            at_most=_OVERHEAD,
        )
        two = _measure(base, "two", seeds=2, workers=2)
        yield Measurement(
            what="Two runs with two workers, against one run",
            measured=two.whole / one.whole,
            unit="times",
            at_most=_TWO_WORKERS,
        )


def _measure(base: RunConfig, name: str, *, seeds: int, workers: int) -> _Measured:
    get_reusable_executor().shutdown(wait=True)  # starting processes belongs to a sweep
    config = base.with_settings(threads=1)
    sweep = Sweep(name=name, base=config, cases=[{"cell": config.model.cell}], seeds=range(seeds))
    began = time.perf_counter()
    own = sum(ended.own_seconds for ended in run_sweep(sweep, Store(), workers=workers))
    return _Measured(time.perf_counter() - began, own)
