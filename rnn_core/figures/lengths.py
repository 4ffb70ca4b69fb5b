"""How long reviews are, and what a cut at some length costs."""

import numpy as np
import plotly.graph_objects as go

from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.data.statistics import CutCost
from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title, bar, scatter
from rnn_core.figures.colours import REMEMBERS, Theme, fade, mix
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
    nouns: Nouns = REVIEWS,
    token: str = "word",
) -> go.Figure:
    """How long the reviews are, those that lose words hatched; below it what every other cut would cost.

    `kept` and `cut` (bins,) count reviews in bins of `width` words, the last bin all longer ones; `costs`
    belongs to keeping `rooms` (M,) words, `cost` (reviews, words) to `room`; `nouns` and `token` are what a
    text and a token are called.
    """
    end = len(kept) * width
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    _draw_histogram(builder, kept, cut, width, nouns, token)
    _draw_costs(builder, rooms, costs, nouns, token)
    if room < end:
        _draw_cut(builder, room, cost)
    _write_cut(builder, room, end, token)
    builder.lay_out(
        barmode="stack",
        showlegend=True,
        legend=legend_above(theme),
        xaxis=axis(
            theme,
            range=[0, end],
            anchor="y2",
            title=axis_title(f"{token}s of a {nouns.text}", theme, standoff=6),
        ),
        yaxis=axis(
            theme,
            domain=list(_HISTOGRAM),
            anchor="x",
            title=axis_title(f"{nouns.texts}", theme, standoff=6),
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


def _draw_histogram(
    builder: FigureBuilder, kept: Array, cut: Array, width: int, nouns: Nouns, token: str
) -> None:
    """A bar for each bin: those that are read whole, and on them, hatched, those that are cut."""
    bins = len(kept)
    names = [f"{first * width:,} to {(first + 1) * width - 1:,} {token}s" for first in range(bins - 1)]
    names.append(f"{(bins - 1) * width:,} {token}s and more")
    hatched = {
        "color": mix(REMEMBERS, builder.theme.background, 0.7),
        "pattern": {"shape": "/", "fgcolor": REMEMBERS, "size": 6, "solidity": 0.35},
        "line": {"color": REMEMBERS, "width": 1},
    }
    for name, counts, marker in (("read whole", kept, {"color": REMEMBERS}), ("cut", cut, hatched)):
        builder.draw(
            bar(
                x=(np.arange(bins) + 0.5) * width,
                y=counts,
                name=name,
                marker=marker,
                hovertemplate=f"%{{customdata}}: %{{y:,}} {nouns.texts} {name}<extra></extra>",
                width=width * 0.92,
                customdata=names,
                xaxis="x",
                yaxis="y",
            )
        )


def _draw_costs(builder: FigureBuilder, rooms: Array, costs: CutCost, nouns: Nouns, token: str) -> None:
    """What every cut would cost, in reviews and in words."""
    solid = {"color": builder.theme.text, "width": 2.5}
    for name, shares, line in (
        (f"{nouns.texts} cut", costs.reviews, solid),
        (f"{token}s lost", costs.words, {**solid, "dash": "dot"}),
    ):
        builder.draw(
            scatter(
                x=rooms.astype(np.float32),
                y=shares.astype(np.float32),
                name=name,
                mode="lines",
                line=line,
                xaxis="x",
                yaxis="y2",
                hovertemplate=f"room for %{{x:,}} {token}s: %{{y:.1%}} {name}<extra></extra>",
            )
        )


def _draw_cut(builder: FigureBuilder, room: int, cost: tuple[float, float]) -> None:
    """Draws where reviews are cut now, and what that costs."""
    theme = builder.theme
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
        scatter(
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


def _write_cut(builder: FigureBuilder, room: int, end: int, token: str) -> None:
    """The length in words, on the side of the line with more room."""
    on_left = room > end / 2
    builder.write(
        text=f"cut at {room:,} {token}s" if room < end else f"room for {room:,} {token}s, beyond this axis",
        x=min(room, end),
        y=1,
        yref="paper",
        xanchor="right" if on_left else "left",
        yanchor="top",
        xshift=-6 if on_left else 6,
        bgcolor=fade(builder.theme.background, 0.8),
        font={"size": 13, "color": builder.theme.text},
    )
