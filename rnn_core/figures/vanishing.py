"""The reach of several networks' verdicts back in time, all on the same axes.

The vertical axis spans what was measured, but nothing below `LEAST`: a line that falls below leaves the
picture at its lower edge, where it is named with the distance. Nothing is drawn at a floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder
from rnn_core.figures.colours import Theme, fade, ink
from rnn_core.figures.looks import BEHIND, LineLook
from rnn_core.figures.placing import IN_32_BITS, IN_64_BITS, EndName, LogAxis, name_ends
from rnn_core.figures.text import plain, shorten_apart, template_text
from rnn_core.symbols import Symbol

LEAST = 1e-30
_MARGIN = {"l": 62, "r": 136, "t": 36, "b": 46}  # the chart's toolbar stands above the first name
_LINE = 17
"""Pixels of a line of small letters."""
_MOST_LETTERS = 18


class GradientOf(NamedTuple):
    """The quantity of which the gradients are, and the range of their numbers."""

    letter: str
    noun: str
    least: str
    """Least number they can hold, about: anything smaller is 0."""


VERDICT = GradientOf("y", "verdict", IN_64_BITS)
LOSS = GradientOf("L", "loss", IN_32_BITS)
"""Recorded during the training, in the numbers that the network learns in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachCurve:
    """One state of one network."""

    network: str
    look: LineLook
    """The look of its network."""
    state: Symbol
    is_one_of_several: bool
    """True if its network has other states that are drawn, too."""
    distance: Array
    """(D,) in tokens, from 0 on."""
    norm: Array
    """(D,) of the gradients at that distance."""
    quarters: tuple[Array, Array] | None = None
    """(D,) each: between them lies the middle half of the texts."""
    mean: Array | None = None
    """(D,) over the texts, where there are several; it is in the table only."""

    @property
    def name(self) -> str:
        """The name in the picture."""
        return f"{self.network}, {self.state.letter}" if self.is_one_of_several else self.network

    @property
    def dash(self) -> str:
        """The dash of its network; a state behind the hidden one has another."""
        return BEHIND if self.state.is_behind else self.look.dash

    def falls_below(self, least: float) -> int | None:
        """The first distance from which on it stays below this; None where it does not end below."""
        above = np.flatnonzero(~(self.norm < least))
        first = int(above[-1]) + 1 if len(above) else 0
        return int(self.distance[first]) if first < len(self.norm) else None


def vanishing(curves: Sequence[ReachCurve], of: GradientOf, theme: Theme) -> go.Figure:
    """The norms against the distance."""
    builder = FigureBuilder(theme, height=420, margin=_MARGIN)
    logarithm = LogAxis([curve.norm for curve in curves], most_ticks=8, least=LEAST, zero_below=of.least)
    for curve in curves:
        colour = curve.look.colour
        if curve.quarters is not None:  # only where both of its edges have a logarithm
            low, high = (np.where(edge > 0, edge, np.nan) for edge in curve.quarters)
            area = {
                "mode": "lines",
                "line": {"width": 0},
                "fillcolor": fade(colour, 0.13),
                "hoverinfo": "skip",
            }
            builder.scatter(x=curve.distance, y=low, fill=None, **area)
            builder.scatter(x=curve.distance, y=high, fill="tonexty", **area)
        logarithm.draw(
            builder,
            curve.distance,
            np.asarray(curve.norm),
            f"{template_text(curve.name)}, %{{x}} tokens back",
            line={"color": colour, "width": 2.2, "dash": curve.dash},
            mode="lines+markers" if len(curve.norm) == 1 else "lines",
        )
    _name(builder, curves, logarithm)
    farthest = max((float(curve.distance[-1]) for curve in curves), default=0.0)
    along, up = "tokens before the verdict", f"‖d{of.letter}/dstate‖, logarithmic"
    return builder.build(
        hovermode="closest",
        xaxis=builder.axis(title=along, range=[0, max(farthest, 1.0)], nticks=9, tickformat=",d"),
        yaxis=builder.axis(title=up, **logarithm.layout()),
    )


def _name(builder: FigureBuilder, curves: Sequence[ReachCurve], logarithm: LogAxis) -> None:
    """Names each line beside the picture, at the height where it ends or leaves it."""
    low, high = logarithm.range
    line = _LINE / builder.inside * (high - low)
    names, heights = [], []
    for curve, name in zip(curves, shorten_apart([one.name for one in curves], _MOST_LETTERS), strict=True):
        below, last = curve.falls_below(LEAST), float(curve.norm[-1])
        end = max(logarithm.exponent(last), logarithm.low) if last else logarithm.zero
        text = plain(name) if below is None else f"{plain(name)}<br>↓ from {below:,} on"
        names.append(EndName(end, text, ink(curve.look.colour, builder.theme), curve.look.colour))
        heights.append(line if below is None else 2 * line)
    name_ends(builder, names, heights, (low, high), is_log=True)
