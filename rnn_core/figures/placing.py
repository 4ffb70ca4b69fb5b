"""Places on a figure: labels apart, a logarithmic axis with its zeros, lines of baselines.

A logarithm has no place for a zero, and a floor in its place looks like a plateau.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from rnn_core.figures.builder import Array, FigureBuilder, decimate
from rnn_core.figures.colours import Theme

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
    blocks: list[
        list[float]
    ] = []  # labels that touch, as the places of the lowest that each of them asks for
    for number, offset in zip(order, above, strict=True):
        blocks.append([values[number] - offset])
        while len(blocks) > 1 and _mean(blocks[-1]) < _mean(blocks[-2]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    lowest = [_mean(block) for block in blocks for _ in block]
    if within is not None:
        low, high = within[0] + tall[0] / 2, within[1] - tall[-1] / 2 - above[-1]
        lowest = [max(min(place, high), low) for place in lowest]
    by_number = {number: place + offset for number, place, offset in zip(order, lowest, above, strict=True)}
    return [by_number[number] for number in range(len(values))]


def lead(builder: FigureBuilder, end: float, place: float, colour: str) -> None:
    """Draw a thin line from where a curve ends, at the right edge, to the height of its name beside it."""
    builder.mark(
        type="line", xref="paper", xsizemode="pixel", xanchor=1, x0=2, x1=NAMES_FROM - 4, y0=end, y1=place,
        line={"color": colour, "width": 1},
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


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
        self._step = math.ceil((self.high - self.low) / most_ticks)

    @property
    def zero(self) -> float:
        """The exponent at which zeros are marked."""
        return self.low - _BELOW * (self.high - self.low)

    @property
    def ticks(self) -> dict[float, str]:
        """Exponent -> what stands beside the axis there, each different."""
        powers = range(self.high, self.low - 1, -self._step)
        named: dict[float, str] = {power: _power(power) for power in powers}
        return {**named, self.zero: "0"} if self.has_zeros else named

    def layout(self) -> dict[str, Any]:
        """For Plotly's axis."""
        pad = _PAD * (self.high - self.low)
        lowest = self.zero if self.has_zeros else self.low
        return {
            "type": "log",
            "range": [lowest - pad, self.high + pad],
            "tickvals": [10.0**exponent for exponent in self.ticks],
            "ticktext": list(self.ticks.values()),
        }

    def exponent(self, value: float) -> float:
        """The place of a value: its logarithm, or the place of zeros."""
        return math.log10(value) if value > 0 else self.zero

    def draw(self, builder: FigureBuilder, x: Array, y: Array, name: str, **style: Any) -> None:
        """A line with a gap where a value is zero, and a mark there; `style` is for Plotly's line."""
        y = np.asarray(y, np.float64)
        line = style["line"]
        _line_or_marks(builder, x, np.where(y > 0, y, np.nan), f"{name}: %{{y:.3g}}", **style)
        if (y == 0).any():
            marks = np.where(y == 0, 10.0**self.zero, np.nan)
            symbol = {"symbol": "x-thin", "size": 6, "line": {"width": 1.5, "color": line["color"]}}
            place = {part: style[part] for part in ("yaxis", "customdata") if part in style}
            said = f"{name}: exactly 0 (or below {self.zero_below})"
            _line_or_marks(builder, x, marks, said, mode="markers", marker=symbol, **place)


def _line_or_marks(builder: FigureBuilder, x: Array, y: Array, hover: str, **style: Any) -> None:
    x, y = decimate(x, y)
    builder.scatter(x=x, y=y, **{"mode": "lines", **style}, hovertemplate=f"{hover}<extra></extra>")


def _power(exponent: int) -> str:
    """
    >>> _power(-17), _power(0)
    ('10<sup>−17</sup>', '1')
    """
    return "1" if exponent == 0 else f"10<sup>{exponent}</sup>".replace("-", "−")


_FAR_BELOW = 0.2


def draw_across(builder: FigureBuilder, height: float, theme: Theme) -> None:
    """A dotted line at this height of the y axis."""
    builder.mark(
        type="line", xref="paper", x0=0, x1=1, y0=height, y1=height, layer="below",
        line={"color": theme.muted, "width": 1.2, "dash": "dot"},
    )  # fmt: skip


class InSight(NamedTuple):
    """Lines beside accuracies: name -> accuracy."""

    drawn: dict[str, float]
    below: dict[str, float]
    """So far below that they would squeeze what they are drawn beside."""


def in_sight(lines: Mapping[str, float], values: Sequence[float]) -> InSight:
    """Splits lines into those that are drawn beside these accuracies and those too far below.

    >>> in_sight({"words": 0.88, "majority": 0.5}, [0.86, 0.9])
    InSight(drawn={'words': 0.88}, below={'majority': 0.5})
    """
    floor = min(values, default=0.0) - _FAR_BELOW
    return InSight(
        {name: value for name, value in lines.items() if value >= floor},
        {name: value for name, value in lines.items() if value < floor},
    )
