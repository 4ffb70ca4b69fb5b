"""A figure in the making: traces, notes and axes, passed to Plotly at once; and curves with fewer points."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from rnn_core.figures.colours import Theme

DrawnTrace = dict[str, Any]
"""Plotly's word for a curve, bars or a heat map, with Plotly's own keys."""

SHOW_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,  # nothing leaves the machine
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
"""Plotly's settings, which a page passes to the chart beside the figure."""

Parts = dict[str, Any]

LEFT: Parts = {"x": 0, "xref": "paper", "xanchor": "left"}
RIGHT: Parts = {"x": 1, "xref": "paper", "xanchor": "left"}
ABOVE: Parts = {"y": 1, "yref": "paper", "yanchor": "bottom"}
"""Places of a text: at the left edge of the picture, beside its right edge, above it."""


def text_shift(pixels: float, *, is_left: bool) -> Parts:
    """Place of a text so many pixels to the right of a point, or to the left of it."""
    return {"xanchor": "right", "xshift": -pixels} if is_left else {"xanchor": "left", "xshift": pixels}


class FigureBuilder:
    """A figure in the making, on the page's background and `height` pixels high.

    Plotly checks each part of a trace and of a layout when it is made, and the whole again where it becomes
    part of another: a fifth of the time of a page. What they may have does not depend on the user, so tests
    check it.
    """

    def __init__(self, theme: Theme, *, height: int, margin: dict[str, int]) -> None:
        self.theme = theme
        self.inside = height - margin.get("t", 0) - margin.get("b", 0)
        """Pixels from the lower end of the picture to its upper end."""
        self._traces: list[DrawnTrace] = []
        self._annotations: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []
        font = {"family": theme.font, "size": 13, "color": theme.text}
        self._layout: dict[str, Any] = {
            "template": {},  # none; without one Plotly takes its own
            "height": height,
            "margin": margin,
            "paper_bgcolor": theme.background,
            "plot_bgcolor": theme.background,
            "font": font,
            "hoverlabel": {
                "bgcolor": theme.background,
                "bordercolor": theme.grid,
                "font": font,
                "align": "left",
            },
            "showlegend": False,
            "uirevision": "keep",  # zoom and pan outlive new data
            "dragmode": "zoom",
        }

    def draw(self, trace: DrawnTrace) -> None:
        """Put a curve, bars or a heat map over those that were drawn before."""
        self._traces.append(trace)

    def scatter(self, *, hover: Any = "", **parts: Any) -> None:
        """Draw a curve, points, or an area; `hover` is the template of what the pointer says."""
        self.draw({"type": "scatter", **_hover(hover), **parts})

    def bar(self, *, hover: Any = "", **parts: Any) -> None:
        """Draw bars."""
        self.draw({"type": "bar", **_hover(hover), **parts})

    def heatmap(self, *, hover: Any = "", **parts: Any) -> None:
        """Draw a heat map."""
        self.draw({"type": "heatmap", **_hover(hover), **parts})

    def write(self, text: str, *, size: Any = 12, colour: Any = "", **place: Any) -> None:
        """An annotation, in the muted colour unless another is given; no arrow unless `place` says so."""
        font = {"size": size, "color": colour or self.theme.muted}
        self._annotations.append({"text": text, "showarrow": False, "font": font, **place})

    def title(self, text: str, **place: Any) -> None:
        """An annotation as large and dark as a title."""
        self.write(text, **place, size=13, colour=self.theme.text)

    def mark(self, **shape: Any) -> None:
        """A line or an area that is no data."""
        self._shapes.append(shape)

    def upright(self, x: float, colour: str, width: float, dash: Any = "solid", **more: Any) -> None:
        """Mark a vertical line: over the whole height, unless `more` says from y0 to y1."""
        whole = {} if "y0" in more else {"y0": 0, "y1": 1, "yref": "paper"}
        line = {"color": colour, "width": width, "dash": dash}
        self.mark(type="line", x0=x, x1=x, line=line, **whole, **more)

    def stripe(self, x0: float, x1: float, colour: str, **more: Any) -> None:
        """Mark a stripe over the whole height."""
        whole = {"y0": 0, "y1": 1, "yref": "paper", "line": {"width": 0}}
        self.mark(type="rect", x0=x0, x1=x1, fillcolor=colour, **whole, **more)

    def across(
        self, y: float, colour: str = "", dash: str = "dot", layer: str = "below", width: float = 1.2
    ) -> None:
        """Mark a horizontal line over the whole width."""
        line = {"color": colour or self.theme.muted, "width": width, "dash": dash}
        self.mark(type="line", xref="paper", x0=0, x1=1, y0=y, y1=y, line=line, layer=layer)

    def axis(
        self, *, title: Any = "", standoff: Any = None, size: Any = 12, colour: Any = "", **more: Any
    ) -> dict[str, Any]:
        """A quiet axis: thin grid, no zero line, small muted numbers and a title like them."""
        axis: Parts = {
            "gridcolor": self.theme.grid,
            "linecolor": self.theme.grid,
            "zeroline": False,
            "tickfont": {"size": 12, "color": self.theme.muted},
            "automargin": False,
        }
        if title:
            font = {"size": size, "color": colour or self.theme.muted}
            axis["title"] = {"text": title, "font": font} | (
                {} if standoff is None else {"standoff": standoff}
            )
        return axis | more

    def aside(self, text: str) -> str:
        """Text in a quieter colour beside a title."""
        return f"<span style='font-size:12px;color:{self.theme.muted}'>{text}</span>"

    def lay_out(self, **parts: Any) -> None:
        """Axes and other parts of Plotly's layout; a part that was given before is replaced."""
        self._layout.update(parts)

    def build(self, **parts: Any) -> go.Figure:
        """Return Plotly's figure of all that was put on it, with these axes and other parts of the layout."""
        self.lay_out(**parts)
        layout = {**self._layout, "annotations": self._annotations, "shapes": self._shapes}
        try:
            return go.Figure(data=self._traces, layout=layout, _validate=False)
        except TypeError:  # Plotly doesn't promise this way past its checks
            return go.Figure(data=self._traces, layout=layout)


def _hover(template: str) -> DrawnTrace:
    return {"hovertemplate": f"{template}<extra></extra>"} if template else {}


Array = npt.NDArray[Any]

MOST_POINTS = 600
"""Points that a curve is drawn with; a screen shows no more."""


def decimate(x: Array, y: Array, most: int = MOST_POINTS) -> tuple[Array, Array]:
    """Returns at most `most` points of a curve (N,): its first, its last and all extremes of a stretch.

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
