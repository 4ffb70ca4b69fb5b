"""What a factor does to a number, over the runs of a sweep: the mean over the seeds, and each run."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.colours import Look, ink, run_colour
from rnn_core.figures.layout import Sheet, axis, draw_across, in_sight, plain, spread, write_aside

_HEIGHT = 380
_MARGIN = {"l": 76, "r": 24, "t": 16, "b": 56}
_ROOM_FOR_NAMES = 150
_DASHES = ("solid", "dash", "dot", "dashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
_NAME = 0.055
"""Of the height of all curves: what a name takes."""
_FAR = 8
"""A number whose largest value is so many times its smallest stands on a logarithmic axis."""


def effect(
    table: pd.DataFrame,
    factor: str,
    measure: str,
    *,
    by: Sequence[str] = (),
    names: Mapping[str, str],
    number: str = ".1%",
    lines: Mapping[str, float] | None = None,
    look: Look,
) -> go.Figure:
    """`measure` against `factor`, a curve for each combination of the settings `by`.

    `table` has a row a run, as `rnn_core.experiments.results` gives it; the bars reach from the lowest to the
    highest of the seeds. `names` says what settings and measures are called, `number` is d3's format of the
    measure, `lines` are drawn across: name -> value. The `customdata` of a point are the ids of its runs.
    """
    room = {"r": _ROOM_FOR_NAMES} if by else {}
    sheet = Sheet(look, height=_HEIGHT, margin={**_MARGIN, **room})
    known = table.dropna(subset=[measure])
    values = sorted(known[factor].unique(), key=lambda value: (isinstance(value, str), value))
    is_number = bool(values) and all(
        isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
        for value in values
    )
    ends: list[tuple[float, str, str]] = []
    groups = [sorted(known[setting].unique(), key=str) for setting in by]
    for place, group in enumerate(product(*groups)):
        mask = np.ones(len(known), bool)
        for setting, value in zip(by, group, strict=True):
            mask &= (known[setting] == value).to_numpy()
        if mask.any():
            name = ", ".join(
                f"{names.get(setting, setting)} {_word(value)}"
                for setting, value in zip(by, group, strict=True)
            )
            end = _draw(sheet, known[mask], factor, measure, values, is_number, name, place, number)
            if name:
                ends.append((end, name, ink(run_colour(place), look)))
    drawn, far_below = in_sight(lines or {}, list(known[measure]))
    for name, height in drawn.items():
        draw_across(sheet, height, look)
        ends.append((height, name, look.muted))
    _name_ends(sheet, ends, [*known[measure], *drawn.values()], is_beside=bool(by))
    write_aside(sheet, far_below, look)
    more = {}
    if is_number and values[0] > 0 and values[-1] / values[0] >= _FAR:
        more = {
            "type": "log",
            "tickvals": [float(value) for value in values],
            "ticktext": [f"{value:,}" for value in values],
        }
    elif not is_number:
        more = {
            "type": "category",
            "categoryarray": [_word(value) for value in values],
            "categoryorder": "array",
            "range": [-0.5, len(values) - 0.5],
        }
    title = {"text": names.get(factor, factor), "standoff": 8, "font": {"size": 13, "color": look.text}}
    sheet.lay_out(
        hovermode="closest",
        xaxis=axis(look, title=title, showgrid=False, **more),
        yaxis=axis(
            look, tickformat=number, nticks=6,
            title={"text": names.get(measure, measure), "font": {"size": 13, "color": look.text}},
        ),
    )  # fmt: skip
    return sheet.figure()


def _draw(
    sheet: Sheet, runs: pd.DataFrame, factor: str, measure: str, values: Sequence[object], is_number: bool,
    name: str, place: int, number: str,
) -> float:  # fmt: skip
    """Draw one curve; where it ends."""
    colour = run_colour(place)
    of_value = runs.groupby(factor)[measure]
    means, lowest, highest = of_value.mean(), of_value.min(), of_value.max()
    shown = [value for value in values if value in means.index]
    x = [value if is_number else _word(value) for value in shown]
    y = np.array([means[value] for value in shown], dtype=np.float64)
    sheet.draw(
        go.Scatter(
            x=x,
            y=y,
            name=plain(name),
            mode="lines+markers" if is_number else "markers",
            line={"color": colour, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
            marker={"size": 10, "color": colour, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [highest[value] - means[value] for value in shown],
                "arrayminus": [means[value] - lowest[value] for value in shown],
                "color": colour,
                "thickness": 1.5,
                "width": 6,
            },
            customdata=[runs["run"][runs[factor] == value].tolist() for value in shown],
            text=[f"{len(runs[runs[factor] == value])}" for value in shown],
            hovertemplate=f"{plain(name)}  %{{x}}: %{{y:{number}}}, mean of %{{text}}<extra></extra>",
        )
    )
    return float(y[-1])


def _name_ends(
    sheet: Sheet, ends: Sequence[tuple[float, str, str]], heights: Sequence[float], *, is_beside: bool
) -> None:
    """Each name beside the end of its curve or line, or above that, in its colour, and none over another."""
    anchors: dict[str, Any] = (
        {"xanchor": "left", "xshift": 6, "yanchor": "middle"}
        if is_beside
        else {"xanchor": "right", "yanchor": "bottom"}
    )
    least = _NAME * (max(heights) - min(heights)) if heights else 0.0
    places = spread([height for height, _, _ in ends], least)
    for (_, name, colour), place in zip(ends, places, strict=True):
        sheet.write(plain(name), x=1, xref="paper", y=place, font={"size": 12, "color": colour}, **anchors)


def _word(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int | np.integer) else str(value)
