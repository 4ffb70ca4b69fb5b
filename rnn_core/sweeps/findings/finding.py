"""Findings of sweeps: the text written for a published question, or general sentences for any sweep.

A written text has conditions. It is shown only while the results meet them, with the figures of the results;
otherwise the general sentences stand in its place.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.errors import SweepError
from rnn_core.sweeps.findings.measures import by_first, reaches
from rnn_core.sweeps.findings.sentences import ACCURACY, Words, in_general, of_measure, rests_on
from rnn_core.sweeps.findings.written import Found, written
from rnn_core.sweeps.over_seeds import ShareOverSeeds, over_seeds
from rnn_core.sweeps.questions import QUESTIONS, Question, compared_by, with_case_names
from rnn_core.sweeps.rates import validation_by_rate
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Measure, further_of_all, task_of

DISTANCE = "distance"
"""The question of how far back each cell remembers."""
_FEWEST = 2
"""Seeds of each case without which a published question has no text: with one nobody knows the noise."""


class Finding(NamedTuple):
    """The finding of a sweep, in Markdown."""

    lead: str
    says: str
    """The rest, with all numbers; empty where the sentence says it all."""
    rests_on: str
    """The number of runs, the distance between seeds, and the rule that calls something a difference."""
    is_written: bool
    """True for the text of a question; else it consists of the general sentences."""
    limits: str = ""
    """Further limits of the answer, shown beside the settings of all runs; may be empty."""


def results_of(name: str) -> pd.DataFrame:
    """The runs of a published question, empty where there are none or its file is damaged."""
    try:
        return Results(name).table()
    except SweepError:
        return pd.DataFrame()


def finding_of(
    sweep: Sweep,
    table: pd.DataFrame,
    words: Words,
    of: Callable[[str], pd.DataFrame] = results_of,
    measure: Measure | None = None,
) -> Finding | None:
    """The finding of a sweep, given a row for each run that has ended; None before there is one.

    A published question has one once each case has two runs that did not diverge, a sweep of one's own once
    all its runs have ended. `words` says what a value of a setting is called, `of` gives the runs of another
    question, which some texts compare with. `measure` asks for another number than the one that cases are
    compared by, of which general sentences are said.
    """
    found = _found(sweep.name, lambda name: table if name == sweep.name else of(name))
    if found is None if sweep.name in QUESTIONS else len(table) < len(sweep):
        return None
    named = with_case_names(QUESTIONS[sweep.name], table) if sweep.name in QUESTIONS else table
    usual = compared_by(sweep)
    filled = None
    if found is not None and measure is None:
        filled = written(sweep.name).fill(found.names_for(sweep.name))
    on_runs = rests_on(sweep, named, usual, is_picked=filled is None)
    if filled is not None:
        lead, says, limits = filled
        return Finding(lead, says, on_runs, True, limits)
    if measure is None and usual == ACCURACY:
        return Finding(*in_general(sweep, named, words), on_runs, False)
    asked = measure or next(one.measure for one in further_of_all() if one.measure.field == usual)
    return Finding(of_measure(sweep, named, words, asked), "", on_runs, False)


def remembered() -> dict[str, int]:
    """Cell -> words after a verdict, of those asked, up to which every seed knows it; empty without results.

    It is what the text on the question `distance` says, with the share that it calls right.
    """
    found = _found(DISTANCE, results_of)
    share = float(written(DISTANCE).where["share"])
    return reaches(by_first(found.cases), share) if found is not None else {}


def _found(name: str, of: Callable[[str], pd.DataFrame]) -> Found | None:
    """None of one's own sweep, and where a case has too few runs."""
    if name not in QUESTIONS or (table := of(name)).empty:
        return None
    question, keys = QUESTIONS[name], written(name).keys
    named = with_case_names(question, table)
    cases = over_seeds(named, keys, compared_by(question.sweep))
    if len(cases) < len(question.sweep.cases) or min(case.runs for case in cases.values()) < _FEWEST:
        return None
    return Found(
        cases,
        lambda measure: over_seeds(named, keys, measure),
        lambda other: _found(other, of),
        lambda: _searched(question, keys, of),
    )


def _searched(
    question: Question, keys: Sequence[str], of: Callable[[str], pd.DataFrame]
) -> dict[Any, dict[float, ShareOverSeeds]]:
    """The validation scores of each case at each rate that was tried for it, as far as they are known."""
    tables = [table for search in question.searches if not (table := of(search.name)).empty]
    if not tables:
        return {}
    table, score = pd.concat(tables), task_of(question.sweep.base).score
    return {
        tuple(case[key] for key in keys): validation_by_rate(table, case, score)
        for case in question.sweep.cases
    }
