"""Findings of sweeps: the text on a published question, or general sentences on any sweep.

The text stands in the question's file, behind its `[finding]`, which has

- `cases`: the columns of the results that set the cases apart;
- `where`: names for what is needed more than once, each an expression that may use those before it;
- `holds`: the conditions. The text is shown only while the results meet all of them; otherwise the general
  sentences stand in its place.

It is Markdown with placeholders: one sentence that answers, with at most two numbers, an empty line, and at
most five sentences: all numbers are in the table above them (`side_by_side`). What else limits the answer may
follow after another empty line; it stands beside the settings that all runs have. A sentence has at most 30
words.

Expressions and placeholders are Jinja's. They may use every function of `measures` and of `over_seeds`, and
of the question `cases`, `order` (the names of its cases), `base` (the settings of its runs), `by`, the cases
by another column of the results, `other`, the results of another question, and `searched`, the scores of each
case at each learning rate on validation texts. A case is written as the share that it is compared by, its
test accuracy where nothing else is said; its `pairs` and `sentences` are the shares of the probes that are
right, None where they were not asked. The text on the probes, which no sweep answers, has other names:
`understanding` lists them.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, Optional

import jinja2
import pandas as pd
from jinja2.sandbox import SandboxedEnvironment

from rnn_core.config.words import short_name
from rnn_core.errors import SweepError
from rnn_core.refusals import listing
from rnn_core.sweeps import measures, over_seeds
from rnn_core.sweeps.measures import by_first, reaches
from rnn_core.sweeps.over_seeds import Cases, ShareOverSeeds, points, signed
from rnn_core.sweeps.questions import (
    QUESTIONS,
    RATE,
    FindingText,
    Question,
    name_cases,
    share_compared,
    validation_by_rate,
)
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sentences import ACCURACY, UNTESTED, general_sentences, measure_sentence, rests_on
from rnn_core.sweeps.side_by_side import case_results, measures_of, parts_sentence
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import KINDS
from rnn_core.tasks.task import Measure, task_of

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
    limits: str = ""
    """Further limits of the answer, shown beside the settings of all runs; may be empty."""


class FoundResults(NamedTuple):
    """The results that a text is about."""

    cases: Cases
    by: Callable[[str], Cases]
    """Gives `cases` by another column of the results."""
    other: Callable[[str], Optional["FoundResults"]]
    """The numbers of another published question; None while it has no whole result."""
    searched: Callable[[], Mapping[Any, Mapping[float, ShareOverSeeds]]]
    """Gives the validation scores of each case at each learning rate tried for it, the best rate first."""


def results_of(name: str) -> pd.DataFrame:
    """The runs of a published question, empty where there are none or its file is damaged."""
    try:
        return Results(name).table()
    except SweepError:
        return pd.DataFrame()


def finding_of(
    sweep: Sweep,
    table: pd.DataFrame,
    of: Callable[[str], pd.DataFrame] = results_of,
    measure: Measure | None = None,
) -> Finding | None:
    """The finding of a sweep, given a row for each run that has ended; None before there is one.

    A published question has one once each case has two runs that did not diverge, a sweep of one's own once
    all its runs have ended. `of` gives the runs of another question, which some texts compare with. `measure`
    asks for another number than the one that cases are compared by, of which general sentences are said.
    """
    question = QUESTIONS.get(sweep.name)
    found = found_results(sweep.name, table, of)
    if len(table) < len(sweep) if question is None else found is None:
        return None
    named = name_cases(sweep, table)
    usual, filled = share_compared(sweep), None
    if question is not None and found is not None and measure is None:
        filled = fill(question.text, names_in_text(question, found))
    asked = measure or measures_of(sweep, named).get(usual)
    if asked is None:  # all its runs diverged
        return None
    of_parts = "" if asked.field in UNTESTED else parts_sentence(case_results(sweep, named, asked), asked)
    on_runs = rests_on(sweep, named, usual, is_picked=filled is None and not of_parts)
    if filled is not None:
        lead, says, limits = filled
        return Finding(lead, says, on_runs, limits)
    if of_parts:
        return Finding(of_parts, "", on_runs)
    if measure is None and usual == ACCURACY:
        return Finding(*general_sentences(sweep, named), on_runs)
    return Finding(measure_sentence(sweep, named, asked), "", on_runs)


def remembered() -> dict[str, int]:
    """Cell -> words after a verdict, of those asked, up to which every seed knows it; empty without results.

    It is what the text on the question `distance` says, with the share that it calls right.
    """
    found = _found(DISTANCE, results_of)
    share = float(QUESTIONS[DISTANCE].text.where["share"])
    return reaches(by_first(found.cases), share) if found is not None else {}


def found_results(name: str, table: pd.DataFrame, of: Callable[[str], pd.DataFrame]) -> FoundResults | None:
    """The results of a published question, given a row for each run; `of` gives the runs of another one.

    None where a case has too few runs, and of one's own sweep.
    """
    return _found(name, lambda asked: table if asked == name else of(asked))


def _found(name: str, of: Callable[[str], pd.DataFrame]) -> FoundResults | None:
    if name not in QUESTIONS or (table := of(name)).empty:
        return None
    question = QUESTIONS[name]
    named, keys = name_cases(question.sweep, table), question.text.keys
    cases = over_seeds.over_seeds(named, keys, share_compared(question.sweep))
    if len(cases) < len(question.sweep.cases) or min(case.runs for case in cases.values()) < _FEWEST:
        return None
    return FoundResults(
        cases,
        cache(lambda measure: over_seeds.over_seeds(named, keys, measure)),
        cache(lambda other: _found(other, of)),
        lambda: {
            tuple(case[key] for key in keys): rates
            for case, rates in zip(question.sweep.cases, rates_of(question, of), strict=False)
        },
    )


def names_in_text(question: Question, found: FoundResults) -> dict[str, Any]:
    """Return the names by which the text on a question knows its results."""
    return {**found._asdict(), "order": question.cases, "base": question.sweep.base}


def rates_of(
    question: Question, of: Callable[[str], pd.DataFrame] = results_of
) -> list[dict[float, ShareOverSeeds]]:
    """The validation scores of each case at each rate that was tried for it, the best first; else nothing."""
    tables = [table for search in question.searches if not (table := of(search.name)).empty]
    if not tables:
        return []
    table, score = pd.concat(tables), task_of(question.sweep.base).score
    return [validation_by_rate(table, case, score) for case in question.sweep.cases]


def fill(text: FindingText, names: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The parts of a text with their numbers; None where results do not meet its conditions."""
    known = dict(names)
    for name, expression in text.where.items():
        known[name] = _compiled(expression)(**known)
    if not all(_compiled(condition)(**known) for condition in text.conditions):
        return None
    lead, says, limits = (" ".join(_template(part).render(known).split()) for part in text.parts)
    return lead, says, limits


