"""The verdict on more than two classes after each token: the one that is followed, and the next ones."""

from collections.abc import Sequence

import numpy as np

from rnn_core.figures.builder import FigureBuilder, scatter
from rnn_core.figures.colours import POSITIVE, Theme, class_colours, fade, ink
from rnn_core.figures.decimation import decimate
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import in_template, percent, plain, shorten, shorten_apart, whole_percent
from rnn_core.figures.token_axis import MOST_LETTERS, MOST_TICKS, Row, end_label
from rnn_core.inspection.verdicts import OneClass, Verdicts

_DASHES = ("solid", "dash", "dot")
"""The dashes of the followed class and the next ones, so that they differ without colour."""
_WIDTHS = (2.2, 1.3, 1.3)
_LONGEST_HOVER, _LONGEST_TURN = 40, 16
_LINE = 15
"""Pixels of a label beside the end of a curve."""
_MOST_TURNS = 200
"""Marked in the picture; of more, those that were most certain."""
_MOST_NAMED, _APART = 4, 0.2
"""Turns with the name of the class beside them, and how far apart at least, as a share of the time axis."""


def draw_many(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, height: int, theme: Theme
) -> None:
    """Draw the curves into a row so many pixels high, and the tokens that turned the verdict."""
    shown = (verdicts.followed, *verdicts.others)
    colours = class_colours([one.name for one in shown], len(shown) + 1)
    for place in reversed(range(len(shown))):  # the followed one above the others
        _draw_class(builder, row, labels, shown[place], place, colours[shown[place].name], theme)
    _mark_turns(builder, row, verdicts, colours, theme)
    _name_turns(builder, row, verdicts, colours, theme)
    ends = [float(one.probabilities[-1]) for one in shown]
    percents = [whole_percent(end) for end in ends]
    names = [one.name for one in shown]
    for place, at in enumerate(keep_apart(ends, _LINE / height, (0, 1))):
        name = shorten_apart(names, MOST_LETTERS - 1 - len(percents[place]))[place]
        end_label(builder, row, at, f"{percents[place]} {plain(name)}", ink(colours[names[place]], theme))


def _draw_class(
    builder: FigureBuilder, row: Row, labels: Sequence[str], one: OneClass, place: int, colour: str,
    theme: Theme,
) -> None:  # fmt: skip
    p = np.asarray(one.probabilities, dtype=np.float32)
    x, y = decimate(np.arange(len(p)), p)
    name = in_template(shorten(one.name, _LONGEST_HOVER))
    word = "" if place else "<b>%{customdata[1]}</b>   "
    builder.draw(
        scatter(
            x=x.astype(np.float32),
            y=y,
            yaxis=row.axis,
            name=plain(one.name),
            mode="lines+markers" if len(p) <= MOST_TICKS and not place else "lines",
            marker={"size": 5, "color": ink(colour, theme)},
            line={"color": ink(colour, theme), "width": _WIDTHS[place], "dash": _DASHES[place]},
            fill=None if place else "tozeroy",
            fillcolor=fade(POSITIVE, 0.16),
            customdata=[
                [percent(p[step])] if place else [percent(p[step]), plain(labels[step])] for step in x
            ],
            hovertemplate=f"{word}{name} %{{customdata[0]}}<extra></extra>",
        )
    )


def _mark_turns(
    builder: FigureBuilder, row: Row, verdicts: Verdicts, colours: dict[str, str], theme: Theme
) -> None:
    """A diamond where a token turned the verdict, as high as the probability of the class it turned to."""
    turns = sorted(verdicts.turns, key=lambda turn: -turn.probability)[:_MOST_TURNS]
    if not turns:
        return
    builder.draw(
        scatter(
            x=np.array([turn.time for turn in turns], np.float32),
            y=np.array([turn.probability for turn in turns], np.float32),
            yaxis=row.axis,
            name="turns",
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 9,
                "color": [colours.get(turn.to, theme.muted) for turn in turns],
                "line": {"color": theme.background, "width": 1.5},
            },
            customdata=[plain(shorten(turn.to, _LONGEST_HOVER)) for turn in turns],
            hovertemplate="turns the verdict to %{customdata}<extra></extra>",
        )
    )


def _name_turns(
    builder: FigureBuilder, row: Row, verdicts: Verdicts, colours: dict[str, str], theme: Theme
) -> None:
    """The class to which the verdict turned, beside the last turns, where there is room for its name."""
    T = len(verdicts.followed.probabilities)
    named: list[int] = []
    for turn in reversed(verdicts.turns):
        if len(named) < _MOST_NAMED and all(abs(turn.time - other) >= _APART * T for other in named):
            named.append(turn.time)
            is_high, is_late = turn.probability > 0.6, turn.time > 0.7 * T
            builder.write(
                plain(shorten(turn.to, _LONGEST_TURN)), x=turn.time, y=turn.probability, yref=row.axis,
                xanchor="right" if is_late else "left", xshift=-8 if is_late else 8,
                yanchor="top" if is_high else "bottom", bgcolor=fade(theme.background, 0.7), borderpad=0,
                font={"size": 12, "color": ink(colours.get(turn.to, theme.muted), theme)},
            )  # fmt: skip
