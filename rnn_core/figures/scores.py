"""How a model did on the test reviews."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import POSITIVE, Theme, mix
from rnn_core.figures.text import plain, shorten

CONFUSION_HEIGHT = 260
_LONGEST_NAME = 14


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], theme: Theme) -> go.Figure:
    """(K, K) counts, rows by the label of the text, columns by the verdict; `classes` are the K names.

    Each field has its count and its share of the texts with that label.
    """
    table = np.asarray(counts, dtype=np.int64)
    names = [plain(shorten(name, _LONGEST_NAME)) for name in classes]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    builder = FigureBuilder(theme, height=CONFUSION_HEIGHT, margin={"l": 100, "r": 12, "t": 54, "b": 12})
    builder.draw(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            zmin=0,
            zmax=1,
            # Never up to the full colour: the numbers on it must stay legible.
            colorscale=[[0, theme.background], [1, mix(POSITIVE, theme.background, 0.45)]],
            showscale=False,
            xgap=3,
            ygap=3,
            text=[
                [f"{count:,}<br>{share:.1%}" for count, share in zip(*row, strict=True)]
                for row in zip(table.tolist(), shares.tolist(), strict=True)
            ],
            texttemplate="%{text}",
            textfont={"size": 15, "color": theme.text},
            hovertemplate="label %{y}, verdict %{x}: %{text}<extra></extra>",
        )
    )
    builder.lay_out(
        xaxis=axis(
            theme,
            side="top",
            title=axis_title("verdict", theme, standoff=12, size=13),
            showgrid=False,
            fixedrange=True,
        ),
        yaxis=axis(
            theme,
            title=axis_title("label", theme, standoff=12, size=13),
            autorange="reversed",
            showgrid=False,
            fixedrange=True,
        ),
    )
    return builder.build()
