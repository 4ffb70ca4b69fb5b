"""The figures of the page Data: a batch, what a vocabulary covers, telling words, what a cut costs."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.data.statistics import Coverage, CutCost, TellingWord
from rnn_core.figures.builder import ABOVE, Array, FigureBuilder, text_shift
from rnn_core.figures.colours import NEGATIVE, POSITIVE, REMEMBERS, Theme, fade, mix
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import plain, shorten, shorten_apart, template_text
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS, START_ID, UNK_ID

DATA_HEIGHT = 380
DATA_MARGIN = {"l": 52, "r": 18, "t": 40, "b": 46}


def _legend_above(theme: Theme) -> dict[str, Any]:
    """Show a legend: one line above the picture, which Plotly breaks where it is narrow."""
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    look = {"font": {"size": 12, "color": theme.text}, "bgcolor": "rgba(0,0,0,0)", "traceorder": "normal"}
    legend = {**place, **look, "itemclick": False, "itemdoubleclick": False}
    return {"showlegend": True, "legend": legend}


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
    scale = [[place, colour] for kind, colour in enumerate(colours) for place in (kind / 4, (kind + 1) / 4)]
    places, hover = {"x0": 1, "dx": 1, "y0": 1, "dy": 1}, f"{nouns.text} %{{y}}, time step %{{x}}"
    builder.heatmap(z=kinds, zmin=-0.5, zmax=3.5, **places, colorscale=scale, showscale=False, hover=hover)
    is_padding, pale = ids == PAD_ID, fade(theme.muted, 0.12)
    padded = is_padding.sum(axis=1)
    hatched = {"shape": "/", "fgcolor": theme.muted, "bgcolor": pale, "size": 7, "solidity": 0.2}
    builder.bar(
        orientation="h",
        y=np.arange(1, rows + 1),
        x=padded,
        base=np.where(is_padding[:, 0], 0, steps - padded) + 0.5,
        width=1,
        name="padding",
        marker={"color": pale, "pattern": hatched, "line": {"width": 0}},
        hoverinfo="skip",
    )
    for name, kind in ((token, _WORD), (f"unknown {token}, <unk>", _UNKNOWN), ("<start>", _START)):
        marker = {"symbol": "square", "size": 11, "color": colours[kind]}
        builder.scatter(x=[None], y=[None], mode="markers", name=plain(name), marker=marker)
    title, ends = f"{nouns.text} of the batch", [0.5, max(width, steps) + 0.5]
    return builder.build(
        **_legend_above(theme),
        bargap=0,
        hovermode="closest",
        xaxis=builder.axis(title="time step", standoff=6, range=ends, showgrid=False),
        yaxis=builder.axis(title=title, standoff=6, range=[rows + 0.5, 0.5], showgrid=False, nticks=6),
    )


_CURVE_POINTS = 160
_LINE = 0.08
"""The height of a line of letters, as a share of the words."""


def coverage_curve(coverage: Coverage, size: int, theme: Theme, *, token: str = "word") -> go.Figure:
    """The four shares by the size of the vocabulary, with a line at the size that is chosen.

    `token` is what a token is called.
    """
    most, specials = len(coverage.running_training) - 1, len(SPECIAL_TOKENS)
    known = np.unique(np.geomspace(1, max(most, 1), _CURVE_POINTS).astype(int))
    known = known[known <= most]
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    chosen, now = min(size, most + specials), coverage.at(size)
    running, different = {"color": theme.text, "width": 2.5}, {"color": REMEMBERS, "width": 2}
    for what, line, shares, share in zip(
        [f"{which} {token}s, {of}" for which in ("running", "different") for of in ("training", "test")],
        (running, {**running, "dash": "dot"}, different, {**different, "dash": "dot"}),
        coverage,
        now,
        strict=True,
    ):
        x, y = (known + specials).astype(np.float32), shares[known].astype(np.float32)
        builder.scatter(x=x, y=y, name=what, mode="lines", line=line, hover=f"%{{y:.1%}} of {what}")
        _draw_point(builder, chosen, [float(share)], str(line["color"]))
    builder.upright(chosen, theme.text, 1.5, "dash")
    _write_shares(builder, now, chosen, token)
    ends = [math.log10(specials + 1), math.log10(max(most + specials, 10))]
    sizes = [10, 100, 1_000, 10_000, 100_000]
    ticks = {"range": ends, "tickvals": sizes, "ticktext": [f"{one:,}" for one in sizes]}
    hover = {"hoverformat": ",.0f", "unifiedhovertitle": {"text": "%{x} tokens"}}
    return builder.build(
        **_legend_above(theme),
        hovermode="x unified",
        xaxis=builder.axis(title="vocabulary size", standoff=6, type="log", **ticks, **hover),
        yaxis=builder.axis(tickformat=".0%", range=[0, 1.12], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )


def _draw_point(builder: FigureBuilder, x: float, heights: Sequence[float], colour: str, **more: Any) -> None:
    """Rings where a line stands at what is chosen."""
    marker = {"size": 9, "color": builder.theme.background, "line": {"width": 2, "color": colour}}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    builder.scatter(x=[x] * len(heights), y=heights, mode="markers", marker=marker, **quiet, **more)


def _write_shares(builder: FigureBuilder, now: Coverage, chosen: int, token: str) -> None:
    """The two shares of the training reviews at the size chosen, above and left of which no curve runs."""
    shares = [float(share) for share in (now.running_training, now.distinct_training)]
    if not np.isfinite(shares).all():
        return
    place = {**text_shift(8, is_left=True), "yanchor": "bottom", "yshift": 6}
    look = {"bgcolor": fade(builder.theme.background, 0.85), "size": 13, "colour": builder.theme.text}
    places = keep_apart(shares, _LINE, (-1, 1 + _LINE / 2))  # where both are near 1 the upper one stays
    for share, y, what in zip(shares, places, ("running", "different"), strict=True):
        text = f"<b>{share:.1%}</b> of {what} {token}s"
        builder.write(text, x=math.log10(chosen), y=y, **place, **look)


_LONGEST_WORD, _LONGEST_NAME = 14, 24
_MOST_TICKS = 4
"""The most ticks on either side of the axis."""
_REACH = 1.5
"""Length of the axis of telling words, in longest bars: the words stand beyond them."""


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
    beyond: dict[str, Any] = {"textposition": "outside", "textangle": 0, "cliponaxis": False}
    beyond |= {"constraintext": "none", "textfont": {"size": 13, "color": theme.text}}
    for words, colour, name, in_hover, title, is_left in (
        (against, NEGATIVE, left, template_text(short[0]), f"◀ {left}", True),
        (towards, POSITIVE, right, template_text(short[1]), f"{right} ▶", False),
    ):
        times = f"<b>%{{customdata[0]}}</b>: odds %{{customdata[1]:.1f}} times as high in {in_hover}"
        builder.bar(
            orientation="h",
            x=[telling.log_odds for telling in words],
            y=list(range(1, len(words) + 1)),
            text=[plain(shorten(telling.word, _LONGEST_WORD)) for telling in words],
            **beyond,
            marker={"color": colour},
            name=name,
            customdata=[
                [
                    plain(one.word),
                    math.exp(abs(one.log_odds)),
                    _counts_in_words(one, left, right, name),
                    one.z,
                ]
                for one in words
            ],
            hover=f"{times},<br>with {made_up:.0f} made-up texts (z = %{{customdata[3]:.1f}})<br>"
            "%{customdata[2]}",
        )
        place = {"x": 0.5, "xref": "paper", **text_shift(10, is_left=is_left), **ABOVE, "yshift": 6}
        builder.title(title, **place)
    ticks = _ticks(largest)
    return builder.build(
        barmode="overlay",  # a pair in one row, not one behind the other
        bargap=0.3,
        hovermode="closest",
        xaxis=builder.axis(
            title="odds on this side, compared with the other side",
            standoff=6,
            range=[-_REACH * largest, _REACH * largest],
            tickvals=[0, *(sign * math.log(many) for many in ticks for sign in (1, -1))],
            ticktext=["1", *(f"{many}×" for many in ticks for _ in (1, -1))],
        ),
        yaxis=builder.axis(range=[rows + 0.6, 0.4], showgrid=False, showticklabels=False),
    )


def _ticks(largest: float) -> list[int]:
    """Powers of two up to these log odds, at most _MOST_TICKS of them, so that a narrow axis has room.

    >>> _ticks(math.log(9)), _ticks(math.log(300)), _ticks(0.1)
    ([2, 4, 8], [4, 16, 64, 256], [2])
    """
    most = int(largest / math.log(2) + 1e-9)
    step = max(1, -(-most // _MOST_TICKS))
    return [2**power for power in range(step, most + 1, step)] or [2]


def _counts_in_words(telling: TellingWord, against: str, towards: str, side: str) -> str:
    """Says in how many texts of each class a word stands, and what these counts alone say."""
    counts = f"It stands in {telling.inside:,} {towards}, in {telling.outside:,} {against}"
    if math.isinf(telling.times_by_counts):
        return f"{counts}: in {side} only"
    return f"{counts}: by these counts alone {telling.times_by_counts:.1f} times"


_GAP = 0.09
_HISTOGRAM, _COSTS = [0.42, 1.0], [0.0, 0.42 - _GAP]


def length_chart(
    *,
    kept: Array,
    cut: Array,
    width: int,
    room: int | None,
    rooms: Array,
    costs: CutCost,
    cost: tuple[float, float],
    theme: Theme,
    nouns: Nouns = REVIEWS,
    token: str = "word",
) -> go.Figure:
    """Draw the lengths of the reviews, those that lose words hatched, and the cost of every other cut.

    `kept` and `cut` (bins,) count reviews in bins of `width` words, the last bin all longer ones; `costs`
    belongs to keeping `rooms` (M,) words, `cost` (reviews, words) to `room`, None where nothing is cut;
    `nouns` and `token` are what a text and a token are called.
    """
    end = len(kept) * width
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    _draw_histogram(builder, kept, cut, width, nouns, token)
    solid = {"color": theme.text, "width": 2.5}
    for name, shares, line in (
        (f"{nouns.texts} cut", costs.reviews, solid),
        (f"{token}s lost", costs.words, {**solid, "dash": "dot"}),
    ):
        x, y = rooms.astype(np.float32), shares.astype(np.float32)
        hover = f"room for %{{x:,}} {token}s: %{{y:.1%}} {name}"
        builder.scatter(x=x, y=y, name=name, mode="lines", line=line, xaxis="x", yaxis="y2", hover=hover)
    words = "nothing is cut" if room is None else f"room for {room:,} {token}s, beyond this axis"
    place = end if room is None else min(room, end)
    if room is not None and room < end:
        words = f"cut at {room:,} {token}s"
        builder.upright(room, theme.text, 1.5, "dash")
        _draw_point(builder, room, list(cost), theme.text, xaxis="x", yaxis="y2")
    # The length in words, on the side of the line with more room.
    side = text_shift(6, is_left=place > end / 2)
    side |= {"y": 1, "yref": "paper", "yanchor": "top", "bgcolor": fade(theme.background, 0.8)}
    builder.title(words, x=place, **side)
    along, up = f"{token}s of a {nouns.text}", {"anchor": "x", "standoff": 6}
    lost = {"tickformat": ".0%", "range": [0, 1.04], "nticks": 4}
    return builder.build(
        barmode="stack",
        **_legend_above(theme),
        xaxis=builder.axis(title=along, standoff=6, range=[0, end], anchor="y2"),
        yaxis=builder.axis(title=nouns.texts, **up, domain=_HISTOGRAM, nticks=5),
        yaxis2=builder.axis(title="lost", **up, domain=_COSTS, **lost),
    )


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
            hover=f"%{{customdata}}: %{{y:,}} {nouns.texts} {name}",
            width=width * 0.92,
            customdata=names,
            xaxis="x",
            yaxis="y",
        )
