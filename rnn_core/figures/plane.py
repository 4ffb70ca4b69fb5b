"""The plane of hidden states: those of many reviews by their verdict, one review's path, the readout."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import ABOVE, LEFT, Array, FigureBuilder
from rnn_core.figures.colours import POSITIVE, Theme, class_colours, diverging, fade, ink
from rnn_core.figures.text import counted, in_template, plain, shorten, shorten_apart

_HEIGHT = 460
_MARGIN = {"l": 58, "r": 16, "t": 16, "b": 44}
_MOST_POINTS = 3_000
_LONGEST_HOVER, _LONGEST_NAME, _LONGEST_ARROW = 40, 24, 18
_SIGNS = (("circle", "●"), ("square", "■"), ("triangle-up", "▲"))
"""The markers of states by class, the followed one first: Plotly's name and a letter that looks like it."""
_OTHERS = ("circle-open", "○")
_LINE = 17
"""Pixels of a line of the key."""


def each_drawn(states: int) -> int:
    """The map draws one in this many of the states of other reviews, given how many there are."""
    return max(1, -(-states // _MOST_POINTS))


def state_map(
    *,
    points: Array,
    probabilities: Array,
    followed: str,
    by_class: Mapping[str, Array] | None,
    shares: Array,
    readout: Array,
    path: Array,
    labels: Sequence[str],
    cursor: int,
    theme: Theme,
) -> go.Figure:
    """The plane, and on it the path of one review with the cursor.

    `points` (S, 2) are states of many reviews, `probabilities` (S,) what the head says of each, that of the
    class `followed`; `by_class` says of more than two classes in which states, (S,), each of those in sight
    is the most probable, the followed one first; `shares` those of the variance along the axes; `readout`
    (2,) the direction along which the logit grows; `path` (T, 2) that of the review whose tokens are
    `labels`.
    """
    every = each_drawn(len(points))
    some, p = np.asarray(points, np.float32)[::every], np.asarray(probabilities, np.float32)[::every]
    kinds: list[tuple[str, Array, tuple[str, str], str]] = []
    if by_class is not None:
        colours = class_colours([*by_class], len(by_class) + 1)
        short = shorten_apart([*by_class], _LONGEST_NAME)
        for name, of_class, (known, those) in zip(short, _SIGNS, by_class.items(), strict=False):
            kinds.append((name, np.asarray(those), of_class, colours[known]))
        others = ~np.any(list(by_class.values()), axis=0)
        if others.any():
            kinds.insert(0, ("other classes", others, _OTHERS, theme.muted))  # below the others, named last
    margin = {**_MARGIN, "t": _MARGIN["t"] + _LINE * len(kinds)}
    builder = FigureBuilder(theme, height=_HEIGHT + _LINE * len(kinds), margin=margin)
    if by_class is None:  # the more probable one of two classes is, the deeper its colour
        marker = {
            "size": 4,
            "opacity": 0.55,
            "color": p,
            "cmin": 0,
            "cmax": 1,
            "colorscale": diverging(theme),
        }
        _draw_states(builder, some, marker, followed, "%{marker.color:.0%}")
    for place, (name, those, (symbol, sign), colour) in enumerate(kinds):
        marker, here = {"size": 5, "opacity": 0.6, "color": colour, "symbol": symbol}, those[::every]
        _draw_states(builder, some[here], marker, followed, "%{customdata:.0%}", p[here])
        line = (int(kinds[0][2] == _OTHERS) - 1 - place) % len(kinds)
        tint = colour if colour == theme.muted else ink(colour, theme)
        builder.write(f"{sign} {plain(name)}", **LEFT, **ABOVE, yshift=2 + _LINE * line, colour=tint)
    _draw_readout(builder, points, readout, f"more {followed}" if by_class is None else followed)
    path = np.asarray(path, dtype=np.float32)
    builder.scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines+markers",
        line={"color": theme.text, "width": 1.4},
        marker={"size": 4, "color": theme.text},
        customdata=[f"{counted(time)}: {plain(label)}" for time, label in enumerate(labels)],
        hover="%{customdata}",
    )
    builder.scatter(
        x=path[cursor : cursor + 1, 0],
        y=path[cursor : cursor + 1, 1],
        mode="markers+text",
        text=[plain(labels[cursor])],
        textposition="top center",
        textfont={"size": 13, "color": theme.text},
        marker={"size": 12, "color": theme.background, "line": {"color": theme.text, "width": 2.5}},
        hoverinfo="skip",
    )
    for axis, number, share in zip(("xaxis", "yaxis"), ("first", "second"), shares, strict=False):
        title = f"{number} principal component, {share:.0%} of the variance"
        builder.lay_out(**{axis: builder.axis(title=title, standoff=6, nticks=6, tickformat="~g")})
    return builder.build()


def _draw_states(
    builder: FigureBuilder,
    points: Array,
    marker: dict[str, object],
    followed: str,
    number: str,
    probabilities: Array | None = None,
) -> None:
    x, y = points.T
    hover = f"a state of another text: {in_template(shorten(followed, _LONGEST_HOVER))} {number}"
    # Not by WebGL, which Plotly lays over all that is not: the path would vanish below it.
    builder.scatter(x=x, y=y, mode="markers", marker=marker, customdata=probabilities, hover=hover)


def _draw_readout(builder: FigureBuilder, points: Array, readout: Array, words: str) -> None:
    """An arrow through the middle; the shorter, the less of the direction lies in the plane."""
    x, y = np.asarray(readout) * float(np.abs(np.asarray(points)).max(initial=1.0)) * 0.9
    colour = ink(POSITIVE, builder.theme)
    ends = {"x": x, "y": y, "ax": -x, "ay": -y, "xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    arrow = {"showarrow": True, "arrowhead": 3, "arrowwidth": 2, "arrowcolor": colour}
    builder.write("", **ends, **arrow, opacity=0.8)
    beside = {"xanchor": "left", "xshift": 6, "bgcolor": fade(builder.theme.background, 0.7)}
    builder.write(plain(shorten(words, _LONGEST_ARROW)), x=x, y=y, **beside, colour=colour)
