"""The learning rates of the cases of a question, each chosen on validation reviews from the same list.

Cells learn best at different rates, so one rate for all would compare the rates, too. Each case is trained
once at every rate of a list; the one with the highest validation accuracy is that of the question. Where it
is the first or last of the list, the list grows there. Of the runs of such a search no test score is kept.
"""

from collections.abc import Iterable, Mapping
from statistics import median_low
from typing import Any, NamedTuple

from rnn_core.sweeps.sweep import Case, Sweep

LIST = (2e-3, 5e-3, 1e-2)
RATE = "learning_rate"


class Rates(NamedTuple):
    """Which rate was best for a case, and which ones were tried."""

    best: float
    tried: tuple[float, ...] = LIST


def with_rates(rates: Iterable[tuple[Case, Rates]]) -> list[Case]:
    """The cases of a question, each with its best rate."""
    return [{**case, RATE: of.best} for case, of in rates]


def search_of(sweep: Sweep, rates: Iterable[tuple[Case, Rates]]) -> Sweep:
    """The sweep that tries all rates for the cases of another one, with its first seed."""
    cases = [{**case, RATE: rate} for case, of in rates for rate in of.tried]
    return Sweep(name=search_name(sweep.name), base=sweep.base, cases=cases, seeds=sweep.seeds[:1])


def search_name(sweep: str) -> str:
    """The name of the sweep that tries the rates for another one."""
    return f"{sweep}-rates"


def tried(search: Sweep, case: Case) -> list[float]:
    """The rates that were tried for a case, in growing order."""
    fixed = {setting: value for setting, value in case.items() if setting != RATE}
    return sorted(one[RATE] for one in search.cases if fixed.items() <= one.items())


def best_rate(accuracies: Mapping[float, float]) -> float:
    """The rate with the highest validation accuracy; of several the middle one.

    >>> best_rate({0.002: 0.90, 0.005: 1.0, 0.01: 1.0, 0.02: 1.0})
    0.01
    """
    highest = max(accuracies.values())
    return median_low(rate for rate, accuracy in accuracies.items() if accuracy == highest)


def is_at_an_end(rate: float, rates: Iterable[float]) -> bool:
    """Whether it is the least or the greatest of all that were tried, so that a better one may lie beyond."""
    known = sorted(rates)
    return rate in (known[0], known[-1])


def validation_by_rate(table: Any, case: Case) -> dict[float, float]:
    """The validation accuracy of a case at each rate, given the runs of a search; no run that diverged."""
    fixed = {setting: value for setting, value in case.items() if setting != RATE}
    mask = (table[list(fixed)] == list(fixed.values())).all(axis=1)
    known = table[mask].dropna(subset=["validation_accuracy"])
    return dict(zip(known[RATE], known["validation_accuracy"], strict=True))
