"""What each token and each time step contributes to the verdict, on the token axis of `reading`.

Symbols: T time steps; y is the logit after the last token. All arrays are those of
`rnn_core.inspection.attribution` and `rnn_core.inspection.occlusion`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, bar
from rnn_core.figures.colours import Theme, colour_of, dash_of, ink
from rnn_core.figures.logarithm import LogAxis
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.token_axis import (
    Row,
    aside,
    begin_token_figure,
    draw_curve,
    draw_signed_bars,
    end_label,
    mark_cursor,
    rows_of,
    signed_axis,
    y_axis,
)
from rnn_core.symbols import CELLS

_SIGNED_HEIGHT = 96
_WEIGHTS_HEIGHT = 74
_SALIENCY_HEIGHT = 74
_CONNECTIVITY_HEIGHT = 110
_LINE = 16
"""Pixels of a line of small letters."""


def attribution(
    *,
    cell: str,
    labels: Sequence[str],
    contributions: Array,
    input_times_gradient: Array,
    saliency: Array,
    connectivity: Mapping[str, Array],
    direct: Array | None,
    attention: Array | None = None,
    cursor: int | None = None,
    theme: Theme,
) -> go.Figure:
    """What each token contributes, in three ways, and how much the verdict still depends on each time step.

    `labels` are the T tokens; `connectivity` holds the states of the cell, (T,) each; `direct` is that part
    of it which the readout takes directly, None where it reads the last state only; `attention` its
    weights, (T,), where it has some.
    """
    weighted = [] if attention is None else [_WEIGHTS_HEIGHT]
    heights = [_SIGNED_HEIGHT, *weighted, _SIGNED_HEIGHT, _SALIENCY_HEIGHT, _CONNECTIVITY_HEIGHT]
    builder = begin_token_figure(labels, heights, theme)
    without, *of_weights, linear, sensitive, connected = rows_of(heights)
    for row, name, means, values in (
        (
            without,
            "What the token contributes",
            "occlusion: the logit minus that with <unk>",
            contributions,
        ),
        (linear, "Input times gradient", "its contribution if the network were linear", input_times_gradient),
    ):
        reach = float(np.abs(values).max(initial=0.0))
        words = aside(means.replace("<", "&lt;").replace(">", "&gt;"), theme)
        draw_signed_bars(
            builder, row, values, f"{name} {words}", f"{name}  %{{y:+.3f}}", theme, **signed_axis(reach),
            tickformat="+.2~g",
        )  # fmt: skip
    if attention is not None:
        _draw_weights(builder, of_weights[0], cell, attention, theme)
    _draw_saliency(builder, sensitive, saliency, theme)
    _draw_connectivity(builder, connected, cell, connectivity, direct, theme)
    if cursor is not None:
        mark_cursor(builder, cursor, theme)
    return builder.build()


def _draw_weights(builder: FigureBuilder, row: Row, cell: str, weights: Array, theme: Theme) -> None:
    """Draws the weights of the readout, in the colour of the hidden state that they weigh."""
    title = (
        f"Attention weight {aside('how much of each hidden state the readout takes; the sum is 1', theme)}"
    )
    y_axis(builder, row, theme, title, rangemode="tozero", nticks=3, tickformat="~g")
    builder.draw(
        bar(
            x=np.arange(len(weights), dtype=np.float32),
            y=np.asarray(weights, dtype=np.float32),
            yaxis=row.axis,
            marker={"color": colour_of(CELLS[cell]["h"]), "line": {"width": 0}},
            hovertemplate="attention weight  %{y:.3g}<extra></extra>",
        )
    )


def _draw_saliency(builder: FigureBuilder, row: Row, values: Array, theme: Theme) -> None:
    title = f"Saliency {aside('how much a small change of this input changes the logit', theme)}"
    y_axis(builder, row, theme, title, rangemode="tozero", nticks=3, tickformat="~g")
    line: dict[str, object] = {"color": theme.text, "width": 1.6}
    draw_curve(builder, row, values, "saliency  %{y:.3g}", line, fill="tozeroy", fillcolor=theme.grid)


def _draw_connectivity(
    builder: FigureBuilder,
    row: Row,
    cell: str,
    connectivity: Mapping[str, Array],
    direct: Array | None,
    theme: Theme,
) -> None:
    title = (
        "How much a small change of this state changes the logit "
        f"{aside('connectivity: norm of dy/dh, logarithmic', theme)}"
    )
    lines = {
        f"‖dy/d{letter}‖": (values, colour_of(CELLS[cell][letter]), dash_of(CELLS[cell][letter]))
        for letter, values in connectivity.items()
    }
    if direct is not None:
        lines["read directly"] = (direct, colour_of(CELLS[cell]["h"]), "dot")
    logarithm = LogAxis((values for values, *_ in lines.values()), most_ticks=4)
    y_axis(builder, row, theme, title, **logarithm.layout())
    for name, (values, colour, dash) in lines.items():
        logarithm.draw(
            builder, np.arange(len(values)), values, name, yaxis=row.axis,
            mode="lines+markers" if len(values) == 1 else "lines",
            line={"color": colour, "width": 2, "dash": dash},
        )  # fmt: skip
    ends = [logarithm.exponent(float(values[-1])) for values, *_ in lines.values()]
    apart = keep_apart(ends, _LINE / _CONNECTIVITY_HEIGHT * (logarithm.high - logarithm.low))
    for (name, (_, colour, _)), end in zip(lines.items(), apart, strict=True):
        end_label(builder, row, end, name, ink(colour, theme))
