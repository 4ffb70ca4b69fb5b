"""Sentences on what any sweep found: highest and lowest, where more stops helping, the noise over seeds."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.config.words import texts_in_words
from rnn_core.sweeps.over_seeds import (
    Cases,
    counted,
    enough,
    noise,
    over_seeds,
    points,
    telling_factors,
)
from rnn_core.sweeps.sweep import Sweep
from rnn_core.symbols import CELLS


class Words(NamedTuple):
    """What people call things."""

    setting: Callable[[str], str]
    value: Callable[[Any], str]

    def both(self, setting: str, value: Any) -> str:
        """A setting with its value, such as "Cell GRU"."""
        return f"{self.setting(setting)} {self.value(value)}"


_USUAL = "of the test reviews"
_MOST_COURSES = 6
"""Sentences on where more stops helping; a large grid has its picture for that."""


def in_general(sweep: Sweep, table: pd.DataFrame, words: Words) -> str:
    """What was found, given a row for each run; a column `case` holds the names of cases that have some."""
    diverged = int(table["test_accuracy"].isna().sum())
    left_out = f" {diverged:,} of {len(table):,} runs diverged and are left out." if diverged else ""
    if diverged == len(table):
        return "All its runs diverged, so there is no accuracy."
    keys = ["case"] if "case" in table else telling_factors(table, sweep.factors) or [sweep.factors[0]]
    found = over_seeds(table, keys)
    sentences = [_ends(found, keys, words, _of_texts(sweep))]
    if "case" not in table and max(case.runs for case in found.values()) > 1:
        sentences += _courses(table, keys, words)[:_MOST_COURSES]
    return " ".join(sentences) + left_out


def noise_in_words(sweep: Sweep, table: pd.DataFrame) -> str:
    """How many runs a finding rests on, and the noise over seeds, of each cell where there are several."""
    found = over_seeds(table, sweep.factors)
    if not found:
        return ""
    if all(case.runs == 1 for case in found.values()):
        return f"{counted(found)}: the noise over seeds is not known, so a small difference means little."
    by_cell: dict[Any, float] = {}
    if "cell" in sweep.factors:
        known = table.dropna(subset=["test_accuracy"]).groupby("cell")
        by_cell = {cell: noise(over_seeds(runs, sweep.factors).values()) for cell, runs in known}
    sizes = (
        ", ".join(f"{points(by_cell[cell])} for {CELLS[cell][0].noun}" for cell in CELLS if cell in by_cell)
        if len(by_cell) > 1
        else points(noise(found.values()))
    )
    return f"{counted(found)}. Noise over seeds, the largest distance between two seeds of one case: {sizes}."


def course(found: Cases) -> str:
    """Where growing values stop helping, for the end of a sentence.

    >>> from rnn_core.sweeps.over_seeds import OverSeeds
    >>> course({25: OverSeeds(0.7, 0.7, 0.71, 2, 1.0), 50: OverSeeds(0.8, 0.8, 0.81, 2, 1.0)})
    'more helps all the way to 50'
    """
    values, size = list(found), noise(found.values())
    means = [case.mean for case in found.values()]
    first = enough(found)
    if max(means) - min(means) <= size:
        return "no difference is larger than the noise over seeds"
    if all(more - less > size for less, more in pairwise(means)):
        return f"more helps all the way to {values[-1]:,}"
    if first is not None and first != values[-1]:
        return f"from {first:,} on no difference is larger than the noise over seeds"
    return f"the best is {max(values, key=lambda value: found[value].mean):,}"


def _of_texts(sweep: Sweep) -> str:
    """Which test texts were answered, as a part of a sentence."""
    data, texts = sweep.base.data, texts_in_words(sweep.base.data)
    return f"of the test {texts}" if sweep.base.is_built_in else f"of the test {texts} of {data}"


def _ends(found: Cases, keys: Sequence[str], words: Words, of_texts: str) -> str:
    def name(value: Any) -> str:
        parts = value if len(keys) > 1 else (value,)
        return ", ".join(
            str(part) if key == "case" else words.both(key, part)
            for key, part in zip(keys, parts, strict=True)
        )

    ranked = sorted(found, key=lambda value: found[value].mean)
    low, high = ranked[0], ranked[-1]
    if found[low].mean == found[high].mean:
        share = f"{found[low]}{'' if of_texts == _USUAL else f' {of_texts}'}"
        return f"Test accuracy {share}{' in every case' if len(found) > 1 else ''}."
    if found[high].mean - found[low].mean <= noise(found.values()):
        return (
            f"No case differs from another by more than the noise over seeds: {found[low]} to {found[high]} "
            f"{of_texts}."
        )
    accuracy = "test accuracy" if of_texts == _USUAL else f"share right {of_texts}"
    return f"The highest {accuracy} is {found[high]} ({name(high)}), the lowest {found[low]} ({name(low)})."


def _courses(table: pd.DataFrame, keys: Sequence[str], words: Words) -> list[str]:
    """For each factor of three numbers or more, a sentence for each combination of the others."""
    sentences = []
    for factor in keys:
        others = [key for key in keys if key != factor]
        if table[factor].nunique() < 3 or not pd.api.types.is_numeric_dtype(table[factor]):
            continue
        for values, runs in table.groupby(others) if others else [((), table)]:
            found = over_seeds(runs, [factor])
            if len(found) < 3:
                continue
            whose = [words.both(other, value) for other, value in zip(others, values, strict=True)]
            where = f" ({', '.join(whose)})" if whose else ""
            sentences.append(f"{words.setting(factor)}{where}: {course(found)}.")
    return sentences
