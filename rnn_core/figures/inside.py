"""What `rnn_core.inspection.inside` saw of a network while it learned, as figures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.colours import REMEMBERS, REMEMBERS_CELL, Look, ink, mix, run_colour, symbol
from rnn_core.figures.curves import CURVE_HEIGHT, title
from rnn_core.figures.layout import Sheet, axis, plain
from rnn_core.training.history import History

_MARGIN = {"l": 58, "r": 16, "t": 34, "b": 40}
_WITH_LABELS = {**_MARGIN, "r": 96}
_LINE = 0.085
"""The height of a line of letters, as a share of the axis."""
_LEAST = 1e-12
"""Smaller norms are drawn as this one: a logarithm needs a number."""
_DASHES = {"h": "solid", "c": "dash"}


def reach(runs: Sequence[History], look: Look) -> go.Figure:
    """How far back the loss is heard now: the norm of its gradient against the distance from the end."""
    sheet = _by_place(runs, "gradients", look)
    sheet.lay_out(
        title=title("How far back the loss is heard: ‖dL/dh‖"),
        xaxis=_places(look, "tokens from the end"),
        yaxis=axis(look, type="log", exponentformat="power", dtick=1),
    )
    return sheet.figure()


def state_norms(runs: Sequence[History], look: Look) -> go.Figure:
    """The norm of the state after each time step, now."""
    sheet = _by_place(runs, "norms", look)
    sheet.lay_out(
        title=title("Norms of the states"),
        xaxis=_places(look, "time step"),
        yaxis=axis(look, rangemode="tozero", tickformat="~g"),
    )
    return sheet.figure()


def reach_over_training(run: History, look: Look) -> go.Figure:
    """The same as `reach`, at every evaluation of one run: dark where nothing is heard any more."""
    sheet = Sheet(look, height=CURVE_HEIGHT, margin={**_MARGIN, "r": 64})
    letter = "c" if run.inside and "c" in run.inside[-1][1]["gradients"] else "h"
    places = run.inside[-1][1]["distance"] if run.inside else []
    columns = [seen["gradients"][letter] for _, seen in run.inside]
    sheet.draw(
        go.Heatmap(
            x=[f"{epoch:.2f}" for epoch, _ in run.inside],
            y=[str(place) for place in places],
            z=np.log10(np.maximum(np.array(columns, dtype=np.float32).T, _LEAST)) if columns else [],
            colorscale=[[0.0, look.background], [1.0, ink(REMEMBERS, look)]],
            colorbar={
                "thickness": 10, "outlinewidth": 0, "tickprefix": "10^", "tickformat": ".0f", "nticks": 5,
                "tickfont": {"size": 11, "color": look.muted},
            },
            hovertemplate="epoch %{x}, %{y} tokens from the end<br>10^%{z:.1f}<extra></extra>",
        )
    )  # fmt: skip
    sheet.lay_out(
        title=title(f"The same over the training: ‖dL/d{letter}‖"),
        xaxis=axis(look, type="category", nticks=8, title=_small("epoch", look)),
        yaxis=axis(look, type="category", nticks=8, title=_small("tokens from the end", look)),
    )
    return sheet.figure()


def saturation(run: History, cell: str, look: Look) -> go.Figure:
    """The shares of each gate's values that are open and shut, at every evaluation."""
    sheet = Sheet(look, height=CURVE_HEIGHT, margin=_WITH_LABELS)
    epochs, ends = [epoch for epoch, _ in run.inside], []
    for letter in run.inside[-1][1]["gates"] if run.inside else ():
        known = symbol(cell, letter)
        mark = "1 − h²" if letter == "slope" else letter
        for which, (words, dash) in enumerate((("below 0.1", "dot"), ("above 0.9", "solid"))):
            shares = [seen["gates"][letter][which] for _, seen in run.inside]
            sheet.draw(
                go.Scatter(
                    x=epochs,
                    y=shares,
                    mode="lines+markers",
                    line={"color": known.colour, "width": 2, "dash": dash},
                    marker={"size": 5, "color": known.colour},
                    hovertemplate=f"{mark} {words}: %{{y:.1%}}<extra></extra>",
                )
            )
            ends.append((shares[-1], f"{mark} {words}", ink(known.colour, look)))
    _label(sheet, ends, low=-0.02, high=1.05)
    sheet.lay_out(
        title=title("Gates that are shut (below 0.1) or open (above 0.9)" if cell != "elman" else
                    "Units that are saturated (slope below 0.1) or not"),
        hovermode="x unified",
        xaxis=axis(look, title=_small("epoch", look), rangemode="tozero"),
        yaxis=axis(look, tickformat=".0%", range=[-0.02, 1.05]),
    )  # fmt: skip
    return sheet.figure()


