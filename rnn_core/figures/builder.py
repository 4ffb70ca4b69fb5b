"""What all figures have in common: their builder, the axes, text that a user wrote, fewer points."""

import html
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from rnn_core.figures.colours import Theme

Array = npt.NDArray[Any]

MOST_POINTS = 600
"""Points that a curve is drawn with; a screen shows no more."""
_FAR_BELOW = 0.2

SHOW_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,  # nothing leaves the machine
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
"""What a page hands to the chart beside the figure."""


def plain(text: str) -> str:
    """A user's text as it stands: Plotly reads a few HTML tags and entities in every label.

    >>> plain("<b>run & run</b>")
    '&lt;b&gt;run &amp; run&lt;/b&gt;'
    """
    return html.escape(text, quote=False)


def shorten(text: str, most: int) -> str:
    """A text of at most so many characters.

    >>> shorten("boring", 6), shorten("wonderful", 6)
    ('boring', 'wonde…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def percent(share: float) -> str:
    """A share as people read it; never a rounded 100 %, which no network means.

    >>> percent(0.9236), percent(0.99987), percent(1.0)
    ('92.4%', '> 99.9%', '> 99.9%')
    """
    return "> 99.9%" if share >= 0.9995 else f"{share:.1%}"


class FigureBuilder:
    """A figure in the making, on the page's background and `height` pixels high.

    Plotly checks a whole layout anew at every change to a figure. This one is checked once, when it is done,
    which takes a tenth of the time.
    """

    def __init__(self, theme: Theme, *, height: int, margin: dict[str, int]) -> None:
        self._traces: list[BaseTraceType] = []
        self._annotations: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = {
            "template": "none",
            "height": height,
            "margin": margin,
            "paper_bgcolor": theme.background,
            "plot_bgcolor": theme.background,
            "font": {"family": theme.font, "size": 13, "color": theme.text},
            "hoverlabel": {
                "bgcolor": theme.background,
                "bordercolor": theme.grid,
                "font": {"family": theme.font, "size": 13, "color": theme.text},
                "align": "left",
            },
            "showlegend": False,
            "uirevision": "keep",  # zoom and pan outlive new data
            "dragmode": "zoom",
        }

    def draw(self, trace: BaseTraceType) -> None:
        """A curve, bars or a heat map, over those that were drawn before."""
        self._traces.append(trace)

    def write(self, text: str, **place: Any) -> None:
        """An annotation; without an arrow unless `place` says so."""
        self._annotations.append({"text": text, "showarrow": False, **place})

    def mark(self, **shape: Any) -> None:
        """A line or an area that is no data."""
        self._shapes.append(shape)

    def lay_out(self, **parts: Any) -> None:
        """Axes and whatever else stands in Plotly's layout; what was said of a part before is gone."""
        self._layout.update(parts)

    def build(self) -> go.Figure:
        """What was put on it."""
        return go.Figure(
            data=self._traces,
            layout={**self._layout, "annotations": self._annotations, "shapes": self._shapes},
        )


def axis(theme: Theme, **more: Any) -> dict[str, Any]:
    """A quiet axis: thin grid, no zero line, small muted numbers."""
    return {
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "zeroline": False,
        "tickfont": {"size": 12, "color": theme.muted},
        "automargin": False,
        **more,
    }


def draw_across(builder: FigureBuilder, height: float, theme: Theme) -> None:
    """A dotted line at this height of the y axis."""
    builder.mark(
        type="line", xref="paper", x0=0, x1=1, y0=height, y1=height, layer="below",
        line={"color": theme.muted, "width": 1.2, "dash": "dot"},
    )  # fmt: skip


def write_aside(builder: FigureBuilder, text: str, theme: Theme, **style: Any) -> None:
    """A quiet note in the corner at the bottom on the right, if there is anything to say."""
    if text:
        builder.write(
            text, x=1, xref="paper", xanchor="right", y=0, yref="paper", yanchor="bottom", align="right",
            font={"size": 12, "color": theme.muted}, **style,
        )  # fmt: skip


class InSight(NamedTuple):
    """Lines beside accuracies: name -> accuracy."""

    drawn: dict[str, float]
    below: dict[str, float]
    """So far below that they would squeeze what they are drawn beside."""


def in_sight(lines: Mapping[str, float], values: Sequence[float]) -> InSight:
    """Which lines to draw beside these accuracies.

    >>> in_sight({"words": 0.88, "majority": 0.5}, [0.86, 0.9])
    InSight(drawn={'words': 0.88}, below={'majority': 0.5})
    """
    floor = min(values, default=0.0) - _FAR_BELOW
    return InSight(
        {name: value for name, value in lines.items() if value >= floor},
        {name: value for name, value in lines.items() if value < floor},
    )


def spread(values: Sequence[float], least: float) -> list[float]:
    """Places for labels, as near their values as they can be at a distance of at least `least`.

    >>> spread([0.5, 0.9], 0.2), [round(place, 2) for place in spread([0.5, 0.5], 0.2)]
    ([0.5, 0.9], [0.4, 0.6])
    """
    order = sorted(range(len(values)), key=lambda number: values[number])
    places = [values[number] for number in order]
    for upper in range(1, len(places)):
        short = least - (places[upper] - places[upper - 1])
        if short > 0:
            # What is missing is shared between the new label and the block below it.
            places[:upper] = [place - short / 2 for place in places[:upper]]
            places[upper] += short / 2
    by_number = dict(zip(order, places, strict=True))
    return [by_number[number] for number in range(len(values))]


def decimate(x: Array, y: Array, most: int = MOST_POINTS) -> tuple[Array, Array]:
    """At most `most` points of a curve (N,), its first, its last and all extremes of a stretch kept.

    The curve is cut into equal stretches and each gives its lowest and its highest point. A stretch
    without a finite value stays as one point, so that a gap stays a gap.
    """
    if len(y) <= most:
        return x, y
    # A stretch gives at most two points, the ends two more.
    edges = np.linspace(0, len(y), max((most - 2) // 2, 1) + 1).astype(int)
    keep = {0, len(y) - 1}
    for start, stop in pairwise(edges.tolist()):
        finite = start + np.flatnonzero(np.isfinite(y[start:stop]))
        if len(finite) == 0:
            keep.add(start)
            continue
        keep.add(int(finite[np.argmin(y[finite])]))
        keep.add(int(finite[np.argmax(y[finite])]))
    order = np.array(sorted(keep))
    return x[order], y[order]
