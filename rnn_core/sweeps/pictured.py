"""A sweep as a table of small pictures: two factors, and the scores of a case in each place."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.sweeps.over_seeds import ShareOverSeeds, telling_factors
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import AtAGlance, Measure, task_of

_DOWN = ("cell", "data")
"""The factors that stand at the beginning of a row, the first of them that sets cases apart."""


class Pictured(NamedTuple):
    """The factors and scores of such a table."""

    rows: str
    """The factor whose values stand one below the other."""
    columns: str
    glance: AtAGlance
    """The scores drawn in each place."""


class Place(NamedTuple):
    """A case of the table: its scores over the seeds that ended, and its first run."""

    shares: tuple[ShareOverSeeds, ...]
    """The shares of `AtAGlance.shares`; empty where all runs diverged."""
    number: ShareOverSeeds | None
    guess: float | None
    """The share of texts that is right by guessing; None where that means nothing."""
    run: str
    """The run of the first seed."""
    seed: int
    diverged: int
    """The number of its runs that diverged."""


def pictured(sweep: Sweep) -> Pictured | None:
    """Return the table of small pictures that a sweep is drawn as; None where it is drawn as a plot.

    It is where its task has scores to compare at a glance, and two factors set its cases apart, of which one
    is the cell or the texts. A factor that follows from these, as a learning rate that was chosen for each
    case, is none of the two.
    """
    glance = task_of(sweep.base).at_a_glance
    telling = telling_factors(pd.DataFrame([dict(case) for case in sweep.cases]), sweep.factors)
    down = next((factor for factor in _DOWN if factor in telling), None)
    if glance is None or down is None or len(telling) != 2:
        return None
    [across] = (factor for factor in telling if factor != down)
    return Pictured(down, across, glance)


def places(sweep: Sweep, how: Pictured, table: pd.DataFrame) -> Mapping[tuple[Any, Any], Place]:
    """Row and column -> the case there, from a table with a row a run; of one without a run there is none."""
    return {
        (row, column): _place(sweep, how.glance, runs)
        for (row, column), runs in table.groupby([how.rows, how.columns], sort=False)
    }


def _place(sweep: Sweep, glance: AtAGlance, runs: pd.DataFrame) -> Place:
    runs = runs.sort_values("seed", key=lambda seeds: seeds.map([*sweep.seeds, *seeds].index))
    first, task = runs.iloc[0], task_of(sweep.base)
    ended = runs.dropna(subset=[measure.field for measure in (*glance.shares, glance.number)])

    def over(measure: Measure) -> ShareOverSeeds:
        return ShareOverSeeds.of(ended[measure.field])

    return Place(
        shares=() if ended.empty else tuple(map(over, glance.shares)),
        number=None if ended.empty else over(glance.number),
        guess=task.right_by_guessing(sweep.base.with_settings(data=first.get("data", sweep.base.data))),
        run=str(first["run"]),
        seed=int(first["seed"]),
        diverged=len(runs) - len(ended),
    )
