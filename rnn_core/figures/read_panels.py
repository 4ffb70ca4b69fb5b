"""The panels of Read on the token axis: contributions, layers, two readings; and what padding does.

Symbols: T time steps; y is the logit after the last token. All arrays are those of `rnn_core.inspection`.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import ABOVE, Array, FigureBuilder, Parts
from rnn_core.figures.colours import REMEMBERS, Theme, colour_of, dash_of, diverging, fade, ink, pair_colour
from rnn_core.figures.placing import EndName, LogAxis
from rnn_core.figures.text import percent, plain, shorten_apart
from rnn_core.figures.token_axis import DIGITS, MOST_LETTERS, Row, TokenFigure, coarse, signed_axis
from rnn_core.figures.verdict import verdict_axis
from rnn_core.inspection.attribution import Attribution
from rnn_core.inspection.trace import norms
from rnn_core.symbols import CELLS

_SIGNED_HEIGHT, _WEIGHTS_HEIGHT, _SALIENCY_HEIGHT, _CONNECTIVITY_HEIGHT = 96, 74, 74, 110
_LINE = 16
"""Pixels of a line of small letters."""
_VERDICT_HEIGHT = 140
_FROM_ZERO: Parts = {"rangemode": "tozero", "nticks": 3, "tickformat": "~g"}


def attribution(
    *,
    cell: str,
    labels: Sequence[str],
    contributions: Array,
    found: Attribution,
    cursor: int | None = None,
    theme: Theme,
) -> go.Figure:
    """Draw the tokens' contributions in three ways, and how much the verdict still depends on each step.

    `labels` are the T tokens, `contributions` (T,) those by occlusion, `found` has the gradients.
    """
    weighted = [] if found.attention is None else [_WEIGHTS_HEIGHT]
    heights = [_SIGNED_HEIGHT, *weighted, _SIGNED_HEIGHT, _SALIENCY_HEIGHT, _CONNECTIVITY_HEIGHT]
    figure = TokenFigure(labels, heights, theme, cursor)
    without, *of_weights, linear, sensitive, connected = figure.rows
    for row, name, means, values in (
        (
            without,
            "What the token contributes",
            "occlusion: the logit minus that with &lt;unk&gt;",
            contributions,
        ),
        (
            linear,
            "Input times gradient",
            "its contribution if the network were linear",
            found.input_times_gradient,
        ),
    ):
        ticks = {**signed_axis(float(np.abs(values).max(initial=0.0))), "tickformat": "+.2~g"}
        row.signed_bars(values, name, means, f"{name}  %{{y:+.3f}}", **ticks)
    if found.attention is not None:  # in the colour of the hidden state that is weighed
        means = "how much of each hidden state the readout takes; the sum is 1"
        of_weights[0].y_axis("Attention weight", means, **_FROM_ZERO)
        of_weights[0].bars(found.attention, "attention weight  %{y:.3g}", colour_of(CELLS[cell]["h"]))
    sensitive.y_axis("Saliency", "how much a small change of this input changes the logit", **_FROM_ZERO)
    line: dict[str, object] = {"color": theme.text, "width": 1.6}
    area = {"fill": "tozeroy", "fillcolor": theme.grid}
    sensitive.curve(found.saliency, "saliency  %{y:.3g}", line, **area)
    _draw_connectivity(connected, cell, found)
    return figure.build()


def _draw_connectivity(row: Row, cell: str, found: Attribution) -> None:
    lines = {
        f"‖dy/d{letter}‖": (values, colour_of(CELLS[cell][letter]), dash_of(CELLS[cell][letter]))
        for letter, values in found.connectivity.items()
    }
    if found.direct_connectivity is not None:
        lines["read directly"] = (found.direct_connectivity, colour_of(CELLS[cell]["h"]), "dot")
    logarithm = LogAxis((values for values, *_ in lines.values()), most_ticks=4)
    title = "How much a small change of this state changes the logit"
    row.y_axis(title, "connectivity: norm of dy/dh, logarithmic", **logarithm.layout())
    ends = []
    for name, (values, colour, dash) in lines.items():
        line = {"color": colour, "width": 2, "dash": dash}
        mode = "lines+markers" if len(values) == 1 else "lines"
        logarithm.draw(row.figure, np.arange(len(values)), values, name, yaxis=row.axis, mode=mode, line=line)
        ends.append(EndName(logarithm.exponent(float(values[-1])), name, ink(colour, row.theme)))
    row.end_labels(ends, logarithm.range, _LINE)


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
    figure = TokenFigure(labels, [_VERDICT_HEIGHT, *[_ADDED_HEIGHT] * (L - 1)], theme, cursor)
    verdict, *added = figure.rows
    verdict_axis(verdict, followed)
    ends = []
    for layer, values in enumerate(probabilities, 1):
        colour = pair_colour(int(layer < L), theme)
        dash = "solid" if layer == L else _LAYER_DASHES[(layer - 1) % len(_LAYER_DASHES)]
        line = {"color": colour, "width": 2, "dash": dash}
        _draw_whole(verdict, values, f"by layer {layer}  %{{y:.1%}}", line)
        ends.append(EndName(float(values[-1]), f"layer {layer}", colour))
    verdict.end_labels(ends)
    for layer, row in enumerate(added, 2):
        more = probabilities[layer - 1] - probabilities[layer - 2]
        reach = max(float(np.abs(more).max()), 0.01) * 1.1
        means = f"verdict by layer {layer} minus that by layer {layer - 1}"
        title, hover = f"What layer {layer} adds", f"layer {layer} adds  %{{y:+.1%}}"
        row.signed_bars(more, title, means, hover, range=[-reach, reach], nticks=4, tickformat="+.0%")
    return figure.build()


def _draw_whole(row: Row, values: Array, hover: str, line: dict[str, object], **more: object) -> None:
    """Draws values (T,) as a curve with all of its points."""
    mode = "lines+markers" if len(values) <= 2 else "lines"
    row.points(np.arange(len(values)), values, mode=mode, line=line, hover=hover, **more)


_NORM_HEIGHT, _DIFFERENCE_HEIGHT = 80, 90
_LONGEST_SIDE = 24


def two_readings(
    *,
    labels: Sequence[str],
    names: Sequence[str],
    followed: str | None,
    probabilities: Sequence[Array],
    norms: Sequence[Array],
    apart: Array | None,
    cursor: int | None,
    theme: Theme,
) -> go.Figure:
    """Verdicts and norms of h of both, their difference, and how far their states lie apart.

    `followed` is the class that the probabilities are of; None where they are of the tokens that come next.
    All arrays (T,) are by the tokens `labels`, nan where a reading has not got the token. `apart` is the norm
    of the difference of h, None where the two are states of different networks, which can't be compared.
    """
    figure = TokenFigure(labels, [_VERDICT_HEIGHT, _DIFFERENCE_HEIGHT, _NORM_HEIGHT], theme, cursor)
    verdict, difference, norm = figure.rows
    verdict_axis(verdict, followed)
    of_what = "of the verdicts" if followed is not None else "of these probabilities"
    lines: list[dict[str, object]] = [
        {"color": pair_colour(place, theme), "width": 2, "dash": dash}
        for place, dash in enumerate(("solid", "dash"))
    ]
    for name, p, line in zip(names, probabilities, lines, strict=True):
        _draw_whole(verdict, p, f"{plain(name)}  %{{customdata}}", line, customdata=[*map(percent, p)])
    known = [np.asarray(values)[np.isfinite(values)] for values in probabilities]
    ends = []
    for place, (name, one) in enumerate(zip(shorten_apart(names, MOST_LETTERS), known, strict=True)):
        end = float(one[-1]) if len(one) else 0.5
        ends.append(EndName(end, plain(name), pair_colour(place, theme)))
    verdict.end_labels(ends)
    change = np.asarray(probabilities[1]) - np.asarray(probabilities[0])
    ticks = signed_axis(max(float(np.nanmax(np.abs(change), initial=0.0)), 0.01))
    first, second = map(plain, shorten_apart(names, _LONGEST_SIDE))
    title, means = f"Difference {of_what}", f"{second} minus {first}"
    difference.signed_bars(change, title, means, "difference  %{y:+.1%}", **ticks, tickformat="+.0%")
    title = "Norm of the hidden state h" if apart is None else "How far the two hidden states lie apart"
    norm.y_axis(title, **_FROM_ZERO)
    if apart is None:
        for name, values, line in zip(names, norms, lines, strict=True):
            _draw_whole(norm, values, f"{plain(name)}  %{{y:.2f}}", line)
    else:
        _draw_whole(norm, apart, "apart  %{y:.3f}", {"color": ink(REMEMBERS, theme), "width": 2})
    return figure.build()


_PADDING_GAP = 0.05
_HEAT_DOMAIN, _NORM_DOMAIN = [0.36, 1.0], [0.0, 0.27]


def padded_states(
    *, names: Sequence[str], states: Sequence[Array], pads: Sequence[slice], theme: Theme
) -> go.Figure:
    """Side by side: every unit of h over time, and below it the norm; the padding is shaded.

    `states` (T, H) of each case, `pads` the time steps at which it reads padding.
    """
    builder = FigureBuilder(theme, height=330, margin={"l": 62, "r": 16, "t": 34, "b": 44})
    width = (1 - _PADDING_GAP * (len(states) - 1)) / len(states)
    top = max(float(norms(hs).max()) for hs in states) * 1.08
    for number, (name, hs, pad) in enumerate(zip(names, states, pads, strict=True)):
        left = number * (width + _PADDING_GAP)
        x, heat, norm = f"x{number + 1}", f"y{2 * number + 1}", f"y{2 * number + 2}"
        titles = ("", "") if number else ("unit of h", "norm ‖h‖")
        along = {"domain": [left, left + width], "anchor": norm, "range": [0.5, len(hs) + 0.5]}
        up = {"anchor": x, "showticklabels": number == 0, "standoff": 4}
        builder.lay_out(
            **{
                f"xaxis{number + 1}": builder.axis(
                    title="time step", standoff=4, **along, nticks=5, showgrid=False
                ),
                f"yaxis{heat[1:]}": builder.axis(
                    title=titles[0], **up, domain=_HEAT_DOMAIN, nticks=4, showgrid=False
                ),
                f"yaxis{norm[1:]}": builder.axis(
                    title=titles[1], **up, domain=_NORM_DOMAIN, nticks=3, range=[0, top]
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
            yaxis=heat,
            hover=f"time step %{{x:.0f}}, unit %{{y:.0f}}: %{{z:.{DIGITS}f}}",
            meta={"digits": DIGITS},
        )
        builder.scatter(
            x=np.arange(1, len(hs) + 1, dtype=np.float32),
            y=norms(hs).astype(np.float32),
            xaxis=x,
            yaxis=norm,
            mode="lines",
            line={"color": theme.text, "width": 1.6},
            hover="‖h‖ %{y:.2f}",
        )
        if pad.stop > pad.start:
            shade = fade(theme.muted, 0.16)
            builder.stripe(pad.start + 0.5, pad.stop + 0.5, shade, xref=x, layer="above")
        place = {"x": left, "xref": "paper", "xanchor": "left", **ABOVE, "yshift": 4}
        builder.title(name, **place)
    return builder.build()
