"""The token axis: rows one above the other, over one time axis whose ticks are the words.

Rows share a single x axis, not merely equal ones, so that they line up to the pixel, zoom together and answer
the pointer together. Figures that are drawn with equal margins line up with each other, too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from typing_extensions import override

from rnn_core.figures.builder import LEFT, RIGHT, Array, DrawnTrace, FigureBuilder, Parts, decimate
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.placing import EndName, keep_apart
from rnn_core.figures.text import plain

MOST_TICKS = 40
"""Up to so many time steps the axis shows the tokens themselves, beyond it their positions."""
MOST_LETTERS = 12
"""The letters of a label beside the end of a line: as many as the right margin has room for."""
_EDGE_DIGITS = 4
"""Digits after the point for the edge of an area between 0 and 1, which is read on the screen alone."""
_GAP = _TOP = 28
_BOTTOM_TOKENS, _BOTTOM_POSITIONS = 78, 42


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the picture, and what is drawn into it."""

    figure: "TokenFigure"
    axis: str
    """The name of its y axis."""
    low: float
    high: float
    """The part of the height that it takes."""
    pixels: int

    @property
    def theme(self) -> Theme:
        """The look of the page."""
        return self.figure.theme

    def y_axis(self, title: str, aside: str = "", **more: object) -> None:
        """Give it its y axis, with its title above it and what stands quieter beside that."""
        axis = self.figure.axis(domain=[self.low, self.high], anchor="x", **more)
        self.figure.lay_out(**{f"yaxis{self.axis[1:]}": axis})
        above = {"y": self.high, "yref": "paper", "yanchor": "bottom", "yshift": 3}
        self.figure.title(f"{title} {self.figure.aside(aside)}" if aside else title, **LEFT, **above)

    def write(self, text: str, **place: Any) -> None:
        """Write a text at a place of its axis."""
        self.figure.write(text, yref=self.axis, **place)

    def points(self, times: Sequence[int] | Array, values: Any, **more: object) -> None:
        """Draw values at some time steps, as points or a line through them."""
        x, y = np.asarray(times, dtype=np.float32), np.asarray(values, dtype=np.float32)
        self.figure.scatter(x=x, y=y, yaxis=self.axis, **more)

    def curve(self, values: Array, hover: str, line: Mapping[str, object], **more: object) -> None:
        """Draw values (T,) as a curve with no more points than a screen shows; one as a point."""
        x, y = decimate(np.arange(len(values)), np.asarray(values))
        mode = "lines+markers" if len(x) == 1 else "lines"
        self.points(x, y, mode=mode, line=line, hover=hover, **more)

    def area(self, times: Array, edge: Array, **look: object) -> None:
        """Fill what lies within an edge, (N,), of which the pointer says nothing."""
        meta = {"digits": _EDGE_DIGITS}
        self.points(times, edge, mode="lines", fill="toself", hoverinfo="skip", meta=meta, **look)

    def bars(self, values: Array, hover: str, colour: str | list[str]) -> None:
        """Draw values (T,) as bars, of one colour or each of its own."""
        x, y = np.arange(len(values), dtype=np.float32), np.asarray(values, dtype=np.float32)
        marker = {"color": colour, "line": {"width": 0}}
        self.figure.bar(x=x, y=y, yaxis=self.axis, marker=marker, hover=hover)

    def signed_bars(self, values: Array, title: str, aside: str, hover: str, **ticks: object) -> None:
        """Give it an axis with its zero in sight, and draw values (T,) on it as bars up and down."""
        self.y_axis(title, aside, **ticks, zeroline=True, zerolinecolor=self.theme.grid)
        self.bars(values, hover, [POSITIVE if value > 0 else NEGATIVE for value in values])

    def heat(self, z: Array, bar: Parts, step: int = 1, **more: object) -> None:
        """Draw z, (rows, T / step), as a heat map; `bar` is that of its colours, beside it."""
        place = {"x": 1.01, "xanchor": "left", "y": self.low, "yanchor": "bottom"}
        look: Parts = {"len": self.high - self.low, "thickness": 10, "outlinewidth": 1}
        look |= {"outlinecolor": self.theme.grid, "tickfont": {"size": 12, "color": self.theme.muted}}
        x = {"x0": (step - 1) / 2, "dx": step}
        self.figure.heatmap(z=z, **x, yaxis=self.axis, colorbar=place | look | bar, **more)

    def end_label(self, y: float, text: str, colour: str, *, anchor: str = "middle") -> None:
        """A label beside the end of a line, in the right margin; `anchor` is the part of it that is at y."""
        self.write(text, **RIGHT, xshift=4, y=y, yanchor=anchor, align="left", colour=colour)

    def end_labels(self, ends: Sequence[EndName], axis: tuple[float, float] = (0, 1), line: int = 17) -> None:
        """Label the ends of lines within an axis, at least `line` pixels apart."""
        least = line / self.pixels * (axis[1] - axis[0])
        places = keep_apart([name.end for name in ends], least, axis)
        for name, place in zip(ends, places, strict=True):
            self.end_label(place, name.text, name.colour)


