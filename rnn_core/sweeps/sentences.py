"""Sentences on what any sweep found: highest and lowest, what each factor does, where more stops helping."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from rnn_core.config.words import name_of, value_in_words
from rnn_core.sweeps.over_seeds import (
    Cases,
    ShareOverSeeds,
    compared,
    concluded,
    counted,
    cuts,
    enough,
    over_seeds,
    points,
    telling_factors,
)
from rnn_core.sweeps.permutation import LEVEL, least_p
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Measure


def labelled(setting: str, value: Any) -> str:
    """Return a setting with its value, such as "Cell GRU"."""
    return f"{name_of(setting)} {value_in_words(value)}"


def _case_in_words(settings: Sequence[str], value: Any) -> str:
    """The settings of a case with their values; a column `case` holds the name of a case."""
    values = value if len(settings) > 1 else (value,)
    return ", ".join(
        str(part) if setting == "case" else labelled(setting, part)
        for setting, part in zip(settings, values, strict=True)
    )


ACCURACY = "test_accuracy"
"""The column that sentences call accuracy, and compare cases by."""
_USUAL = "of the test reviews"
_MOST = 5
"""Sentences after the one that answers; a large grid has its table and its picture for the rest."""
UNTESTED = ("seconds_per_epoch", "parameters")
"""Measures of a network's size or speed, which seeds only disturb."""


def general_sentences(sweep: Sweep, table: pd.DataFrame) -> tuple[str, str]:
    """Return a sentence that answers, and the rest, given a row for each run."""
    diverged = int(table[ACCURACY].isna().sum())
    left_out = [f"{diverged:,} of {len(table):,} runs diverged and are left out."] if diverged else []
    if diverged == len(table):
        return "All its runs diverged, so there is no accuracy.", ""
    keys = keys_of(sweep, table)
    found = over_seeds(table, keys, ACCURACY)
    rest = []
    if "case" not in table and max(case.runs for case in found.values()) > 1:
        rest = [*_effects(found, keys), *_courses(table, keys)]
    return _ends(sweep, found, keys), " ".join([*rest[: _MOST - len(left_out)], *left_out])


def measure_sentence(sweep: Sweep, table: pd.DataFrame, measure: Measure) -> str:
    """Say in a sentence where a number other than the test accuracy is lowest and highest."""
    keys = keys_of(sweep, table)
    found = over_seeds(table, keys, measure.field)
    if not found:
        return f"No run has this number: {measure.title.lower()}."
    is_fastest = measure.field == "seconds_per_epoch"
    at = {value: case.low if is_fastest else case.mean for value, case in found.items()}
    low, high = min(found, key=at.__getitem__), max(found, key=at.__getitem__)
    if low == high:
        return f"{measure.title}: {at[low]:{measure.number}}."
    ends = " to ".join(f"{at[end]:{measure.number}} ({_case_in_words(keys, end)})" for end in (low, high))
    if measure.field in UNTESTED:
        return f"{measure.title}: {ends}{', the fastest seed of each' if is_fastest else ''}."
    return f"{measure.title}: {ends}, {concluded(compared(found[low], found[high]).picked_of(len(found)))}."


def rests_on(sweep: Sweep, table: pd.DataFrame, measure: str, *, is_picked: bool) -> str:
    """Say how many runs a finding rests on, how far seeds lie apart, and what is called a difference.

    `measure` is the column of the share by which they lie apart. `is_picked` says that the finding compares
    the highest with the lowest case.
    """
    found = over_seeds(table, sweep.factors, measure)
    if not found:
        return ""
    if all(case.runs == 1 for case in found.values()):
        return f"{counted(found)}: the noise over seeds is not known, so a small difference means little."
    apart = max(case.spread for case in found.values())
    gap = f"{apart:.3f} bits" if "bits" in measure else points(apart)
    said = [
        f"{counted(found)}; seeds of one case lie up to {gap} apart. A difference is beyond noise "
        f"where the exact permutation test of the seeds has p ≤ {LEVEL:g}, two-sided."
    ]
    most = sorted((case.seeds for case in found.values()), key=len)[-2:]
    if len(found) > 2 and least_p([(most[0], most[1])]) > LEVEL:
        said.append("Two cases alone have too few seeds for that; several cases together can have enough.")
    if len(found) > 2 and is_picked:
        said.append(
            "The highest and the lowest were picked after the runs, so their p counts for every pair."
        )
    return " ".join(said)


