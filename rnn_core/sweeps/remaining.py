"""How long the rest of a sweep takes, said before it begins and while it runs."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean

from rnn_core.config.run import RunConfig
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Key, Sweep, key_of
from rnn_core.sweeps.work import threads_of

Measure = Callable[[Sequence[RunConfig]], Sequence[float | None]]
"""Seconds that a run of each takes; None where that is not known yet, infinity where it can't be."""


def seconds_left(sweep: Sweep, measure: Measure, workers: int = 1) -> float | None:
    """Seconds until all runs without a result have ended, `workers` at once.

    Each takes what ended ones of its case took; where there is none yet, what is measured of its settings,
    once for each case. None as long as one is not known. Raises SweepError where the file of results is
    damaged.
    """
    results = Results(sweep.name)
    took: dict[Key, list[float]] = defaultdict(list)
    for result in results.all():
        took[key_of(result.case)].append(result.seconds)
    missing = results.missing(sweep)
    unknown = {key_of(point.case): point.config for point in missing if key_of(point.case) not in took}
    of_case = {key: fmean(seconds) for key, seconds in took.items()}
    measured = measure([_as_trained(config) for config in unknown.values()])
    for key, seconds in zip(unknown, measured, strict=True):
        if seconds is None:
            return None
        of_case[key] = seconds
    ends = [0.0] * workers
    for point in missing:
        heapq.heapreplace(ends, ends[0] + of_case[key_of(point.case)])
    return max(ends)


def _as_trained(config: RunConfig) -> RunConfig:
    return config.with_settings(threads=threads_of(config), seed=0)  # all seeds take as long
