"""A string of a made-up language: the true probabilities of each next symbol, and the hidden truths."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.colours import POSITIVE, Theme, sequential
from rnn_core.figures.text import plain
from rnn_core.figures.token_axis import Row, TokenFigure
from rnn_core.languages.along import NONE, Along
from rnn_core.languages.language import NUMBER, Language

_SYMBOL_HEIGHT, _LEAST_HEIGHT = 22, 80
_NUMBER_HEIGHT, _CATEGORY_HEIGHT = 62, 26
_NARROW, _LETTER = 250, 7
"""Pixels of the rows on a phone, and of a letter: the value of a category is written where it has room."""


def truth_along(
    language: Language[Any], labels: Sequence[str], truth: Along, theme: Theme, cursor: int | None = None
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
    figure = TokenFigure([label if len(label) == 1 else "" for label in labels], heights, theme)
    first, *others = figure.rows
    _draw_truth(figure, first, symbols, truth)
    for row, (name, kind) in zip(others, language.tracked.items(), strict=True):
        draw_hidden(figure, row, name, kind, truth)
    figure.mark_cursor(cursor)
    return figure.build()


def hidden_height(kind: str) -> int:
    """Pixels of the row of a hidden truth of this kind."""
    return _NUMBER_HEIGHT if kind == NUMBER else _CATEGORY_HEIGHT


def draw_hidden(figure: TokenFigure, row: Row, name: str, kind: str, truth: Along) -> None:
    """Draw what is hidden along a string, of this name and kind, into a row."""
    values = [of.get(name) for of in truth.hidden]
    if kind == NUMBER:
        _draw_number(figure, row, name, values)
    else:
        _draw_category(figure, row, name, values)


def _draw_truth(figure: TokenFigure, row: Row, symbols: Sequence[str], truth: Along) -> None:
    theme, names = figure.theme, list(map(plain, symbols))
    aside = figure.aside("ring: the symbol that comes")
    figure.y_axis(
        row,
        f"True probability of each next symbol {aside}",
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
    )
    figure.heat(
        row,
        truth.truth.T.astype(np.float32),  # (V, T)
        {"nticks": 5, "tickformat": ".0%"},
        colorscale=sequential(POSITIVE, theme),
        y=np.arange(len(names)),
        zmin=0,
        zmax=1,
        hoverinfo="skip",
    )
    said = ["<br>".join(_in_a_line(names, shares)) for shares in truth.truth]
    known = np.flatnonzero(truth.targets != NONE)
    ring = {"symbol": "circle-open", "size": 9, "color": theme.text, "line": {"width": 1.5}}
    figure.points(
        row,
        known,
        truth.targets[known],
        mode="markers",
        marker=ring,
        customdata=[[said[t], names[truth.targets[t]]] for t in known],
        hover="%{customdata[0]}<br>here comes %{customdata[1]}",
    )


def _in_a_line(names: Sequence[str], shares: np.ndarray) -> list[str]:
    order = np.argsort(-shares, kind="stable")
    return [f"{names[place]}  {shares[place]:.1%}" for place in order if shares[place] > 0]


def _draw_number(figure: TokenFigure, row: Row, name: str, values: Sequence[float | str | None]) -> None:
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    top = max(float(np.nanmax(numbers, initial=0.0)), 1.0)
    figure.y_axis(row, plain(name), range=[0, 1.1 * top], nticks=3)
    line = {"color": figure.theme.text, "width": 2, "shape": "hvh"}
    figure.curve(row, numbers, f"{plain(name)}  %{{y:.0f}}", line)


def _draw_category(figure: TokenFigure, row: Row, name: str, values: Sequence[float | str | None]) -> None:
    """Draw bands of two shades, a new one where the value changes, with the value written in them."""
    said = ["" if value is None else plain(str(value)) for value in values]
    begins = [t for t, value in enumerate(said) if t == 0 or value != said[t - 1]]
    figure.y_axis(row, plain(name), range=[-0.5, 0.5], tickvals=[], showgrid=False)
    kinds = {value: number for number, value in enumerate(dict.fromkeys(said))}
    figure.heatmap(
        z=np.array([[kinds[value] % 2 for value in said]], np.int8),
        x0=0,
        dx=1,
        y=np.zeros(1),
        yaxis=row.axis,
        zmin=0,
        zmax=4,
        colorscale=sequential(figure.theme.muted, figure.theme),
        showscale=False,
        text=[said],
        hover=f"{plain(name)}  %{{text}}",
    )
    for t, after in zip(begins, [*begins[1:], len(said)], strict=True):
        if len(said[t]) * _LETTER <= (after - t) * _NARROW / len(said):
            colour = figure.theme.text
            figure.write(said[t], x=t - 0.4, xanchor="left", y=0, yref=row.axis, size=12, colour=colour)
