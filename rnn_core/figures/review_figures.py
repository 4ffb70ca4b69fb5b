"""The figures of the page Data: a batch, what a vocabulary covers, telling words, what a cut costs."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.data.statistics import Coverage, CutCost, TellingWord
from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title
from rnn_core.figures.colours import NEGATIVE, POSITIVE, REMEMBERS, Theme, fade, mix
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import in_template, plain, shorten, shorten_apart
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS, START_ID, UNK_ID

DATA_HEIGHT = 380
DATA_MARGIN = {"l": 52, "r": 18, "t": 40, "b": 46}


def legend_above(theme: Theme) -> dict[str, Any]:
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


MOST_ROWS = 128
"""Reviews of a batch that are drawn; more would be thinner than two pixels."""
_PAD, _START, _UNKNOWN, _WORD = range(4)


def batch_chart(
    ids: Array, width: int, theme: Theme, *, nouns: Nouns = REVIEWS, token: str = "word"
) -> go.Figure:
    """A batch (B, T) of ids as a picture: words, unknown ones, `<start>`, and padding, which is hatched.

    At most MOST_ROWS rows; the axis reaches to `width` time steps, however short the batch is. `nouns` and
    `token` are what a text and a token are called.
    """
    ids = ids[:MOST_ROWS]
    rows, steps = ids.shape
    kinds = np.full(ids.shape, _WORD, np.uint8)
    for special, kind in ((PAD_ID, _PAD), (START_ID, _START), (UNK_ID, _UNKNOWN)):
        kinds[ids == special] = kind
    colours = (theme.background, theme.text, mix(REMEMBERS, theme.background, 0.62), REMEMBERS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 40})
    builder.heatmap(
        z=kinds,
        x0=1,
        dx=1,
        y0=1,
        dy=1,
        zmin=-0.5,
        zmax=3.5,
        colorscale=[
            [place, colour] for kind, colour in enumerate(colours) for place in (kind / 4, (kind + 1) / 4)
        ],
        showscale=False,
        hovertemplate=f"{nouns.text} %{{y}}, time step %{{x}}<extra></extra>",
    )
    is_padding = ids == PAD_ID
    padded = is_padding.sum(axis=1)
    in_front = is_padding[:, 0]
    builder.bar(
        orientation="h",
        y=np.arange(1, rows + 1),
        x=padded,
        base=np.where(in_front, 0, steps - padded) + 0.5,
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
    for name, kind in ((token, _WORD), (f"unknown {token}, <unk>", _UNKNOWN), ("<start>", _START)):
        builder.scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=plain(name),
            marker={"symbol": "square", "size": 11, "color": colours[kind]},
        )
    builder.lay_out(
        showlegend=True,
        legend=legend_above(theme),
        bargap=0,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[0.5, max(width, steps) + 0.5],
            showgrid=False,
            title=axis_title("time step", theme, standoff=6),
        ),
        yaxis=axis(
            theme,
            range=[rows + 0.5, 0.5],
            showgrid=False,
            nticks=6,
            title=axis_title(f"{nouns.text} of the batch", theme, standoff=6),
        ),
    )
    return builder.build()


_CURVE_POINTS = 160
_LINE = 0.08
"""The height of a line of letters, as a share of the words."""


def coverage_curve(coverage: Coverage, size: int, theme: Theme, *, token: str = "word") -> go.Figure:
    """The four shares by the size of the vocabulary, with a line at the size that is chosen.

    `token` is what a token is called.
    """
    most = len(coverage.running_training) - 1
    known = np.unique(np.geomspace(1, max(most, 1), _CURVE_POINTS).astype(int))
    known = known[known <= most]
    sizes = known + len(SPECIAL_TOKENS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    chosen = min(size, most + len(SPECIAL_TOKENS))
    for name, shares, share, line in zip(
        (
            f"running {token}s, training",
            f"running {token}s, test",
            f"different {token}s, training",
            f"different {token}s, test",
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
        builder.scatter(
            x=sizes.astype(np.float32),
            y=shares[known].astype(np.float32),
            name=name,
            mode="lines",
            line=line,
            hovertemplate=f"%{{y:.1%}} of {name}<extra></extra>",
        )
        builder.scatter(
            x=[chosen],
            y=[float(share)],
            mode="markers",
            marker={"size": 9, "color": theme.background, "line": {"width": 2, "color": line["color"]}},
            hoverinfo="skip",
            showlegend=False,
        )
    dashed = {"color": theme.text, "width": 1.5, "dash": "dash"}
    builder.mark(type="line", x0=chosen, x1=chosen, y0=0, y1=1, yref="paper", line=dashed)
    _write_shares(builder, coverage.at(size), chosen, token, theme)
    builder.lay_out(
        showlegend=True,
        legend=legend_above(theme),
        hovermode="x unified",
        xaxis=axis(
            theme,
            type="log",
            range=[math.log10(len(SPECIAL_TOKENS) + 1), math.log10(max(most + len(SPECIAL_TOKENS), 10))],
            tickvals=[10, 100, 1_000, 10_000, 100_000],
            ticktext=["10", "100", "1,000", "10,000", "100,000"],
            title=axis_title("vocabulary size", theme, standoff=6),
            hoverformat=",.0f",
            unifiedhovertitle={"text": "%{x} tokens"},
        ),
        yaxis=axis(theme, tickformat=".0%", range=[0, 1.12], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    return builder.build()


def _write_shares(builder: FigureBuilder, now: Coverage, chosen: int, token: str, theme: Theme) -> None:
    """The two shares of the training reviews at the size chosen, above and left of which no curve runs."""
    shares = [float(share) for share in (now.running_training, now.distinct_training)]
    if not np.isfinite(shares).all():
        return
    places = keep_apart(shares, _LINE, (-1, 1 + _LINE / 2))  # where both are near 1 the upper one stays
    for share, place, what in zip(shares, places, ("running", "different"), strict=True):
        builder.write(
            text=f"<b>{share:.1%}</b> of {what} {token}s",
            x=math.log10(chosen),
            y=place,
            xanchor="right",
            xshift=-8,
            yanchor="bottom",
            yshift=6,
            bgcolor=fade(theme.background, 0.85),
            font={"size": 13, "color": theme.text},
        )


_LONGEST_WORD, _LONGEST_NAME = 14, 24
_MOST_TICKS = 4
"""On either side of the axis."""
_REACH = 1.5
"""How far the axis of the telling words reaches beyond the longest bar: there stand the words."""


def in_texts(made_up: float) -> str:
    """What draws the odds of rare words towards 1, in words; `made_up_texts` gives two at least.

    >>> in_texts(120.0)
    'as if 120 more texts had it'
    """
    return f"as if {made_up:.0f} more texts had it"


def telling_chart(
    against: Sequence[TellingWord],
    towards: Sequence[TellingWord],
    sides: tuple[str, str],
    made_up: float,
    rows: int,
    theme: Theme,
) -> go.Figure:
    """The most telling words in `rows`: to the left those against a class, to the right those for it.

    `sides` says in which texts the words of each side are found: "negative reviews", "positive reviews";
    `made_up` is that of `rnn_core.data.statistics.made_up_texts`.
    """
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={"l": 8, "r": 8, "t": 34, "b": 46})
    largest = max((abs(telling.log_odds) for telling in (*against, *towards)), default=1.0)
    short = shorten_apart(sides, _LONGEST_NAME)
    left, right = map(plain, short)
    for words, colour, name, in_hover in (
        (against, NEGATIVE, left, in_template(short[0])),
        (towards, POSITIVE, right, in_template(short[1])),
    ):
        builder.bar(
            orientation="h",
            x=[telling.log_odds for telling in words],
            y=list(range(1, len(words) + 1)),
            text=[plain(shorten(telling.word, _LONGEST_WORD)) for telling in words],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            constraintext="none",
            textfont={"size": 13, "color": theme.text},
            marker={"color": colour},
            name=name,
            customdata=[
                [
                    plain(telling.word),
                    math.exp(abs(telling.log_odds)),
                    _counts_in_words(telling, (left, right), name),
                    telling.z,
                ]
                for telling in words
            ],
            hovertemplate=(
                "<b>%{customdata[0]}</b>: odds %{customdata[1]:.1f} times as high in "
                f"{in_hover},<br>{in_texts(made_up)} (z = "
                "%{customdata[3]:.1f})<br>%{customdata[2]}<extra></extra>"
            ),
        )
        builder.write(
            text=f"◀ {name}" if words is against else f"{name} ▶",
            x=0.5,
            xref="paper",
            xanchor="right" if words is against else "left",
            xshift=-10 if words is against else 10,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=6,
            font={"size": 13, "color": theme.text},
        )
    times = _ticks(largest)
    builder.lay_out(
        barmode="overlay",  # a pair in one row, not one behind the other
        bargap=0.3,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[-_REACH * largest, _REACH * largest],
            tickvals=[0, *(sign * math.log(many) for many in times for sign in (1, -1))],
            ticktext=["1", *(f"{many}×" for many in times for _ in (1, -1))],
            title=axis_title(f"times the odds of the other side, {in_texts(made_up)}", theme, standoff=6),
        ),
        yaxis=axis(theme, range=[rows + 0.6, 0.4], showgrid=False, showticklabels=False),
    )
    return builder.build()


def _ticks(largest: float) -> list[int]:
    """Powers of two up to these log odds, at most _MOST_TICKS of them, so that a narrow axis has room.

    >>> _ticks(math.log(9)), _ticks(math.log(300)), _ticks(0.1)
    ([2, 4, 8], [4, 16, 64, 256], [2])
    """
    most = int(largest / math.log(2) + 1e-9)
    step = max(1, -(-most // _MOST_TICKS))
    return [2**power for power in range(step, most + 1, step)] or [2]


def _counts_in_words(telling: TellingWord, sides: tuple[str, str], side: str) -> str:
    """Says in how many texts of each class a word stands, and what these counts alone say."""
    against, towards = sides
    counts = f"It stands in {telling.inside:,} {towards}, in {telling.outside:,} {against}"
    if math.isinf(telling.times_by_counts):
        return f"{counts}: in {side} only"
    return f"{counts}: by these counts alone {telling.times_by_counts:.1f} times"


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
        builder.bar(
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


def _draw_costs(builder: FigureBuilder, rooms: Array, costs: CutCost, nouns: Nouns, token: str) -> None:
    """What every cut would cost, in reviews and in words."""
    solid = {"color": builder.theme.text, "width": 2.5}
    for name, shares, line in (
        (f"{nouns.texts} cut", costs.reviews, solid),
        (f"{token}s lost", costs.words, {**solid, "dash": "dot"}),
    ):
        builder.scatter(
            x=rooms.astype(np.float32),
            y=shares.astype(np.float32),
            name=name,
            mode="lines",
            line=line,
            xaxis="x",
            yaxis="y2",
            hovertemplate=f"room for %{{x:,}} {token}s: %{{y:.1%}} {name}<extra></extra>",
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
    builder.scatter(
        x=[room] * 2,
        y=list(cost),
        xaxis="x",
        yaxis="y2",
        mode="markers",
        marker={"size": 9, "color": theme.background, "line": {"width": 2, "color": theme.text}},
        hoverinfo="skip",
        showlegend=False,
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
