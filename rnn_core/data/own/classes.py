"""Labels as a table writes them -> the classes of a corpus: merged, renamed, or made of a rating."""

import bisect
import itertools
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.identity import LONGEST_CLASS, is_class_name
from rnn_core.data.own.recipe import Recipe
from rnn_core.errors import ConfigError, DataError
from rnn_core.refusals import shown

_DECIMAL = re.compile(r"[+-]?(\d+[.,]\d+|[.,]\d+|\d+([.,]\d+)?[eE][+-]?\d+)")
_MAY_BE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


class Classes(NamedTuple):
    """Names of classes, and which of them each label belongs to."""

    names: tuple[str, ...]
    """Numbers by their size, then the others by the alphabet; the classes of a rating from the lowest on."""
    of_label: NDArray[np.int32]
    """(labels,) index into `names`."""


def class_of_rating(thresholds: Sequence[float]) -> list[str]:
    """Name the classes of a rating from the lowest to the highest; none without thresholds.

    >>> class_of_rating([4, 7])
    ['under 4', '4 to under 7', '7 and more']
    """
    if not thresholds:
        return []
    said = [f"{value:.15g}" for value in thresholds]
    between = [f"{low} to under {high}" for low, high in itertools.pairwise(said)]
    return [f"under {said[0]}", *between, f"{said[-1]} and more"]


def rating(cell: str, thresholds: Sequence[float]) -> int | None:
    """Return the class of a rating that a cell belongs to; None for a cell that is no number, or may be two.

    >>> rating("3,5", [4, 7]), rating("4", [4, 7]), rating("9", [4, 7]), rating("good", [4, 7])
    (0, 1, 2, None)
    """
    value = None if "_" in cell or is_ambiguous(cell) else _number(cell)
    return None if value is None else bisect.bisect_right(thresholds, value)


def is_ambiguous(cell: str) -> bool:
    """True if a comma in it may stand before decimals or between thousands.

    >>> is_ambiguous("1,000"), is_ambiguous("0,125"), is_ambiguous("3,5")
    (True, False, False)
    """
    return _MAY_BE_THOUSANDS.fullmatch(cell.strip()) is not None


def _number(cell: str) -> float | None:
    try:
        value = float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def classes_of(names: Sequence[str], first_rows: Sequence[int], recipe: Recipe, file: str) -> Classes:
    """The classes that labels make. Raises ConfigError for a merge of none, DataError for decimals,
    which are a rating."""
    new_name = dict(recipe.merges)
    if unknown := next((old for old in new_name if old not in names), None):
        some = ", ".join(map(shown, names[:20]))
        cut = any(name.startswith(f"{unknown}=") for name in names)
        raise ConfigError(
            f"There is no class {shown(unknown)} to merge or rename; column {shown(recipe.label)} has {some}."
            + (" On the command line an equals sign in a name is written \\=." if cut else "")
        )
    called = [new_name.get(name, name) for name in names]
    for name in new_name.values():
        if not is_class_name(name):
            raise ConfigError(
                f"The name of a class must have 1 to {LONGEST_CLASS} printable characters, got {shown(name)}."
            )
    if recipe.thresholds:
        in_order = list(dict.fromkeys(called))
    else:
        for name, row in zip(called, first_rows, strict=True):
            if _DECIMAL.fullmatch(name):
                raise DataError(
                    f"Column {shown(recipe.label)} of {file} has {shown(name)} in row {row:,}, a number with "
                    "decimals, which is no class. Give thresholds, such as 4,7, to make classes of a rating, "
                    "or rename each number."
                )
        number = {name: _number(name) for name in called}
        in_order = sorted(
            number, key=lambda name: (number[name] is None, number[name] or 0.0, name.casefold(), name)
        )
    index_of = {name: index for index, name in enumerate(in_order)}
    return Classes(tuple(in_order), np.array([index_of[name] for name in called], np.int32))
