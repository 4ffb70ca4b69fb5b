"""Shares as numbers on coloured fields: a row for each question, a column for each model that answered it."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, heatmap
from rnn_core.figures.colours import POSITIVE, Theme, mix
from rnn_core.figures.text import plain, shorten_apart

_MARGIN = {"l": 2, "r": 2, "t": 40, "b": 4}
"""Pixels; at the top as many more as the names of the models take where they stand on end."""
_FIELD, _NAME = 22, 20
"""Pixels of a field, and of the name above it: a narrow window has no room for it beside the fields."""
_ROW = _FIELD + _NAME
_LONGEST_NAME = 18
_BETWEEN = 3
"""Pixels between two columns."""


class ShareRow(NamedTuple):
    """What the models have right of one question."""

    name: str
    shares: Sequence[float | None]
    """The share of each model, 0 to 1; None where it was not asked."""
    notes: Sequence[str]
    """What stands behind the share of each model."""
    is_apart: bool = False
    """Whether it is none of a list of equals: its name is bold."""


def share_fields(rows: Sequence[ShareRow], models: Sequence[str], *, beside: int, theme: Theme) -> go.Figure:
    """The rows from the top down, each with a field for each model; a line sets the first `beside` apart.

    A field has its share in percent; its colour goes from the page's background to a blue that numbers are
    legible on.
    """
    height = _MARGIN["t"] + _MARGIN["b"] + _ROW * len(rows)
    builder = FigureBuilder(theme, height=height, margin=_MARGIN)
    builder.draw(
        heatmap(
            z=[row.shares for row in rows],
            zmin=0,
            zmax=1,
            colorscale=[
                [0, mix(theme.background, theme.grid, 0.35)],
                [1, mix(POSITIVE, theme.background, 0.35)],
            ],
            showscale=False,
            xgap=_BETWEEN,
            ygap=_NAME,
            text=[["–" if share is None else f"{100 * share:.0f}" for share in row.shares] for row in rows],
            texttemplate="%{text}",
            textfont={"size": 13, "color": theme.text},
            customdata=[
                [f"{plain(model)}: {plain(note)}" for model, note in zip(models, row.notes, strict=True)]
                for row in rows
            ],
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
        )
    )
    for place, row in enumerate(rows):
        builder.write(
            f"<b>{plain(row.name)}</b>" if row.is_apart else plain(row.name),
            x=0, xref="paper", xanchor="left", xshift=-3, y=place, yanchor="bottom", yshift=_FIELD / 2 - 2,
            font={"size": 13, "color": theme.text},
        )  # fmt: skip
    if 0 < beside < len(models):
        between, half = beside - 0.5, _FIELD / 2 / _ROW
        for place in range(len(rows)):
            builder.mark(
                type="line", x0=between, x1=between, y0=place - half, y1=place + half,
                line={"color": theme.muted, "width": 1},
            )  # fmt: skip
    builder.lay_out(
        xaxis=axis(
            theme,
            side="top",
            tickvals=list(range(len(models))),
            ticktext=[_on_two_lines(name) for name in shorten_apart(models, _LONGEST_NAME)],
            tickfont={"size": 13, "color": theme.text},
            autotickangles=[0, -90],
            automargin=True,
            showgrid=False,
            showline=False,
            ticks="",
            fixedrange=True,
        ),
        yaxis=axis(
            theme,
            range=[len(rows) - 1 + _FIELD / 2 / _ROW, -(_FIELD / 2 + _NAME) / _ROW],
            showticklabels=False,
            showgrid=False,
            showline=False,
            ticks="",
            fixedrange=True,
        ),
        dragmode=False,
    )
    return builder.build()


def _on_two_lines(name: str) -> str:
    """Broken at the gap nearest its middle.

    >>> _on_two_lines("NB-SVM on bigrams")
    'NB-SVM on<br>bigrams'
    """
    gaps = [place for place, letter in enumerate(name) if letter == " "]
    if not gaps:
        return plain(name)
    gap = min(gaps, key=lambda place: abs(len(name) - 1 - 2 * place))
    return f"{plain(name[:gap])}<br>{plain(name[gap + 1 :])}"
