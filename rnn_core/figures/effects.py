"""Figures of a sweep: a number against a factor, or of named cases; a point for the seeds."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.builder import ABOVE, LEFT, FigureBuilder, text_shift
from rnn_core.figures.colours import Theme, ink, run_colour
from rnn_core.figures.looks import BY_CELL, BY_ORDER, LineLook, cell_looks, look_at, refilled
from rnn_core.figures.placing import NAMES_FROM, EndName, lines_in_sight, name_ends
from rnn_core.figures.text import plain

Point = Literal["mean", "lowest"]
"""Where the point of several seeds stands. For a time it is the lowest: other work only adds to it."""

_AIR = 0.06
"""The room at both ends of an axis, as a share of its length."""


class Seeds(NamedTuple):
    """Cases with their seeds, in the order in which they are drawn."""

    at: list[float]
    bars: dict[str, Any]
    """Error bars from the lowest to the highest seed of each case, without a colour."""
    runs: list[list[str]]
    """The ids of the runs of each case."""
    words: list[str]
    """Name of each point, such as "mean of 3 seeds"."""


def seeds_of(table: pd.DataFrame, key: str, cases: Sequence[Any], measure: str, point: Point) -> Seeds:
    """The cases of this column in their order, each of which must have a run with this measure."""
    groups = [table[table[key] == case] for case in cases]
    seeds = [group[measure].astype(float) for group in groups]
    at = [one.mean() if point == "mean" else one.min() for one in seeds]
    above = [one.max() - place for one, place in zip(seeds, at, strict=True)]
    below = [place - one.min() for one, place in zip(seeds, at, strict=True)]
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    runs = [group["run"].tolist() for group in groups]
    words = ["1 seed" if len(one) == 1 else f"{point} of {len(one)} seeds" for one in runs]
    return Seeds(at, {**bars, "thickness": 1.5, "width": 6}, runs, words)


def reach(values: Sequence[float]) -> tuple[float, float]:
    """An axis on which all of these stand with some air around them; around nothing it is 0 to 1."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    air = _AIR * (high - low) or _AIR * abs(high) or _AIR
    return low - air, high + air


_HEIGHT = 320
_MARGIN = {"l": 76, "r": 24, "t": 36, "b": 56}  # the chart's toolbar stands above the first name
_LETTER, _LINE, _WRAP = 6.4, 15, 16
"""A name beside the curves: pixels of a letter and of a line, letters to a line."""
_BETWEEN, _ASIDE = 4, 8 + NAMES_FROM
"""Pixels between two names, and beside them."""
CELL = "cell"
"""The setting whose values have looks of their own."""
_FEW = 10
"""Counted things of which each has a tick."""
_FAR = 4
"""A number whose largest value is so many times its smallest stands on a logarithmic axis."""


class _Curve(NamedTuple):
    """The runs of one combination of the settings that set the curves apart."""

    parts: list[str]
    """Each of these settings with its value; none where there is one curve."""
    values: tuple[object, ...]
    """The values of these settings."""
    shown: list[Any]
    """The values of the factor of which it has a run."""
    runs: pd.DataFrame


