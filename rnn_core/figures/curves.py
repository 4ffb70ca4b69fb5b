"""Learning curves of one or several runs: training solid, validation dashed, in the run's own colour."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.builder import LEFT, Array, FigureBuilder, decimate, text_shift
from rnn_core.figures.colours import Theme, fade, run_colour
from rnn_core.figures.text import plain
from rnn_core.tasks.task import Guess, task_named
from rnn_core.training.history import Columns, History
from rnn_core.training.schedule import Outlook

SMOOTHING = 9
"""Records over which the training curve is averaged; the raw one stays visible behind it."""
RAW_POINTS, SMOOTH_POINTS = 200, 120
"""Points of a curve with its noise and of one without: they are sent to the browser every second."""

CURVE_HEIGHT, SMALL_CURVE_HEIGHT = 260, 190
_SUBTITLE = 30
"""Pixels above loss and accuracy for the text below their titles, in two lines at most."""
_LONGEST_LINE = 50
"""Characters of it that a phone has room for."""
_MARK_LINE, _MARK_LINES = 15, 6
"""Pixels of a line of names of changed rates, and how many there are until they begin at the top again."""
_MOST_TICKS = 6
"""The ticks of a logarithmic axis: there is room for no more."""
_TWO_DIGITS = 0.1
"""Values from here on have ticks of two digits after the point; ticks of smaller ones would look alike."""
_ROOM_ABOVE = 0.03
"""The part of an axis of shares above 100 %, so that a point there is drawn whole."""
CURVE_MARGIN = {"l": 58, "r": 16, "t": 34, "b": 40}


class Drawn(NamedTuple):
    """One of the numbers of a record, and how it is drawn."""

    field: str
    title: str
    number: str
    """d3's format of a value in the hover text."""
    log: bool
    smoothed: bool
    height: int
    subtitle: str = ""


_OF_EVERY_TASK = (
    Drawn("gradient_norm", "Gradient norm before clipping", ".3g", True, True, SMALL_CURVE_HEIGHT),
    Drawn("learning_rate", "Learning rate", ".2e", False, False, SMALL_CURVE_HEIGHT),
)


def drawn_measures(task: str) -> dict[str, Drawn]:
    """Return the measures that are drawn of a training for this task, by the fields of a record."""
    height = CURVE_HEIGHT + _SUBTITLE
    of_task = [
        Drawn(one.field, one.title, one.number, False, True, height, one.subtitle)
        for one in task_named(task).curves
    ]
    return {one.field: one for one in (*of_task, *_OF_EVERY_TASK)}


def smooth(y: Array, window: int = SMOOTHING) -> Array:
    """Running mean of y (N,) over the `window` values up to each; fewer at the beginning.

    A value that is not finite counts for nothing, unless there is no other in the window.
    """
    finite = pd.Series(np.where(np.isfinite(y), y, np.nan))
    return finite.rolling(window, min_periods=1).mean().to_numpy()


def learning_curve(
    histories: Sequence[History],
    measure: str,
    theme: Theme,
    *,
    epochs: float = 0,
    lines: Mapping[str, float] | None = None,
    guessing: Guess | None = None,
    texts: str = "reviews",
    colours: Sequence[str] = (),
) -> go.Figure:
    """One measure of `drawn_measures` for all runs, which have one task, by epoch.

    The axis reaches to `epochs` from the start, so that it stands still while the curves grow; `lines` are
    drawn across, name -> value. `guessing` is what answers without reading reach; that of two classes unless
    it is given. `texts` is what is read. `colours` are those of the runs, by default in their fixed order.
    """
    colours = colours or [run_colour(place) for place in range(len(histories))]
    drawn = drawn_measures(histories[0].task)[measure]
    top = CURVE_MARGIN["t"] + (_SUBTITLE if drawn.height > CURVE_HEIGHT else 0)
    builder = FigureBuilder(theme, height=drawn.height, margin={**CURVE_MARGIN, "t": top})
    for colour, run in zip(colours, histories, strict=True):
        _draw_run(builder, run, drawn, colour, f" {plain(run.name)}" if len(histories) > 1 else "")
        for change in run.rate_events:
            builder.upright(change.epoch, colour, 1.5, "dot", layer="below")
    end = max(epochs, *(float(columns["epoch"][-1]) for columns in _columns(histories)), 0.0) * 1.01
    if measure == "learning_rate":
        _name_rates(builder, histories, colours, end)
    for height in (lines or {}).values():
        builder.across(height)
    if subtitle := _subtitle(drawn, lines, guessing, texts):
        place = {"xshift": -2, "y": 1, "yref": "paper", "yanchor": "top", "yshift": _SUBTITLE + 8}
        builder.write(subtitle, **LEFT, **place, align="left")
    return builder.build(
        title=title(drawn.title),
        hovermode="x unified",
        xaxis=builder.axis(title="epoch", range=[0, end], hoverformat=".2f"),
        yaxis=builder.axis(
            **_value_axis(histories, drawn),
            showticklabels=any(len(run.training["epoch"]) for run in histories),
        ),
    )


def _subtitle(drawn: Drawn, lines: Mapping[str, float] | None, guessing: Guess | None, texts: str) -> str:
    """Names the lines across, the highest first, or the loss of guessing: two lines of text at most."""
    if lines:
        ordered = sorted(lines.items(), key=lambda line: -line[1])
        first, *others = [f"{plain(name)} {height:{drawn.number}}" for name, height in ordered]
        return f"dotted, on validation {texts}: {first}" + (f",<br>{', '.join(others)}" if others else "")
    if drawn.field != "loss" or guessing is None:
        return drawn.subtitle
    words = f"cross-entropy in nats; {guessing.loss:.3f} is the loss of {guessing.what}"
    return words if len(words) <= _LONGEST_LINE else words.replace("; ", ";<br>", 1)


