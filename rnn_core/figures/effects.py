"""What a sweep found: a number against a factor, or of named cases; a point for the seeds."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import Theme, ink, run_colour
from rnn_core.figures.looks import BY_CELL, BY_ORDER, Look, cell_looks, look_at, refilled
from rnn_core.figures.placing import NAMES_FROM, draw_across, in_sight, keep_apart, lead
from rnn_core.figures.text import plain
from rnn_core.spread import spread

Point = Literal["mean", "lowest"]
"""Where the point of several seeds stands. For a time it is the lowest: other work only adds to it."""

_AIR = 0.06
"""The room at both ends of an axis, as a share of its length."""


class Seeds(NamedTuple):
    """Cases with their seeds, in the order in which they are drawn."""

    at: list[float]
    above: list[float]
    """How far the highest seed is from the point."""
    below: list[float]
    """How far the lowest seed is from the point."""
    runs: list[list[str]]
    """The ids of the runs of each case."""
    words: list[str]
    """What each point is, such as "mean of 3 seeds"."""


def seeds_of(table: pd.DataFrame, key: str, cases: Sequence[Any], measure: str, point: Point) -> Seeds:
    """The cases of this column in their order, each of which must have a run with this measure."""
    groups = [table[table[key] == case] for case in cases]
    spreads = [spread(group[measure]) for group in groups]
    at = [one.mean if point == "mean" else one.low for one in spreads]
    runs = [group["run"].tolist() for group in groups]
    return Seeds(
        at=at,
        above=[one.high - place for one, place in zip(spreads, at, strict=True)],
        below=[place - one.low for one, place in zip(spreads, at, strict=True)],
        runs=runs,
        words=["1 seed" if len(one) == 1 else f"{point} of {len(one)} seeds" for one in runs],
    )


def error_bars(seeds: Seeds, colour: str) -> dict[str, Any]:
    """Error bars from the lowest to the highest seed of each case."""
    return {
        "type": "data", "symmetric": False, "array": seeds.above, "arrayminus": seeds.below,
        "color": colour, "thickness": 1.5, "width": 6,
    }  # fmt: skip


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
    runs: pd.DataFrame

    @property
    def name(self) -> str:
        """The name in the hover text."""
        return plain(", ".join(self.parts))


class _Name(NamedTuple):
    """What stands to the right of a curve or line, beside its end."""

    height: float
    lines: list[str]
    colour: str


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
    values = _in_order(known[factor])
    curves, drawn = list(_curves(known, by, names)), in_sight(lines or {}, list(known[measure])).drawn
    looks = _looks(curves, by)
    beside = [
        *(
            _end_name(curve, look, factor, measure, values, point, theme)
            for curve, look in zip(curves, looks, strict=True)
        ),
        *(_Name(height, _wrapped(f"{name} {height:.1%}"), theme.muted) for name, height in drawn.items()),
    ]
    beside = [name for name in beside if name.lines]
    tall = [_LINE * len(name.lines) + _BETWEEN for name in beside]
    room = max((len(line) for name in beside for line in name.lines), default=0) * _LETTER + _ASIDE
    height = max(_HEIGHT, sum(tall) + _MARGIN["t"] + _MARGIN["b"])
    builder = FigureBuilder(theme, height=height, margin={**_MARGIN, "r": max(_MARGIN["r"], round(room))})
    is_number = _are_numbers(values)
    for curve, look in zip(curves, looks, strict=True):
        _draw(builder, curve, factor, measure, values, is_number, look, number, point)
    for line in drawn.values():
        draw_across(builder, line, theme)
    low, high = reach([*known[measure], *drawn.values()])
    unit = (high - low) / (height - _MARGIN["t"] - _MARGIN["b"])  # of a pixel
    _write_names(builder, beside, [pixels * unit for pixels in tall], (low, high))
    titles = [
        axis_title(names.get(name, name), theme, standoff=8, size=13, colour=theme.text)
        for name in (factor, measure)
    ]
    builder.lay_out(
        hovermode="closest",
        xaxis=axis(theme, title=titles[0], showgrid=False, **_along(values, is_number)),
        yaxis=axis(theme, tickformat=number, nticks=6, range=[low, high], title=titles[1]),
    )
    return builder.build()


def code_of(factor: str, by: Sequence[str]) -> str:
    """What the colours of this picture say, in a sentence; empty where there is one curve of one colour."""
    if CELL in by or (factor == CELL and not by):
        return BY_CELL
    return BY_ORDER if by else ""


def _curves(known: pd.DataFrame, by: Sequence[str], names: Mapping[str, str]) -> Iterator[_Curve]:
    """Each combination of the settings that has any run."""
    for group in product(*(_in_order(known[setting]) for setting in by)):
        mask = np.ones(len(known), bool)
        for setting, value in zip(by, group, strict=True):
            mask &= (known[setting] == value).to_numpy()
        if mask.any():
            parts = [
                f"{names.get(setting, setting)} {_word(value)}"
                for setting, value in zip(by, group, strict=True)
            ]
            yield _Curve(parts, group, known[mask])


def _looks(curves: Sequence[_Curve], by: Sequence[str]) -> list[Look]:
    """The look of each curve: that of its cell where the cell is a setting, refilled for its next curves."""
    if CELL not in by:
        return [look_at(place) for place in range(len(curves))]
    cells = [str(curve.values[by.index(CELL)]) for curve in curves]
    looks = cell_looks(cells)
    return [refilled(look, cells[:place].count(cells[place])) for place, look in enumerate(looks)]


def _draw(
    builder: FigureBuilder, curve: _Curve, factor: str, measure: str, values: Sequence[object],
    is_number: bool, look: Look, number: str, point: Point,
) -> None:  # fmt: skip
    shown = [value for value in values if (curve.runs[factor] == value).any()]
    seeds = seeds_of(curve.runs, factor, shown, measure, point)
    marker: dict[str, Any] = {"size": 10, "color": look.colour, "symbol": look.marker}
    if factor == CELL and not curve.parts:  # each point is of another cell
        each = cell_looks([str(value) for value in shown])
        marker |= {"color": [one.colour for one in each], "symbol": [one.marker for one in each]}
    builder.scatter(
        x=[value if is_number else _word(value) for value in shown],
        y=seeds.at,
        name=curve.name,
        mode="lines+markers" if is_number else "markers",
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker=marker,
        error_y=error_bars(seeds, look.colour),
        customdata=seeds.runs,
        text=seeds.words,
        hovertemplate=f"{curve.name}  %{{x}}: %{{y:{number}}}, %{{text}}<extra></extra>",
    )


def _end_name(
    curve: _Curve, look: Look, factor: str, measure: str, values: Sequence[object], point: Point, theme: Theme
) -> _Name:
    """The name of a curve at the height of its last point."""
    last = [value for value in values if (curve.runs[factor] == value).any()][-1:]
    [height] = seeds_of(curve.runs, factor, last, measure, point).at
    lines = [line for part in curve.parts for line in _wrapped(part)]
    return _Name(height, lines, ink(look.colour, theme))


def _write_names(
    builder: FigureBuilder, names: Sequence[_Name], tall: Sequence[float], ends: tuple[float, float]
) -> None:
    """Each name beside its end, in its colour; none over another, above or below the axis with these ends."""
    places = keep_apart([name.height for name in names], tall, ends)
    for name, y in zip(names, places, strict=True):
        lead(builder, name.height, y, name.colour)
        builder.write(
            "<br>".join(plain(line) for line in name.lines), x=1, xref="paper", xanchor="left",
            xshift=NAMES_FROM,
            y=y, yanchor="middle", align="left", font={"size": 12, "color": name.colour},
        )  # fmt: skip


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WRAP)


def _along(values: Sequence[Any], is_number: bool) -> dict[str, Any]:
    """Numbers far apart on a logarithmic axis with a tick for each, choices as words in their order.

    Between two counted things, such as layers, stands no tick.
    """
    if not is_number:
        return {
            "type": "category",
            "categoryarray": [_word(value) for value in values],
            "categoryorder": "array",
            "range": [-0.5, len(values) - 0.5],
        }
    if values[0] > 0 and values[-1] / values[0] >= _FAR:
        return {
            "type": "log",
            "tickvals": [float(value) for value in values],
            "ticktext": [f"{value:,}" for value in values],
        }
    are_counted = all(float(value).is_integer() for value in values) and values[-1] - values[0] <= _FEW
    return {"dtick": 1} if are_counted else {}


def _in_order(column: pd.Series) -> list[Any]:
    """The values of a factor: numbers and switches from the least on, words as they come."""
    values = list(column.unique())
    return values if any(isinstance(value, str) for value in values) else sorted(values)


def _are_numbers(values: Sequence[object]) -> bool:
    return bool(values) and all(
        isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
        for value in values
    )


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


class _DrawnLine(NamedTuple):
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
    top, rows = _CASE_MARGIN["t"] + _CASE_LINE * len(drawn), max(len(cases), _LEAST_ROWS)
    builder = FigureBuilder(
        theme, height=top + _CASE_MARGIN["b"] + _ROW * rows, margin={**_CASE_MARGIN, "t": top}
    )
    ordered = _from_the_top(drawn, (low + high) / 2)
    for place, line in enumerate(ordered):
        _draw_down(builder, line, len(ordered) - 1 - place, len(cases), _ROW * rows, theme)
    shown = [case for case in cases if (known["case"] == case).any()]
    seeds, colour = seeds_of(known, "case", shown, measure, point), run_colour(0)
    builder.scatter(
        x=seeds.at,
        y=[plain(case) for case in shown],
        mode="markers",
        marker={"size": 10, "color": colour},
        error_x=error_bars(seeds, colour),
        customdata=seeds.runs,
        text=seeds.words,
        hovertemplate=f"%{{y}}: %{{x:{number}}}, %{{text}}<extra></extra>",
    )
    for case in cases:
        builder.write(
            plain(case), x=0, xref="paper", xanchor="left", y=plain(case), yanchor="middle",
            yshift=_NAME_ABOVE, font={"size": 13, "color": theme.text},
        )  # fmt: skip
    builder.lay_out(
        hovermode="closest",
        xaxis=axis(
            theme,
            tickformat=number,
            nticks=7,
            range=[low, high],
            showgrid=False,
            title=axis_title(title, theme, standoff=8, size=13, colour=theme.text),
        ),
        yaxis={
            **axis(theme, type="category", categoryorder="array"),
            "categoryarray": [plain(case) for case in cases],
            "range": [len(cases) - 0.5, -0.7],  # the first on top, with room for its name
            "showticklabels": False,
        },
    )
    return builder.build()


def _from_the_top(lines: Mapping[str, float], middle: float) -> list[_DrawnLine]:
    """The lines in the order of their names above the picture, so that none crosses the name of another."""
    named = [_DrawnLine(name, at, at < middle) for name, at in lines.items()]
    right = sorted((line for line in named if not line.is_left), key=lambda line: -line.at)
    left = sorted((line for line in named if line.is_left), key=lambda line: line.at)
    return [*right, *left]


def _draw_down(
    builder: FigureBuilder, line: _DrawnLine, lines_below: int, cases: int, height: int, theme: Theme
) -> None:
    """A piece in each row, one from the first row up to the name, and the name."""
    dotted = {"color": theme.muted, "width": 1.2, "dash": "dot"}
    for row in range(cases):
        builder.mark(
            type="line", x0=line.at, x1=line.at, y0=row - _OVER, y1=row + _UNDER, layer="below", line=dotted
        )
    builder.mark(
        type="line", x0=line.at, x1=line.at, yref="paper", y0=1,
        y1=1 + _CASE_LINE * (lines_below + 0.5) / height, layer="below", line=dotted,
    )  # fmt: skip
    builder.write(
        plain(f"{line.name} {line.at:.1%}"), x=line.at, xanchor="left" if line.is_left else "right",
        xshift=4 if line.is_left else -4, y=1, yref="paper", yanchor="bottom",
        yshift=_CASE_LINE * lines_below,
        font={"size": 12, "color": theme.muted}, bgcolor=theme.background,
    )  # fmt: skip