def effect(
    table: pd.DataFrame,
    factor: str,
    measure: str,
    *,
    by: Sequence[str] = (),
    names: Mapping[str, str],
    number: str = ".1%",
    point: Point = "mean",
    lines: Mapping[str, float] | None = None,
    theme: Theme,
) -> go.Figure:
    """`measure` against `factor`, a curve for each combination of the settings `by`.

    `table` has a row a run, as `rnn_core.sweeps.results` gives it; words stand in the order in which they
    come there. The error bars reach from the lowest to the highest of the seeds. `names` says what settings
    and measures are called, `number` is d3's format of the measure, `lines` are drawn across where they are
    in sight: name -> accuracy. The `customdata` of a point are the ids of its runs.
    """
    known = table.dropna(subset=[measure])
    values, curves = _ordered(known[factor]), list(_curves(known, factor, by, names))
    drawn = lines_in_sight(lines or {}, list(known[measure])).drawn
    looks = [look_at(place) for place in range(len(curves))]
    if CELL in by:  # the look of a cell is refilled for its next curves
        cells = [str(curve.values[by.index(CELL)]) for curve in curves]
        looks = [
            refilled(look, cells[:place].count(cells[place])) for place, look in enumerate(cell_looks(cells))
        ]
    seeds = [seeds_of(curve.runs, factor, curve.shown, measure, point) for curve in curves]
    names_at = [
        (
            one.at[-1],
            [line for part in curve.parts for line in textwrap.wrap(part, _WRAP)],
            ink(look.colour, theme),
        )
        for curve, look, one in zip(curves, looks, seeds, strict=True)
        if curve.parts
    ]
    names_at += [
        (height, textwrap.wrap(f"{name} {height:.1%}", _WRAP), theme.muted) for name, height in drawn.items()
    ]
    tall = [_LINE * len(written) + _BETWEEN for _, written, _ in names_at]
    room = max((len(line) for _, written, _ in names_at for line in written), default=0) * _LETTER + _ASIDE
    height = max(_HEIGHT, sum(tall) + _MARGIN["t"] + _MARGIN["b"])
    builder = FigureBuilder(theme, height=height, margin={**_MARGIN, "r": max(_MARGIN["r"], round(room))})
    is_number = bool(values) and all(
        isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
        for value in values
    )
    for curve, look, one in zip(curves, looks, seeds, strict=True):
        _draw(builder, curve, one, look, number, is_number, of_cells=factor == CELL and not by)
    for line in drawn.values():
        builder.across(line)
    low, high = reach([*known[measure], *drawn.values()])
    ends = [EndName(end, "<br>".join(map(plain, written)), colour) for end, written, colour in names_at]
    name_ends(builder, ends, [pixels * (high - low) / builder.inside for pixels in tall], (low, high))
    look_of_titles = {"standoff": 8, "size": 13, "colour": theme.text}
    along, up = (names.get(name, name) for name in (factor, measure))
    return builder.build(
        hovermode="closest",
        xaxis=builder.axis(title=along, **look_of_titles, showgrid=False, **_axis_scale(values, is_number)),
        yaxis=builder.axis(title=up, **look_of_titles, tickformat=number, nticks=6, range=[low, high]),
    )


def code_of(factor: str, by: Sequence[str]) -> str:
    """Explain the colours of this picture in a sentence; empty where there is one curve of one colour."""
    if CELL in by or (factor == CELL and not by):
        return BY_CELL
    return BY_ORDER if by else ""


def _curves(
    known: pd.DataFrame, factor: str, by: Sequence[str], names: Mapping[str, str]
) -> Iterator[_Curve]:
    """Each combination of the settings that has any run."""
    for group in product(*(_ordered(known[setting]) for setting in by)):
        mask = np.ones(len(known), bool)
        for setting, value in zip(by, group, strict=True):
            mask &= (known[setting] == value).to_numpy()
        if mask.any():
            parts = [
                f"{names.get(setting, setting)} {_word(value)}".strip()
                for setting, value in zip(by, group, strict=True)
            ]
            shown = [value for value in _ordered(known[factor]) if (known[mask][factor] == value).any()]
            yield _Curve(parts, group, shown, known[mask])


def _draw(
    builder: FigureBuilder,
    curve: _Curve,
    seeds: Seeds,
    look: LineLook,
    number: str,
    is_number: bool,
    of_cells: bool,
) -> None:
    """`of_cells`: whether each point is of another cell."""
    marker: dict[str, Any] = {"size": 10, "color": look.colour, "symbol": look.marker}
    if of_cells:
        each = cell_looks([str(value) for value in curve.shown])
        marker |= {"color": [one.colour for one in each], "symbol": [one.marker for one in each]}
    name = plain(", ".join(curve.parts))
    builder.scatter(
        x=curve.shown if is_number else [_word(value) for value in curve.shown],
        y=seeds.at,
        name=name,
        mode="lines+markers" if is_number else "markers",
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker=marker,
        error_y={**seeds.bars, "color": look.colour},
        customdata=seeds.runs,
        text=seeds.words,
        hover=f"{name}  %{{x}}: %{{y:{number}}}, %{{text}}",
    )


