"""The certainty of a finding: the scores of a further seed with which its sentence has other words.

A run is added to one case at a time. It has some score in the column that cases are compared by, and is in
all else the median run of its case. Figures of the sentence may change, its words count: another case that it
names, another conclusion, or conditions that are no longer met. Where words change need not be an interval,
so scores are tried at growing distances from the median run; between the last that leaves the words and the
first that changes them, the nearest is found by bisection.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import cache
from statistics import median

import pandas as pd

from rnn_core.progress import Progress
from rnn_core.sweeps.findings import FoundResults, fill, found_results, names_in_text, results_of
from rnn_core.sweeps.measures import cases_with, highest
from rnn_core.sweeps.over_seeds import Cases
from rnn_core.sweeps.questions import FindingText, Question, name_cases
from rnn_core.sweeps.side_by_side import case_name
from rnn_core.tasks.task import Measure

_STEPS = 1_000
"""Steps from a score of 0 to a score of 1: one is the last digit that is shown."""
_DISTANCES = [3**power for power in range(8)]
"""Distances from the median run that are tried, in steps."""
_FEW = 3
"""The most cases of which it is said what would change the sentence."""
_FIGURE = re.compile(r"\d+ of \d+ seeds \(.*?\)|p [=<] [\d.]+|\d+\.\d+%?( to [\d.]+% \(lowest .*?\))?")
"""Figures as texts write them: a count of seeds, a p, and a mean, or the ends where that means nothing."""


def how_sure(question: Question, table: pd.DataFrame, measure: Measure) -> Generator[Progress, None, str]:
    """Say in Markdown which further seeds change the sentence on a question, given a row for each run.

    First stand the cases that need least, in units of the distance between seeds. `measure` is what the cases
    are compared by.
    """
    keys, column, number = [*question.text.keys], measure.field, measure.number
    table, text = name_cases(question.sweep, table), _lead_alone(question.text)

    def lead(results: FoundResults) -> str:
        return (fill(text, names_in_text(question, results)) or [""])[0]

    by_case = table.dropna(subset=[column]).sort_values(column).groupby(keys)
    medians = [runs.iloc[[(len(runs) - 1) // 2]] for _, runs in by_case]
    found = found_results(question.sweep.name, table, results_of)
    grown = found_results(question.sweep.name, pd.concat([table, *medians]), results_of)
    if found is None or grown is None or not (now := lead(found)):
        return "Its text is not shown: there is no sentence that a further seed could change."
    noise = max(median(case.spread for case in found.cases.values()), 1 / _STEPS)
    most = _STEPS if measure.is_share else round(2 * _STEPS * highest(found.cases))
    said = list[tuple[float, str]]()
    for done, (key, case) in enumerate(found.cases.items()):
        yield Progress("Cases", done, len(found.cases))
        lead_at = cache(lambda step, key=key: lead(_with_seed(found, grown, key, column, step)))
        start = round(_STEPS * grown.cases[key].seeds[-1])
        if changes := [one for end in (0, most) for one in _nearest(lead_at, now, start, end)]:
            far, step, beyond = min(changes)
            name = case_name(keys, key if len(keys) > 1 else [key])
            so_far = f"its {case.runs} seeds so far: {case.low:{number}} to {case.high:{number}}"
            then = f"it would say *{lead_at(step)}*" if lead_at(step) else "it could no longer be said."
            needs = f"- **{name}** at {step / _STEPS:{number}}{beyond} ({so_far}): {then}\n"
            said.append((far / max(noise, case.spread), needs))
    if not said:
        return "No further seed of one case would change the sentence above the picture, whatever its score."
    few = [needs for _, needs in sorted(said)[:_FEW]]
    others, never = len(said) - len(few), len(found.cases) - len(said)
    rest = f"Other cases where one would change it: {others}; where none would, whatever its score: {never}."
    return f"The sentence above the picture would change with a further seed of\n\n{''.join(few)}\n{rest}"


def _lead_alone(text: FindingText) -> FindingText:
    """The text without the sentences below its lead, and without the names that only these need."""
    where, needed = dict[str, str](), " ".join((text.parts[0], *text.conditions))
    for name, expression in reversed([*text.where.items()]):
        if re.search(rf"\b{name}\b", needed):
            where, needed = {name: expression, **where}, f"{needed} {expression}"
    return text._replace(where=where, parts=(text.parts[0], "", ""))


def _with_seed(found: FoundResults, grown: FoundResults, key: object, column: str, step: int) -> FoundResults:
    """Add to the results the run that `grown` has more of a case, with a score of so many steps."""
    seeds = (*found.cases[key].seeds, step / _STEPS)
    cases = {**found.cases, key: replace(grown.cases[key], seeds=seeds)}

    def by(measure: str) -> Cases:
        return cases if measure == column else {**found.by(measure), **cases_with(grown.by(measure), key)}

    return found._replace(cases=cases, by=by)


def _nearest(lead_at: Callable[[int], str], now: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Find the step nearest to `start`, towards `end`, at which the words change; nothing where they don't.

    Its distance from `start`; itself; " or less" or " or more" if they change at all that were tried beyond.
    """
    sign, most = 1 if end > start else -1, abs(end - start)

    def changes(far: int) -> bool:
        return _FIGURE.sub("", lead_at(start + sign * far)) != _FIGURE.sub("", now)

    tried = [0, *(far for far in _DISTANCES if far < most), most]
    changed = [changes(far) for far in tried]
    if any(changed):
        first = changed.index(True)
        between = range(tried[max(first - 1, 0)], tried[first])
        far = between.start + bisect_left(between, True, key=changes)
        beyond = "" if not all(changed[first:]) else " or more" if sign > 0 else " or less"
        yield far, start + sign * far, beyond
