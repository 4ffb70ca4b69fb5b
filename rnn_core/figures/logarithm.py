"""A logarithmic axis that spans what was measured, with exact zeros marked below it.

A logarithm has no place for a zero, and a floor in its place looks like a plateau.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from rnn_core.figures.builder import Array, DrawnTrace, FigureBuilder, decimate, scatter

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
        builder.draw(_scatter(x, np.where(y > 0, y, np.nan), f"{name}: %{{y:.3g}}", **style))
        if (y == 0).any():
            marks = np.where(y == 0, 10.0**self.zero, np.nan)
            symbol = {"symbol": "x-thin", "size": 6, "line": {"width": 1.5, "color": line["color"]}}
            place = {part: style[part] for part in ("yaxis", "customdata") if part in style}
            builder.draw(
                _scatter(
                    x,
                    marks,
                    f"{name}: exactly 0 (or below {self.zero_below})",
                    mode="markers",
                    marker=symbol,
                    **place,
                )
            )


def _scatter(x: Array, y: Array, hover: str, **style: Any) -> DrawnTrace:
    x, y = decimate(x, y)
    return scatter(x=x, y=y, **{"mode": "lines", **style}, hovertemplate=f"{hover}<extra></extra>")


def _power(exponent: int) -> str:
    """
    >>> _power(-17), _power(0)
    ('10<sup>−17</sup>', '1')
    """
    return "1" if exponent == 0 else f"10<sup>{exponent}</sup>".replace("-", "−")