class TokenFigure(FigureBuilder):
    """A figure of rows over the token axis.

    What is drawn, written and marked on it has its time steps counted from 0; the axis shows them from 1.
    """

    def __init__(
        self, labels: Sequence[str], heights: Sequence[int], theme: Theme, cursor: int | None = None
    ) -> None:
        """`labels` are the tokens, `heights` those of the rows from the top down, in pixels.

        `cursor` is the time step that is looked at, if one is.
        """
        self.cursor = cursor
        steps, total = len(labels), sum(heights) + _GAP * (len(heights) - 1)
        shows_tokens = steps <= MOST_TICKS
        bottom = _BOTTOM_TOKENS if shows_tokens else _BOTTOM_POSITIONS
        margin = {"l": 48, "r": 92, "t": _TOP, "b": bottom}
        super().__init__(theme, height=total + _TOP + bottom, margin=margin)
        self.rows: list[Row] = []
        top = float(total)
        for number, height in enumerate(heights, 1):
            low = max(top - height, 0.0)
            self.rows.append(
                Row(self, "y" if number == 1 else f"y{number}", low / total, top / total, height)
            )
            top = low - _GAP
        ticks: Parts = {"title": "time step", "standoff": 6}
        if shows_tokens:
            names, is_wide = [plain(label) for label in labels], any(len(label) > 1 for label in labels)
            angle = -50 if steps > 8 and is_wide else 0
            ticks = {"tickvals": [*range(1, steps + 1)], "ticktext": names, "tickangle": angle}
            ticks["tickmode"] = "array"
        spikes: Parts = {"showspikes": True, "spikemode": "across", "spikesnap": "data", "spikethickness": 1}
        spikes |= {"spikedash": "solid", "spikecolor": theme.muted}
        self.lay_out(
            hovermode="x unified",
            hoversubplots="axis",
            meta={"words": shows_tokens},  # so that a page can leave some out where it is narrow
            xaxis=self.axis(
                range=[0.5, steps + 0.5],
                anchor=self.rows[-1].axis,
                showgrid=False,
                unifiedhovertitle={"text": "time step %{x}"},
                **spikes,
                **ticks,
            ),
        )

    @override
    def draw(self, trace: DrawnTrace) -> None:
        if "x" in trace:
            super().draw({**trace, "x": np.asarray(trace["x"]) + 1})
        else:  # Plotly counts the places itself, from x0
            super().draw({**trace, "x0": trace.get("x0", 0) + 1})

    @override
    def write(self, text: str, *, size: Any = 12, colour: Any = "", **place: Any) -> None:
        super().write(text, size=size, colour=colour, **_moved_by_one(place, "x"))

    @override
    def mark(self, **shape: Any) -> None:
        super().mark(**_moved_by_one(shape, "x0", "x1"))

    @override
    def build(self, **parts: Any) -> go.Figure:
        if self.cursor is not None:  # a line through all rows
            self.upright(self.cursor, self.theme.text, 1.5, opacity=0.75)
        return super().build(**parts)


def _moved_by_one(place: dict[str, Any], *names: str) -> dict[str, Any]:
    if place.get("xref") == "paper":
        return place
    return {**place, **{name: place[name] + 1 for name in names}}


def signed_axis(reach: float) -> dict[str, Any]:
    """Range and ticks of values from -reach to reach: zero, and the largest round number on each side.

    >>> signed_axis(4.0)["tickvals"], signed_axis(0.071)["tickvals"]
    ([-2.0, 0.0, 2.0], [-0.05, 0.0, 0.05])
    """
    reach = max(reach, 1e-6)
    power = 10.0 ** math.floor(math.log10(reach))
    tick = next(round(factor * power, 9) for factor in (5, 2, 1) if factor * power <= reach)
    return {"range": [-1.1 * reach, 1.1 * reach], "tickvals": [-tick, 0.0, tick]}


DIGITS = 2
"""Digits after the point of a value under the pointer."""
MOST_COLUMNS, MOST_ROWS = 500, 256
"""A heat map is drawn with at most so many columns (time) and rows (units)."""


def coarse(values: Array) -> tuple[Array, int, int]:
    """(T, H) values with at most MOST_COLUMNS time steps and MOST_ROWS units, and the two strides.

    Neighbours in time are averaged (the last column over what is left); of neighbouring units, which
    have nothing in common, the first of each group is taken.
    """
    steps, units = values.shape
    each_step, each_unit = -(-steps // MOST_COLUMNS), -(-units // MOST_ROWS)
    some = values[:, ::each_unit].astype(np.float32)
    if each_step > 1:
        starts = np.arange(0, steps, each_step)
        counts = np.diff(np.append(starts, steps))[:, None]
        some = (np.add.reduceat(some, starts, axis=0) / counts).astype(np.float32)
    return some, each_step, each_unit
