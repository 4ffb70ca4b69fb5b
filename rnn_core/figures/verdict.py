"""The verdict after each token, with the tokens that turned it, as a row on the token axis."""

from collections.abc import Sequence

import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import Theme
from rnn_core.figures.text import plain, shorten
from rnn_core.figures.token_axis import Row, aside, begin_token_figure, rows_of, y_axis
from rnn_core.figures.verdict_of_many import draw_many
from rnn_core.figures.verdict_of_two import draw_two
from rnn_core.inspection.verdicts import Verdicts

VERDICT_HEIGHT = 96
_LONGEST_NAME = 30


def verdict_curve(*, labels: Sequence[str], verdicts: Verdicts, theme: Theme) -> go.Figure:
    """The row alone, on its own token axis."""
    builder = begin_token_figure(labels, [VERDICT_HEIGHT], theme)
    draw_verdict(builder, rows_of([VERDICT_HEIGHT])[0], labels, verdicts, theme)
    return builder.build()


def verdict_axis(builder: FigureBuilder, row: Row, followed: str, theme: Theme) -> None:
    """Give a row the axis of the probability of the class of this name, under the title of the verdict."""
    name = plain(shorten(followed, _LONGEST_NAME))
    y_axis(
        builder,
        row,
        theme,
        f"Verdict after each token {aside(f'probability of {name}', theme)}",
        range=[-0.03, 1.03],
        tickvals=[0, 0.5, 1],
        tickformat=".0%",
    )


def draw_verdict(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, theme: Theme
) -> None:
    """Draw the row: of two classes one curve, of more those of the followed one and of the next."""
    verdict_axis(builder, row, verdicts.followed.name, theme)
    if verdicts.against is None:
        draw_many(builder, row, labels, verdicts, VERDICT_HEIGHT, theme)
    else:
        draw_two(builder, row, labels, verdicts, theme)
