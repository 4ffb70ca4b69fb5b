"""A network reading one review: every row of the picture stands on one token axis.

Symbols: T time steps, H units. The rows share a single x axis, not merely equal ones, so that they line
up to the pixel, zoom together and answer the pointer together.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import (
    NEGATIVE,
    POSITIVE,
    Theme,
    colour_of,
    dash_of,
    diverging,
    fade,
    ink,
    sequential,
)
from rnn_core.figures.decimation import Array, decimate
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import percent, plain, shorten
from rnn_core.figures.token_axis import (
    MOST_TICKS,
    Row,
    aside,
    begin_token_figure,
    end_label,
    mark_cursor,
    rows_of,
    y_axis,
)
from rnn_core.inspection.trace import changes, verdict_turns
from rnn_core.symbols import Role, Symbol, declaration, symbol, symbols

MOST_COLUMNS = 500
MOST_ROWS = 256
"""A heat map is drawn with at most so many columns (time) and rows (units)."""

_VERDICT_HEIGHT = 96
_NORM_HEIGHT = 80
_NORM_HEIGHT_OF_TWO = 42
_NEAR_AN_EDGE = 0.25
"""Of the verdict: there its label of two lines would reach into the row below or the title above."""
_GATES_HEIGHT = 116
_HEAT_HEIGHT = 190

_APART, _MOST_LETTERS, _LETTER = 0.12, 14, 0.013
"""Words in the picture: how far apart at least, their length at most, how wide a letter is at most.