def _columns(histories: Sequence[History]) -> list[Columns]:
    both = (columns for run in histories for columns in (run.training, run.validation))
    return [columns for columns in both if len(columns["epoch"])]


def _value_axis(histories: Sequence[History], drawn: Drawn) -> dict[str, Any]:
    if drawn.log:
        values = np.concatenate([run.training[drawn.field] for run in histories])
        values = values[np.isfinite(values) & (values > 0)]
        decades = float(np.log10(values.max()) - np.log10(values.min())) if len(values) else 0.0
        far = {"exponentformat": "power"} if decades > _MOST_TICKS else {"tickformat": "~g"}
        return {"type": "log", "dtick": max(1, math.ceil(decades / _MOST_TICKS)), **far}
    values = np.concatenate([columns[drawn.field] for columns in _columns(histories)] or [np.ones(1)])
    values = values[np.isfinite(values)]
    if drawn.number.endswith("%"):  # down to the tenth below the least share, at 40 % at the latest
        bottom = min(0.4, math.floor(values.min(initial=1.0) * 10) / 10)
        return {"tickformat": ".0%", "range": [bottom, 1 + _ROOM_ABOVE * (1 - bottom)]}
    is_small = values.max(initial=0.0) < _TWO_DIGITS
    return {"tickformat": ".3~g" if is_small else ".2f", "rangemode": "tozero"}


def title(words: str) -> dict[str, Any]:
    """Return Plotly's title with these words, above the chart."""
    place = {"x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 8}}
    return {"text": words, "font": {"size": 14}, **place}


def _draw_run(builder: FigureBuilder, run: History, drawn: Drawn, colour: str, whose: str) -> None:
    x, raw = run.training["epoch"], run.training[drawn.field]
    if drawn.smoothed:
        _line(builder, x, raw, line={"color": fade(colour, 0.25), "width": 1}, hoverinfo="skip")
    y, solid = smooth(raw) if drawn.smoothed else raw, {"color": colour, "width": 2}
    value = f"%{{y:{drawn.number}}}"
    _line(builder, x, y, most=SMOOTH_POINTS, line=solid, hover=f"{value}  training{whose}")
    x, y = run.validation["epoch"], run.validation[drawn.field]
    if np.isfinite(y).any():
        marker = {"size": 7, "color": colour, "symbol": "circle-open", "line": {"width": 2}}
        dashed, hover = {**solid, "dash": "dash"}, f"{value}  validation{whose}"
        _line(builder, x, y, mode="lines+markers", line=dashed, marker=marker, hover=hover)


def _name_rates(builder: FigureBuilder, runs: Sequence[History], colours: Sequence[str], end: float) -> None:
    """Writes the rate of each line, each on a line of its own, on the side that has room."""
    events = [(event, colour) for run, colour in zip(runs, colours, strict=True) for event in run.rate_events]
    for number, (change, colour) in enumerate(events):
        side = text_shift(4, is_left=change.epoch > 0.7 * end)
        place = {"y": 1, "yref": "paper", "yanchor": "top", "yshift": -_MARK_LINE * (number % _MARK_LINES)}
        words = f"{'held at' if change.held else 'set to'} {change.rate:.3g}"
        builder.write(words, x=change.epoch, **side, **place, colour=colour)


def _line(
    builder: FigureBuilder, x: Array, y: Array, mode: str = "lines", most: int = RAW_POINTS, **style: Any
) -> None:
    x, y = decimate(x, y, most)
    builder.scatter(x=x.astype(np.float32), y=y.astype(np.float32), mode=mode, **style)


_POINTS = 80
"""The points of each curve, which is sent to the browser every second."""


def rates_ahead(now: Outlook, then: Outlook | None, epochs: int, theme: Theme) -> go.Figure:
    """The plan dotted, the rate as it goes now in grey, the rate after a change in colour, by epoch.

    `then` is None where nothing would change.
    """
    builder = FigureBuilder(theme, height=150, margin={"l": 52, "r": 12, "t": 8, "b": 38})
    ends = np.arange(1, len(now.planned) + 1) * epochs / len(now.planned)  # epochs done after each step
    curves: list[tuple[Array, Array, str, dict[str, object]]] = [
        (ends, now.planned, "planned", {"color": theme.muted, "width": 1.5, "dash": "dot"}),
        (ends, now.rates, "as it goes now", {"color": theme.muted, "width": 2}),
    ]
    if then is not None:
        changed, line = slice(then.done, None), {"color": run_colour(0), "width": 3}
        curves.append((ends[changed], then.rates[changed], "with this change", line))
    for x, y, name, line in curves:
        x, y = decimate(x, y, _POINTS)
        builder.scatter(x=x, y=y, mode="lines", line=line, hover=f"%{{y:.3g}}  {name}")
    builder.upright(epochs * now.done / len(now.planned), theme.grid, 2, layer="below")
    return builder.build(
        hovermode="x unified",
        xaxis=builder.axis(title="epoch", standoff=4, range=[0, epochs], nticks=5, hoverformat=".2f"),
        yaxis=builder.axis(rangemode="tozero", nticks=4, tickformat="~g"),
    )
