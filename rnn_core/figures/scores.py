"""The scores of a model on the test texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import POSITIVE, Theme, mix
from rnn_core.figures.text import plain, room_of, shorten_apart

_HEIGHT = 260
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
    K, has_numbers = len(classes), len(classes) <= _MOST_WITH_NUMBERS
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    short = shorten_apart(classes, _LONGEST_NAME)
    widest = _LETTER * max(map(room_of, short))
    upright = K > 2 and K * widest > _ROOM
    top = 54 + (widest if upright and K <= _MOST_NAMED else 0)
    height = _HEIGHT if K == 2 else max(_HEIGHT, top + 12 + (_ROW if has_numbers else _SMALL_ROW) * K)
    margin = {"l": max(100, 44 + widest), "r": 12, "t": top, "b": 12}
    builder = FigureBuilder(theme, height=height, margin=margin)
    # Without numbers a single text must be seen; with numbers these must stay legible on the full colour.
    scale = [[0, theme.background], [0.001, mix(POSITIVE, theme.background, 0.7)], [1, POSITIVE]]
    numbers: dict[str, Any] = {}
    if has_numbers:
        scale = [[0, theme.background], [1, mix(POSITIVE, theme.background, 0.45)]]
        written = "{0:,}<br>{1:.1%}" if K <= _MOST_WITH_SHARES else "{0:,}"
        font = {"size": 15 if K == 2 else 13 if K <= _MOST_WITH_SHARES else 12, "color": theme.text}
        text = [[written.format(table[i, j], shares[i, j]) for j in range(K)] for i in range(K)]
        numbers = {"text": text, "texttemplate": "%{text}", "textfont": font}
    gap = 3 if has_numbers else 1
    hover = [
        [
            f"label {label}, verdict {verdict}:<br>{table[i, j]:,}, {shares[i, j]:.1%} of that label"
            for j, verdict in enumerate(map(plain, classes))
        ]
        for i, label in enumerate(map(plain, classes))
    ]
    look = {"zmin": 0, "zmax": 1, "colorscale": scale, "showscale": False, "xgap": gap, "ygap": gap}
    builder.heatmap(z=shares, **look, hovertext=hover, hoverinfo="text", **numbers)
    ticks: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": list(range(K)),
        "ticktext": [plain(name) for name in short],
    }
    ticks |= {"showgrid": False, "fixedrange": True} | ({} if has_numbers else {"tickfont": {"size": 11}})
    named = {"showticklabels": K <= _MOST_NAMED, "tickangle": -90 if upright else 0}
    title = {"standoff": 12, "size": 13}
    return builder.build(
        xaxis=builder.axis(title="verdict", **title, side="top", range=[-0.5, K - 0.5], **named, **ticks),
        yaxis=builder.axis(title="label", **title, range=[K - 0.5, -0.5], **ticks),
    )
