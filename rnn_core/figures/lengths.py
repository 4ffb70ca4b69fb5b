"""How long reviews are, and what a cut at some length costs."""

import numpy as np
import plotly.graph_objects as go

from rnn_core.data.statistics.lengths import CutCost
from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import REMEMBERS, Theme, fade, mix
from rnn_core.figures.decimation import Array
from rnn_core.figures.review_figures import DATA_HEIGHT, DATA_MARGIN, legend_above

_GAP = 0.09
_HISTOGRAM, _COSTS = (0.42, 1.0), (0.0, 0.42 - _GAP)


def length_chart(
    *,
    kept: Array,
    cut: Array,
    width: int,
    room: int,
    rooms: Array,
    costs: CutCost,
    cost: tuple[float, float],
    theme: Theme,
) -> go.Figure:
    """How long the reviews are, those that lose words hatched; below it what every other cut would cost.

    `kept` and `cut` (bins,) count reviews in bins of `width` words, the last bin all longer ones; `costs`
    belongs to keeping `rooms` (M,) words, `cost` (reviews, words) to `room`.
    """
    bins = len(kept)
    middles = (np.arange(bins) + 0.5) * width
    names = [f"{first * width:,} to {(first + 1) * width - 1:,} words" for first in range(bins - 1)]
    names.append(f"{(bins - 1) * width:,} words and more")
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    bar = {"width": width * 0.92, "customdata": names, "xaxis": "x", "yaxis": "y"}
    builder.draw(
        go.Bar(
            x=middles,
            y=kept,
            name="read whole",
            marker={"color": REMEMBERS},
            hovertemplate="%{customdata}: %{y:,} reviews read whole<extra></extra>",
            **bar,
        )
    )
    builder.draw(
        go.Bar(
            x=middles,
            y=cut,
            name="cut",
            marker={
                "color": mix(REMEMBERS, theme.background, 0.7),
                "pattern": {"shape": "/", "fgcolor": REMEMBERS, "size": 6, "solidity": 0.35},
                "line": {"color": REMEMBERS, "width": 1},
            },
            hovertemplate="%{customdata}: %{y:,} reviews cut<extra></extra>",
            **bar,
        )
    )
    for name, shares, line in (
        ("reviews cut", costs.reviews, {"color": theme.text, "width": 2.5}),
        ("words lost", costs.words, {"color": theme.text, "width": 2.5, "dash": "dot"}),
    ):
        builder.draw(
            go.Scatter(
                x=rooms.astype(np.float32),
                y=shares.astype(np.float32),
                name=name,
                mode="lines",
                line=line,
                xaxis="x",
                yaxis="y2",
                hovertemplate=f"room for %{{x:,}} words: %{{y:.1%}} {name}<extra></extra>",
            )
        )
    end = bins * width
    if room < end:
        builder.mark(
            type="line",
            x0=room,
            x1=room,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": theme.text, "width": 1.5, "dash": "dash"},
        )
        builder.draw(
            go.Scatter(
                x=[room] * 2,
                y=list(cost),
                xaxis="x",
                yaxis="y2",
                mode="markers",
                marker={"size": 9, "color": theme.background, "line": {"width": 2, "color": theme.text}},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    on_left = room > end / 2
    builder.write(
        text=f"cut at {room:,} words" if room < end else f"room for {room:,} words, beyond this axis",
        x=min(room, end),
        y=1,
        yref="paper",
        xanchor="right" if on_left else "left",
        yanchor="top",
        xshift=-6 if on_left else 6,
        bgcolor=fade(theme.background, 0.8),
        font={"size": 13, "color": theme.text},
    )
    builder.lay_out(
        barmode="stack",
        showlegend=True,
        legend=legend_above(theme),
        xaxis=axis(
            theme, range=[0, end], anchor="y2", title=axis_title("words of a review", theme, standoff=6)
        ),
        yaxis=axis(
            theme,
            domain=list(_HISTOGRAM),
            anchor="x",
            title=axis_title("reviews", theme, standoff=6),
            nticks=5,
        ),
        yaxis2=axis(
            theme,
            domain=list(_COSTS),
            anchor="x",
            tickformat=".0%",
            range=[0, 1.04],
            nticks=4,
            title=axis_title("lost", theme, standoff=6),
        ),
    )
    return builder.build()
