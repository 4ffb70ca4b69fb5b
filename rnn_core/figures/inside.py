"""Figures of what `rnn_core.training.gradient_flow` saw of a network while it learned."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.equations.latex import letter_in_drawing
from rnn_core.figures.builder import Array, FigureBuilder
from rnn_core.figures.colours import REMEMBERS, Theme, colour_of, dash_of, ink, mix, run_colour
from rnn_core.figures.curves import CURVE_HEIGHT, CURVE_MARGIN, title
from rnn_core.figures.placing import EndName, LogAxis, name_ends
from rnn_core.figures.text import plain
from rnn_core.nn.classifier import cell_weight
from rnn_core.symbols import CELLS, state
from rnn_core.training.history import History

_WITH_NAMES = {**CURVE_MARGIN, "r": 110}
_LINE = 0.085
"""The height of a line of letters, as a share of the axis."""
_WEIGHT_STYLES = (
    ("circle", "●", "solid"),
    ("square", "■", "dash"),
    ("diamond", "◆", "dot"),
    ("triangle-up", "▲", "dashdot"),
    ("x", "✖", "longdash"),
    ("cross", "✚", "longdashdot"),
    ("star", "★", "solid"),
)
"""Markers, letters that look like them, and dashes of the weights: colours are those of runs and roles."""


def reach(runs: Sequence[History], theme: Theme, colours: Sequence[str] = ()) -> go.Figure:
    """Draw how far back the loss reaches now: the norm of its gradient against the distance from the end.

    `colours` are those of several runs, by default in their fixed order.
    """
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=CURVE_MARGIN)
    curves = _curves(runs, "gradients", theme, colours)
    logarithm = LogAxis(curve.values for curve in curves)
    for curve in curves:
        x, hover = curve.places + 1, f"{curve.name}, %{{customdata}}"
        logarithm.draw(builder, x, curve.values, hover, line=curve.line, customdata=curve.places)
        _write_letter(builder, curve, logarithm.exponent(float(curve.values[-1])))
    return builder.build(
        title=title("How far back the loss reaches: ‖dL/dh‖"),
        hovermode="closest",
        xaxis=_places(builder, "tokens from the end"),
        yaxis=builder.axis(**logarithm.layout()),
    )


def state_norms(runs: Sequence[History], theme: Theme, colours: Sequence[str] = ()) -> go.Figure:
    """The norm of the state after each time step, now."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=CURVE_MARGIN)
    for curve in _curves(runs, "norms", theme, colours):
        x, hover = curve.places + 1, f"{curve.name}, %{{customdata}}: %{{y:.3g}}"
        builder.scatter(x=x, y=curve.values, mode="lines", line=curve.line, customdata=x, hover=hover)
        _write_letter(builder, curve, float(curve.values[-1]))
    return builder.build(
        title=title("Norms of the states"),
        hovermode="closest",
        xaxis=_places(builder, "time step", first=1),
        yaxis=builder.axis(rangemode="tozero", tickformat="~g"),
    )


def reach_over_training(run: History, theme: Theme) -> go.Figure:
    """Draw the reach of the loss at every evaluation of one run: light where next to nothing arrives."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin={**CURVE_MARGIN, "r": 64})
    last = _last_look(run)
    letter = next((letter for letter in last.get("gradients", ()) if state(letter).is_behind), "h")
    norms = np.array([seen["gradients"][letter] for _, seen in run.inside], np.float64).T  # (places, looks)
    logarithm = LogAxis([norms])
    exponents = np.log10(norms, where=norms > 0, out=np.full(norms.shape, logarithm.zero))
    builder.heatmap(
        x=[epoch for epoch, _ in run.inside],
        y=[str(place) for place in last.get("distance", ())],
        z=exponents if norms.size else [],
        zmin=logarithm.zero if logarithm.has_zeros else logarithm.low,
        zmax=logarithm.high,
        customdata=norms if norms.size else None,
        colorscale=[[0.0, theme.background], [1.0, ink(REMEMBERS, theme)]],
        colorbar={
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": list(logarithm.ticks),
            "ticktext": list(logarithm.ticks.values()),
            "tickfont": {"size": 11, "color": theme.muted},
        },
        hover="epoch %{x:.2f}, %{y} tokens from the end<br>%{customdata:.3g}",
    )
    return builder.build(
        title=title(f"The same over the training: ‖dL/d{letter}‖"),
        xaxis=builder.axis(title="epoch", nticks=6, tickformat="~g"),
        yaxis=builder.axis(title="tokens from the end", type="category", nticks=8),
    )


def saturation(run: History, cell: str, theme: Theme) -> go.Figure:
    """The shares of each gate's values that are open and shut, at every evaluation."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_WITH_NAMES)
    names = []
    for letter in _last_look(run).get("gates", ()):
        known = next((one for one in CELLS[cell].symbols if one.letter == letter), None)
        if known is None:  # shown by code of which the equations have no such quantity
            continue
        colour, marker = colour_of(known), {"size": 5, "color": colour_of(known)}
        for which, (words, dash) in enumerate((("below 0.1", "dot"), ("above 0.9", "solid"))):
            shares = [seen["gates"][letter][which] for _, seen in run.inside]
            line, name = {"color": colour, "width": 2, "dash": dash}, f"{known.mark} {words}"
            _draw_looks(builder, run, shares, line=line, marker=marker, hover=f"{name}: %{{y:.1%}}")
            names.append(EndName(shares[-1], name, ink(colour, theme)))
    words = "Gates that are shut (below 0.1) or open (above 0.9)"
    if not any(known.is_gate for known in CELLS[cell].shares):
        words = "Units that are saturated (slope below 0.1) or free (above 0.9)"
    return _end_looks(builder, words, names, -0.02, 1.05, ".0%")


