"""What `rnn_core.training.gradient_flow` saw of a network while it learned, as figures."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, FigureBuilder, axis, axis_title
from rnn_core.figures.colours import REMEMBERS, Theme, colour_of, dash_of, ink, mix, run_colour
from rnn_core.figures.curves import CURVE_HEIGHT, title
from rnn_core.figures.placing import NAMES_FROM, LogAxis, keep_apart, lead
from rnn_core.figures.text import plain
from rnn_core.symbols import CELLS, state
from rnn_core.training.history import History

_MARGIN = {"l": 58, "r": 16, "t": 34, "b": 40}
_WITH_LABELS = {**_MARGIN, "r": 110}
_LINE = 0.085
"""The height of a line of letters, as a share of the axis."""
_MARKS = {
    "circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "x": "✖", "cross": "✚", "star": "★",
}  # fmt: skip
_WEIGHT_STYLES = (
    ("circle", "solid"), ("square", "dash"), ("diamond", "dot"), ("triangle-up", "dashdot"),
    ("x", "longdash"), ("cross", "longdashdot"), ("star", "solid"),
)  # fmt: skip
"""Markers and dashes of the weights: colours are those of runs and roles, and a weight is neither."""


def reach(runs: Sequence[History], theme: Theme, colours: Sequence[str] = ()) -> go.Figure:
    """How far back the loss reaches now: the norm of its gradient against the distance from the end.

    `colours` are those of several runs, by default in their fixed order.
    """
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_MARGIN)
    curves = _curves(runs, "gradients", theme, colours)
    logarithm = LogAxis(curve.values for curve in curves)
    for curve in curves:
        line = {"color": curve.colour, "width": 2, "dash": dash_of(state(curve.letter))}
        logarithm.draw(
            builder, curve.places + 1, curve.values, curve.name, line=line, customdata=curve.places
        )
        if curve.is_named:
            _write_letter(builder, curve, logarithm.exponent(float(curve.values[-1])), theme)
    builder.lay_out(
        title=title("How far back the loss reaches: ‖dL/dh‖"),
        hovermode="closest",
        xaxis=_places(theme, "tokens from the end"),
        yaxis=axis(theme, **logarithm.layout()),
    )
    return builder.build()


def state_norms(runs: Sequence[History], theme: Theme, colours: Sequence[str] = ()) -> go.Figure:
    """The norm of the state after each time step, now."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_MARGIN)
    for curve in _curves(runs, "norms", theme, colours):
        builder.scatter(
            x=curve.places + 1,
            y=curve.values,
            mode="lines",
            line={"color": curve.colour, "width": 2, "dash": dash_of(state(curve.letter))},
            customdata=curve.places + 1,
            hovertemplate=f"{curve.name}: %{{y:.3g}}<extra></extra>",
        )
        if curve.is_named:
            _write_letter(builder, curve, float(curve.values[-1]), theme)
    builder.lay_out(
        title=title("Norms of the states"),
        hovermode="closest",
        xaxis=_places(theme, "time step", first=1),
        yaxis=axis(theme, rangemode="tozero", tickformat="~g"),
    )
    return builder.build()


def reach_over_training(run: History, theme: Theme) -> go.Figure:
    """How far the loss reaches back at every evaluation of one run: light where next to nothing arrives."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin={**_MARGIN, "r": 64})
    letters = run.inside[-1][1]["gradients"] if run.inside else ()
    letter = next((letter for letter in letters if state(letter).is_behind), "h")
    places = run.inside[-1][1]["distance"] if run.inside else []
    norms = np.array([seen["gradients"][letter] for _, seen in run.inside], np.float64).T  # (places, looks)
    logarithm = LogAxis([norms])
    lowest = logarithm.zero if logarithm.has_zeros else logarithm.low
    exponents = np.log10(norms, where=norms > 0, out=np.full(norms.shape, logarithm.zero))
    builder.heatmap(
        x=[epoch for epoch, _ in run.inside],
        y=[str(place) for place in places],
        z=exponents if norms.size else [],
        zmin=lowest,
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
        hovertemplate="epoch %{x:.2f}, %{y} tokens from the end<br>%{customdata:.3g}<extra></extra>",
    )
    builder.lay_out(
        title=title(f"The same over the training: ‖dL/d{letter}‖"),
        xaxis=axis(theme, nticks=6, tickformat="~g", title=axis_title("epoch", theme)),
        yaxis=axis(theme, type="category", nticks=8, title=axis_title("tokens from the end", theme)),
    )
    return builder.build()


def saturation(run: History, cell: str, theme: Theme) -> go.Figure:
    """The shares of each gate's values that are open and shut, at every evaluation."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_WITH_LABELS)
    epochs, ends = [epoch for epoch, _ in run.inside], []
    for letter in run.inside[-1][1]["gates"] if run.inside else ():
        known = CELLS[cell][letter]
        for which, (words, dash) in enumerate((("below 0.1", "dot"), ("above 0.9", "solid"))):
            shares = [seen["gates"][letter][which] for _, seen in run.inside]
            builder.scatter(
                x=epochs,
                y=shares,
                mode="lines+markers",
                line={"color": colour_of(known), "width": 2, "dash": dash},
                marker={"size": 5, "color": colour_of(known)},
                hovertemplate=f"{known.mark} {words}: %{{y:.1%}}<extra></extra>",
            )
            ends.append((shares[-1], f"{known.mark} {words}", ink(colour_of(known), theme)))
    _label(builder, ends, low=-0.02, high=1.05)
    words = "Gates that are shut (below 0.1) or open (above 0.9)"
    if not any(known.is_gate for known in CELLS[cell].shares):
        words = "Units that are saturated (slope below 0.1) or free (above 0.9)"
    builder.lay_out(
        title=title(words),
        hovermode="x unified",
        xaxis=axis(theme, title=axis_title("epoch", theme), rangemode="tozero"),
        yaxis=axis(theme, tickformat=".0%", range=[-0.02, 1.05]),
    )
    return builder.build()


