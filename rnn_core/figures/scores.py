"""How a model did on the test texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import POSITIVE, Theme, mix
from rnn_core.figures.text import plain, room_of, shorten_apart

CONFUSION_HEIGHT = 260
_LONGEST_NAME = 14
"""Letters of the name of a class."""
_MOST_WITH_NUMBERS, _MOST_WITH_SHARES = 8, 4
"""Classes up to which a field has room for its count, and for its share below it."""
_MOST_NAMED = 20
"""Classes up to which the columns have room for their names; the rows always have."""
_ROW, _SMALL_ROW = 44, 15
"""Pixels of a row with numbers and of one without."""
_LETTER, _ROOM = 8, 230
"""Pixels of a letter, and of all columns together on a phone."""


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], theme: Theme) -> go.Figure:
    """(K, K) counts, rows by the label of the text, columns by the verdict; `classes` are the K names.

    Each field has its count and its share of the texts with that label, under the pointer where there are
    many classes.
    """
    table = np.asarray(counts, dtype=np.int64)
    K = len(classes)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    short = shorten_apart(classes, _LONGEST_NAME)
    names, widest = [plain(name) for name in short], _LETTER * max(map(room_of, short))
    upright = K > 2 and K * widest > _ROOM
    top = 54 + (widest if upright and K <= _MOST_NAMED else 0)
    row = _ROW if K <= _MOST_WITH_NUMBERS else _SMALL_ROW
    height = CONFUSION_HEIGHT if K == 2 else max(CONFUSION_HEIGHT, top + 12 + row * K)
    builder = FigureBuilder(
        theme, height=height, margin={"l": max(100, 44 + widest), "r": 12, "t": top, "b": 12}
    )
    builder.heatmap(
        z=shares,
        zmin=0,
        zmax=1,
        colorscale=_scale(K, theme),
        showscale=False,
        xgap=3 if K <= _MOST_WITH_NUMBERS else 1,
        ygap=3 if K <= _MOST_WITH_NUMBERS else 1,
        hovertext=_hover(table, shares, classes),
        hoverinfo="text",
        **_numbers(table, shares, theme),
    )
    places = {"tickmode": "array", "tickvals": list(range(K)), "ticktext": names, "range": [-0.5, K - 0.5]}
    small = {"tickfont": {"size": 11}} if K > _MOST_WITH_NUMBERS else {}
    builder.lay_out(
        xaxis=axis(
            theme,
            side="top",
            title=axis_title("verdict", theme, standoff=12, size=13),
            showgrid=False,
            fixedrange=True,
            showticklabels=K <= _MOST_NAMED,
            tickangle=-90 if upright else 0,
            **places,
            **small,
        ),
        yaxis=axis(
            theme,
            title=axis_title("label", theme, standoff=12, size=13),
            showgrid=False,
            fixedrange=True,
            **{**places, "range": [K - 0.5, -0.5]},
            **small,
        ),
    )
    return builder.build()


def _scale(classes: int, theme: Theme) -> list[list[Any]]:
    """Without numbers a single text must be seen; with numbers these must stay legible on the full colour."""
    if classes <= _MOST_WITH_NUMBERS:
        return [[0, theme.background], [1, mix(POSITIVE, theme.background, 0.45)]]
    return [[0, theme.background], [0.001, mix(POSITIVE, theme.background, 0.7)], [1, POSITIVE]]


def _numbers(table: np.ndarray, shares: np.ndarray, theme: Theme) -> dict[str, Any]:
    """What is written into the fields."""
    K = len(table)
    if K > _MOST_WITH_NUMBERS:
        return {}
    written = [
        [
            f"{count:,}<br>{share:.1%}" if K <= _MOST_WITH_SHARES else f"{count:,}"
            for count, share in zip(*row, strict=True)
        ]
        for row in zip(table.tolist(), shares.tolist(), strict=True)
    ]
    size = 15 if K == 2 else 13 if K <= _MOST_WITH_SHARES else 12
    return {"text": written, "texttemplate": "%{text}", "textfont": {"size": size, "color": theme.text}}


def _hover(table: np.ndarray, shares: np.ndarray, classes: Sequence[str]) -> list[list[str]]:
    names = [plain(name) for name in classes]
    return [
        [
            f"label {label}, verdict {verdict}:<br>{table[i, j]:,}, {shares[i, j]:.1%} of that label"
            for j, verdict in enumerate(names)
        ]
        for i, label in enumerate(names)
    ]