def weight_norms(run: History, cell: str, theme: Theme) -> go.Figure:
    """The norm of every parameter, at every evaluation, as a multiple of what it was at the first."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_WITH_NAMES)
    names, drawn = [], []
    shown = {name: called for name in _last_look(run).get("weights", ()) if (called := _called(name, cell))}
    for place, (name, called) in enumerate(shown.items()):
        norms = [seen["weights"][name] for _, seen in run.inside]
        times = [norm / (norms[0] or math.inf) for norm in norms]
        drawn += times
        symbol, sign, dash = _WEIGHT_STYLES[place % len(_WEIGHT_STYLES)]
        colour = mix(theme.text, theme.muted, place / max(len(shown) - 1, 1))
        line: dict[str, object] = {"color": colour, "width": 1.6, "dash": dash}
        marker = {"size": 7, "symbol": symbol, "color": colour}
        hover = f"{called}: %{{customdata:.3g}}, %{{y:.2f}} x the first"
        _draw_looks(builder, run, times, line=line, marker=marker, customdata=norms, hover=hover)
        names.append(EndName(times[-1], f"{sign} {called}", colour))
    low, high = min(drawn, default=0) * 0.95, max(drawn, default=1) * 1.05
    return _end_looks(builder, "Norm of the weights, in multiples of the first", names, low, high, "~g")


def _last_look(run: History) -> dict[str, Any]:
    return dict(run.inside[-1][1]) if run.inside else {}


def _draw_looks(builder: FigureBuilder, run: History, values: Sequence[float], **style: Any) -> None:
    """A value for each evaluation."""
    builder.scatter(x=[epoch for epoch, _ in run.inside], y=values, mode="lines+markers", **style)


def _end_looks(
    builder: FigureBuilder, words: str, names: Sequence[EndName], low: float, high: float, ticks: str
) -> go.Figure:
    """Return a figure over the epochs with its title, its axes, and the names of its lines."""
    name_ends(builder, names, (high - low) * _LINE, (low, high))
    return builder.build(
        title=title(words),
        hovermode="x unified",
        xaxis=builder.axis(title="epoch", rangemode="tozero"),
        yaxis=builder.axis(tickformat=ticks, range=[low, high]),
    )


def _called(parameter: str, cell: str) -> str:
    """A parameter as the equations call it; empty for a bias, which is not drawn."""
    weight = cell_weight(parameter)
    if parameter.rpartition(".")[2] in ("b", "bias"):
        return ""
    if weight is not None:
        written = letter_in_drawing(weight.name)
        return f"backward_cell.{written}" if weight.is_backward else written
    return {"embedding.weight": "embedding", "head.weight": "head"}.get(parameter, parameter)


class _Curve(NamedTuple):
    """The last look into a run against the distance: the hidden state solid, a state behind it dashed."""

    letter: str
    """Letter at its end; empty where there are several runs, whose letters would lie on each other."""
    name: str
    line: dict[str, object]
    places: Array
    """Counted from 0."""
    values: Array


def _curves(runs: Sequence[History], what: str, theme: Theme, colours: Sequence[str]) -> list[_Curve]:
    curves, colours = [], colours or [run_colour(number) for number in range(len(runs))]
    for colour, run in zip(colours, runs, strict=True):
        seen = _last_look(run)
        for letter, values in seen.get(what, {}).items():
            known, whose = state(letter), f" {plain(run.name)}"
            if len(runs) == 1:
                colour, whose = colour_of(known), ""
                colour = colour if known.is_behind else mix(colour, theme.text, 0.2)
            line: dict[str, object] = {"color": colour, "width": 2, "dash": dash_of(known)}
            shown = letter if len(runs) == 1 and len(seen[what]) > 1 else ""
            places, values = np.asarray(seen["distance"]), np.asarray(values, np.float64)
            curves.append(_Curve(shown, f"{letter}{whose}", line, places, values))
    return curves


def _write_letter(builder: FigureBuilder, curve: _Curve, y: float) -> None:
    """Writes the letter at the end of a curve; `y` as its axis counts."""
    if curve.letter:
        x, colour = math.log10(curve.places[-1] + 1), ink(str(curve.line["color"]), builder.theme)
        builder.write(curve.letter, x=x, y=y, xanchor="right", yanchor="bottom", size=13, colour=colour)


def _places(builder: FigureBuilder, words: str, first: int = 0) -> dict[str, Any]:
    """A logarithmic axis of places, shown counted from `first`: distances from 0, time steps from 1."""
    ticks = [first, 1 + first, 3, 10, 30, 100, 300, 1_000, 3_000]
    places, shown = [tick + 1 - first for tick in ticks], [f"{tick:,}" for tick in ticks]
    return builder.axis(title=words, type="log", tickvals=places, ticktext=shown)
