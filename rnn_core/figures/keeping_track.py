"""A unit that keeps track of what is hidden in the strings of a language: its value against the truth."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.figures.language_figures import draw_hidden, hidden_height
from rnn_core.figures.looks import look_at
from rnn_core.figures.text import in_template, plain
from rnn_core.figures.token_axis import TokenFigure
from rnn_core.inspection.keeping_track import Tracking, Unit, classes_of
from rnn_core.languages.along import Along
from rnn_core.languages.language import NUMBER
from rnn_core.symbols import CellDeclaration

_MARGIN = {"l": 58, "r": 16, "t": 12, "b": 46}
_HEIGHT, _LEAST_HEIGHT, _STRIP = 300, 150, 34
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
        builder = FigureBuilder(theme, height=_HEIGHT, margin=_MARGIN)
        slope, intercept = found.line(name, unit)
        ends = np.array([values.min(), values.max()])
        builder.scatter(
            x=truth.astype(np.float32),
            y=values,
            mode="markers",
            marker={"size": 5, "opacity": 0.45, "color": colour_of(symbol)},
            name="time steps",
            hover=f"{in_template(name)} %{{x:.0f}}<br>{title} %{{y:.3f}}",
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
        builder.lay_out(xaxis=x, yaxis=builder.axis(title=title, standoff=6, nticks=6, tickformat="~g"))
        return builder.build()
    return _strips(found, name, unit, truth, values, title, theme)


def _strips(
    found: Tracking, name: str, unit: int, truth: Array, values: Array, title: str, theme: Theme
) -> go.Figure:
    means, classes = found.class_means(name, unit), classes_of(truth)
    height = max(_STRIP * len(classes) + _MARGIN["t"] + _MARGIN["b"], _LEAST_HEIGHT)
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
            hover=f"{in_template(name)} {in_template(one)}<br>{title} %{{x:.3f}}",
        )
        if one in means:
            line = {"color": theme.text, "width": 2}
            ends = {"y0": place - _JITTER - 0.1, "y1": place + _JITTER + 0.1}
            builder.mark(type="line", x0=means[one], x1=means[one], line=line, **ends)
    named = {"tickvals": [*range(len(classes))], "ticktext": [*map(plain, classes)]}
    builder.lay_out(
        xaxis=builder.axis(title=title, standoff=6, nticks=7, tickformat="~g"),
        yaxis=builder.axis(range=[len(classes) - 0.5, -0.5], showgrid=False, **named),
    )
    return builder.build()


def unit_along(
    *,
    labels: Sequence[str],
    unit: Unit,
    values: Array,
    held: Array | None,
    name: str,
    kind: str,
    truth: Along,
    declared: CellDeclaration,
    cursor: int | None,
    theme: Theme,
) -> go.Figure:
    """The value of a unit after each of T tokens, (T,), above the hidden truth there.

    `held` are its values, (T,), while something is held; None where nothing is.
    """
    figure = TokenFigure(labels, [_CURVE_HEIGHT, hidden_height(kind)], theme)
    curve, hidden = figure.rows
    symbol = declared[unit.letter]
    title = unit_name(unit)
    dashed = "" if held is None else figure.aside("dashed: while something is held")
    figure.y_axis(curve, f"{title[0].upper()}{title[1:]} {dashed}", nticks=4, tickformat="~g")
    line = {"color": colour_of(symbol), "width": 2}
    figure.curve(curve, values, f"{title}  %{{y:.3f}}", line, name="unit")
    if held is not None:
        figure.curve(
            curve, held, "held  %{y:.3f}", {**line, "color": ink(colour_of(symbol), theme), "dash": "dash"},
            name="held",
        )  # fmt: skip
    draw_hidden(figure, hidden, name, kind, truth)
    figure.mark_cursor(cursor)
    return figure.build()
