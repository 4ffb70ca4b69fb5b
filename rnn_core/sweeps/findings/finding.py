"""What a sweep found: the text written for a published question, or general sentences for any sweep.

A written text has conditions. It is shown only while the results meet them, with the figures of the results;
otherwise the general sentences stand in its place.
"""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from rnn_core.errors import SweepError
from rnn_core.sweeps.findings.sentences import Words, in_general, noise_in_words
from rnn_core.sweeps.findings.written import Found, Written, titled, written
from rnn_core.sweeps.over_seeds import Cases, noise, over_seeds, points
from rnn_core.sweeps.questions import QUESTIONS, with_case_names
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep

_FEWEST = 2
"""Seeds of each case without which a published question has no text: with one nobody knows the noise."""


class Finding(NamedTuple):
    """What a sweep found, in Markdown."""

    says: str
    rests_on: str
    """How many runs, and how far the seeds lie apart."""
    is_written: bool
    """Whether it is the text of a question; else it consists of the general sentences."""


def results_of(name: str) -> pd.DataFrame:
    """The runs of a published question, empty where there are none or its file is damaged."""
    try:
        return Results(name).table()
    except SweepError:
        return pd.DataFrame()


def finding_of(
    sweep: Sweep, table: pd.DataFrame, words: Words, of: Callable[[str], pd.DataFrame] = results_of
) -> Finding | None:
    """The finding of a sweep, given a row for each run that has ended; None before there is one.

    A published question has one once each case has two runs that did not diverge, a sweep of one's own once
    all its runs have ended. `words` says what a value of a setting is called, `of` gives the runs of another
    question, which some texts compare with.
    """
    if sweep.name not in QUESTIONS:
        if len(table) < len(sweep):
            return None
        return Finding(in_general(sweep, table, words), noise_in_words(sweep, table), False)
    found = _found(sweep.name, lambda name: table if name == sweep.name else of(name))
    if found is None:
        return None
    text, named = written(sweep.name), with_case_names(QUESTIONS[sweep.name], table)
    rests_on, says = noise_in_words(sweep, named), text.fill(found.names_for(sweep.name))
    if says is None:
        return Finding(in_general(sweep, named, words), rests_on, False)
    return Finding(says, rests_on + _noise_of_both(found, text), True)


def _found(name: str, of: Callable[[str], pd.DataFrame]) -> Found | None:
    """None where a case has too few runs."""
    cases = _cases(name, of(name))
    if cases is None:
        return None
    other = written(name).trained_alike
    alike = _cases(other, of(other)) if other else None
    return Found(cases, noise([*cases.values(), *(alike or {}).values()]), lambda name: _found(name, of))


def _noise_of_both(found: Found, text: Written) -> str:
    if found.noise == noise(found.cases.values()):
        return ""
    return f" With {titled(text.trained_alike)}, whose networks are trained alike: {points(found.noise)}."


def _cases(name: str, table: pd.DataFrame) -> Cases | None:
    if table.empty:
        return None
    cases = over_seeds(with_case_names(QUESTIONS[name], table), written(name).keys)
    is_whole = len(cases) == len(QUESTIONS[name].sweep.cases)
    return cases if is_whole and min(case.runs for case in cases.values()) >= _FEWEST else None
