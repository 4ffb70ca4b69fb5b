"""The verdict after each token, with the tokens that turned it, as a row on the token axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, fade, ink
from rnn_core.figures.decimation import Array, decimate
from rnn_core.figures.text import percent, plain, shorten
from rnn_core.figures.token_axis import MOST_TICKS, Row, aside, begin_token_figure, end_label, rows_of, y_axis
from rnn_core.inspection.trace import verdict_turns

VERDICT_HEIGHT = 96
_NEAR_AN_EDGE = 0.25
"""Of the verdict: there its label of two lines would reach into the row below or the title above."""

_APART, _MOST_LETTERS, _LETTER = 0.12, 14, 0.013
"""Words in the picture: how far apart at least, their length at most, how wide a letter is at most.

The first and the last are shares of the time axis, which is some 630 pixels wide.
"""


def verdict_curve(*, labels: Sequence[str], probabilities: Array, theme: Theme) -> go.Figure:
    """The row alone, on its own token axis."""
    builder = begin_token_figure(labels, [VERDICT_HEIGHT], theme)
    draw_verdict(builder, rows_of([VERDICT_HEIGHT])[0], labels, probabilities, theme)
    return builder.build()


def verdict_axis(builder: FigureBuilder, row: Row, theme: Theme) -> None:
    """Give a row the axis of a probability, under the title of the verdict."""
    y_axis(
        builder,
        row,
        theme,
        f"Verdict after each token {aside('probability of positive', theme)}",
        range=[-0.03, 1.03],
        tickvals=[0, 0.5, 1],
        tickformat=".0%",
    )


def draw_verdict(
    builder: FigureBuilder, row: Row, labels: Sequence[str], probabilities: Array, theme: Theme
) -> None:
    """Draw the row: the curve, filled towards the side on which it stands, and its end as a percentage."""
    p = np.asarray(probabilities, dtype=np.float32)
    steps = np.arange(len(p))
    verdict_axis(builder, row, theme)
    x, y = decimate(steps, p)
    fill_x, fill_y = with_crossings(x, y, 0.5)
    for edge, colour in ((np.maximum, POSITIVE), (np.minimum, NEGATIVE)):
        # Along the curve and back on the middle line.
        builder.draw(
            go.Scatter(
                x=np.concatenate([fill_x, fill_x[[-1, 0]]]).astype(np.float32),
                y=np.append(edge(fill_y, 0.5), [0.5, 0.5]).astype(np.float32),
                yaxis=row.axis,
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=fade(colour, 0.38),
                hoverinfo="skip",
            )
        )
    builder.draw(
        go.Scatter(
            x=x.astype(np.float32),
            y=y,
            yaxis=row.axis,
            name="",
            mode="lines+markers" if len(p) <= MOST_TICKS else "lines",
            marker={"size": 5, "color": theme.text},
            line={"color": theme.text, "width": 1.6},
            customdata=[plain(labels[step]) for step in x],
            hovertemplate="<b>%{customdata}</b>   positive %{y:.1%}<extra></extra>",
        )
    )
    _mark_turns(builder, row, labels, p, theme)
    last = float(p[-1])
    end_label(
        builder,
        row,
        last,
        f"{percent(max(last, 1 - last))}<br>{'positive' if last > 0.5 else 'negative'}",
        ink(POSITIVE if last > 0.5 else NEGATIVE, theme),
        anchor="bottom" if last < _NEAR_AN_EDGE else "top" if last > 1 - _NEAR_AN_EDGE else "middle",
    )


def _mark_turns(builder: FigureBuilder, row: Row, labels: Sequence[str], p: Array, theme: Theme) -> None:
    """A diamond where a token turned the verdict, and the word where there is room for it."""
    turns = verdict_turns(p)
    if not len(turns):
        return
    sides = ["positive" if p[step] > 0.5 else "negative" for step in turns]
    colours = [POSITIVE if side == "positive" else NEGATIVE for side in sides]
    builder.draw(
        go.Scatter(
            x=turns.astype(np.float32),
            y=p[turns],
            yaxis=row.axis,
            name="turns",
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 10,
                "color": colours,
                "line": {"color": theme.background, "width": 1.5},
            },
            customdata=sides,
            hovertemplate="turns the verdict to %{customdata}<extra></extra>",
        )
    )
    moved = np.abs(p[turns] - p[turns - 1])
    written: list[int] = []
    for number in np.argsort(-moved, kind="stable"):
        step = int(turns[number])
        word = shorten(labels[step], _MOST_LETTERS)
        is_after = _room_for_word(p, step, len(word))
        if is_after is None or any(abs(step - other) < _APART * len(p) for other in written):
            continue
        written.append(step)
        builder.write(
            plain(word),
            x=step if is_after else step - 1,  # between the two the curve crosses the middle
            y=0.5,
            yref=row.axis,
            xanchor="left" if is_after else "right",
            xshift=4 if is_after else 0,
            yanchor="bottom" if (sides[number] == "negative") == is_after else "top",
            font={"size": 12, "color": ink(colours[number], theme)},
        )


def _room_for_word(p: Array, step: int, letters: int) -> bool | None:
    """Whether the word of a turn stands after it, on the side that the curve has just left, or before it.

    Before it it stands on the other side; None where in both places it would lie on the curve or beyond its
    end.
    """
    width = round(_LETTER * letters * len(p)) + 1
    is_positive = p > 0.5
    if step + width <= len(p) and (is_positive[step : step + width] == is_positive[step]).all():
        return True
    begin = step - 1 - width
    return False if begin >= 0 and (is_positive[begin:step] != is_positive[step]).all() else None


def with_crossings(x: Array, y: Array, level: float) -> tuple[Array, Array]:
    """A curve (N,) with a point added wherever a straight piece of it crosses `level`."""
    before = np.flatnonzero((y[:-1] - level) * (y[1:] - level) < 0)
    share = (level - y[before]) / (y[before + 1] - y[before])
    crossings = x[before] + share * (x[before + 1] - x[before])
    return np.insert(x.astype(np.float64), before + 1, crossings), np.insert(y, before + 1, level)
