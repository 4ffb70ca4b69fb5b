"""How long each unit of a cell holds what it read, where that depends on nothing but the unit."""

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import REMEMBERS, Theme
from rnn_core.figures.decimation import Array

TIME_CONSTANTS_HEIGHT = 280
_SHORTEST = 0.1
"""Time steps; a unit that forgets sooner is drawn here."""


def time_constants(values: Array, theme: Theme, token: str = "word") -> go.Figure:
    """A dot for each unit, the one that forgets first to the left; units that never forget are left out.

    `values` (H,) are time steps, infinite for a unit that never forgets.
    """
    order = np.argsort(values, kind="stable")
    order = order[np.isfinite(values[order])]
    builder = FigureBuilder(theme, height=TIME_CONSTANTS_HEIGHT, margin={"l": 58, "r": 16, "t": 8, "b": 44})
    builder.draw(
        scatter(
            x=list(range(1, len(order) + 1)),
            y=np.maximum(values[order], _SHORTEST),
            mode="markers",
            marker={"size": 6, "color": REMEMBERS},
            customdata=np.stack([order, values[order]], axis=1),
            hovertemplate=f"unit %{{customdata[0]:.0f}}: %{{customdata[1]:.3g}} {token}s<extra></extra>",
        )
    )
    builder.lay_out(
        xaxis=axis(theme, title=axis_title("units, in order", theme), rangemode="tozero"),
        yaxis=axis(theme, type="log", title=axis_title(f"{token}s until 1/e is left", theme), dtick=1),
        hovermode="closest",
    )
    return builder.build()
