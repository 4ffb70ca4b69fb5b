"""Lines of baselines beside the accuracies that are measured against them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import Theme

_FAR_BELOW = 0.2


def draw_across(builder: FigureBuilder, height: float, theme: Theme) -> None:
    """A dotted line at this height of the y axis."""
    builder.mark(
        type="line", xref="paper", x0=0, x1=1, y0=height, y1=height, layer="below",
        line={"color": theme.muted, "width": 1.2, "dash": "dot"},
    )  # fmt: skip


class InSight(NamedTuple):
    """Lines beside accuracies: name -> accuracy."""

    drawn: dict[str, float]
    below: dict[str, float]
    """So far below that they would squeeze what they are drawn beside."""


def in_sight(lines: Mapping[str, float], values: Sequence[float]) -> InSight:
    """Splits lines into those that are drawn beside these accuracies and those too far below.

    >>> in_sight({"words": 0.88, "majority": 0.5}, [0.86, 0.9])
    InSight(drawn={'words': 0.88}, below={'majority': 0.5})
    """
    floor = min(values, default=0.0) - _FAR_BELOW
    return InSight(
        {name: value for name, value in lines.items() if value >= floor},
        {name: value for name, value in lines.items() if value < floor},
    )