def weight_norms(run: History, theme: Theme) -> go.Figure:
    """The norm of every parameter, at every evaluation, as a multiple of what it was at the first."""
    builder = FigureBuilder(theme, height=CURVE_HEIGHT, margin=_WITH_LABELS)
    epochs, ends, drawn = [epoch for epoch, _ in run.inside], [], []
    names = [
        name
        for name in (run.inside[-1][1]["weights"] if run.inside else ())
        if not name.endswith(("b", "bias"))
    ]
    for place, name in enumerate(names):
        norms = [seen["weights"][name] for _, seen in run.inside]
        first = norms[0] or math.inf
        times = [norm / first for norm in norms]
        drawn += times
        marker, dash = _WEIGHT_STYLES[place % len(_WEIGHT_STYLES)]
        colour = mix(theme.text, theme.muted, place / max(len(names) - 1, 1))
        builder.scatter(
            x=epochs,
            y=times,
            mode="lines+markers",
            line={"color": colour, "width": 1.6, "dash": dash},
            marker={"size": 7, "symbol": marker, "color": colour},
            customdata=norms,
            hovertemplate=f"{_called(name)}: %{{customdata:.3g}}, %{{y:.2f}} x the first<extra></extra>",
        )
        ends.append((times[-1], f"{_MARKS[marker]} {_called(name)}", colour))
    low, high = min(drawn, default=0) * 0.95, max(drawn, default=1) * 1.05
    _label(builder, ends, low, high)
    builder.lay_out(
        title=title("Norm of the weights, in multiples of the first"),
        hovermode="x unified",
        xaxis=axis(theme, title=axis_title("epoch", theme), rangemode="tozero"),
        yaxis=axis(theme, tickformat="~g", range=[low, high]),
    )
    return builder.build()


def _label(builder: FigureBuilder, ends: Sequence[tuple[float, str, str]], low: float, high: float) -> None:
    """Names to the right of the lines that end at these heights, in their colours, none over another.

    `low` and `high` are the ends of the axis.
    """
    places = keep_apart([end for end, *_ in ends], (high - low) * _LINE, (low, high))
    for place, (end, text, colour) in zip(places, ends, strict=True):
        lead(builder, end, place, colour)
        builder.write(
            x=1, xref="paper", xshift=NAMES_FROM, y=place, text=text, xanchor="left",
            font={"size": 12, "color": colour},
        )  # fmt: skip


def _called(name: str) -> str:
    """A parameter as the equations call it."""
    if name.startswith(("upper.", "backward_upper.")):  # of the layer that is drawn
        side, _, part = name.split(".")
        return f"backward_cell.{part}" if side.startswith("backward") else part
    return {"embedding.weight": "embedding", "head.weight": "head"}.get(name, name.removeprefix("cell."))


class _Curve(NamedTuple):
    """The last look into a run against the distance: the hidden state solid, a state behind it dashed."""

    letter: str
    name: str
    """For the hover, with a place for the distance."""
    colour: str
    places: Array
    """Counted from 0."""
    values: Array
    is_named: bool
    """Whether its letter stands at its end: of several runs they would stand over each other."""


def _curves(runs: Sequence[History], what: str, theme: Theme, colours: Sequence[str]) -> list[_Curve]:
    curves, colours = [], colours or [run_colour(number) for number in range(len(runs))]
    for of_run, run in zip(colours, runs, strict=True):
        _, seen = run.inside[-1] if run.inside else (0.0, {what: {}, "distance": []})
        for letter, values in seen[what].items():
            colour = of_run
            if len(runs) == 1:
                known = state(letter)
                colour = colour_of(known) if known.is_behind else mix(colour_of(known), theme.text, 0.2)
            whose = f" {plain(run.name)}" if len(runs) > 1 else ""
            name = f"{letter}{whose}, %{{customdata}}"
            is_named = len(runs) == 1 and len(seen[what]) > 1
            places = np.asarray(seen["distance"])
            curves.append(_Curve(letter, name, colour, places, np.asarray(values, np.float64), is_named))
    return curves


def _write_letter(builder: FigureBuilder, curve: _Curve, y: float, theme: Theme) -> None:
    """At the end of a curve; `y` as its axis counts."""
    builder.write(
        x=math.log10(curve.places[-1] + 1),
        y=y,
        text=curve.letter,
        xanchor="right",
        yanchor="bottom",
        font={"size": 13, "color": ink(curve.colour, theme)},
    )


def _places(theme: Theme, words: str, first: int = 0) -> dict[str, Any]:
    """A logarithmic axis of places, shown counted from `first`: distances from 0, time steps from 1."""
    ticks = [first, 1 + first, 3, 10, 30, 100, 300, 1_000, 3_000]
    return axis(
        theme,
        type="log",
        tickvals=[tick + 1 - first for tick in ticks],
        ticktext=[f"{tick:,}" for tick in ticks],
        title=axis_title(words, theme),
    )
