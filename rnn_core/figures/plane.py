"""The plane of hidden states: those of many reviews by their verdict, one review's path, the readout."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import ABOVE, LEFT, Array, FigureBuilder
from rnn_core.figures.colours import POSITIVE, Theme, class_colours, diverging, fade, ink, mix
from rnn_core.figures.looks import look_at
from rnn_core.figures.text import counted, plain, shorten, shorten_apart, template_text
from rnn_core.inspection.keeping_track import classes_of
from rnn_core.inspection.plane import StatePlane
from rnn_core.languages.language import NUMBER
from rnn_core.tasks.classes import probabilities_of

_HEIGHT = 460
_MARGIN = {"l": 58, "r": 16, "t": 16, "b": 44}
_MOST_POINTS = 3_000
_LONGEST_HOVER, _LONGEST_NAME, _LONGEST_ARROW = 40, 24, 18
_SIGNS = (("circle", "●"), ("square", "■"), ("triangle-up", "▲"))
"""The markers of states by class, the followed one first: Plotly's name and a letter that looks like it."""
_OTHERS = ("circle-open", "○")
_LINE = 17
"""Pixels of a line of the key."""
_LONGEST_LINE = 40
"""Letters of a line of the key of a hidden truth, which has several names in a line."""
_LETTERS = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "x": "✖", "cross": "✚"}
"""Letter of the key for each marker of a class."""
_BAR = 52
"""Pixels of the bar of colours beside the plane."""


class Hidden(NamedTuple):
    """A hidden truth of a language's strings, where the S states were read."""

    name: str
    kind: str
    truth: Array
    """(S,) numbers, or names of classes with None where there is nothing to know."""


def each_drawn(states: int) -> int:
    """The map draws one in this many of the states of other reviews, given how many there are."""
    return max(1, -(-states // _MOST_POINTS))


def state_map(
    *,
    plane: StatePlane,
    followed: str,
    by_class: Mapping[str, Array] | None,
    path: Array,
    labels: Sequence[str],
    cursor: int,
    theme: Theme,
    hidden: Hidden | None = None,
    others: str = "other classes",
) -> go.Figure:
    """The plane, and on it the path of one review with the cursor.

    `plane` has S states of many reviews, and what the head says of each, log odds of the class `followed`;
    `by_class` says of more than two classes in which states, (S,), each of those in sight is the most
    probable, the followed one first; `path` (T, 2) is that of the review whose tokens are `labels`. What is
    `hidden` colours the states where it is given, else what the head says; `others` names the classes that
    are not in sight.
    """
    every = each_drawn(len(plane.points))
    some = np.asarray(plane.points, np.float32)[::every]
    p = np.asarray(probabilities_of(plane.logits), np.float32)[::every]
    if hidden is not None:
        builder = _coloured_by(hidden, some, every, theme)
    else:
        builder = _coloured_by_head(some, p, followed, by_class, every, others, theme)
    if plane.readout is not None:
        _draw_readout(
            builder, plane.points, plane.readout, f"more {followed}" if by_class is None else followed
        )
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
    for axis, number, share in zip(("xaxis", "yaxis"), ("first", "second"), plane.shares, strict=False):
        title = f"{number} principal component, {share:.0%} of the variance"
        builder.lay_out(**{axis: builder.axis(title=title, standoff=6, nticks=6, tickformat="~g")})
    return builder.build()


def _coloured_by_head(
    some: Array,
    p: Array,
    followed: str,
    by_class: Mapping[str, Array] | None,
    every: int,
    others: str,
    theme: Theme,
) -> FigureBuilder:
    kinds: list[tuple[str, Array, tuple[str, str], str]] = []
    if by_class is not None:
        colours = class_colours([*by_class], len(by_class) + 1)
        short = shorten_apart([*by_class], _LONGEST_NAME)
        for name, of_class, (known, those) in zip(short, _SIGNS, by_class.items(), strict=False):
            kinds.append((name, np.asarray(those), of_class, colours[known]))
        rest = ~np.any(list(by_class.values()), axis=0)
        if rest.any():
            kinds.insert(0, (others, rest, _OTHERS, theme.muted))  # below the others, named last
    builder = _builder(theme, len(kinds))
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
    return builder


def _builder(theme: Theme, lines: int, right: int = 0) -> FigureBuilder:
    """A plane with so many lines above it, and so many pixels beside it."""
    margin = {**_MARGIN, "t": _MARGIN["t"] + _LINE * lines, "r": _MARGIN["r"] + right}
    return FigureBuilder(theme, height=_HEIGHT + _LINE * lines, margin=margin)


def _coloured_by(hidden: Hidden, some: Array, every: int, theme: Theme) -> FigureBuilder:
    """Numbers get deeper colours the larger they are, classes a colour and a sign each."""
    truth, name = np.asarray(hidden.truth)[::every], hidden.name
    if hidden.kind == NUMBER:
        builder = _builder(theme, 0, _BAR)
        bar = {"thickness": 10, "outlinewidth": 1, "outlinecolor": theme.grid, "nticks": 6, "x": 1.01}
        bar |= {"tickfont": {"size": 12, "color": theme.muted}, "xanchor": "left", "tickformat": "~g"}
        bar["title"] = {"text": plain(name), "side": "right", "font": {"size": 12, "color": theme.muted}}
        scale = [[0.0, mix(POSITIVE, theme.background, 0.7)], [1.0, mix(POSITIVE, theme.text, 0.35)]]
        marker = {"size": 5, "opacity": 0.75, "color": truth, "colorscale": scale, "colorbar": bar}
        _draw_states(builder, some, marker, name, "%{marker.color:.0f}")
        return builder
    classes = classes_of(truth)
    looks = [look_at(place) for place in range(len(classes))]
    names = [
        (f"{_LETTERS[look.marker]} {shorten(one, _LONGEST_NAME)}", ink(look.colour, theme))
        for one, look in zip(classes, looks, strict=True)
    ]
    unknown = np.array([one is None for one in truth])
    if unknown.any():
        names.append((f"{_OTHERS[1]} nothing to know yet", theme.muted))
    lines = _wrapped([(f"{name}:", theme.muted), *names])
    builder = _builder(theme, len(lines))
    marker = {"size": 4, "opacity": 0.5, "color": theme.muted, "symbol": _OTHERS[0]}
    _draw_states(builder, some[unknown], marker, name, "nothing to know yet")
    for one, look in zip(classes, looks, strict=True):
        marker = {"size": 6, "opacity": 0.7, "color": look.colour, "symbol": look.marker}
        _draw_states(builder, some[truth == one], marker, name, template_text(one))
    for line, parts in enumerate(reversed(lines)):
        words = "  ".join(f"<span style='color:{colour}'>{plain(part)}</span>" for part, colour in parts)
        builder.write(words, **LEFT, **ABOVE, yshift=2 + _LINE * line)
    return builder


def _wrapped(parts: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Words, each with its colour, in as few lines as have room for them."""
    lines: list[list[tuple[str, str]]] = [[]]
    for word, colour in parts:
        if sum(len(before) + 2 for before, _ in lines[-1]) + len(word) > _LONGEST_LINE:
            lines.append([])
        lines[-1].append((word, colour))
    return lines


def _draw_states(
    builder: FigureBuilder,
    points: Array,
    marker: dict[str, object],
    followed: str,
    number: str,
    probabilities: Array | None = None,
) -> None:
    x, y = points.T
    hover = f"a state of another text: {template_text(shorten(followed, _LONGEST_HOVER))} {number}"
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