def weight_norms(run: History, look: Look) -> go.Figure:
    """The norm of every parameter, at every evaluation, as a multiple of what it was at the first."""
    sheet = Sheet(look, height=CURVE_HEIGHT, margin=_WITH_LABELS)
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
        sheet.draw(
            go.Scatter(
                x=epochs,
                y=times,
                mode="lines+markers",
                line={"color": run_colour(place), "width": 2},
                marker={"size": 5},
                customdata=norms,
                hovertemplate=f"{_called(name)}: %{{customdata:.3g}}, %{{y:.2f}} x the first<extra></extra>",
            )
        )
        ends.append((times[-1], _called(name), ink(run_colour(place), look)))
    low, high = min(drawn, default=0) * 0.95, max(drawn, default=1) * 1.05
    _label(sheet, ends, low, high)
    sheet.lay_out(
        title=title("Norm of the weights, in multiples of the first"),
        hovermode="x unified",
        xaxis=axis(look, title=_small("epoch", look), rangemode="tozero"),
        yaxis=axis(look, tickformat="~g", range=[low, high]),
    )
    return sheet.figure()


def _label(sheet: Sheet, ends: Sequence[tuple[float, str, str]], low: float, high: float) -> None:
    """Names to the right of the lines that end at these heights, in their colours, none over another.

    `low` and `high` are the ends of the axis. From top to bottom each name gives way to the one above it, and
    then, where the lowest came to lie below the axis, from bottom to top.
    """
    line, ends = (high - low) * _LINE, sorted(ends, reverse=True)
    places = [y for y, *_ in ends]
    for number in range(1, len(places)):
        places[number] = min(places[number], places[number - 1] - line)
    for number in reversed(range(len(places))):
        places[number] = max(places[number], low + line * (len(places) - number - 1))
    for place, (_, text, colour) in zip(places, ends, strict=True):
        sheet.write(
            x=1, xref="paper", xshift=6, y=place, text=text, xanchor="left",
            font={"size": 12, "color": colour},
        )  # fmt: skip


def _called(name: str) -> str:
    """A parameter as the equations call it."""
    return {"embedding.weight": "embedding", "head.weight": "head"}.get(name, name.removeprefix("cell."))


def _by_place(runs: Sequence[History], what: str, look: Look) -> Sheet:
    """The last look into each run against the distance: h solid, c dashed, in the run's own colour."""
    sheet = Sheet(look, height=CURVE_HEIGHT, margin=_MARGIN)
    for number, run in enumerate(runs):
        if not run.inside:
            continue
        _, seen = run.inside[-1]
        for letter, values in seen[what].items():
            colour = run_colour(number)
            if len(runs) == 1:
                colour = {"h": mix(REMEMBERS, look.text, 0.2), "c": REMEMBERS_CELL}[letter]
            whose = f" {plain(run.name)}" if len(runs) > 1 else ""
            sheet.draw(
                go.Scatter(
                    x=[place + 1 for place in seen["distance"]],
                    y=[max(value, _LEAST) for value in values],
                    mode="lines",
                    line={"color": colour, "width": 2, "dash": _DASHES[letter]},
                    customdata=seen["distance"],
                    hovertemplate=f"{letter}{whose}, %{{customdata}}: %{{y:.3g}}<extra></extra>",
                )
            )
            if "c" in seen[what]:
                sheet.write(
                    x=math.log10(seen["distance"][-1] + 1),
                    y=math.log10(max(values[-1], _LEAST)) if what == "gradients" else values[-1],
                    text=letter,
                    xanchor="right",
                    yanchor="bottom",
                    font={"size": 13, "color": ink(colour, look)},
                )
    sheet.lay_out(hovermode="closest")
    return sheet


def _places(look: Look, words: str) -> dict[str, Any]:
    """A logarithmic axis of distances counted from 0."""
    ticks = [0, 1, 3, 10, 30, 100, 300, 1_000, 3_000]
    return axis(
        look,
        type="log",
        tickvals=[tick + 1 for tick in ticks],
        ticktext=[f"{tick:,}" for tick in ticks],
        title=_small(words, look),
    )


def _small(words: str, look: Look) -> dict[str, Any]:
    return {"text": words, "font": {"size": 12, "color": look.muted}}