def course(found: Cases) -> str:
    """Say where growing values stop helping, for the end of a sentence.

    >>> from rnn_core.sweeps.over_seeds import OverSeeds
    >>> at = {25: 0.7, 50: 0.8, 100: 0.9, 200: 0.9, 400: 0.9}
    >>> course({value: OverSeeds((one, one + 0.01, one + 0.02), seconds=1.0) for value, one in at.items()})
    'from 100 on more is not better beyond noise'
    """
    best = max(found, key=lambda value: found[value].mean)
    if all(one.says == "too few seeds" for one in cuts(found, next(iter(found)))):
        return f"the best is {best:,}, with too few seeds to tell where more stops helping"
    larger = (compared(found[value], found[best]) for value in found if value > best)
    if any(one.picked_of(len(found)).says == "a difference" for one in larger):
        return f"the best is {best:,}"
    first = enough(found)
    if first is None:
        return "more helps; these seeds can't tell where it stops"
    if first == next(iter(found)):
        return "no gain of larger values is beyond noise"
    return f"from {first:,} on more is not better beyond noise"


def keys_of(sweep: Sweep, table: pd.DataFrame) -> list[str]:
    """The columns that tell the cases apart."""
    return ["case"] if "case" in table else telling_factors(table, sweep.factors) or [sweep.factors[0]]


def _ends(sweep: Sweep, found: Cases, keys: Sequence[str]) -> str:
    corpus = sweep.base.corpus
    of_texts = f"of the test {corpus.nouns.texts}{'' if corpus.is_shipped else f' of {corpus}'}"
    ranked = sorted(found, key=lambda value: found[value].mean)
    low, high = ranked[0], ranked[-1]
    if found[low].mean == found[high].mean:
        share = f"{found[low]}{'' if of_texts == _USUAL else f' {of_texts}'}"
        return f"Test accuracy {share}{' in every case' if len(found) > 1 else ''}."
    accuracy = "test accuracy" if of_texts == _USUAL else f"share right {of_texts}"
    ends = (
        f"The highest {accuracy} is {found[high]} ({_case_in_words(keys, high)}), the lowest {found[low]} "
        f"({_case_in_words(keys, low)})"
    )
    if found[low].runs == found[high].runs == 1:
        return f"{ends}."
    return f"{ends}: {concluded(compared(found[low], found[high]).picked_of(len(found)))}."


def _effects(found: Cases, keys: Sequence[str]) -> list[str]:
    """Compare the best value of each of several factors with its worst, every other setting the same."""
    sentences = []
    for place, factor in enumerate(keys) if len(keys) > 1 else ():
        by_value: dict[Any, dict[Any, ShareOverSeeds]] = {}  # then by the values of the other factors
        for value, case in found.items():
            by_value.setdefault(value[place], {})[(*value[:place], *value[place + 1 :])] = case
        means = {value: sum(case.mean for case in cases.values()) for value, cases in by_value.items()}
        low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        if low == high or len({frozenset(cases) for cases in by_value.values()}) > 1:
            continue
        effect = compared(by_value[low], by_value[high]).picked_of(len(by_value))
        sentences.append(
            f"{labelled(factor, high)} against {value_in_words(low)}, every other setting the same: "
            f"{points(effect.difference)}, {concluded(effect)}."
        )
    return sentences


def _courses(table: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Write a sentence on each factor of three numbers or more, for each combination of the others."""
    sentences = []
    for factor in keys:
        others = [key for key in keys if key != factor]
        if table[factor].nunique() < 3 or not pd.api.types.is_numeric_dtype(table[factor]):
            continue
        groups: Iterable[tuple[Any, pd.DataFrame]] = table.groupby(others) if others else [((), table)]
        for values, runs in groups:
            found = over_seeds(runs, [factor], ACCURACY)
            if len(found) < 3:
                continue
            where = f" ({_case_in_words(others, values if len(others) > 1 else values[0])})" if others else ""
            sentences.append(f"{name_of(factor)}{where}: {course(found)}.")
    return sentences
