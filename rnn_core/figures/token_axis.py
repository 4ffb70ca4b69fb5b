"""The token axis: rows one above the other, over one time axis whose ticks are the words.

Rows share a single x axis, not merely equal ones, so that they line up to the pixel, zoom together and answer
the pointer together. Figures that are drawn with equal margins line up with each other, too.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from typing_extensions import override

from rnn_core.figures.builder import Array, DrawnTrace, FigureBuilder, axis, axis_title, decimate
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.text import plain

MOST_TICKS = 40
"""Up to so many time steps the axis shows the tokens themselves, beyond it their positions."""

_GAP = 28
_TOP = 28
_BOTTOM_TOKENS = 78
_BOTTOM_POSITIONS = 42
_MARGIN = {"l": 48, "r": 92, "t": _TOP}
MOST_LETTERS = 12
"""The letters of a label beside the end of a line: as many as the right margin has room for."""


class _TokenFigure(FigureBuilder):
    """A figure whose axis counts time steps from 1; those who draw on it count from 0, as arrays do."""

    @override
    def draw(self, trace: DrawnTrace) -> None:
        if "x" in trace:
            super().draw({**trace, "x": np.asarray(trace["x"]) + 1})
        else:  # Plotly counts the places itself, from x0
            super().draw({**trace, "x0": trace.get("x0", 0) + 1})

    @override
    def write(self, text: str, **place: Any) -> None:
        super().write(text, **_from_one(place, "x"))

    @override
    def mark(self, **shape: Any) -> None:
        super().mark(**_from_one(shape, "x0", "x1"))


def _from_one(place: dict[str, Any], *names: str) -> dict[str, Any]:
    if place.get("xref") == "paper":
        return place
    return {**place, **{name: place[name] + 1 for name in names}}


class Row(NamedTuple):
    """One row of the picture: the name of its y axis and the part of the height it takes."""

    axis: str
    low: float
    high: float

    @property
    def layout_name(self) -> str:
        """What the layout calls its y axis."""
        return f"yaxis{self.axis[1:]}"


def rows_of(heights: Sequence[int]) -> list[Row]:
    """Rows from the top down, `heights` in pixels with a gap between them."""
    total = sum(heights) + _GAP * (len(heights) - 1)
    rows, top = [], float(total)
    for number, height in enumerate(heights, 1):
        low = max(top - height, 0.0)
        rows.append(Row("y" if number == 1 else f"y{number}", low / total, top / total))
        top = low - _GAP
    return rows


def begin_token_figure(labels: Sequence[str], heights: Sequence[int], theme: Theme) -> FigureBuilder:
    """A figure without data, with the token axis under its lowest row.

    What is drawn, written and marked on it has its time steps counted from 0; the axis shows them from 1.
    """
    steps = len(labels)
    rows = rows_of(heights)
    shows_tokens = steps <= MOST_TICKS
    bottom = _BOTTOM_TOKENS if shows_tokens else _BOTTOM_POSITIONS
    height = sum(heights) + _GAP * (len(heights) - 1) + _TOP + bottom
    builder = _TokenFigure(theme, height=height, margin={**_MARGIN, "b": bottom})
    names = [plain(label) for label in labels]
    builder.lay_out(
        hovermode="x unified",
        hoversubplots="axis",
        meta={"words": shows_tokens},  # so that a page can leave some out where it is narrow
        xaxis=axis(
            theme,
            range=[0.5, steps + 0.5],
            anchor=rows[-1].axis,
            showgrid=False,
            showspikes=True,
            spikemode="across",
            spikesnap="data",
            spikethickness=1,
            spikedash="solid",
            spikecolor=theme.muted,
            unifiedhovertitle={"text": "time step %{x}"},
            **(
                {
                    "tickmode": "array",
                    "tickvals": list(range(1, steps + 1)),
                    "ticktext": names,
                    "tickangle": -50 if steps > 8 else 0,
                }
                if shows_tokens
                else {"title": axis_title("time step", theme, standoff=6)}
            ),
        ),
    )
    return builder


def y_axis(builder: FigureBuilder, row: Row, theme: Theme, title: str, **more: object) -> None:
    """Give a row its y axis, with its title above it."""
    builder.lay_out(**{row.layout_name: axis(theme, domain=[row.low, row.high], anchor="x", **more)})
    builder.write(
        text=title,
        x=0,
        xref="paper",
        xanchor="left",
        y=row.high,
        yref="paper",
        yanchor="bottom",
        yshift=3,
        font={"size": 13, "color": theme.text},
    )


def signed_axis(reach: float) -> dict[str, Any]:
    """Range and ticks of values from -reach to reach: zero, and the largest round number on each side.

    >>> signed_axis(4.0)["tickvals"], signed_axis(0.071)["tickvals"]
    ([-2.0, 0.0, 2.0], [-0.05, 0.0, 0.05])
    """
    reach = max(reach, 1e-6)
    power = 10.0 ** math.floor(math.log10(reach))
    tick = next(round(factor * power, 9) for factor in (5, 2, 1) if factor * power <= reach)
    return {"range": [-1.1 * reach, 1.1 * reach], "tickvals": [-tick, 0.0, tick]}


def draw_curve(
    builder: FigureBuilder, row: Row, values: Array, hover: str, line: dict[str, object], **more: object
) -> None:
    """Draw values (T,) into a row as a curve with as many points as a screen shows; a single one as a point.

    `hover` is what the pointer says of a value.
    """
    x, y = decimate(np.arange(len(values)), np.asarray(values))
    builder.scatter(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        yaxis=row.axis,
        mode="lines+markers" if len(x) == 1 else "lines",
        line=line,
        hovertemplate=f"{hover}<extra></extra>",
        **more,
    )


def draw_signed_bars(
    builder: FigureBuilder, row: Row, values: Array, title: str, hover: str, theme: Theme, **ticks: object
) -> None:
    """Give a row an axis with its zero in sight, and draw values (T,) on it as bars up and down."""
    y_axis(builder, row, theme, title, **ticks, zeroline=True, zerolinecolor=theme.grid)
    builder.bar(
        x=np.arange(len(values), dtype=np.float32),
        y=np.asarray(values, dtype=np.float32),
        yaxis=row.axis,
        marker={"color": [POSITIVE if value > 0 else NEGATIVE for value in values], "line": {"width": 0}},
        hovertemplate=f"{hover}<extra></extra>",
    )


def aside(text: str, theme: Theme) -> str:
    """Text in a quieter colour beside a title."""
    return f"<span style='font-size:12px;color:{theme.muted}'>{text}</span>"


def mark_cursor(builder: FigureBuilder, time: int, theme: Theme) -> None:
    """A line through all rows at the time step that is looked at."""
    line = {"color": theme.text, "width": 1.5}
    builder.mark(type="line", x0=time, x1=time, y0=0, y1=1, yref="paper", line=line, opacity=0.75)


def end_label(
    builder: FigureBuilder, row: Row, y: float, text: str, colour: str, *, anchor: str = "middle"
) -> None:
    """A label beside the end of a line, in the right margin; `anchor` is the part of it that stands at y."""
    builder.write(
        text=text,
        x=1,
        xref="paper",
        xanchor="left",
        xshift=4,
        y=y,
        yref=row.axis,
        yanchor=anchor,
        align="left",
        font={"size": 12, "color": colour},
    )
