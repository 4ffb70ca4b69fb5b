"""Named cases, one below the other: a point for the seeds of each, and their reach."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.baselines import in_sight
from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import Theme, run_colour
from rnn_core.figures.seeds import Point, error_bars, reach, seeds_of
from rnn_core.figures.text import plain

_MARGIN = {"l": 24, "r": 24, "t": 12, "b": 56}
_ROW, _NAME_ABOVE = 46, 15  # pixels; a name stands over its row, so that a narrow window has room for both
_LEAST_ROWS = 5
_LINE = 16
"""Pixels of the name of a line that is drawn down."""
_OVER, _UNDER = 0.12, 0.4
"""Parts of a row: how far a line is drawn over and under its point. It leaves out the names."""


class _Line(NamedTuple):
    """A line drawn down, and its name above the picture."""

    name: str
    at: float
    is_left: bool
    """Whether it is in the left half, where its name stands to the right of it."""


def named_cases(
    table: pd.DataFrame,
    measure: str,
    cases: Sequence[str],
    *,
    title: str,
    number: str = ".1%",
    point: Point = "mean",
    lines: Mapping[str, float] | None = None,
    theme: Theme,
) -> go.Figure:
    """`measure` of each case, from top to bottom in the order of `cases`; one without a run has its place.

    `table` has a row a run, its case named in the column `case`. The error bars reach from the lowest to the
    highest of the seeds; `title` says what the measure is called, `number` is d3's format of it, `lines` are
    drawn down where they are in sight: name -> accuracy. The `customdata` of a point are the ids of its runs.
    """
    known = table.dropna(subset=[measure])
    drawn = in_sight(lines or {}, list(known[measure])).drawn
    low, high = reach([*known[measure], *drawn.values()])
    top, rows = _MARGIN["t"] + _LINE * len(drawn), max(len(cases), _LEAST_ROWS)
    builder = FigureBuilder(theme, height=top + _MARGIN["b"] + _ROW * rows, margin={**_MARGIN, "t": top})
    ordered = _from_the_top(drawn, (low + high) / 2)
    for place, line in enumerate(ordered):
        _draw_down(builder, line, len(ordered) - 1 - place, len(cases), _ROW * rows, theme)
    shown = [case for case in cases if (known["case"] == case).any()]
    seeds, colour = seeds_of(known, "case", shown, measure, point), run_colour(0)
    builder.draw(
        scatter(
            x=seeds.at,
            y=[plain(case) for case in shown],
            mode="markers",
            marker={"size": 10, "color": colour},
            error_x=error_bars(seeds, colour),
            customdata=seeds.runs,
            text=seeds.words,
            hovertemplate=f"%{{y}}: %{{x:{number}}}, %{{text}}<extra></extra>",
        )
    )
    for case in cases:
        builder.write(
            plain(case), x=0, xref="paper", xanchor="left", y=plain(case), yanchor="middle",
            yshift=_NAME_ABOVE, font={"size": 13, "color": theme.text},
        )  # fmt: skip
    builder.lay_out(
        hovermode="closest",
        xaxis=axis(
            theme, tickformat=number, nticks=7, range=[low, high], showgrid=False,
            title=axis_title(title, theme, standoff=8, size=13, colour=theme.text),
        ),
        yaxis={
            **axis(theme, type="category", categoryorder="array"),
            "categoryarray": [plain(case) for case in cases],
            "range": [len(cases) - 0.5, -0.7],  # the first on top, with room for its name
            "showticklabels": False,
        },
    )  # fmt: skip
    return builder.build()


def _from_the_top(lines: Mapping[str, float], middle: float) -> list[_Line]:
    """The lines in the order of their names above the picture, so that none crosses the name of another."""
    named = [_Line(name, at, at < middle) for name, at in lines.items()]
    right = sorted((line for line in named if not line.is_left), key=lambda line: -line.at)
    left = sorted((line for line in named if line.is_left), key=lambda line: line.at)
    return [*right, *left]


def _draw_down(
    builder: FigureBuilder, line: _Line, lines_below: int, cases: int, height: int, theme: Theme
) -> None:
    """A piece in each row, one from the first row up to the name, and the name."""
    dotted = {"color": theme.muted, "width": 1.2, "dash": "dot"}
    for row in range(cases):
        builder.mark(
            type="line", x0=line.at, x1=line.at, y0=row - _OVER, y1=row + _UNDER, layer="below", line=dotted
        )
    builder.mark(
        type="line", x0=line.at, x1=line.at, yref="paper", y0=1, y1=1 + _LINE * (lines_below + 0.5) / height,
        layer="below", line=dotted,
    )  # fmt: skip
    builder.write(
        plain(f"{line.name} {line.at:.1%}"), x=line.at, xanchor="left" if line.is_left else "right",
        xshift=4 if line.is_left else -4, y=1, yref="paper", yanchor="bottom", yshift=_LINE * lines_below,
        font={"size": 12, "color": theme.muted}, bgcolor=theme.background,
    )  # fmt: skip
