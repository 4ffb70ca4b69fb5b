"""The figures of one text that a model has read, each drawn with one call.

>>> import rnn_core as gs
>>> read = gs.trace("reader", "Not bad at all.")
>>> figure = gs.draw.verdict(read)  # figure.show() draws it
>>> figure.layout.xaxis.ticktext
('&lt;start&gt;', 'not', 'bad', 'at', 'all')
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import plotly.graph_objects as go

from rnn_core.errors import ConfigError
from rnn_core.figures import reading
from rnn_core.figures.colours import LIGHT, Theme
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.figures.read_panels import attribution
from rnn_core.figures.token_axis import TokenFigure
from rnn_core.figures.verdict import verdict_curve
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.trace import Trace, trace_tokens
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from rnn_core.refusals import shown as in_short
from rnn_core.training.history import history
from rnn_core.training.records import Record

_TAKEN: Mapping[str, tuple[type, str]] = {
    "model": (Model, "Contributions are drawn of a model, such as gs.load gives, and of what it has read"),
    "read": (Trace, "A figure is drawn of what a model has read, as gs.trace gives it"),
    "theme": (Theme, "The theme of a figure is LIGHT or DARK of rnn_core.figures.colours"),
}
"""Arguments of a figure: the type that each must have, and a sentence for another one."""
Draws = TypeVar("Draws", bound=Callable[..., go.Figure])


def _checked(draws: Draws) -> Draws:
    """Refuses arguments of another type in a sentence."""
    parameters = inspect.signature(draws)

    @functools.wraps(draws)
    def checked(*args: Any, **kwargs: Any) -> go.Figure:
        for name, value in parameters.bind(*args, **kwargs).arguments.items():
            if name in _TAKEN and not isinstance(value, _TAKEN[name][0]):
                raise ConfigError(f"{_TAKEN[name][1]}, got {in_short(value)}.")
        return draws(*args, **kwargs)

    return checked  # type: ignore[return-value]


@_checked
def verdict(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The verdict after each token."""
    return verdict_curve(labels=read.review.window, verdicts=verdicts(read), theme=theme)


@_checked
def inside(read: Trace, shown: str = "h", theme: Theme = LIGHT) -> go.Figure:
    """All that goes on inside: verdict, norms, gates, and the units of the gate or state `shown`."""
    _check_has(read, shown)
    return reading.reading(
        cell=read.cell,
        labels=read.review.window,
        arrays=read.arrays,
        verdicts=verdicts(read),
        shown=shown,
        theme=theme,
    )


@_checked
def gates(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The mean of each gate over its units, and the band that holds 80 % of them."""
    shares = read.declared.shares
    figure = TokenFigure(read.review.window, [reading.gates_height(shares)], theme)
    if shares:
        reading.draw_gates(figure.rows[0], shares, read.arrays)
    return figure.build()


@_checked
def states(read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """The norm of each state after each token, and how far the token moved it."""
    memories = read.declared.memories
    figure = TokenFigure(read.review.window, [reading.NORM_HEIGHT] * len(memories), theme)
    for row, letter in zip(figure.rows, memories, strict=True):
        reading.draw_norm(row, read.declared[letter], read.arrays[letter])
    return figure.build()


@_checked
def units(read: Trace, shown: str = "h", theme: Theme = LIGHT) -> go.Figure:
    """Every unit of a gate or state at each time step, as a heat map."""
    _check_has(read, shown)
    figure = TokenFigure(read.review.window, [reading.HEAT_HEIGHT], theme)
    reading.draw_units(figure.rows[0], read.declared[shown], read.arrays[shown])
    return figure.build()


@_checked
def contributions(model: Model, read: Trace, theme: Theme = LIGHT) -> go.Figure:
    """Draw each token's contribution to the verdict, and how much the verdict depends on each time step.

    Raises ConfigError for what another model has read, or this one while something was held.
    """
    again = trace_tokens(model, read.review.tokens)
    if (
        again.review.ids != read.review.ids
        or again.answers.shape != read.answers.shape
        or not np.allclose(again.answers, read.answers, rtol=1e-3, atol=1e-4)
    ):
        raise ConfigError(
            f"This is not what the model {model.name} says after each token: another one has read "
            "the text, or something was held. Let this model read it: model.trace(text)."
        )
    return attribution(
        cell=read.cell,
        labels=read.review.window,
        contributions=occlusion(model, read),
        found=attribute(model, read),
        theme=theme,
    )


@_checked
def learning(records: Iterable[Record], measure: str = "loss", theme: Theme = LIGHT) -> go.Figure:
    """A measure of a training, such as "loss" or "accuracy", by epoch."""
    rows = [*records] if isinstance(records, Iterable) else [records]
    if not all(isinstance(row, Record) for row in rows):
        raise ConfigError(
            f"A training is drawn of its records, such as model.history, got {in_short(records)}."
        )
    seen = history("", rows)
    if measure not in [*(known := drawn_measures(seen.task))]:
        raise ConfigError(
            f"There is no measure {in_short(measure)} of a training: choose {', '.join(known)}."
        )
    return learning_curve([seen], measure, theme)


def _check_has(read: Trace, letter: str) -> None:
    if letter not in [*read.arrays]:  # a list, since what was given may have no hash
        known = ", ".join(symbol.letter for symbol in read.declared.symbols)
        raise ConfigError(f"There is no {in_short(letter)} in {read.declared.noun}: choose one of {known}.")
