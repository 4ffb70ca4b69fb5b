"""What padding does to the states of one review: the same text filled up in front, behind, not at all."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title, heatmap, scatter
from rnn_core.figures.colours import Theme, diverging, fade
from rnn_core.figures.heat_map import DIGITS, coarse
from rnn_core.inspection.trace import norms

_HEIGHT = 330
_MARGIN = {"l": 62, "r": 16, "t": 34, "b": 44}
_GAP = 0.05
_HEAT = (0.36, 1.0)
_NORM = (0.0, 0.27)


def padded_states(
    *, names: Sequence[str], states: Sequence[Array], pads: Sequence[slice], theme: Theme
) -> go.Figure:
    """Side by side: every unit of h over time, and below it the norm; the padding is shaded.

    `states` (T, H) of each case, `pads` the time steps at which it reads padding.
    """
    builder = FigureBuilder(theme, height=_HEIGHT, margin=_MARGIN)
    width = (1 - _GAP * (len(states) - 1)) / len(states)
    top = max(float(norms(hs).max()) for hs in states) * 1.08
    for number, (name, hs, pad) in enumerate(zip(names, states, pads, strict=True)):
        left = number * (width + _GAP)
        heat, norm = 2 * number + 1, 2 * number + 2
        x = f"x{number + 1}"
        builder.lay_out(
            **{
                f"xaxis{number + 1}": axis(
                    theme,
                    domain=[left, left + width],
                    anchor=f"y{norm}",
                    nticks=5,
                    showgrid=False,
                    range=[0.5, len(hs) + 0.5],
                    title=axis_title("time step", theme, standoff=4),
                ),
                f"yaxis{heat}": axis(
                    theme,
                    domain=list(_HEAT),
                    anchor=x,
                    showticklabels=number == 0,
                    nticks=4,
                    showgrid=False,
                    title=axis_title("" if number else "unit of h", theme, standoff=4),
                ),
                f"yaxis{norm}": axis(
                    theme,
                    domain=list(_NORM),
                    anchor=x,
                    showticklabels=number == 0,
                    nticks=3,
                    range=[0, top],
                    title=axis_title("" if number else "norm ‖h‖", theme, standoff=4),
                ),
            }
        )
        z, each_step, each_unit = coarse(hs)
        builder.draw(
            heatmap(
                z=np.ascontiguousarray(z.T),
                x0=1 + (each_step - 1) / 2,  # time steps are shown from 1
                dx=each_step,
                y0=0,
                dy=each_unit,
                zmin=-1,
                zmax=1,
                colorscale=diverging(theme),
                showscale=False,
                xaxis=x,
                yaxis=f"y{heat}",
                hovertemplate=f"time step %{{x:.0f}}, unit %{{y:.0f}}: %{{z:.{DIGITS}f}}<extra></extra>",
                meta={"digits": DIGITS},
            )
        )
        lengths = norms(hs)
        builder.draw(
            scatter(
                x=np.arange(1, len(lengths) + 1, dtype=np.float32),
                y=lengths.astype(np.float32),
                xaxis=x,
                yaxis=f"y{norm}",
                mode="lines",
                line={"color": theme.text, "width": 1.6},
                hovertemplate="‖h‖ %{y:.2f}<extra></extra>",
            )
        )
        if pad.stop > pad.start:
            builder.mark(
                type="rect",
                xref=x,
                yref="paper",
                x0=pad.start + 0.5,
                x1=pad.stop + 0.5,
                y0=0,
                y1=1,
                layer="above",
                line={"width": 0},
                fillcolor=fade(theme.muted, 0.16),
            )
        builder.write(
            text=name,
            x=left,
            xref="paper",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=4,
            font={"size": 13, "color": theme.text},
        )
    return builder.build()
