"""The plane of hidden states: those of many reviews by their verdict, one review's path, the readout."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import POSITIVE, Theme, diverging, ink
from rnn_core.figures.decimation import Array
from rnn_core.figures.text import plain

_HEIGHT = 460
_MARGIN = {"l": 58, "r": 16, "t": 16, "b": 44}
_MOST_POINTS = 3_000


def each_drawn(states: int) -> int:
    """Of so many states of other reviews, the map draws one in this many."""
    return max(1, -(-states // _MOST_POINTS))


def state_map(
    *,
    points: Array,
    probabilities: Array,
    shares: Array,
    readout: Array,
    path: Array,
    labels: Sequence[str],
    cursor: int,
    theme: Theme,
) -> go.Figure:
    """The plane, and on it the path of one review with the cursor.

    `points` (S, 2) are states of many reviews, `probabilities` (S,) what the head says of each; `shares`
    those of the variance along the axes; `readout` (2,) the direction along which the logit grows; `path`
    (T, 2) that of the review whose tokens are `labels`.
    """
    builder = FigureBuilder(theme, height=_HEIGHT, margin=_MARGIN)
    every = each_drawn(len(points))
    x, y = np.asarray(points, dtype=np.float32)[::every].T
    builder.draw(
        go.Scatter(  # not by WebGL, which Plotly lays over all that is not: the path would vanish below it
            x=x,
            y=y,
            mode="markers",
            marker={
                "size": 4,
                "opacity": 0.55,
                "color": np.asarray(probabilities, dtype=np.float32)[::every],
                "cmin": 0,
                "cmax": 1,
                "colorscale": diverging(theme),
            },
            hovertemplate="a state of another review: positive %{marker.color:.0%}<extra></extra>",
        )
    )
    _draw_readout(builder, points, readout, theme)
    path = np.asarray(path, dtype=np.float32)
    builder.draw(
        go.Scatter(
            x=path[:, 0],
            y=path[:, 1],
            mode="lines+markers",
            line={"color": theme.text, "width": 1.4},
            marker={"size": 4, "color": theme.text},
            customdata=[f"{time}: {plain(label)}" for time, label in enumerate(labels)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    builder.draw(
        go.Scatter(
            x=path[cursor : cursor + 1, 0],
            y=path[cursor : cursor + 1, 1],
            mode="markers+text",
            text=[plain(labels[cursor])],
            textposition="top center",
            textfont={"size": 13, "color": theme.text},
            marker={"size": 12, "color": theme.background, "line": {"color": theme.text, "width": 2.5}},
            hoverinfo="skip",
        )
    )
    for name, share in zip(("xaxis", "yaxis"), shares, strict=False):
        number = "first" if name == "xaxis" else "second"
        words = f"{number} principal component, {share:.0%} of the variance"
        title = axis_title(words, theme, standoff=6)
        builder.lay_out(**{name: axis(theme, title=title, nticks=6, tickformat="~g")})
    return builder.build()


def _draw_readout(builder: FigureBuilder, points: Array, readout: Array, theme: Theme) -> None:
    """An arrow through the middle; the shorter, the less of the direction lies in the plane."""
    reach = float(np.abs(np.asarray(points)).max(initial=1.0)) * 0.9
    colour = ink(POSITIVE, theme)
    builder.write(
        "", x=float(readout[0]) * reach, y=float(readout[1]) * reach, ax=-float(readout[0]) * reach,
        ay=-float(readout[1]) * reach, xref="x", yref="y", axref="x", ayref="y", showarrow=True, arrowhead=3,
        arrowwidth=2, arrowcolor=colour, opacity=0.8,
    )  # fmt: skip
    builder.write(
        x=float(readout[0]) * reach, y=float(readout[1]) * reach, text="more positive",
        xanchor="left", xshift=6, font={"size": 12, "color": colour},
    )  # fmt: skip