def _rates_tried(question: str, cell: str) -> str:
    """The learning rates that were tried for a cell, in growing order."""
    return listing([f"{rate:g}" for rate in QUESTIONS[question].rates_tried({"cell": cell})])


def _cells_by_rate(question: str, cells: Iterable[str], **case: Any) -> dict[float, list[str]]:
    """Cells by the learning rate that each has in a question, given the other settings of its case."""
    found: dict[float, list[str]] = {}
    for cell in cells:
        for one in QUESTIONS[question].sweep.cases:
            if {**case, "cell": cell}.items() <= one.items():
                found.setdefault(one[RATE], []).append(cell)
    return found


def _untried(question: str, rate: float, **case: Any) -> list[str]:
    """The cells for which a rate was not tried with the other settings of a case, in the question's order."""
    asked = QUESTIONS[question]
    cells = dict.fromkeys(one["cell"] for one in asked.sweep.cases)
    return [cell for cell in cells if rate not in asked.rates_tried({**case, "cell": cell})]


@cache  # a page asks again at each of its runs
def _compiled(expression: str) -> Callable[..., Any]:
    return _jinja().compile_expression(expression, undefined_to_none=False)


@cache  # as above
def _template(text: str) -> jinja2.Template:
    return _jinja().from_string(text)


@cache
def _jinja() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
    for module in (measures, over_seeds):
        known = inspect.getmembers(module, inspect.isfunction)
        environment.globals |= {name: one for name, one in known if one.__module__ == module.__name__}
    environment.globals |= {
        "exp": math.exp,
        "titled": lambda name: f"“{QUESTIONS[name].title}”",
        "in_a_row": listing,
        "base_of": lambda name: QUESTIONS[name].sweep.base,
        "order_of": lambda name: QUESTIONS[name].cases,
        "rates_tried": _rates_tried,
        "by_rate": _cells_by_rate,
        "untried": _untried,
    }
    environment.filters |= {"points": points, "signed": signed, "called": short_name}
    environment.filters |= {"thousands": "{:,}".format, "share": "{:.1%}".format, "bits": "{:.2f}".format}
    environment.filters["noun"] = lambda cell: KINDS[cell].noun
    return environment
