"""The figures of one text that a model has read, each drawn with one call.

>>> import rnn_core as gs
>>> read = gs.trace("reader", "Not bad at all.")
>>> figure = gs.draw.verdict(read)  # figure.show() draws it
>>> figure.layout.xaxis.ticktext
('&lt;start&gt;', 'not', 'bad', 'at', 'all')
"""

from collections.abc import Iterable

import plotly.graph_objects as go

from rnn_core.figures import reading
from rnn_core.figures.colours import LIGHT, Theme
from rnn_core.figures.curves import learning_curve
from rnn_core.figures.read_panels import attribution as attribution_figure
from rnn_core.figures.reading import draw_units
from rnn_core.figures.token_axis import begin_token_figure, rows_of
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from rnn_core.symbols import CELLS
from rnn_core.training.history import history
from rnn_core.training.records import Record


def verdict(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The verdict after each token."""
    return verdict_curve(labels=read.review.window, verdicts=verdicts(read), theme=theme)


def inside(read: Trace, shown: str = "h", theme: Theme = LIGHT) -> go.Figure:
    """All that goes on inside: verdict, norms, gates, and the units of the gate or state `shown`."""
    return reading.reading(
        cell=read.cell,
        labels=read.review.window,
        arrays=read.arrays,
        verdicts=verdicts(read),
        shown=shown,
        theme=theme,
    )


def gates(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The mean of each gate over its units, and the band that holds 80 % of them."""
    builder = begin_token_figure(read.review.window, [reading.GATES_HEIGHT], theme)
    if shares := read.declared.shares:
        reading.draw_gates(builder, rows_of([reading.GATES_HEIGHT])[0], shares, read.arrays, theme)
    return builder.build()


def states(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The norm of each state after each token, and how far the token moved it."""
    heights = [reading.NORM_HEIGHT] * len(read.states)
    builder = begin_token_figure(read.review.window, heights, theme)
    for row, (letter, values) in zip(rows_of(heights), read.states.items(), strict=True):
        reading.draw_norm(builder, row, CELLS[read.cell][letter], values, theme)
    return builder.build()


def units(read: Trace, shown: str = "h", theme: Theme = LIGHT) -> go.Figure:
    """Every unit of a gate or state at each time step, as a heat map."""
    builder = begin_token_figure(read.review.window, [reading.HEAT_HEIGHT], theme)
    [row] = rows_of([reading.HEAT_HEIGHT])
    draw_units(builder, row, CELLS[read.cell][shown], read.arrays[shown], None, "", theme)
    return builder.build()


def contributions(model: Model, read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """What each token contributes to the verdict, and how much the verdict depends on each time step."""
    found = attribute(model, read)
    return attribution_figure(
        cell=read.cell,
        labels=read.review.window,
        contributions=occlusion(model, read),
        input_times_gradient=found.input_times_gradient,
        saliency=found.saliency,
        connectivity=found.connectivity,
        direct=found.direct_connectivity,
        attention=found.attention,
        theme=theme,
    )


def learning(records: Iterable[Record], measure: str = "loss", theme: Theme = LIGHT) -> go.Figure:
    """A measure of a training, such as "loss" or "accuracy", by epoch."""
    return learning_curve([history("", records)], measure, theme)
