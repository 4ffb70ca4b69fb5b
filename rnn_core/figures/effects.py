"""What a factor does to a number, over the runs of a sweep: a point for the seeds of a case, their reach."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.baselines import draw_across, in_sight
from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import Theme, ink
from rnn_core.figures.looks import BY_CELL, BY_ORDER, Look, cell_looks, look_at, refilled
from rnn_core.figures.placing import NAMES_FROM, keep_apart, lead
from rnn_core.figures.seeds import Point, error_bars, reach, seeds_of
from rnn_core.figures.text import plain

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
        xaxis=axis(
            theme, title=titles[0], showgrid=False,
            **_along(values, is_number),
        ),
        yaxis=axis(
            theme, tickformat=number, nticks=6, range=[low, high],
            title=titles[1],
        ),
    )  # fmt: skip
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
    builder.draw(
        scatter(
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
