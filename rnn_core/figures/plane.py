"""The plane of hidden states: those of many reviews by their verdict, one review's path, the readout."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title
from rnn_core.figures.colours import POSITIVE, Theme, class_colours, diverging, fade, ink
from rnn_core.figures.text import counted, in_template, plain, shorten, shorten_apart

_HEIGHT = 460
_MARGIN = {"l": 58, "r": 16, "t": 16, "b": 44}
_MOST_POINTS = 3_000
_LONGEST_HOVER, _LONGEST_NAME, _LONGEST_ARROW = 40, 24, 18
_SIGNS = {"circle": "●", "square": "■", "triangle-up": "▲"}
"""The markers of states by class, the followed one first: Plotly's name and a letter that looks like it."""
_OTHERS = "circle-open"
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
    lines = 0 if by_class is None else len(by_class) + int(_others(by_class).any())
    margin = {**_MARGIN, "t": _MARGIN["t"] + _LINE * lines}
    builder = FigureBuilder(theme, height=_HEIGHT + _LINE * lines, margin=margin)
    if by_class is None:
        _draw_by_probability(builder, points, probabilities, followed, theme)
    else:
        _draw_by_class(builder, points, probabilities, followed, by_class, theme)
    _draw_readout(builder, points, readout, f"more {followed}" if by_class is None else followed, theme)
    path = np.asarray(path, dtype=np.float32)
    builder.scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines+markers",
        line={"color": theme.text, "width": 1.4},
        marker={"size": 4, "color": theme.text},
        customdata=[f"{counted(time)}: {plain(label)}" for time, label in enumerate(labels)],
        hovertemplate="%{customdata}<extra></extra>",
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
    for name, share in zip(("xaxis", "yaxis"), shares, strict=False):
        number = "first" if name == "xaxis" else "second"
        words = f"{number} principal component, {share:.0%} of the variance"
        title = axis_title(words, theme, standoff=6)
        builder.lay_out(**{name: axis(theme, title=title, nticks=6, tickformat="~g")})
    return builder.build()


def _draw_by_probability(
    builder: FigureBuilder, points: Array, probabilities: Array, followed: str, theme: Theme
) -> None:
    """Draws states by the probability of two classes: the more probable one is, the deeper its colour."""
    every = each_drawn(len(points))
    marker = {
        "size": 4,
        "opacity": 0.55,
        "color": np.asarray(probabilities, dtype=np.float32)[::every],
        "cmin": 0,
        "cmax": 1,
        "colorscale": diverging(theme),
    }
    _draw_states(builder, np.asarray(points)[::every], marker, followed, "%{marker.color:.0%}")


def _draw_by_class(
    builder: FigureBuilder,
    points: Array,
    probabilities: Array,
    followed: str,
    by_class: Mapping[str, Array],
    theme: Theme,
) -> None:
    """Draws states by their most probable class, in its colour where it is in sight; a key stands above."""
    every = each_drawn(len(points))
    points, p = np.asarray(points)[::every], np.asarray(probabilities, dtype=np.float32)[::every]
    colours = class_colours(list(by_class), len(by_class) + 1)
    here = {name: np.asarray(those)[::every] for name, those in by_class.items()}
    others = _others(here)
    rest = [("other classes", others, _OTHERS, "○", theme.muted)] if others.any() else []
    kinds = rest + [
        (short, those, sign, letter, colours[name])
        for short, (name, those), (sign, letter) in zip(
            shorten_apart([*here], _LONGEST_NAME), here.items(), _SIGNS.items(), strict=False
        )
    ]
    for place, (name, those, sign, letter, colour) in enumerate(kinds):
        marker = {"size": 5, "opacity": 0.6, "color": colour, "symbol": sign}
        _draw_states(builder, points[those], marker, followed, "%{customdata:.0%}", p[those])
        builder.write(
            f"{letter} {plain(name)}", x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom",
            yshift=2 + _LINE * ((len(rest) - 1 - place) % len(kinds)),  # drawn first, named last
            font={"size": 12, "color": theme.muted if sign == _OTHERS else ink(colour, theme)},
        )  # fmt: skip


def _others(by_class: Mapping[str, Array]) -> Array:
    """The states, (S,), in which none of these classes is the most probable."""
    others: Array = ~np.any(list(by_class.values()), axis=0)
    return others


def _draw_states(
    builder: FigureBuilder,
    points: Array,
    marker: dict[str, object],
    followed: str,
    number: str,
    probabilities: Array | None = None,
) -> None:
    x, y = np.asarray(points, dtype=np.float32).T
    name = in_template(shorten(followed, _LONGEST_HOVER))
    builder.scatter(  # not by WebGL, which Plotly lays over all that is not: the path would vanish below it
        x=x,
        y=y,
        mode="markers",
        marker=marker,
        customdata=probabilities,
        hovertemplate=f"a state of another text: {name} {number}<extra></extra>",
    )


def _draw_readout(builder: FigureBuilder, points: Array, readout: Array, words: str, theme: Theme) -> None:
    """An arrow through the middle; the shorter, the less of the direction lies in the plane."""
    reach = float(np.abs(np.asarray(points)).max(initial=1.0)) * 0.9
    colour = ink(POSITIVE, theme)
    builder.write(
        "", x=float(readout[0]) * reach, y=float(readout[1]) * reach, ax=-float(readout[0]) * reach,
        ay=-float(readout[1]) * reach, xref="x", yref="y", axref="x", ayref="y", showarrow=True, arrowhead=3,
        arrowwidth=2, arrowcolor=colour, opacity=0.8,
    )  # fmt: skip
    builder.write(
        x=float(readout[0]) * reach, y=float(readout[1]) * reach, text=plain(shorten(words, _LONGEST_ARROW)),
        xanchor="left", xshift=6, font={"size": 12, "color": colour}, bgcolor=fade(theme.background, 0.7),
    )  # fmt: skip
