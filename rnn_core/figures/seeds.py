"""What the seeds of a case share in a figure: a point for them, and how far they reach."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import pandas as pd

from rnn_core.spread import spread

Point = Literal["mean", "lowest"]
"""Where the point of several seeds stands. For a time it is the lowest: other work only adds to it."""

_AIR = 0.06
"""The room at both ends of an axis, as a share of its length."""


class Seeds(NamedTuple):
    """Cases with their seeds, in the order in which they are drawn."""

    at: list[float]
    above: list[float]
    """How far the highest seed is from the point."""
    below: list[float]
    """How far the lowest seed is from the point."""
    runs: list[list[str]]
    """The ids of the runs of each case."""
    words: list[str]
    """What each point is, such as "mean of 3 seeds"."""


def seeds_of(table: pd.DataFrame, key: str, cases: Sequence[Any], measure: str, point: Point) -> Seeds:
    """The cases of this column in their order, each of which must have a run with this measure."""
    groups = [table[table[key] == case] for case in cases]
    spreads = [spread(group[measure]) for group in groups]
    at = [one.mean if point == "mean" else one.low for one in spreads]
    runs = [group["run"].tolist() for group in groups]
    return Seeds(
        at=at,
        above=[one.high - place for one, place in zip(spreads, at, strict=True)],
        below=[place - one.low for one, place in zip(spreads, at, strict=True)],
        runs=runs,
        words=["1 seed" if len(one) == 1 else f"{point} of {len(one)} seeds" for one in runs],
    )


def error_bars(seeds: Seeds, colour: str) -> dict[str, Any]:
    """Error bars from the lowest to the highest seed of each case."""
    return {
        "type": "data", "symmetric": False, "array": seeds.above, "arrayminus": seeds.below,
        "color": colour, "thickness": 1.5, "width": 6,
    }  # fmt: skip


def reach(values: Sequence[float]) -> tuple[float, float]:
    """An axis on which all of these stand with some air around them; around nothing it is 0 to 1."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    air = _AIR * (high - low) or _AIR * abs(high) or _AIR
    return low - air, high + air
