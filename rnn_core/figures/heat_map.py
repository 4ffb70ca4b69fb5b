"""Every unit of one gate or state over time, as a row on the token axis."""

import numpy as np

from rnn_core.figures.builder import Array, FigureBuilder, heatmap
from rnn_core.figures.colours import Theme, colour_of, diverging, sequential
from rnn_core.figures.token_axis import Row, aside, y_axis
from rnn_core.symbols import Symbol

DIGITS = 2
"""After the point, of a value under the pointer."""
MOST_COLUMNS = 500
MOST_ROWS = 256
"""A heat map is drawn with at most so many columns (time) and rows (units)."""


def draw_units(
    builder: FigureBuilder,
    row: Row,
    shown: Symbol,
    values: Array,
    order: Array | None,
    order_name: str,
    theme: Theme,
) -> None:
    """Draw the row: (T, H) values of the quantity shown, its units in this order from the bottom up."""
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
        heatmap(
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
            meta={"digits": DIGITS},  # no more need be sent
            hovertemplate=f"unit %{{y}} of {shown.letter}  %{{z:.{DIGITS}f}}<extra></extra>",
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
