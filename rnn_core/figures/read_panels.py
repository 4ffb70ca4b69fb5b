"""The panels of Read on the token axis: contributions, layers, two readings; and what padding does.

Symbols: T time steps; y is the logit after the last token. All arrays are those of `rnn_core.inspection`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title
from rnn_core.figures.colours import REMEMBERS, Theme, beside_colour, colour_of, dash_of, diverging, fade, ink
from rnn_core.figures.placing import LogAxis, keep_apart
from rnn_core.figures.reading import DIGITS, coarse
from rnn_core.figures.text import percent, plain, shorten_apart
from rnn_core.figures.token_axis import (
    MOST_LETTERS,
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
from rnn_core.figures.verdict import verdict_axis
from rnn_core.inspection.trace import norms
from rnn_core.symbols import CELLS

_SIGNED_HEIGHT = 96
_WEIGHTS_HEIGHT = 74
_SALIENCY_HEIGHT = 74
_CONNECTIVITY_HEIGHT = 110
_LINE = 16
"""Pixels of a line of small letters."""
_VERDICT_HEIGHT = 140
_APART = 17 / _VERDICT_HEIGHT
"""The least distance of two names at the ends of the verdicts, as a share of the axis."""


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
        (without, "What the token contributes", "occlusion: the logit minus that with <unk>", contributions),
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
    title = f"Saliency {aside('how much a small change of this input changes the logit', theme)}"
    y_axis(builder, sensitive, theme, title, rangemode="tozero", nticks=3, tickformat="~g")
    line: dict[str, object] = {"color": theme.text, "width": 1.6}
    draw_curve(builder, sensitive, saliency, "saliency  %{y:.3g}", line, fill="tozeroy", fillcolor=theme.grid)
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
    builder.bar(
        x=np.arange(len(weights), dtype=np.float32),
        y=np.asarray(weights, dtype=np.float32),
        yaxis=row.axis,
        marker={"color": colour_of(CELLS[cell]["h"]), "line": {"width": 0}},
        hovertemplate="attention weight  %{y:.3g}<extra></extra>",
    )


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
            builder,
            np.arange(len(values)),
            values,
            name,
            yaxis=row.axis,
            mode="lines+markers" if len(values) == 1 else "lines",
            line={"color": colour, "width": 2, "dash": dash},
        )
    ends = [logarithm.exponent(float(values[-1])) for values, *_ in lines.values()]
    apart = keep_apart(ends, _LINE / _CONNECTIVITY_HEIGHT * (logarithm.high - logarithm.low))
    for (name, (_, colour, _)), end in zip(lines.items(), apart, strict=True):
        end_label(builder, row, end, name, ink(colour, theme))


_ADDED_HEIGHT = 90
_LAYER_DASHES = ("dash", "dot", "dashdot")
"""The dashes of the layers below the top one, from the lowest."""


def verdict_by_layer(
    *, labels: Sequence[str], followed: str, probabilities: Array, cursor: int, theme: Theme
) -> go.Figure:
    """The verdicts of L layers, and below them what each adds to that of the layer below it.

    `probabilities` (L, T) are those of the class `followed` after each of the T tokens, the lowest layer
    first; the last are those of the network itself.
    """
    L = len(probabilities)
    heights = [_VERDICT_HEIGHT, *[_ADDED_HEIGHT] * (L - 1)]
    builder = begin_token_figure(labels, heights, theme)
    verdict, *added = rows_of(heights)
    verdict_axis(builder, verdict, followed, theme)
    ends = keep_apart([float(values[-1]) for values in probabilities], _APART, (0, 1))
    for layer, (values, end) in enumerate(zip(probabilities, ends, strict=True), 1):
        colour = beside_colour(int(layer < L), theme)
        dash = "solid" if layer == L else _LAYER_DASHES[(layer - 1) % len(_LAYER_DASHES)]
        builder.scatter(
            x=np.arange(len(values), dtype=np.float32),
            y=np.asarray(values, dtype=np.float32),
            yaxis=verdict.axis,
            mode="lines+markers" if len(values) == 1 else "lines",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"by layer {layer}  %{{y:.1%}}<extra></extra>",
        )
        end_label(builder, verdict, end, f"layer {layer}", colour)
    for layer, row in enumerate(added, 2):
        more = probabilities[layer - 1] - probabilities[layer - 2]
        reach = max(float(np.abs(more).max()), 0.01) * 1.1
        words = aside(f"verdict by layer {layer} minus that by layer {layer - 1}", theme)
        draw_signed_bars(
            builder, row, more, f"What layer {layer} adds {words}", f"layer {layer} adds  %{{y:+.1%}}", theme,
            range=[-reach, reach], nticks=4, tickformat="+.0%",
        )  # fmt: skip
    mark_cursor(builder, cursor, theme)
    return builder.build()


_NORM_HEIGHT, _DIFFERENCE_HEIGHT = 80, 90
_PAIR_DASHES = ("solid", "dash")
_LONGEST_SIDE = 24
_AS_SHARE = "%{customdata}"
"""The format of a probability in a hover."""


def two_readings(
    *,
    labels: Sequence[str],
    names: Sequence[str],
    followed: str,
    probabilities: Sequence[Array],
    norms: Sequence[Array],
    apart: Array | None,
    cursor: int | None,
    theme: Theme,
) -> go.Figure:
    """Verdicts and norms of h of both, their difference, and how far their states lie apart.

    `followed` is the class that the probabilities are of.
    All arrays (T,) are by the tokens `labels`, nan where a reading has not got the token. `apart` is the norm
    of the difference of h, None where the two are states of different networks, which can't be compared.
    """
    heights = [_VERDICT_HEIGHT, _DIFFERENCE_HEIGHT, _NORM_HEIGHT]
    builder = begin_token_figure(labels, heights, theme)
    verdict, difference, norm = rows_of(heights)
    verdict_axis(builder, verdict, followed, theme)
    _draw_both(builder, verdict.axis, names, probabilities, _AS_SHARE, theme)
    known = [np.asarray(values)[np.isfinite(values)] for values in probabilities]
    ends = keep_apart([float(one[-1]) if len(one) else 0.5 for one in known], _APART, (0, 1))
    for place, name, y in zip(range(2), shorten_apart(names, MOST_LETTERS), ends, strict=True):
        end_label(builder, verdict, y, plain(name), beside_colour(place, theme))

    change = np.asarray(probabilities[1]) - np.asarray(probabilities[0])
    reach = max(float(np.nanmax(np.abs(change), initial=0.0)), 0.01)
    first, second = (plain(name) for name in shorten_apart(names, _LONGEST_SIDE))
    words = aside(f"{second} minus {first}", theme)
    draw_signed_bars(
        builder, difference, change, f"Difference of the verdicts {words}", "difference  %{y:+.1%}", theme,
        **signed_axis(reach), tickformat="+.0%",
    )  # fmt: skip
    title = "Norm of the hidden state h" if apart is None else "How far the two hidden states lie apart"
    y_axis(builder, norm, theme, title, rangemode="tozero", nticks=3, tickformat="~g")
    if apart is None:
        _draw_both(builder, norm.axis, names, norms, "%{y:.2f}", theme)
    else:
        _draw_one_of_two(
            builder, norm.axis, "apart", apart, "%{y:.3f}", {"color": ink(REMEMBERS, theme), "width": 2}
        )
    if cursor is not None:
        mark_cursor(builder, cursor, theme)
    return builder.build()


def _draw_both(
    builder: FigureBuilder, y: str, names: Sequence[str], values: Sequence[Array], said: str, theme: Theme
) -> None:
    for place, (name, one) in enumerate(zip(names, values, strict=True)):
        colour = beside_colour(place, theme)
        line = {"color": colour, "width": 2, "dash": _PAIR_DASHES[place]}
        _draw_one_of_two(builder, y, plain(name), one, said, line)


def _draw_one_of_two(
    builder: FigureBuilder, y: str, name: str, values: Array, said: str, line: dict[str, object]
) -> None:
    """`said` is how a hover says a value."""
    builder.scatter(
        x=np.arange(len(values), dtype=np.float32),
        y=np.asarray(values, dtype=np.float32),
        yaxis=y,
        mode="lines+markers" if len(values) <= 2 else "lines",
        line=line,
        customdata=[percent(value) for value in values] if said == _AS_SHARE else None,
        hovertemplate=f"{name}  {said}<extra></extra>",
    )


_PADDING_HEIGHT = 330
_PADDING_MARGIN = {"l": 62, "r": 16, "t": 34, "b": 44}
_PADDING_GAP = 0.05
_HEAT_DOMAIN = (0.36, 1.0)
_NORM_DOMAIN = (0.0, 0.27)


def padded_states(
    *, names: Sequence[str], states: Sequence[Array], pads: Sequence[slice], theme: Theme
) -> go.Figure:
    """Side by side: every unit of h over time, and below it the norm; the padding is shaded.

    `states` (T, H) of each case, `pads` the time steps at which it reads padding.
    """
    builder = FigureBuilder(theme, height=_PADDING_HEIGHT, margin=_PADDING_MARGIN)
    width = (1 - _PADDING_GAP * (len(states) - 1)) / len(states)
    top = max(float(norms(hs).max()) for hs in states) * 1.08
    for number, (name, hs, pad) in enumerate(zip(names, states, pads, strict=True)):
        left = number * (width + _PADDING_GAP)
        heat, norm = 2 * number + 1, 2 * number + 2
        x = f"x{number + 1}"
        builder.lay_out(
            **{
                f"xaxis{number + 1}": axis(
                    theme,
                    domain=[left, left + width],
                    anchor=f"y{norm}",
                    nticks=5,
                    showgrid=False,
                    range=[0.5, len(hs) + 0.5],
                    title=axis_title("time step", theme, standoff=4),
                ),
                f"yaxis{heat}": axis(
                    theme,
                    domain=list(_HEAT_DOMAIN),
                    anchor=x,
                    showticklabels=number == 0,
                    nticks=4,
                    showgrid=False,
                    title=axis_title("" if number else "unit of h", theme, standoff=4),
                ),
                f"yaxis{norm}": axis(
                    theme,
                    domain=list(_NORM_DOMAIN),
                    anchor=x,
                    showticklabels=number == 0,
                    nticks=3,
                    range=[0, top],
                    title=axis_title("" if number else "norm ‖h‖", theme, standoff=4),
                ),
            }
        )
        z, each_step, each_unit = coarse(hs)
        builder.heatmap(
            z=np.ascontiguousarray(z.T),
            x0=1 + (each_step - 1) / 2,  # time steps are shown from 1
            dx=each_step,
            y0=0,
            dy=each_unit,
            zmin=-1,
            zmax=1,
            colorscale=diverging(theme),
            showscale=False,
            xaxis=x,
            yaxis=f"y{heat}",
            hovertemplate=f"time step %{{x:.0f}}, unit %{{y:.0f}}: %{{z:.{DIGITS}f}}<extra></extra>",
            meta={"digits": DIGITS},
        )
        lengths = norms(hs)
        builder.scatter(
            x=np.arange(1, len(lengths) + 1, dtype=np.float32),
            y=lengths.astype(np.float32),
            xaxis=x,
            yaxis=f"y{norm}",
            mode="lines",
            line={"color": theme.text, "width": 1.6},
            hovertemplate="‖h‖ %{y:.2f}<extra></extra>",
        )
        if pad.stop > pad.start:
            builder.mark(
                type="rect",
                xref=x,
                yref="paper",
                x0=pad.start + 0.5,
                x1=pad.stop + 0.5,
                y0=0,
                y1=1,
                layer="above",
                line={"width": 0},
                fillcolor=fade(theme.muted, 0.16),
            )
        builder.write(
            text=name,
            x=left,
            xref="paper",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=4,
            font={"size": 13, "color": theme.text},
        )
    return builder.build()
