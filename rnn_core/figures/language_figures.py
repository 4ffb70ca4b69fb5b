"""Strings of a made-up language: the true probabilities of each next symbol, the hidden truths, and units.

A unit that keeps track of a hidden truth is drawn against it, or along a string.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder
from rnn_core.figures.colours import POSITIVE, Theme, colour_of, ink, sequential
from rnn_core.figures.looks import look_at
from rnn_core.figures.text import plain, template_text
from rnn_core.figures.token_axis import Row, TokenFigure
from rnn_core.inspection.keeping_track import Tracking, Unit, classes_of
from rnn_core.languages.along import NONE, Along
from rnn_core.languages.language import CATEGORY, NUMBER, Language
from rnn_core.symbols import CellDeclaration

_SYMBOL_HEIGHT, _LEAST_HEIGHT = 22, 80
_NARROW, _LETTER = 250, 7
"""Pixels of the rows on a phone, and of a letter: the value of a category is written where it has room."""


def truth_along(
    language: Language, labels: Sequence[str], truth: Along, theme: Theme, cursor: int | None = None
) -> go.Figure:
    """Draw the true probabilities of the next symbol, and the hidden truths, at each of T time steps.

    `labels` are the T tokens that were read, `truth` has a row for each. `cursor` is the time step that is
    marked. A label of more than a character is left out, or all would have to be turned.
    """
    symbols = language.predicted
    heights = [
        max(_SYMBOL_HEIGHT * len(symbols), _LEAST_HEIGHT),
        *map(hidden_height, language.tracked.values()),
    ]
    figure = TokenFigure([label if len(label) == 1 else "" for label in labels], heights, theme, cursor)
    first, *others = figure.rows
    _draw_truth(first, symbols, truth)
    for row, (name, kind) in zip(others, language.tracked.items(), strict=True):
        draw_hidden(row, name, kind, [of.get(name) for of in truth.hidden])
    return figure.build()


def hidden_height(kind: str) -> int:
    """Pixels of the row of a hidden truth of this kind."""
    return _OF_KINDS[kind].height


def draw_hidden(row: Row, name: str, kind: str, values: Sequence[float | str | None]) -> None:
    """Draw what is hidden along a string, of this name and kind, into a row."""
    _OF_KINDS[kind].draw(row, name, values)


def _draw_truth(row: Row, symbols: Sequence[str], truth: Along) -> None:
    theme, names = row.theme, list(map(plain, symbols))
    row.y_axis(
        "True probability of each next symbol",
        "ring: the symbol that comes",
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
    )
    row.heat(
        truth.truth.T.astype(np.float32),  # (V, T)
        {"nticks": 5, "tickformat": ".0%"},
        colorscale=sequential(POSITIVE, theme),
        y=np.arange(len(names)),
        zmin=0,
        zmax=1,
        hoverinfo="skip",
    )
    said = ["<br>".join(_listed(names, shares)) for shares in truth.truth]
    known = np.flatnonzero(truth.targets != NONE)
    ring = {"symbol": "circle-open", "size": 9, "color": theme.text, "line": {"width": 1.5}}
    row.points(
        known,
        truth.targets[known],
        mode="markers",
        marker=ring,
        customdata=[[said[t], names[truth.targets[t]]] for t in known],
        hover="%{customdata[0]}<br>here comes %{customdata[1]}",
    )


def _listed(names: Sequence[str], shares: np.ndarray) -> list[str]:
    order = np.argsort(-shares, kind="stable")
    return [f"{names[place]}  {shares[place]:.1%}" for place in order if shares[place] > 0]


def _draw_number(row: Row, name: str, values: Sequence[float | str | None]) -> None:
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    top = max(float(np.nanmax(numbers, initial=0.0)), 1.0)
    row.y_axis(plain(name), range=[0, 1.1 * top], nticks=3)
    line = {"color": row.theme.text, "width": 2, "shape": "hvh"}
    row.curve(numbers, f"{plain(name)}  %{{y:.0f}}", line)


def _draw_category(row: Row, name: str, values: Sequence[float | str | None]) -> None:
    """Draw bands of two shades, yes darker than no, with the value written in them."""
    said = ["" if value is None else plain(str(value)) for value in values]
    begins = [t for t, value in enumerate(said) if t == 0 or value != said[t - 1]]
    row.y_axis(plain(name), range=[-0.5, 0.5], tickvals=[], showgrid=False)
    kinds = {"": 0} | {value: number for number, value in enumerate(sorted({*said} - {""}))}
    row.figure.heatmap(
        z=np.array([[kinds[value] % 2 for value in said]], np.int8),
        x0=0,
        dx=1,
        y=np.zeros(1),
        yaxis=row.axis,
        zmin=0,
        zmax=4,
        colorscale=sequential(row.theme.muted, row.theme),
        showscale=False,
        text=[said],
        hover=f"{plain(name)}  %{{text}}",
    )
    for t, after in zip(begins, [*begins[1:], len(said)], strict=True):
        if len(said[t]) * _LETTER <= (after - t) * _NARROW / len(said):
            colour = row.theme.text
            row.write(said[t], x=t - 0.4, xanchor="left", y=0, size=12, colour=colour)


class _HiddenRow(NamedTuple):
    """The row of a kind of hidden truths along a string."""

    height: int
    draw: Callable[[Row, str, Sequence[float | str | None]], None]


_OF_KINDS = {NUMBER: _HiddenRow(62, _draw_number), CATEGORY: _HiddenRow(26, _draw_category)}

_MARGIN = {"l": 58, "r": 16, "t": 12, "b": 46}
_UNIT_HEIGHT, _LEAST_OF_STRIPS, _STRIP = 300, 150, 34
_CURVE_HEIGHT = 120
_MOST_POINTS = 2_500
_JITTER = 0.3


def unit_name(unit: Unit, layers: int = 1) -> str:
    """Return the name of a unit in a network with so many layers.

    >>> unit_name(Unit(2, "c", 9), layers=2), unit_name(Unit(1, "h", 0))
    ('unit 9 of c in layer 2', 'unit 0 of h')
    """
    of_layer = f" in layer {unit.layer}" if layers > 1 else ""
    return f"unit {unit.number} of {unit.letter}{of_layer}"


def unit_against_truth(
    found: Tracking, name: str, unit: int, declared: CellDeclaration, theme: Theme
) -> go.Figure:
    """The value of a unit against a hidden truth, over the time steps of the strings that score.

    Of a number the line that was fitted on the other strings is drawn, too; of a category each class has a
    strip of its own, with a bar at the mean of the class over the other strings.
    """
    strings = found.strings
    scores = np.flatnonzero(strings.scores)
    some = scores[:: max(1, -(-len(scores) // _MOST_POINTS))]
    truth, values = strings.hidden[name][some], found.values[some, unit]
    symbol = declared[found.units[unit].letter]
    title = unit_name(found.units[unit])
    if strings.kinds[name] == NUMBER:
        builder = FigureBuilder(theme, height=_UNIT_HEIGHT, margin=_MARGIN)
        slope, intercept = found.line(name, unit)
        ends = np.array([values.min(), values.max()])
        builder.scatter(
            x=truth.astype(np.float32),
            y=values,
            mode="markers",
            marker={"size": 5, "opacity": 0.45, "color": colour_of(symbol)},
            name="time steps",
            hover=f"{template_text(name)} %{{x:.0f}}<br>{title} %{{y:.3f}}",
        )
        if slope:
            builder.scatter(
                x=(slope * ends + intercept).astype(np.float32),
                y=ends,
                mode="lines",
                line={"color": theme.text, "width": 1.5, "dash": "dash"},
                name="line",
                hoverinfo="skip",
            )
        x = builder.axis(title=plain(name), standoff=6, nticks=8, tickformat="~g")
        return builder.build(xaxis=x, yaxis=builder.axis(title=title, standoff=6, nticks=6, tickformat="~g"))
    return _strips(found, name, unit, truth, values, title, theme)


def _strips(
    found: Tracking, name: str, unit: int, truth: Array, values: Array, title: str, theme: Theme
) -> go.Figure:
    means, classes = found.class_means(name, unit), classes_of(truth)
    height = max(_STRIP * len(classes) + _MARGIN["t"] + _MARGIN["b"], _LEAST_OF_STRIPS)
    builder = FigureBuilder(theme, height=height, margin=_MARGIN)
    jitter = np.random.default_rng(0)
    for place, one in enumerate(classes):
        of_class, look = values[truth == one], look_at(place)
        builder.scatter(
            x=of_class,
            y=(place + jitter.uniform(-_JITTER, _JITTER, len(of_class))).astype(np.float32),
            mode="markers",
            marker={"size": 5, "opacity": 0.5, "color": look.colour, "symbol": look.marker},
            name=plain(one),
            hover=f"{template_text(name)} {template_text(one)}<br>{title} %{{x:.3f}}",
        )
        if one in means:
            line = {"color": theme.text, "width": 2}
            ends = {"y0": place - _JITTER - 0.1, "y1": place + _JITTER + 0.1}
            builder.mark(type="line", x0=means[one], x1=means[one], line=line, **ends)
    named = {"tickvals": [*range(len(classes))], "ticktext": [*map(plain, classes)]}
    return builder.build(
        xaxis=builder.axis(title=title, standoff=6, nticks=7, tickformat="~g"),
        yaxis=builder.axis(range=[len(classes) - 0.5, -0.5], showgrid=False, **named),
    )


def unit_along(
    *,
    labels: Sequence[str],
    unit: Unit,
    values: Array,
    held: Array | None,
    name: str,
    kind: str,
    truth: Sequence[float | str | None],
    declared: CellDeclaration,
    cursor: int | None,
    theme: Theme,
) -> go.Figure:
    """The value of a unit after each of T tokens, (T,), above the hidden truth there.

    `truth` has T values. `held` are those of the unit while something is held; None where nothing is.
    """
    figure = TokenFigure(labels, [_CURVE_HEIGHT, hidden_height(kind)], theme, cursor)
    curve, hidden = figure.rows
    symbol = declared[unit.letter]
    title = unit_name(unit)
    dashed = "" if held is None else "dashed: while something is held"
    curve.y_axis(f"{title[0].upper()}{title[1:]}", dashed, nticks=4, tickformat="~g")
    line = {"color": colour_of(symbol), "width": 2}
    curve.curve(values, f"{title}  %{{y:.3f}}", line, name="unit")
    if held is not None:
        curve.curve(held, "held  %{y:.3f}", {**line, "color": ink(colour_of(symbol), theme), "dash": "dash"},
            name="held",
        )  # fmt: skip
    draw_hidden(hidden, name, kind, truth)
    return figure.build()
