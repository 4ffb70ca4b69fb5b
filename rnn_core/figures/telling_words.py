"""The words that set a class apart most."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from rnn_core.data.statistics.words import TellingWord
from rnn_core.figures.builder import FigureBuilder, axis, axis_title, bar
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme
from rnn_core.figures.review_figures import DATA_HEIGHT
from rnn_core.figures.text import in_template, plain, shorten, shorten_apart

_LONGEST_WORD, _LONGEST_NAME = 14, 24
_MOST_TICKS = 4
"""On either side of the axis."""
_REACH = 1.5
"""How far the axis of the telling words reaches beyond the longest bar: there stand the words."""


def in_texts(made_up: float) -> str:
    """What draws the odds of rare words towards 1, in words; `made_up_texts` gives two at least.

    >>> in_texts(120.0)
    'as if 120 more texts had it'
    """
    return f"as if {made_up:.0f} more texts had it"


def telling_chart(
    against: Sequence[TellingWord],
    towards: Sequence[TellingWord],
    sides: tuple[str, str],
    made_up: float,
    rows: int,
    theme: Theme,
) -> go.Figure:
    """The most telling words in `rows`: to the left those against a class, to the right those for it.

    `sides` says in which texts the words of each side are found: "negative reviews", "positive reviews";
    `made_up` is that of `rnn_core.data.statistics.words.made_up_texts`.
    """
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={"l": 8, "r": 8, "t": 34, "b": 46})
    largest = max((abs(telling.log_odds) for telling in (*against, *towards)), default=1.0)
    short = shorten_apart(sides, _LONGEST_NAME)
    left, right = map(plain, short)
    for words, colour, name, in_hover in (
        (against, NEGATIVE, left, in_template(short[0])),
        (towards, POSITIVE, right, in_template(short[1])),
    ):
        builder.draw(
            bar(
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
                    f"{in_hover},<br>{in_texts(made_up)} (z = "
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
    times = _ticks(largest)
    builder.lay_out(
        barmode="overlay",  # a pair in one row, not one behind the other
        bargap=0.3,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[-_REACH * largest, _REACH * largest],
            tickvals=[0, *(sign * math.log(many) for many in times for sign in (1, -1))],
            ticktext=["1", *(f"{many}×" for many in times for _ in (1, -1))],
            title=axis_title(f"times the odds of the other side, {in_texts(made_up)}", theme, standoff=6),
        ),
        yaxis=axis(theme, range=[rows + 0.6, 0.4], showgrid=False, showticklabels=False),
    )
    return builder.build()


def _ticks(largest: float) -> list[int]:
    """Powers of two up to these log odds, at most _MOST_TICKS of them, so that a narrow axis has room.

    >>> _ticks(math.log(9)), _ticks(math.log(300)), _ticks(0.1)
    ([2, 4, 8], [4, 16, 64, 256], [2])
    """
    most = int(largest / math.log(2) + 1e-9)
    step = max(1, -(-most // _MOST_TICKS))
    return [2**power for power in range(step, most + 1, step)] or [2]


def _counts_in_words(telling: TellingWord, sides: tuple[str, str], side: str) -> str:
    """Says in how many texts of each class a word stands, and what these counts alone say."""
    against, towards = sides
    counts = f"It stands in {telling.inside:,} {towards}, in {telling.outside:,} {against}"
    if math.isinf(telling.times_by_counts):
        return f"{counts}: in {side} only"
    return f"{counts}: by these counts alone {telling.times_by_counts:.1f} times"
