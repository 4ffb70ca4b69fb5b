"""One review read twice, by two models or in two versions, on one axis: the tokens of the text."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, scatter
from rnn_core.figures.colours import REMEMBERS, Theme, beside_colour, ink
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import percent, plain, shorten_apart
from rnn_core.figures.token_axis import (
    MOST_LETTERS,
    aside,
    begin_token_figure,
    draw_signed_bars,
    end_label,
    mark_cursor,
    rows_of,
    signed_axis,
    y_axis,
)
from rnn_core.figures.verdict import verdict_axis

_VERDICT_HEIGHT, _NORM_HEIGHT, _DIFFERENCE_HEIGHT = 140, 80, 90
_DASHES = ("solid", "dash")
_LONGEST_NAME = 24
_AS_SHARE = "%{customdata}"
"""The format of a probability in a hover."""


def two_readings(
    *,
    labels: Sequence[str],
    names: Sequence[str],
    followed: str,
    probabilities: Sequence[Array],
    norms: Sequence[Array],
    apart: Array | None,
    cursor: int | None,
    theme: Theme,
) -> go.Figure:
    """Verdicts and norms of h of both, their difference, and how far their states lie apart.

    `followed` is the class that the probabilities are of.
    All arrays (T,) are by the tokens `labels`, nan where a reading has not got the token. `apart` is the norm
    of the difference of h, None where the two are states of different networks, which can't be compared.
    """
    heights = [_VERDICT_HEIGHT, _DIFFERENCE_HEIGHT, _NORM_HEIGHT]
    builder = begin_token_figure(labels, heights, theme)
    verdict, difference, norm = rows_of(heights)
    verdict_axis(builder, verdict, followed, theme)
    _draw_two(builder, verdict.axis, names, probabilities, _AS_SHARE, theme)
    least = 17 / _VERDICT_HEIGHT
    known = [np.asarray(values)[np.isfinite(values)] for values in probabilities]
    ends = keep_apart([float(one[-1]) if len(one) else 0.5 for one in known], least, (0, 1))
    for place, name, y in zip(range(2), shorten_apart(names, MOST_LETTERS), ends, strict=True):
        end_label(builder, verdict, y, plain(name), beside_colour(place, theme))

    change = np.asarray(probabilities[1]) - np.asarray(probabilities[0])
    reach = max(float(np.nanmax(np.abs(change), initial=0.0)), 0.01)
    first, second = (plain(name) for name in shorten_apart(names, _LONGEST_NAME))
    words = aside(f"{second} minus {first}", theme)
    draw_signed_bars(
        builder, difference, change, f"Difference of the verdicts {words}", "difference  %{y:+.1%}", theme,
        **signed_axis(reach), tickformat="+.0%",
    )  # fmt: skip
    title = "Norm of the hidden state h" if apart is None else "How far the two hidden states lie apart"
    y_axis(builder, norm, theme, title, rangemode="tozero", nticks=3, tickformat="~g")
    if apart is None:
        _draw_two(builder, norm.axis, names, norms, "%{y:.2f}", theme)
    else:
        _draw(builder, norm.axis, "apart", apart, "%{y:.3f}", {"color": ink(REMEMBERS, theme), "width": 2})
    if cursor is not None:
        mark_cursor(builder, cursor, theme)
    return builder.build()


def _draw_two(
    builder: FigureBuilder, y: str, names: Sequence[str], values: Sequence[Array], said: str, theme: Theme
) -> None:
    for place, (name, one) in enumerate(zip(names, values, strict=True)):
        colour = beside_colour(place, theme)
        line = {"color": colour, "width": 2, "dash": _DASHES[place]}
        _draw(builder, y, plain(name), one, said, line)


def _draw(
    builder: FigureBuilder, y: str, name: str, values: Array, said: str, line: dict[str, object]
) -> None:
    """`said` is how a hover says a value."""
    builder.draw(
        scatter(
            x=np.arange(len(values), dtype=np.float32),
            y=np.asarray(values, dtype=np.float32),
            yaxis=y,
            mode="lines+markers" if len(values) <= 2 else "lines",
            line=line,
            customdata=[percent(value) for value in values] if said == _AS_SHARE else None,
            hovertemplate=f"{name}  {said}<extra></extra>",
        )
    )
