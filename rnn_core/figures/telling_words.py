"""The words that set a class apart most."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from rnn_core.data.statistics.words import TellingWord
from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.review_figures import DATA_HEIGHT
from rnn_core.figures.text import in_template, plain, shorten

_LONGEST_WORD, _LONGEST_NAME = 14, 24
_REACH = 1.5
"""How far the axis of the telling words reaches beyond the longest bar: there stand the words."""


def in_uses(prior: float) -> str:
    """How many uses are made up, of which there may be one.

    >>> in_uses(500.0), in_uses(1.2)
    ('500 made-up uses', '1 made-up use')
    """
    number = f"{prior:.0f}"
    return f"{number} made-up {'use' if number == '1' else 'uses'}"


def telling_chart(
    against: Sequence[TellingWord],
    towards: Sequence[TellingWord],
    sides: tuple[str, str],
    prior: float,
    rows: int,
    theme: Theme,
) -> go.Figure:
    """The most telling words in `rows`: to the left those against a class, to the right those for it.

    `sides` says in which texts the words of each side are found: "negative reviews", "positive reviews";
    `prior` is that of `rnn_core.data.statistics.words.prior_of`.
    """
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={"l": 8, "r": 8, "t": 34, "b": 46})
    largest = max((abs(telling.log_odds) for telling in (*against, *towards)), default=1.0)
    short = [shorten(side, _LONGEST_NAME) for side in sides]
    left, right = map(plain, short)
    for words, colour, name, in_hover in (
        (against, NEGATIVE, left, in_template(short[0])),
        (towards, POSITIVE, right, in_template(short[1])),
    ):
        builder.draw(
            go.Bar(
                orientation="h",
                x=[telling.log_odds for telling in words],
                y=list(range(1, len(words) + 1)),
                text=[plain(shorten(telling.word, _LONGEST_WORD)) for telling in words],
                textposition="outside",
                textangle=0,
                cliponaxis=False,
                constraintext="none",
                textfont={"size": 13, "color": theme.text},
                marker={"color": colour},
                name=name,
                customdata=[
                    [
                        plain(telling.word),
                        math.exp(abs(telling.log_odds)),
                        _counts_in_words(telling, (left, right), name),
                        telling.z,
                    ]
                    for telling in words
                ],
                hovertemplate=(
                    "<b>%{customdata[0]}</b>: odds %{customdata[1]:.1f} times as high in "
                    f"{in_hover},<br>with {in_uses(prior)} on either side (z = "
                    "%{customdata[3]:.1f})<br>%{customdata[2]}<extra></extra>"
                ),
            )
        )
        builder.write(
            text=f"◀ {name}" if words is against else f"{name} ▶",
            x=0.5,
            xref="paper",
            xanchor="right" if words is against else "left",
            xshift=-10 if words is against else 10,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=6,
            font={"size": 13, "color": theme.text},
        )
    times = [times for times in (2, 4, 8, 16) if math.log(times) <= largest] or [2]
    builder.lay_out(
        barmode="overlay",  # a pair in one row, not one behind the other
        bargap=0.3,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[-_REACH * largest, _REACH * largest],
            tickvals=[0, *(sign * math.log(many) for many in times for sign in (1, -1))],
            ticktext=["1", *(f"{many}×" for many in times for _ in (1, -1))],
            title=axis_title(f"times the odds of the other side, with {in_uses(prior)}", theme, standoff=6),
        ),
        yaxis=axis(theme, range=[rows + 0.6, 0.4], showgrid=False, showticklabels=False),
    )
    return builder.build()


def _counts_in_words(telling: TellingWord, sides: tuple[str, str], side: str) -> str:
    """How often it stands where, and what these counts alone say."""
    against, towards = sides
    counts = f"{telling.inside:,} times in {towards}, {telling.outside:,} in {against}"
    if math.isinf(telling.times_by_counts):
        return f"{counts}: in {side} only"
    return f"{counts}: by these counts alone {telling.times_by_counts:.1f} times"
