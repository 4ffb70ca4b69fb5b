"""Places on a figure: names apart, a logarithmic axis with its zeros, lines of baselines.

A logarithm has no place for a zero, and a floor in its place looks like a plateau.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from rnn_core.figures.builder import RIGHT, Array, FigureBuilder, Parts, decimate

NAMES_FROM = 18
"""Pixels to the right of a picture at which names begin where lines lead to them."""


def keep_apart(
    values: Sequence[float], least: float | Sequence[float], within: tuple[float, float] | None = None
) -> list[float]:
    """Places for labels, as near their values as they can be at a distance of at least `least`.

    `least` is the height of every label, or of each. `within` are the ends of an axis: Plotly draws no label
    beyond them, so each stands half of its height from them or more.

    >>> [round(place, 2) for place in keep_apart([0.5, 0.9], 0.2)]
    [0.5, 0.9]
    >>> [round(place, 2) for place in keep_apart([0.5, 0.5], 0.2)]
    [0.4, 0.6]
    >>> [round(place, 2) for place in keep_apart([0.97, 0.96], 0.2, (0, 1))]
    [0.9, 0.7]
    >>> [round(place, 2) for place in keep_apart([0.0, 0.0, 0.5], [0.4, 0.2, 0.2], (0, 1))]
    [0.2, 0.5, 0.7]
    """
    if not values:
        return []
    heights = [least] * len(values) if isinstance(least, float | int) else least
    order = sorted(range(len(values)), key=lambda number: values[number])
    tall = [heights[number] for number in order]
    above = list(accumulate(((one + other) / 2 for one, other in pairwise(tall)), initial=0.0))
    blocks: list[list[float]] = []  # labels that touch: the places of the lowest that each of them asks for
    for number, offset in zip(order, above, strict=True):
        blocks.append([values[number] - offset])
        while len(blocks) > 1 and fmean(blocks[-1]) < fmean(blocks[-2]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    lowest = [fmean(block) for block in blocks for _ in block]
    if within is not None:
        low, high = within[0] + tall[0] / 2, within[1] - tall[-1] / 2 - above[-1]
        lowest = [max(min(place, high), low) for place in lowest]
    by_number = {number: place + offset for number, place, offset in zip(order, lowest, above, strict=True)}
    return [by_number[number] for number in range(len(values))]


class EndName(NamedTuple):
    """A name to the right of a line, beside its end."""

    end: float
    """Where the line ends: a value, or on a logarithmic axis its exponent."""
    text: str
    colour: str
    of_line: str = ""
    """The colour of the line that leads to the name, where it is another."""


def name_ends(
    builder: FigureBuilder,
    names: Sequence[EndName],
    heights: float | Sequence[float],
    within: tuple[float, float],
    *,
    is_log: bool = False,
) -> None:
    """Write names to the right of lines, none over another, with a thin line from each end to its name.

    `heights` are those of the names and `within` the ends of the axis, in its values or exponents.
    """
    places = keep_apart([name.end for name in names], heights, within)
    for (end, text, colour, of_line), place in zip(names, places, strict=True):
        y0, y1 = (10**end, 10**place) if is_log else (end, place)
        line = {"color": of_line or colour, "width": 1}
        builder.mark(
            type="line",
            xref="paper",
            xsizemode="pixel",
            xanchor=1,
            x0=2,
            x1=NAMES_FROM - 4,
            y0=y0,
            y1=y1,
            line=line,
        )
        builder.write(text, **RIGHT, xshift=NAMES_FROM, y=place, align="left", colour=colour)


IN_32_BITS, IN_64_BITS = "1e-38", "1e-308"
"""Such numbers hold nothing smaller: what is below is 0."""
_BELOW, _PAD = 0.14, 0.06
"""Shares of the span: how far below the least value zeros are marked, and the room at the ends."""


class LogAxis:
    """The decades that some values span, zeros and what is not finite left out: one decade at least."""

    def __init__(
        self, values: Iterable[Any], most_ticks: int = 5, *, least: float = 0.0, zero_below: str = IN_32_BITS
    ) -> None:
        """`values` are arrays or lists of numbers, none below zero.

        What is below `least` is left out, so a line that falls below leaves the picture at its lower edge.
        `zero_below` says what else than 0 a zero may have been.
        """
        self.zero_below = zero_below
        flat = np.concatenate([np.zeros(0), *(np.ravel(np.asarray(part, np.float64)) for part in values)])
        positive = flat[np.isfinite(flat) & (flat > 0) & (flat >= least)]
        self.has_zeros = bool((flat == 0).any())
        low, high = (np.log10([positive.min(), positive.max()])) if len(positive) else (-1.0, 0.0)
        self.low, self.high = math.floor(low), math.ceil(high)
        if self.low == self.high:
            self.high += 1
        self.zero = self.low - _BELOW * (self.high - self.low)
        """The exponent at which zeros are marked."""
        powers = range(self.high, self.low - 1, -math.ceil((self.high - self.low) / most_ticks))
        self.ticks: dict[float, str] = {
            power: f"10<sup>{power}</sup>".replace("-", "−") if power else "1" for power in powers
        }
        """Exponent -> what stands beside the axis there, each different."""
        if self.has_zeros:
            self.ticks[self.zero] = "0"

    @property
    def range(self) -> tuple[float, float]:
        """The exponents at the ends of the axis."""
        pad = _PAD * (self.high - self.low)
        return (self.zero if self.has_zeros else self.low) - pad, self.high + pad

    def layout(self) -> dict[str, Any]:
        """Return the settings of Plotly's axis."""
        return {
            "type": "log",
            "range": list(self.range),
            "tickvals": [10.0**exponent for exponent in self.ticks],
            "ticktext": list(self.ticks.values()),
        }

    def exponent(self, value: float) -> float:
        """The place of a value: its logarithm, or the place of zeros."""
        return math.log10(value) if value > 0 else self.zero

    def draw(self, builder: FigureBuilder, x: Array, y: Array, name: str, **style: Any) -> None:
        """A line with a gap where a value is zero, and a mark there; `style` is for Plotly's line."""
        y = np.asarray(y, np.float64)
        drawn = [(np.where(y > 0, y, np.nan), f"{name}: %{{y:.3g}}", {"mode": "lines", **style})]
        if (y == 0).any():
            symbol = {"symbol": "x-thin", "size": 6, "line": {"width": 1.5, "color": style["line"]["color"]}}
            place: Parts = {part: style[part] for part in ("yaxis", "customdata") if part in style}
            hover = f"{name}: exactly 0 (or below {self.zero_below})"
            zeros = np.where(y == 0, 10.0**self.zero, np.nan)
            drawn.append((zeros, hover, {"mode": "markers", "marker": symbol, **place}))
        for values, hover, how in drawn:
            some_x, some_y = decimate(x, values)
            builder.scatter(x=some_x, y=some_y, hover=hover, **how)


_FAR_BELOW = 0.2


class InSight(NamedTuple):
    """Lines beside accuracies: name -> accuracy."""

    drawn: dict[str, float]
    below: dict[str, float]
    """Values so far below that they would squeeze what they are drawn beside."""


def lines_in_sight(lines: Mapping[str, float], values: Sequence[float]) -> InSight:
    """Splits lines into those that are drawn beside these accuracies and those too far below.

    >>> lines_in_sight({"words": 0.88, "majority": 0.5}, [0.86, 0.9])
    InSight(drawn={'words': 0.88}, below={'majority': 0.5})
    """
    floor = min(values, default=0.0) - _FAR_BELOW
    return InSight(
        {name: value for name, value in lines.items() if value >= floor},
        {name: value for name, value in lines.items() if value < floor},
    )
