"""What a network gets to read: coverage of a vocabulary, lengths and their cut, a batch, telling words.

None of this is a part of a cell, so no role's colour appears here but those of the two labels.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.data.statistics import PRIOR, Coverage, CutCost, TellingWord
from rnn_core.figures.colours import NEGATIVE, POSITIVE, REMEMBERS, Theme, fade, mix
from rnn_core.figures.layout import Array, FigureBuilder, axis, plain, shorten
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS, START_ID, UNK_ID

DATA_HEIGHT = 380
MOST_ROWS = 128
"""Reviews of a batch that are drawn; more would be thinner than two pixels."""

_CURVE_POINTS = 160
_MARGIN = {"l": 52, "r": 18, "t": 40, "b": 46}
_LONGEST_WORD = 14
_REACH = 1.5
"""How far the axis of the telling words reaches beyond the longest bar: there stand the words."""
_PAD, _START, _UNKNOWN, _WORD = range(4)
_GAP = 0.09
_HISTOGRAM, _COSTS = (0.42, 1.0), (0.0, 0.42 - _GAP)


def coverage_curve(coverage: Coverage, size: int, theme: Theme) -> go.Figure:
    """The four shares by the size of the vocabulary, with a line at the size that is chosen."""
    most = len(coverage.running_training) - 1
    known = np.unique(np.geomspace(1, max(most, 1), _CURVE_POINTS).astype(int))
    known = known[known <= most]
    sizes = known + len(SPECIAL_TOKENS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**_MARGIN, "t": 34})
    chosen = min(size, most + len(SPECIAL_TOKENS))
    for name, shares, share, line in zip(
        (
            "running words, training",
            "running words, test",
            "different words, training",
            "different words, test",
        ),
        coverage,
        coverage.at(size),
        (
            {"color": theme.text, "width": 2.5},
            {"color": theme.text, "width": 2.5, "dash": "dot"},
            {"color": REMEMBERS, "width": 2},
            {"color": REMEMBERS, "width": 2, "dash": "dot"},
        ),
        strict=True,
    ):
        builder.draw(
            go.Scatter(
                x=sizes.astype(np.float32),
                y=shares[known].astype(np.float32),
                name=name,
                mode="lines",
                line=line,
                hovertemplate=f"%{{y:.1%}} of {name}<extra></extra>",
            )
        )
        builder.draw(
            go.Scatter(
                x=[chosen],
                y=[float(share)],
                mode="markers",
                marker={"size": 9, "color": theme.background, "line": {"width": 2, "color": line["color"]}},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    _mark_chosen(builder, chosen, theme)
    _tell_coverage(builder, coverage.at(size), chosen, theme)
    builder.lay_out(
        showlegend=True,
        legend=_legend(theme),
        hovermode="x unified",
        xaxis=axis(
            theme,
            type="log",
            range=[math.log10(len(SPECIAL_TOKENS) + 1), math.log10(max(most + len(SPECIAL_TOKENS), 10))],
            tickvals=[10, 100, 1_000, 10_000, 100_000],
            ticktext=["10", "100", "1,000", "10,000", "100,000"],
            title=_small("vocabulary size", theme),
            hoverformat=",.0f",
            unifiedhovertitle={"text": "%{x} tokens"},
        ),
        yaxis=axis(theme, tickformat=".0%", range=[0, 1.12], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    return builder.build()


def _tell_coverage(builder: FigureBuilder, now: Coverage, chosen: int, theme: Theme) -> None:
    """The two shares of the training reviews at the size chosen, above and left of which no curve runs."""
    for share, what in ((now.running_training, "running"), (now.distinct_training, "different")):
        if np.isfinite(share):
            builder.write(
                text=f"<b>{float(share):.1%}</b> of {what} words",
                x=math.log10(chosen),
                y=float(share),
                xanchor="right",
                xshift=-8,
                yanchor="bottom",
                yshift=6,
                bgcolor=fade(theme.background, 0.85),
                font={"size": 13, "color": theme.text},
            )


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
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**_MARGIN, "t": 34})
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
        legend=_legend(theme),
        xaxis=axis(theme, range=[0, end], anchor="y2", title=_small("words of a review", theme)),
        yaxis=axis(theme, domain=list(_HISTOGRAM), anchor="x", title=_small("reviews", theme), nticks=5),
        yaxis2=axis(
            theme,
            domain=list(_COSTS),
            anchor="x",
            tickformat=".0%",
            range=[0, 1.04],
            nticks=4,
            title=_small("lost", theme),
        ),
    )
    return builder.build()


def batch_chart(ids: Array, width: int, theme: Theme) -> go.Figure:
    """A batch (B, T) of ids as a picture: words, unknown ones, `<start>`, and padding, which is hatched.

    At most MOST_ROWS rows; the axis reaches to `width` time steps, however short the batch is.
    """
    ids = ids[:MOST_ROWS]
    rows, steps = ids.shape
    kinds = np.full(ids.shape, _WORD, np.uint8)
    for special, kind in ((PAD_ID, _PAD), (START_ID, _START), (UNK_ID, _UNKNOWN)):
        kinds[ids == special] = kind
    colours = (theme.background, theme.text, mix(REMEMBERS, theme.background, 0.62), REMEMBERS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**_MARGIN, "t": 40})
    builder.draw(
        go.Heatmap(
            z=kinds,
            x0=0,
            dx=1,
            y0=1,
            dy=1,
            zmin=-0.5,
            zmax=3.5,
            colorscale=[
                [place, colour] for kind, colour in enumerate(colours) for place in (kind / 4, (kind + 1) / 4)
            ],
            showscale=False,
            hovertemplate="review %{y}, time step %{x}<extra></extra>",
        )
    )
    is_padding = ids == PAD_ID
    padded = is_padding.sum(axis=1)
    in_front = is_padding[:, 0]
    builder.draw(
        go.Bar(
            orientation="h",
            y=np.arange(1, rows + 1),
            x=padded,
            base=np.where(in_front, 0, steps - padded) - 0.5,
            width=1,
            name="padding",
            marker={
                "color": fade(theme.muted, 0.12),
                "pattern": {
                    "shape": "/",
                    "fgcolor": theme.muted,
                    "bgcolor": fade(theme.muted, 0.12),
                    "size": 7,
                    "solidity": 0.2,
                },
                "line": {"width": 0},
            },
            hoverinfo="skip",
        )
    )
    for name, kind in (("word", _WORD), ("unknown word, <unk>", _UNKNOWN), ("<start>", _START)):
        builder.draw(
            go.Scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=plain(name),
                marker={"symbol": "square", "size": 11, "color": colours[kind]},
            )
        )
    builder.lay_out(
        showlegend=True,
        legend=_legend(theme),
        bargap=0,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[-0.5, max(width, steps) - 0.5],
            showgrid=False,
            title=_small("time step", theme),
        ),
        yaxis=axis(
            theme,
            range=[rows + 0.5, 0.5],
            showgrid=False,
            nticks=6,
            title=_small("review of the batch", theme),
        ),
    )
    return builder.build()


def telling_chart(
    negative: Sequence[TellingWord], positive: Sequence[TellingWord], rows: int, theme: Theme
) -> go.Figure:
    """The most telling words of negative reviews to the left, of positive ones to the right, in `rows`."""
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={"l": 8, "r": 8, "t": 34, "b": 46})
    largest = max((abs(told.log_odds) for told in (*negative, *positive)), default=1.0)
    for words, colour, name in ((negative, NEGATIVE, "negative"), (positive, POSITIVE, "positive")):
        builder.draw(
            go.Bar(
                orientation="h",
                x=[told.log_odds for told in words],
                y=list(range(1, len(words) + 1)),
                text=[plain(shorten(told.word, _LONGEST_WORD)) for told in words],
                textposition="outside",
                textangle=0,
                cliponaxis=False,
                constraintext="none",
                textfont={"size": 13, "color": theme.text},
                marker={"color": colour},
                name=name,
                customdata=[
                    [plain(told.word), math.exp(abs(told.log_odds)), _counts_in_words(told, name), told.z]
                    for told in words
                ],
                hovertemplate=(
                    "<b>%{customdata[0]}</b>: odds %{customdata[1]:.1f} times as high in "
                    f"{name} reviews,<br>with {PRIOR:.0f} made-up uses under either label (z = "
                    "%{customdata[3]:.1f})<br>%{customdata[2]}<extra></extra>"
                ),
            )
        )
        builder.write(
            text=f"◀ {name} reviews" if name == "negative" else f"{name} reviews ▶",
            x=0.5,
            xref="paper",
            xanchor="right" if name == "negative" else "left",
            xshift=-10 if name == "negative" else 10,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=6,
            font={"size": 13, "color": theme.text},
        )
    times = [times for times in (2, 4, 8, 16) if math.log(times) <= largest] or [2]
    builder.lay_out(
        barmode="overlay",  # a pair in one row, not one behind the other
        bargap=0.3,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[-_REACH * largest, _REACH * largest],
            tickvals=[0, *(sign * math.log(many) for many in times for sign in (1, -1))],
            ticktext=["1", *(f"{many}×" for many in times for _ in (1, -1))],
            title=_small(f"times the odds of the other label, with {PRIOR:.0f} made-up uses", theme),
        ),
        yaxis=axis(theme, range=[rows + 0.6, 0.4], showgrid=False, showticklabels=False),
    )
    return builder.build()


def _counts_in_words(told: TellingWord, label: str) -> str:
    """How often it stands where, and what these counts alone say."""
    counts = f"{told.positive:,} times in positive, {told.negative:,} in negative ones"
    if math.isinf(told.times_by_counts):
        return f"{counts}: in {label} ones only"
    return f"{counts}: by these counts alone {told.times_by_counts:.1f} times"


def _mark_chosen(builder: FigureBuilder, x: float, theme: Theme) -> None:
    line = {"color": theme.text, "width": 1.5, "dash": "dash"}
    builder.mark(type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", line=line)


def _small(words: str, theme: Theme) -> dict[str, Any]:
    return {"text": words, "standoff": 6, "font": {"size": 12, "color": theme.muted}}


def _legend(theme: Theme) -> dict[str, Any]:
    """One line above the picture, which Plotly breaks where it is narrow."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "font": {"size": 12, "color": theme.text},
        "bgcolor": "rgba(0,0,0,0)",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
    }
