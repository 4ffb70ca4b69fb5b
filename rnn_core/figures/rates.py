"""The learning rate over a whole run: as planned, as it goes now, and as a change would make it."""

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import Theme, run_colour
from rnn_core.figures.decimation import Array, decimate
from rnn_core.training.schedule import Outlook

_HEIGHT = 150
_POINTS = 80
"""The points of each curve, which is sent to the browser every second."""


def rates_ahead(now: Outlook, then: Outlook | None, epochs: int, theme: Theme) -> go.Figure:
    """The plan dotted, the rate as it goes now in grey, the rate after a change in colour, by epoch.

    `then` is None where nothing would change.
    """
    builder = FigureBuilder(theme, height=_HEIGHT, margin={"l": 52, "r": 12, "t": 8, "b": 38})
    ends = np.arange(1, len(now.planned) + 1) * epochs / len(now.planned)  # epochs done after each step
    _line(builder, ends, now.planned, "planned", color=theme.muted, width=1.5, dash="dot")
    _line(builder, ends, now.rates, "as it goes now", color=theme.muted, width=2)
    if then is not None:
        _line(builder, ends[then.done :], then.rates[then.done :], "with this change",
              color=run_colour(0), width=3)  # fmt: skip
    done = epochs * now.done / len(now.planned)
    builder.mark(
        type="line", x0=done, x1=done, y0=0, y1=1, yref="paper", layer="below",
        line={"color": theme.grid, "width": 2},
    )  # fmt: skip
    builder.lay_out(
        hovermode="x unified",
        xaxis=axis(theme, range=[0, epochs], nticks=5, hoverformat=".2f",
                   title=axis_title("epoch", theme, standoff=4)),
        yaxis=axis(theme, rangemode="tozero", nticks=4, tickformat="~g"),
    )  # fmt: skip
    return builder.build()


def _line(builder: FigureBuilder, x: Array, y: Array, name: str, **line: object) -> None:
    x, y = decimate(x, y, _POINTS)
    builder.draw(
        scatter(x=x, y=y, mode="lines", line=line, hovertemplate=f"%{{y:.3g}}  {name}<extra></extra>")
    )
