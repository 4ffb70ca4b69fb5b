"""The learning rates of the cases of a question, each chosen on validation reviews from the same list.

Cells learn best at different rates, so one rate for all would compare the rates, too. Each case is trained
with one seed at every rate of a list; the one with the best validation score is that of the question.
Where it stands at an end of the list, the list grows there, unless all is right or no rate beats a guess;
on made-up languages it has three rates and does not grow.
Where its other seeds find something else, all rates get every seed, and the best is the one whose worst seed
is best: with one seed a high rate may be lucky. The file of such a search has no test score.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.sweep import Case, Sweep
from rnn_core.tasks.task import Measure

LIST = (2e-3, 5e-3, 1e-2)
RATE = "learning_rate"


class Rates(NamedTuple):
    """Which rate was best for a case, and which ones were tried."""

    best: float
    tried: tuple[float, ...] = LIST
    every_seed: bool = False
    """Whether one seed was not enough to choose."""


def with_rates(rates: Iterable[tuple[Case, Rates]]) -> list[Case]:
    """The cases of a question, each with its best rate."""
    return [{**case, RATE: of.best} for case, of in rates]


def searches_of(sweep: Sweep, rates: Sequence[tuple[Case, Rates]]) -> tuple[Sweep, ...]:
    """The sweeps that try all rates for the cases of another one, with its first seed and the others."""
    first, *others = sweep.seeds
    again = [(case, of) for case, of in rates if of.every_seed]
    return (
        _tries(f"{sweep.name}-rates", sweep, rates, [first]),
        *([_tries(f"{sweep.name}-rates-seeds", sweep, again, others)] if again else []),
    )


def _tries(name: str, sweep: Sweep, rates: Iterable[tuple[Case, Rates]], seeds: Sequence[int]) -> Sweep:
    cases = [{**case, RATE: rate} for case, of in rates for rate in of.tried]
    return Sweep(name=name, base=sweep.base, cases=cases, seeds=seeds)


def tried(searches: Iterable[Sweep], case: Case) -> list[float]:
    """The rates that were tried for a case, in growing order."""
    fixed = {setting: value for setting, value in case.items() if setting != RATE}
    known = {one[RATE] for search in searches for one in search.cases if fixed.items() <= one.items()}
    return sorted(known)


def validation_by_rate(table: pd.DataFrame, case: Case, score: Measure) -> dict[float, ShareOverSeeds]:
    """The validation scores of a case at each rate, the best first: the one whose worst seed is best.

    Runs that diverged are left out. `score` is that of the task of these runs.
    """
    column = f"validation_{score.field}"
    fixed = {setting: value for setting, value in case.items() if setting != RATE}
    mask = (table[list(fixed)] == list(fixed.values())).all(axis=1)
    by_rate = table[mask].dropna(subset=[column]).groupby(RATE)[column]
    found = {float(rate): ShareOverSeeds.of(scores) for rate, scores in by_rate}
    ranked = sorted(found, key=lambda rate: worst_seed(found[rate], score), reverse=score.higher_is_better)
    return {rate: found[rate] for rate in ranked}


def worst_seed(seeds: ShareOverSeeds, score: Measure) -> float:
    """The lowest seed, or the highest where less is better."""
    return seeds.low if score.higher_is_better else seeds.high
