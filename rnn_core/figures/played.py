"""The states of one unit over the time steps in which the same input comes again and again."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import Theme, colour_of, dash_of, ink, mix
from rnn_core.figures.decimation import Array
from rnn_core.figures.placing import keep_apart
from rnn_core.symbols import CellDeclaration

HEIGHT = 230
_MARGIN = {"l": 46, "r": 40, "t": 10, "b": 42}
_LINE = 17
"""Pixels of a line of letters."""


def played_states(
    declared: CellDeclaration, states: Mapping[str, Array], unit: int, time: int, theme: Theme
) -> go.Figure:
    """`states` are (N + 1, H) by letter; `time` is the time step that is drawn beside, counted from 0.

    The other units' are thin lines behind.
    """
    builder = FigureBuilder(theme, height=HEIGHT, margin=_MARGIN)
    everything = np.concatenate([np.ravel(values) for values in states.values()])
    finite = everything[np.isfinite(everything)]
    low, high = min(float(finite.min(initial=-1)), -1.0), max(float(finite.max(initial=1)), 1.0)
    room = 0.06 * (high - low)
    steps = np.arange(len(states["h"]))
    for letter, values in states.items():
        for other in range(values.shape[1]):
            known, is_shown = declared[letter], other == unit
            colour = colour_of(known) if is_shown else mix(colour_of(known), theme.background, 0.6)
            of = "" if values.shape[1] == 1 else f" of unit {other}"
            line = {"color": colour, "width": 2.2 if is_shown else 1, "dash": dash_of(known)}
            trace = scatter(
                x=steps, y=values[:, other], mode="lines+markers" if is_shown else "lines", line=line,
                marker={"size": 4, "color": colour}, name=f"{letter}{of}",
                hovertemplate=f"{letter}{of} after %{{x}} time steps: %{{y:.4g}}<extra></extra>",
            )  # fmt: skip
            builder.draw(trace)
    builder.mark(
        type="rect", layer="below", x0=time, x1=time + 1, y0=0, y1=1, yref="paper", line={"width": 0},
        fillcolor=theme.grid,
    )  # fmt: skip
    ends = [float(np.nan_to_num(values[-1, unit])) for values in states.values()]
    inside = HEIGHT - _MARGIN["t"] - _MARGIN["b"]
    for letter, end in zip(states, keep_apart(ends, _LINE / inside * (high - low + 2 * room)), strict=True):
        builder.write(
            letter, x=1, xref="paper", xshift=8, y=end, xanchor="left",
            font={"size": 14, "color": ink(colour_of(declared[letter]), theme)},
        )  # fmt: skip
    builder.lay_out(
        hovermode="closest",
        xaxis=axis(theme, range=[0, len(steps) - 1], nticks=9, title=axis_title("time steps", theme)),
        yaxis=axis(theme, range=[low - room, high + room], nticks=5, tickformat="~g"),
    )
    return builder.build()