def _axis_scale(values: Sequence[Any], is_number: bool) -> dict[str, Any]:
    """Numbers far apart on a logarithmic axis with a tick for each, choices as words in their order.

    Between two counted things, such as layers, stands no tick.
    """
    if not is_number:
        words, ends = [_word(value) for value in values], [-0.5, len(values) - 0.5]
        in_order = {"type": "category", "categoryarray": words, "categoryorder": "array", "range": ends}
        return {**in_order, "automargin": "bottom"}  # a phone turns the words
    if values[0] > 0 and values[-1] / values[0] >= _FAR:
        ticks = [float(value) for value in values]
        return {"type": "log", "tickvals": ticks, "ticktext": [f"{value:,}" for value in values]}
    are_counted = all(float(value).is_integer() for value in values) and values[-1] - values[0] <= _FEW
    return {"dtick": 1} if are_counted else {}


def _ordered(column: pd.Series) -> list[Any]:
    """The values of a factor: numbers and switches from the least on, words as they come."""
    values = list(column.unique())
    return values if any(isinstance(value, str) for value in values) else sorted(values)


def _word(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int | np.integer) else str(value)


_CASE_MARGIN = {"l": 24, "r": 24, "t": 12, "b": 56}
_ROW, _NAME_ABOVE = 46, 15  # pixels; a name stands over its row, so that a narrow window has room for both
_LEAST_ROWS = 5
_CASE_LINE = 16
"""Pixels of the name of a line that is drawn down."""
_OVER, _UNDER = 0.12, 0.4
"""Parts of a row: how far a line is drawn over and under its point. It leaves out the names."""


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
    drawn = lines_in_sight(lines or {}, list(known[measure])).drawn
    low, high = reach([*known[measure], *drawn.values()])
    top, height = _CASE_MARGIN["t"] + _CASE_LINE * len(drawn), _ROW * max(len(cases), _LEAST_ROWS)
    margin = {**_CASE_MARGIN, "t": top}
    builder = FigureBuilder(theme, height=top + _CASE_MARGIN["b"] + height, margin=margin)
    _draw_down(builder, drawn, (low + high) / 2, len(cases))
    shown = [case for case in cases if (known["case"] == case).any()]
    seeds, colour = seeds_of(known, "case", shown, measure, point), run_colour(0)
    builder.scatter(
        x=seeds.at,
        y=[plain(case) for case in shown],
        mode="markers",
        marker={"size": 10, "color": colour},
        error_x={**seeds.bars, "color": colour},
        customdata=seeds.runs,
        text=seeds.words,
        hover=f"%{{y}}: %{{x:{number}}}, %{{text}}",
    )
    for case in map(plain, cases):
        builder.title(case, **LEFT, y=case, yanchor="middle", yshift=_NAME_ABOVE)
    look = {"standoff": 8, "size": 13, "colour": theme.text}
    ends = [len(cases) - 0.5, -0.7]  # the first on top, with room for its name
    in_order = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": [plain(case) for case in cases],
    }
    return builder.build(
        hovermode="closest",
        xaxis=builder.axis(
            title=title, **look, tickformat=number, nticks=7, range=[low, high], showgrid=False
        ),
        yaxis=builder.axis(**in_order, range=ends, showticklabels=False),
    )


def _draw_down(builder: FigureBuilder, lines: Mapping[str, float], middle: float, cases: int) -> None:
    """Each line in pieces, in each row and from the first row up to its name, so that none crosses a name.

    In the left half a name stands to the right of its line. The highest name is that of the outermost line.
    """
    ordered = sorted(lines.items(), key=lambda line: (line[1] < middle, -abs(line[1] - middle)))
    for below, (name, at) in zip(reversed(range(len(ordered))), ordered, strict=True):
        for row in range(cases):
            builder.upright(
                at, builder.theme.muted, 1.2, "dot", y0=row - _OVER, y1=row + _UNDER, layer="below"
            )
        up = 1 + _CASE_LINE * (below + 0.5) / builder.inside
        builder.upright(at, builder.theme.muted, 1.2, "dot", yref="paper", y0=1, y1=up, layer="below")
        side = text_shift(4, is_left=at >= middle)
        place = {**ABOVE, "yshift": _CASE_LINE * below, "bgcolor": builder.theme.background}
        builder.write(plain(f"{name} {at:.1%}"), x=at, **side, **place)