The first and the last are shares of the time axis, which is some 630 pixels wide.
"""


def reading(
    *,
    cell: str,
    labels: Sequence[str],
    arrays: Mapping[str, Array],
    probabilities: Array,
    shown: str,
    theme: Theme,
    cursor: int | None = None,
    order: Array | None = None,
    order_name: str = "",
) -> go.Figure:
    """The whole picture of a review: verdict, norms, gates, and the units of one gate or state.

    `labels` are the T tokens as the page names them, `arrays` the (T, H) arrays by symbol,
    `probabilities` (T,) the probability of positive after each token, `shown` the symbol whose units
    the heat map draws, `cursor` the time step that is marked, `order` (H,) the units from the bottom of
    the heat map to its top, where that is not 0 to H - 1, and `order_name` what they are ordered by.
    Nothing handed in is changed.
    """
    states = [known for known in symbols(cell) if known.role is Role.REMEMBERS]
    norm_height = _NORM_HEIGHT if len(states) == 1 else _NORM_HEIGHT_OF_TWO
    heights = [_VERDICT_HEIGHT, *[norm_height] * len(states), _GATES_HEIGHT, _HEAT_HEIGHT]
    builder = begin_token_figure(labels, heights, theme)
    verdict, *norms, gates, units = rows_of(heights)
    _draw_verdict(builder, verdict, labels, probabilities, theme)
    for row, state in zip(norms, states, strict=True):
        _draw_norm(builder, row, state, arrays[state.letter], theme)
    _draw_gates(builder, gates, cell, arrays, theme)
    _draw_units(builder, units, symbol(cell, shown), arrays[shown], order, order_name, theme)
    if cursor is not None:
        mark_cursor(builder, cursor, theme)
    return builder.build()


def verdict_curve(*, labels: Sequence[str], probabilities: Array, theme: Theme) -> go.Figure:
    """The first row of `reading` alone, on the same token axis."""
    builder = begin_token_figure(labels, [_VERDICT_HEIGHT], theme)
    _draw_verdict(builder, rows_of([_VERDICT_HEIGHT])[0], labels, probabilities, theme)
    return builder.build()


def _draw_verdict(
    builder: FigureBuilder, row: Row, labels: Sequence[str], probabilities: Array, theme: Theme
) -> None:
    p = np.asarray(probabilities, dtype=np.float32)
    steps = np.arange(len(p))
    y_axis(
        builder,
        row,
        theme,
        f"Verdict after each token {aside('probability of positive', theme)}",
        range=[-0.03, 1.03],
        tickvals=[0, 0.5, 1],
        tickformat=".0%",
    )
    x, y = decimate(steps, p)
    fill_x, fill_y = with_crossings(x, y, 0.5)
    for edge, colour in ((np.maximum, POSITIVE), (np.minimum, NEGATIVE)):
        # Along the curve and back on the middle line.
        builder.draw(
            go.Scatter(
                x=np.concatenate([fill_x, fill_x[[-1, 0]]]).astype(np.float32),
                y=np.append(edge(fill_y, 0.5), [0.5, 0.5]).astype(np.float32),
                yaxis=row.axis,
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=fade(colour, 0.38),
                hoverinfo="skip",
            )
        )
    builder.draw(
        go.Scatter(
            x=x.astype(np.float32),
            y=y,
            yaxis=row.axis,
            name="",
            mode="lines+markers" if len(p) <= MOST_TICKS else "lines",
            marker={"size": 5, "color": theme.text},
            line={"color": theme.text, "width": 1.6},
            customdata=[plain(labels[step]) for step in x],
            hovertemplate="<b>%{customdata}</b>   positive %{y:.1%}<extra></extra>",
        )
    )
    _mark_turns(builder, row, labels, p, theme)
    last = float(p[-1])
    end_label(
        builder,
        row,
        last,
        f"{percent(max(last, 1 - last))}<br>{'positive' if last > 0.5 else 'negative'}",
        ink(POSITIVE if last > 0.5 else NEGATIVE, theme),
        anchor="bottom" if last < _NEAR_AN_EDGE else "top" if last > 1 - _NEAR_AN_EDGE else "middle",
    )


def _mark_turns(builder: FigureBuilder, row: Row, labels: Sequence[str], p: Array, theme: Theme) -> None:
    """A diamond where a token turned the verdict, and the word where there is room for it."""
    turns = verdict_turns(p)
    if not len(turns):
        return
    sides = ["positive" if p[step] > 0.5 else "negative" for step in turns]
    colours = [POSITIVE if side == "positive" else NEGATIVE for side in sides]
    builder.draw(
        go.Scatter(
            x=turns.astype(np.float32),
            y=p[turns],
            yaxis=row.axis,
            name="turns",
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 10,
                "color": colours,
                "line": {"color": theme.background, "width": 1.5},
            },
            customdata=sides,
            hovertemplate="turns the verdict to %{customdata}<extra></extra>",
        )
    )
    moved = np.abs(p[turns] - p[turns - 1])
    written: list[int] = []
    for number in np.argsort(-moved, kind="stable"):
        step = int(turns[number])
        word = shorten(labels[step], _MOST_LETTERS)
        is_after = _room_for_word(p, step, len(word))
        if is_after is None or any(abs(step - other) < _APART * len(p) for other in written):
            continue
        written.append(step)
        builder.write(
            plain(word),
            x=step if is_after else step - 1,  # between the two the curve crosses the middle
            y=0.5,
            yref=row.axis,
            xanchor="left" if is_after else "right",
            xshift=4 if is_after else 0,
            yanchor="bottom" if (sides[number] == "negative") == is_after else "top",
            font={"size": 12, "color": ink(colours[number], theme)},
        )


def _room_for_word(p: Array, step: int, letters: int) -> bool | None:
    """Whether the word of a turn stands after it, on the side that the curve has just left, or before it.

    Before it it stands on the other side; None where in both places it would lie on the curve or beyond its
    end.
    """
    width = round(_LETTER * letters * len(p)) + 1
    is_positive = p > 0.5
    if step + width <= len(p) and (is_positive[step : step + width] == is_positive[step]).all():
        return True
    begin = step - 1 - width
    return False if begin >= 0 and (is_positive[begin:step] != is_positive[step]).all() else None


def _draw_norm(builder: FigureBuilder, row: Row, state: Symbol, values: Array, theme: Theme) -> None:
    values = values.astype(np.float64)
    norms = np.linalg.norm(values, axis=1)  # (T,)
    moved = np.linalg.norm(changes(values), axis=1)  # (T,)
    top = max(float(norms.max()), float(moved.max()), 1e-6) * 1.08
    title = f"Norm of the {state.name} {state.letter} {aside('filled: change at each token', theme)}"
    y_axis(builder, row, theme, title, range=[0, top], nticks=4)
    x, y = decimate(np.arange(len(moved)), moved)
    builder.draw(
        go.Scatter(
            x=x.astype(np.float32),
            y=y.astype(np.float32),
            yaxis=row.axis,
            name=f"‖Δ{state.letter}‖",
            mode="lines+markers" if len(x) == 1 else "lines",
            line={"color": fade(colour_of(state), 0.6), "width": 1, "shape": "hvh"},
            fill="tozeroy",
            fillcolor=fade(colour_of(state), 0.25),
            hovertemplate=f"‖Δ{state.letter}‖  %{{y:.2f}}<extra></extra>",
        )
    )
    x, y = decimate(np.arange(len(norms)), norms)
    builder.draw(
        go.Scatter(
            x=x.astype(np.float32),
            y=y.astype(np.float32),
            yaxis=row.axis,
            name=f"‖{state.letter}‖",
            mode="lines+markers" if len(x) == 1 else "lines",
            line={"color": colour_of(state), "width": 2.2, "dash": dash_of(state)},
            hovertemplate=f"‖{state.letter}‖  %{{y:.2f}}<extra></extra>",
        )
    )
    end_label(builder, row, float(norms[-1]), f"‖{state.letter}‖", ink(colour_of(state), theme))


def _draw_gates(
    builder: FigureBuilder, row: Row, cell: str, arrays: Mapping[str, Array], theme: Theme
) -> None:
    gates = declaration(cell).shares
    words = "Gates" if gates[0].is_gate else f"No gates here: the {gates[0].name}, {gates[0].mark}"
    title = f"{words} {aside('mean, 10–90 % of units', theme)}"
    y_axis(builder, row, theme, title, range=[0, 1], tickvals=[0, 0.5, 1], tickformat=".1f")
    means = {gate.letter: arrays[gate.letter].mean(axis=1, dtype=np.float64) for gate in gates}
    for gate in gates:
        _draw_band(builder, row, gate, arrays[gate.letter])
    for gate in gates:
        x, y = decimate(np.arange(len(means[gate.letter])), means[gate.letter])
        builder.draw(
            go.Scatter(
                x=x.astype(np.float32),
                y=y.astype(np.float32),
                yaxis=row.axis,
                name=gate.letter,
                mode="lines+markers" if len(x) == 1 else "lines",
                line={"color": colour_of(gate), "width": 2.2, "dash": dash_of(gate)},
                hovertemplate=f"{gate.mark}  {gate.name}  %{{y:.2f}}<extra></extra>",
            )
        )
    ends = [float(means[gate.letter][-1]) for gate in gates]
    for gate, place in zip(gates, keep_apart(ends, 17 / _GATES_HEIGHT), strict=True):
        text = f"<b>{gate.letter}</b> {gate.role}" if gate.is_gate else gate.mark
        end_label(builder, row, place, text, ink(colour_of(gate), theme))


def _draw_band(builder: FigureBuilder, row: Row, gate: Symbol, values: Array) -> None:
    """The area between the 10th and the 90th percentile over the units, at each time step."""
    steps = np.arange(len(values))
    low, high = np.percentile(values.astype(np.float32), [10, 90], axis=1)
    x_low, y_low = decimate(steps, low)
    x_high, y_high = decimate(steps, high)
    builder.draw(
        go.Scatter(
            x=np.concatenate([x_high, x_low[::-1]]).astype(np.float32),
            y=np.concatenate([y_high, y_low[::-1]]).astype(np.float32),
            yaxis=row.axis,
            mode="lines",
            line={"width": 0.8, "color": fade(colour_of(gate), 0.45)},
            fill="toself",
            fillcolor=fade(colour_of(gate), 0.09),
            hoverinfo="skip",
        )
    )


def _draw_units(
    builder: FigureBuilder,
    row: Row,
    shown: Symbol,
    values: Array,
    order: Array | None,
    order_name: str,
    theme: Theme,
) -> None:
    units = np.arange(values.shape[1]) if order is None else np.asarray(order)
    z, each_step, each_unit = coarse(values[:, units])
    largest = max(float(np.abs(values).max()), 1e-6)
    low, high = shown.bounds or (-largest, largest)
    title = f"Units of {shown.mark}, {shown.name} {aside(_extent(values, each_step, each_unit), theme)}"
    if shown.bounds is None:
        title += aside(f", colours to ±{largest:.2f}, the largest", theme)
    if order_name:
        title += aside(f", {order_name}", theme)
    y_axis(
        builder,
        row,
        theme,
        title,
        type="category",  # so that each line carries the number of its unit, in whichever order they come
        range=[-0.5, z.shape[1] - 0.5],
        nticks=4,
        showgrid=False,
    )
    builder.draw(
        go.Heatmap(
            z=np.ascontiguousarray(z.T),  # (units, time)
            x0=(each_step - 1) / 2,
            dx=each_step,
            y=[str(unit) for unit in units[::each_unit]],
            yaxis=row.axis,
            zmin=low,
            zmax=high,
            zmid=None if shown.is_share else 0,
            colorscale=sequential(colour_of(shown), theme) if shown.is_share else diverging(theme),
            colorbar={
                "x": 1.01,
                "xanchor": "left",
                "y": row.low,
                "yanchor": "bottom",
                "len": row.high - row.low,
                "thickness": 10,
                "outlinecolor": theme.grid,
                "outlinewidth": 1,
                "nticks": 5,
                "tickfont": {"size": 12, "color": theme.muted},
            },
            name=shown.letter,
            hovertemplate=f"unit %{{y}} of {shown.letter}  %{{z:.2f}}<extra></extra>",
        )
    )


def _extent(values: Array, each_step: int, each_unit: int) -> str:
    """What the heat map shows of (T, H) values, in words."""
    units = values.shape[1]
    words = f"{units} unit" + ("s" if units > 1 else "")
    if each_unit > 1:
        words += f", one in {each_unit} drawn"
    if each_step > 1:
        words += f", a column the mean of {each_step} time steps"
    return words


def coarse(values: Array) -> tuple[Array, int, int]:
    """(T, H) values with at most MOST_COLUMNS time steps and MOST_ROWS units, and the two strides.

    Neighbours in time are averaged (the last column over what is left); of neighbouring units, which
    have nothing in common, the first of each group is taken.
    """
    steps, units = values.shape
    each_step, each_unit = -(-steps // MOST_COLUMNS), -(-units // MOST_ROWS)
    some = values[:, ::each_unit].astype(np.float32)
    if each_step > 1:
        starts = np.arange(0, steps, each_step)
        counts = np.diff(np.append(starts, steps))[:, None]
        some = (np.add.reduceat(some, starts, axis=0) / counts).astype(np.float32)
    return some, each_step, each_unit


def with_crossings(x: Array, y: Array, level: float) -> tuple[Array, Array]:
    """A curve (N,) with a point added wherever a straight piece of it crosses `level`."""
    before = np.flatnonzero((y[:-1] - level) * (y[1:] - level) < 0)
    share = (level - y[before]) / (y[before + 1] - y[before])
    crossings = x[before] + share * (x[before + 1] - x[before])
    return np.insert(x.astype(np.float64), before + 1, crossings), np.insert(y, before + 1, level)
