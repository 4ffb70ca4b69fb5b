"""The figures of the page Cells: a unit set by hand, how long units remember, how fast each form is."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import RIGHT, Array, FigureBuilder, text_shift
from rnn_core.figures.colours import REMEMBERS, Theme, colour_of, dash_of, ink, mix
from rnn_core.figures.placing import keep_apart
from rnn_core.symbols import CellDeclaration

_LINE = 17
"""Pixels of a line of letters."""


def played_states(
    declared: CellDeclaration, states: Mapping[str, Array], unit: int, time: int, theme: Theme
) -> go.Figure:
    """`states` are (N + 1, H) by letter; `time` is the time step that is drawn beside, counted from 0.

    The other units' are thin lines behind.
    """
    builder = FigureBuilder(theme, height=230, margin={"l": 46, "r": 40, "t": 10, "b": 42})
    everything = np.concatenate([np.ravel(values) for values in states.values()])
    finite = everything[np.isfinite(everything)]
    low, high = min(float(finite.min(initial=-1)), -1.0), max(float(finite.max(initial=1)), 1.0)
    room = 0.06 * (high - low)
    steps = np.arange(len(states["h"]))
    for letter, values in states.items():
        for other in range(values.shape[1]):
            known, is_shown = declared[letter], other == unit
            colour = colour_of(known) if is_shown else mix(colour_of(known), theme.background, 0.6)
            name = letter if values.shape[1] == 1 else f"{letter} of unit {other}"
            builder.scatter(
                x=steps,
                y=values[:, other],
                mode="lines+markers" if is_shown else "lines",
                line={"color": colour, "width": 2.2 if is_shown else 1, "dash": dash_of(known)},
                marker={"size": 4, "color": colour},
                name=name,
                hover=f"{name} after %{{x}} time steps: %{{y:.4g}}",
            )
    builder.stripe(time, time + 1, theme.grid, layer="below")
    ends = [float(np.nan_to_num(values[-1, unit])) for values in states.values()]
    line = _LINE / builder.inside * (high - low + 2 * room)
    places = keep_apart(ends, line, (low - room, high + room))
    for letter, end in zip(states, places, strict=True):
        colour = ink(colour_of(declared[letter]), theme)
        builder.write(letter, **RIGHT, xshift=8, y=end, size=14, colour=colour)
    return builder.build(
        hovermode="closest",
        xaxis=builder.axis(title="time steps", range=[0, len(steps) - 1], nticks=9),
        yaxis=builder.axis(range=[low - room, high + room], nticks=5, tickformat="~g"),
    )


_SHORTEST = 0.1
"""Time steps; a unit that forgets sooner is drawn here."""


def time_constants(values: Array, theme: Theme, token: str = "word") -> go.Figure:
    """A dot for each unit, the one that forgets first to the left; units that never forget are left out.

    `values` (H,) are time steps, infinite for a unit that never forgets.
    """
    order = np.argsort(values, kind="stable")
    order = order[np.isfinite(values[order])]
    builder = FigureBuilder(theme, height=280, margin={"l": 58, "r": 16, "t": 8, "b": 44})
    builder.scatter(
        x=list(range(1, len(order) + 1)),
        y=np.maximum(values[order], _SHORTEST),
        mode="markers",
        marker={"size": 6, "color": REMEMBERS},
        customdata=np.stack([order, values[order]], axis=1),
        hover=f"unit %{{customdata[0]:.0f}}: %{{customdata[1]:.3g}} {token}s",
    )
    return builder.build(
        xaxis=builder.axis(title="units, in order", rangemode="tozero"),
        yaxis=builder.axis(title=f"{token}s until 1/e is left", type="log", dtick=1),
        hovermode="closest",
    )


def speed_in_words(milliseconds: float, sequence: float) -> str:
    """Compare the speed of the sequence form with that of another, in words.

    >>> speed_in_words(200.0, 100.0), speed_in_words(90.0, 100.0)
    ('sequence 2.0 times faster', 'sequence 1.1 times slower')
    """
    if milliseconds >= sequence:
        return f"sequence {milliseconds / sequence:.1f} times faster"
    return f"sequence {sequence / milliseconds:.1f} times slower"


def form_bars(milliseconds: Mapping[str, float], *, torch_name: str, theme: Theme) -> go.Figure:
    """A bar for each form: naive, fused, sequence and torch's module, by name of the form.

    "floor", the matrix products alone, is a line across all of them. What wasn't measured is left out.
    """
    names = {"naive": "Naive", "fused": "Fused", "sequence": "Sequence", "torch": f"torch, {torch_name}"}
    shown = [form for form in names if form in milliseconds]
    lowest = max(len(shown), 4) - 0.05
    longest = max([*milliseconds.values(), 1e-9])
    builder = FigureBuilder(theme, height=300, margin={"l": 8, "r": 8, "t": 8, "b": 64})
    pale = mix(theme.muted, theme.background, 0.45)
    colours = {"sequence": theme.text}
    hatched = ["/" if form == "torch" else "" for form in shown]
    builder.bar(
        x=[milliseconds[form] for form in shown],
        y=list(range(len(shown))),
        orientation="h",
        width=0.42,
        offset=-0.06,
        marker={
            "color": [colours.get(form, pale) for form in shown],
            "pattern": {"shape": hatched, "fgcolor": theme.background, "fgopacity": 0.5},
        },
        customdata=[names[form] for form in shown],
        hover="%{customdata}: %{x:.1f} ms",
    )
    for place, form in enumerate(shown):
        text = f"<b>{names[form]}</b>  {milliseconds[form]:.0f} ms"
        if form != "sequence" and "sequence" in milliseconds:
            text += f", {speed_in_words(milliseconds[form], milliseconds['sequence'])}"
        above = {"xanchor": "left", "yanchor": "bottom", "borderpad": 0}
        above["bgcolor"] = theme.background  # the line of the floor passes behind it
        builder.title(text, x=0, y=place - 0.08, **above)
    if (floor := milliseconds.get("floor")) is not None:
        builder.upright(floor, theme.text, 1.5, "dash", y0=-0.5, y1=lowest)
        side = text_shift(5, is_left=floor >= longest / 2)
        text = f"floor {floor:.0f} ms: the products alone"
        builder.write(
            text, x=floor, y=lowest - 0.03, name="floor", **side, yanchor="bottom", colour=theme.text
        )
    title = "ms for the forward and backward pass of one optimizer step"
    return builder.build(
        xaxis=builder.axis(title=title, standoff=6, range=[0, longest * 1.03], fixedrange=True, nticks=6),
        yaxis={"visible": False, "fixedrange": True, "range": [lowest, -0.5]},
        dragmode=False,
        hovermode="closest",
    )
