"""How long the rest of a sweep takes, said before it begins and while it runs."""

from collections.abc import Callable

from rnn_core.config import RunConfig
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep
from rnn_core.experiments.work import threads_of


def seconds_left(sweep: Sweep, measured: Callable[[RunConfig], float | None]) -> float | None:
    """Of the runs without a result, one after the other: each takes what ended ones of its case took.

    Where there is none yet it takes what `measured` says of its settings, which is asked once for each case;
    None where that does not know yet. Raises SweepError where the file of results is damaged.
    """
    results = Results(sweep.name)
    ended, left = results.all(), 0.0
    of_case: dict[tuple[object, ...], float] = {}
    for point in results.missing(sweep):
        case = tuple(point.case.items())
        if case not in of_case:
            took = [result.seconds for result in ended if dict(result.case) == dict(point.case)]
            one = sum(took) / len(took) if took else measured(_as_trained(point.config))
            if one is None:
                return None
            of_case[case] = one
        left += of_case[case]
    return left


def _as_trained(config: RunConfig) -> RunConfig:
    return config.with_settings(threads=threads_of(config))
