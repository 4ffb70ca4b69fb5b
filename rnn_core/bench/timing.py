"""Things timed against each other, in turns, so that a busy moment of the machine hits them all."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

import numpy as np


def alternate(
    functions: Mapping[str, Callable[[], object]], rounds: int, *, warm_up: bool = True
) -> Iterator[dict[str, float]]:
    """Call each once a round, after a first call that does not count; the median ms of each so far."""
    if warm_up:
        for function in functions.values():
            function()
    measured: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            began = time.perf_counter()
            function()
            measured[name].append((time.perf_counter() - began) * 1e3)
        yield {name: median(times) for name, times in measured.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of them does not exceed."""
    return float(np.quantile(values, share, method="inverted_cdf"))
