"""A network reading one review: every row of the picture stands on one token axis.

Symbols: T time steps, H units. The rows share a single x axis, not merely equal ones, so that they line
up to the pixel, zoom together and answer the pointer together.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, decimate
from rnn_core.figures.colours import DASHES, Theme, colour_of, dash_of, diverging, fade, ink, sequential
from rnn_core.figures.next_tokens import draw_surprise
from rnn_core.figures.placing import EndName
from rnn_core.figures.token_axis import DIGITS, Row, TokenFigure, coarse
from rnn_core.figures.verdict import VERDICT_HEIGHT, draw_verdict
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.inspection.trace import changes
from rnn_core.inspection.verdicts import Verdicts
from rnn_core.symbols import CELLS, Symbol

NORM_HEIGHT, NORM_HEIGHT_OF_TWO = 80, 42
GATES_HEIGHT = 116
_LINE = 17
"""Pixels of a line of letters."""
HEAT_HEIGHT = 190


def reading(
    *,
    cell: str,
    labels: Sequence[str],
    arrays: Mapping[str, Array],
    verdicts: Verdicts | NextTokens,
    shown: str,
    theme: Theme,
    cursor: int | None = None,
    order: Array | None = None,
    order_name: str = "",
) -> go.Figure:
    """The whole picture of a review: verdict, norms, gates, and the units of one gate or state.

    `labels` are the T tokens as the page names them, `arrays` the (T, H) arrays by symbol, `verdicts`
    those after each token, or what the network says comes next, `shown` the symbol whose units the heat
    map draws, `cursor` the time step that is marked, `order` (H,) the units from the bottom of the heat map
    to its top, where that is not 0 to H - 1, and `order_name` what they are ordered by.
    No argument is changed.
    """
    declared = CELLS[cell]
    states = [known for known in declared.symbols if known.letter in declared.memories]
    norm_height = NORM_HEIGHT if len(states) == 1 else NORM_HEIGHT_OF_TWO
    shares = declared.shares
    heights = [
        VERDICT_HEIGHT,
        *[norm_height] * len(states),
        *[gates_height(shares)][: len(shares)],
        HEAT_HEIGHT,
    ]
    figure = TokenFigure(labels, heights, theme, cursor)
    verdict, *rows = figure.rows
    if isinstance(verdicts, Verdicts):
        draw_verdict(verdict, labels, verdicts)
    else:
        draw_surprise(verdict, verdicts)
    for row, state in zip(rows, states, strict=False):
        draw_norm(row, state, arrays[state.letter])
    if shares:
        draw_gates(rows[-2], shares, arrays)
    draw_units(rows[-1], declared[shown], arrays[shown], order, order_name)
    return figure.build()


def draw_norm(row: Row, state: Symbol, values: Array) -> None:
    """Draw the norm of a state, (T, H), at each time step, and that of what the time step changed in it."""
    values = values.astype(np.float64)
    norms = np.linalg.norm(values, axis=1)  # (T,)
    moved = np.linalg.norm(changes(values), axis=1)  # (T,)
    top = max(float(norms.max()), float(moved.max()), 1e-6) * 1.08
    title = f"Norm of the {state.common_name} {state.letter}"
    row.y_axis(title, "filled: change at each token", range=[0, top], nticks=4)
    change, norm, colour = f"‖Δ{state.letter}‖", f"‖{state.letter}‖", colour_of(state)
    edge = {"color": fade(colour, 0.6), "width": 1, "shape": "hvh"}
    area = {"fill": "tozeroy", "fillcolor": fade(colour, 0.25)}
    row.curve(moved, f"{change}  %{{y:.2f}}", edge, name=change, **area)
    line = {"color": colour, "width": 2.2, "dash": dash_of(state)}
    row.curve(norms, f"{norm}  %{{y:.2f}}", line, name=norm)
    row.end_label(float(norms[-1]), norm, ink(colour, row.theme))


def gates_height(gates: Sequence[Symbol]) -> int:
    """The pixels of a row in which each of these has room for its name."""
    return max(GATES_HEIGHT, _LINE * (len(gates) + 1))


def draw_gates(row: Row, gates: Sequence[Symbol], arrays: Mapping[str, Array]) -> None:
    """Draw the mean of each gate over its units, with the band that holds 80 % of them."""
    words = "Gates"
    if not any(gate.is_gate for gate in gates):
        words = f"No gates here: the {gates[0].common_name}, {gates[0].mark}"
    row.y_axis(words, "mean, 10–90 % of units", range=[0, 1], tickvals=[0, 0.5, 1], tickformat=".1f")
    means = {gate.letter: arrays[gate.letter].mean(axis=1, dtype=np.float64) for gate in gates}
    for gate in gates:
        _draw_band(row, gate, arrays[gate.letter])
    for gate, dash in zip(gates, _dashes(gates), strict=True):
        line = {"color": colour_of(gate), "width": 2.2, "dash": dash}
        hover = f"{gate.mark}  {gate.common_name}  %{{y:.2f}}"
        row.curve(means[gate.letter], hover, line, name=gate.letter)
    ends = []
    for gate in gates:
        text = f"<b>{gate.letter}</b> {gate.role}" if gate.is_gate else gate.mark
        ends.append(EndName(float(means[gate.letter][-1]), text, ink(colour_of(gate), row.theme)))
    row.end_labels(ends)


def _dashes(gates: Sequence[Symbol]) -> list[str]:
    """The dash of each gate; of gates that would look alike the later ones get one that is left."""
    taken: list[tuple[str, str]] = []
    for gate in gates:
        colour = colour_of(gate)
        free = [dash for dash in (dash_of(gate), *DASHES) if (colour, dash) not in taken]
        taken.append((colour, free[0] if free else dash_of(gate)))
    return [dash for _, dash in taken]


def _draw_band(row: Row, gate: Symbol, values: Array) -> None:
    """The area between the 10th and the 90th percentile over the units, at each time step."""
    steps = np.arange(len(values))
    low, high = np.percentile(values.astype(np.float32), [10, 90], axis=1)
    (x_low, y_low), (x_high, y_high) = decimate(steps, low), decimate(steps, high)
    x, y = np.concatenate([x_high, x_low[::-1]]), np.concatenate([y_high, y_low[::-1]])
    line = {"width": 0.8, "color": fade(colour_of(gate), 0.45)}
    row.area(x, y, line=line, fillcolor=fade(colour_of(gate), 0.09))


def draw_units(
    row: Row, shown: Symbol, values: Array, order: Array | None = None, order_name: str = ""
) -> None:
    """Draw the row: (T, H) values of the quantity shown, its units in this order from the bottom up."""
    theme, H = row.theme, values.shape[1]
    units = np.arange(H) if order is None else np.asarray(order)
    z, each_step, each_unit = coarse(values[:, units])
    largest = max(float(np.abs(values).max()), 1e-6)
    low, high = shown.bounds or (-math.inf, math.inf)
    means = [f"{H} unit" + ("s" if H > 1 else "")]
    if each_unit > 1:
        means.append(f"one in {each_unit} drawn")
    if each_step > 1:
        means.append(f"a column the mean of {each_step} time steps")
    title = f"Units of {shown.mark}, {shown.common_name} {row.figure.aside(', '.join(means))}"
    if math.isinf(high):
        title += row.figure.aside(f", colours to ±{largest:.2f}, the largest")
        low, high = -largest, largest
    if order_name:
        title += row.figure.aside(f", {order_name}")
    # By category each line carries the number of its unit, in whichever order they come.
    row.y_axis(title, type="category", range=[-0.5, z.shape[1] - 0.5], nticks=4, showgrid=False)
    row.heat(
        np.ascontiguousarray(z.T),  # (units, time)
        {"nticks": 5},
        each_step,
        colorscale=sequential(colour_of(shown), theme) if shown.is_share else diverging(theme),
        y=[str(unit) for unit in units[::each_unit]],
        zmin=low,
        zmax=high,
        zmid=None if shown.is_share else 0,
        name=shown.letter,
        meta={"digits": DIGITS},  # no more need be sent
        hover=f"unit %{{y}} of {shown.letter}  %{{z:.{DIGITS}f}}",
    )
