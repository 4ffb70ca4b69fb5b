"""Learning curves of one or several runs: training solid, validation dashed, in the run's own colour."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title, decimate
from rnn_core.figures.colours import Theme, fade, run_colour
from rnn_core.figures.placing import draw_across
from rnn_core.figures.text import plain
from rnn_core.tasks.task import Guess, task_named
from rnn_core.training.history import Columns, History
from rnn_core.training.schedule import Outlook

SMOOTHING = 9
"""Records over which the training curve is averaged; the raw one stays visible behind it."""
RAW_POINTS, SMOOTH_POINTS = 200, 120
"""Points of a curve with its noise and of one without: they are sent to the browser every second."""

CURVE_HEIGHT = 260
_SUBTITLE = 30
"""Pixels above loss and accuracy for the text below their titles, in two lines at most."""
_LONGEST_LINE = 50
"""Characters of it that a phone has room for."""
_MARK_LINE, _MARK_LINES = 15, 6
"""Pixels of a line of names of changed rates, and how many there are until they begin at the top again."""
_MOST_TICKS = 6
"""The ticks of a logarithmic axis: there is room for no more."""
SMALL_CURVE_HEIGHT = 190

_MARGIN = {"l": 58, "r": 16, "t": 34, "b": 40}


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


_OF_EVERY_TASK = {
    "gradient_norm": Drawn(
        "gradient_norm", "Gradient norm before clipping", ".3g", True, True, SMALL_CURVE_HEIGHT
    ),
    "learning_rate": Drawn("learning_rate", "Learning rate", ".2e", False, False, SMALL_CURVE_HEIGHT),
}


def drawn_measures(task: str) -> dict[str, Drawn]:
    """What is drawn of a training for this task, by the fields of a record."""
    of_task = {
        one.field: Drawn(
            one.field, one.title, one.number, False, True, CURVE_HEIGHT + _SUBTITLE, one.subtitle
        )
        for one in task_named(task).curves
    }
    return of_task | _OF_EVERY_TASK


def smooth(y: Array, window: int = SMOOTHING) -> Array:
    """Running mean of y (N,) over the `window` values up to each; fewer at the beginning.

    A value that is not finite counts for nothing, unless there is no other in the window.
    """
    finite = np.isfinite(y)
    sums = np.cumsum(np.where(finite, y, 0.0), dtype=np.float64)
    counts = np.cumsum(finite)
    sums[window:] -= sums[:-window].copy()
    counts[window:] -= counts[:-window].copy()
    return np.divide(sums, counts, out=np.full(len(y), np.nan), where=counts > 0)


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
    """One measure of `drawn_measures` for all runs, by epoch. Each curve has at most RAW_POINTS points.

    The runs have one task.

    The axis reaches to `epochs` from the start, so that it stands still while the curves grow; `lines` are
    drawn across, name -> value. `guessing` is what answers without reading reach; that of two classes unless
    it is given. `texts` is what is read. `colours` are those of the runs, by default in their fixed order.
    """
    colours = colours or [run_colour(place) for place in range(len(histories))]
    drawn = drawn_measures(histories[0].task)[measure]
    top = _MARGIN["t"] + (_SUBTITLE if drawn.height > CURVE_HEIGHT else 0)
    builder = FigureBuilder(theme, height=drawn.height, margin={**_MARGIN, "t": top})
    several = len(histories) > 1
    for colour, run in zip(colours, histories, strict=True):
        _draw_run(builder, run, drawn, colour, named=several)
        _mark_rates(builder, run, colour)
    end = max(epochs, *map(_epochs, histories)) * 1.01
    if measure == "learning_rate":
        _name_rates(builder, histories, colours, end)
    if lines:
        _draw_lines(builder, lines, drawn, theme, texts)
    elif drawn.subtitle:
        _write_subtitle(builder, drawn.subtitle if guessing is None else _held_against(guessing), theme)
    builder.lay_out(
        title=title(drawn.title),
        hovermode="x unified",
        xaxis=axis(theme, title=axis_title("epoch", theme), range=[0, end], hoverformat=".2f"),
        yaxis=_value_axis(histories, drawn, theme),
    )
    return builder.build()


def _draw_lines(
    builder: FigureBuilder, lines: Mapping[str, float], drawn: Drawn, theme: Theme, texts: str
) -> None:
    """Across the chart; what they are stands where no curve goes, under the title, the highest first."""
    for height in lines.values():
        draw_across(builder, height, theme)
    ordered = sorted(lines.items(), key=lambda line: -line[1])
    first, *others = [f"{plain(name)} {height:{drawn.number}}" for name, height in ordered]
    second = f",<br>{', '.join(others)}" if others else ""
    _write_subtitle(builder, f"dotted, on validation {texts}: {first}{second}", theme)


def _held_against(guessing: Guess) -> str:
    """Below the title of the loss, in two lines where one is too long."""
    words = f"cross-entropy in nats; {guessing.loss:.3f} is the loss of {guessing.what}"
    return words if len(words) <= _LONGEST_LINE else words.replace("; ", ";<br>", 1)


def _write_subtitle(builder: FigureBuilder, words: str, theme: Theme) -> None:
    builder.write(
        words, x=0, xref="paper", xanchor="left", xshift=-2, y=1, yref="paper", yanchor="top",
        yshift=_SUBTITLE + 8, align="left", font={"size": 12, "color": theme.muted},
    )  # fmt: skip


def _decades(histories: Sequence[History], measure: str) -> float:
    """How many powers of ten a measure spans, over all runs."""
    values = np.concatenate([run.training[measure] for run in histories])
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.log10(values.max()) - np.log10(values.min())) if len(values) else 0.0


def title(words: str) -> dict[str, Any]:
    """What a chart shows, above it."""
    return {
        "text": words,
        "font": {"size": 14},
        "x": 0,
        "xref": "paper",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 8},
    }


def _value_axis(histories: Sequence[History], drawn: Drawn, theme: Theme) -> dict[str, Any]:
    begun = {"showticklabels": any(len(run.training["epoch"]) for run in histories)}
    if drawn.log:
        decades = _decades(histories, drawn.field)
        far = {"exponentformat": "power"} if decades > _MOST_TICKS else {"tickformat": "~g"}
        return axis(theme, type="log", dtick=max(1, math.ceil(decades / _MOST_TICKS)), **far, **begun)
    if drawn.number.endswith("%"):
        lowest = min(0.4, _lowest_tenth(histories, drawn.field))
        return axis(theme, tickformat=".0%", range=[lowest, 1.005], **begun)
    if drawn.field == "learning_rate":
        return axis(theme, tickformat=".3~g", rangemode="tozero", **begun)
    return axis(theme, tickformat=".2f", rangemode="tozero", **begun)


def _epochs(run: History) -> float:
    """How far a run has come."""
    return float(max((column["epoch"][-1] for column in _parts(run)), default=0.0))


def _lowest_tenth(histories: Sequence[History], field: str) -> float:
    """The least share over all runs, down to the next tenth; 1 where there is none."""
    lowest = min((column[field].min() for run in histories for column in _parts(run)), default=1.0)
    return math.floor(lowest * 10) / 10


def _parts(run: History) -> list[Columns]:
    return [columns for columns in (run.training, run.validation) if len(columns["epoch"])]


def _draw_run(builder: FigureBuilder, run: History, drawn: Drawn, colour: str, *, named: bool) -> None:
    whose = f" {plain(run.name)}" if named else ""
    x, raw = run.training["epoch"], run.training[drawn.field]
    if drawn.smoothed:
        _line(builder, x, raw, line={"color": fade(colour, 0.25), "width": 1}, hoverinfo="skip")
    _line(
        builder,
        x,
        smooth(raw) if drawn.smoothed else raw,
        most=SMOOTH_POINTS,
        line={"color": colour, "width": 2},
        hovertemplate=f"%{{y:{drawn.number}}}  training{whose}<extra></extra>",
    )
    x, y = run.validation["epoch"], run.validation[drawn.field]
    if np.isfinite(y).any():
        _line(
            builder,
            x,
            y,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": "dash"},
            marker={"size": 7, "color": colour, "symbol": "circle-open", "line": {"width": 2}},
            hovertemplate=f"%{{y:{drawn.number}}}  validation{whose}<extra></extra>",
        )


def _mark_rates(builder: FigureBuilder, run: History, colour: str) -> None:
    """A dotted line where the learning rate was changed by hand."""
    for change in run.rate_events:
        builder.mark(
            type="line", x0=change.epoch, x1=change.epoch, y0=0, y1=1, yref="paper", layer="below",
            line={"color": colour, "width": 1.5, "dash": "dot"},
        )  # fmt: skip


def _name_rates(builder: FigureBuilder, runs: Sequence[History], colours: Sequence[str], end: float) -> None:
    """To what rate each line stands for, each name on a line of its own, on the side that has room."""
    events = [(event, colour) for run, colour in zip(runs, colours, strict=True) for event in run.rate_events]
    for number, (change, colour) in enumerate(events):
        is_late = change.epoch > 0.7 * end
        builder.write(
            f"{'held at' if change.held else 'set to'} {change.rate:.3g}",
            x=change.epoch, xanchor="right" if is_late else "left", xshift=-4 if is_late else 4,
            y=1, yref="paper", yanchor="top", yshift=-_MARK_LINE * (number % _MARK_LINES),
            font={"size": 12, "color": colour},
        )  # fmt: skip


def _line(
    builder: FigureBuilder, x: Array, y: Array, mode: str = "lines", most: int = RAW_POINTS, **style: Any
) -> None:
    x, y = decimate(x, y, most)
    builder.scatter(x=x.astype(np.float32), y=y.astype(np.float32), mode=mode, **style)


_HEIGHT = 150
_POINTS = 80
"""The points of each curve, which is sent to the browser every second."""


def rates_ahead(now: Outlook, then: Outlook | None, epochs: int, theme: Theme) -> go.Figure:
    """The plan dotted, the rate as it goes now in grey, the rate after a change in colour, by epoch.

    `then` is None where nothing would change.
    """
    builder = FigureBuilder(theme, height=_HEIGHT, margin={"l": 52, "r": 12, "t": 8, "b": 38})
    ends = np.arange(1, len(now.planned) + 1) * epochs / len(now.planned)  # epochs done after each step
    _line_of_rates(builder, ends, now.planned, "planned", color=theme.muted, width=1.5, dash="dot")
    _line_of_rates(builder, ends, now.rates, "as it goes now", color=theme.muted, width=2)
    if then is not None:
        _line_of_rates(builder, ends[then.done :], then.rates[then.done :], "with this change",
              color=run_colour(0), width=3)  # fmt: skip
    done = epochs * now.done / len(now.planned)
    builder.mark(
        type="line", x0=done, x1=done, y0=0, y1=1, yref="paper", layer="below",
        line={"color": theme.grid, "width": 2},
    )  # fmt: skip
    builder.lay_out(
        hovermode="x unified",
        xaxis=axis(theme, range=[0, epochs], nticks=5, hoverformat=".2f",
                   title=axis_title("epoch", theme, standoff=4)),
        yaxis=axis(theme, rangemode="tozero", nticks=4, tickformat="~g"),
    )  # fmt: skip
    return builder.build()


def _line_of_rates(builder: FigureBuilder, x: Array, y: Array, name: str, **line: object) -> None:
    x, y = decimate(x, y, _POINTS)
    builder.scatter(x=x, y=y, mode="lines", line=line, hovertemplate=f"%{{y:.3g}}  {name}<extra></extra>")
