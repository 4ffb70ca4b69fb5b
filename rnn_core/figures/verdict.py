"""The verdict after each token, with the tokens that turned it, as a row on the token axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import EDGE_DIGITS, Array, FigureBuilder, decimate
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, class_colours, fade, ink
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import in_template, percent, plain, shorten, shorten_apart, whole_percent
from rnn_core.figures.token_axis import (
    MOST_LETTERS,
    MOST_TICKS,
    Row,
    aside,
    begin_token_figure,
    end_label,
    rows_of,
    y_axis,
)
from rnn_core.inspection.verdicts import OneClass, Verdicts

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
        _draw_many(builder, row, labels, verdicts, theme)
    else:
        _draw_two(builder, row, labels, verdicts, theme)


_LONGEST_HOVER, _LONGEST_END = 40, 11
_NEAR_AN_EDGE = 0.25
"""A verdict as near as this to 0 or 1 has no room for a label of two lines around it."""

_APART, _MOST_LETTERS, _LETTER = 0.12, 14, 0.013
"""Words in the picture: how far apart at least, their length at most, how wide a letter is at most.

The first and the last are shares of the time axis, which is some 630 pixels wide.
"""


def _draw_two(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, theme: Theme
) -> None:
    """Draws the verdict on one of two classes: a curve, filled towards its side, with its end in percent."""
    name, probabilities = verdicts.followed
    p = np.asarray(probabilities, dtype=np.float32)
    steps = np.arange(len(p))
    x, y = decimate(steps, p)
    fill_x, fill_y = with_crossings(x, y, 0.5)
    for edge, colour in ((np.maximum, POSITIVE), (np.minimum, NEGATIVE)):
        # Along the curve and back on the middle line.
        builder.scatter(
            x=np.concatenate([fill_x, fill_x[[-1, 0]]]).astype(np.float32),
            y=np.append(edge(fill_y, 0.5), [0.5, 0.5]).astype(np.float32),
            yaxis=row.axis,
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=fade(colour, 0.38),
            hoverinfo="skip",
            meta={"digits": EDGE_DIGITS},
        )
    builder.scatter(
        x=x.astype(np.float32),
        y=y,
        yaxis=row.axis,
        name="",
        mode="lines+markers" if len(p) <= MOST_TICKS else "lines",
        marker={"size": 5, "color": theme.text},
        line={"color": theme.text, "width": 1.6},
        customdata=[[plain(labels[step]), percent(p[step])] for step in x],
        hovertemplate=f"<b>%{{customdata[0]}}</b>   {in_template(shorten(name, _LONGEST_HOVER))} "
        "%{customdata[1]}<extra></extra>",
    )
    _mark_turns(builder, row, labels, verdicts, theme)
    last = float(p[-1])
    side = name if last > 0.5 else verdicts.against or ""
    end_label(
        builder,
        row,
        last,
        f"{percent(max(last, 1 - last))}<br>{plain(shorten(side, _LONGEST_END))}",
        ink(POSITIVE if last > 0.5 else NEGATIVE, theme),
        anchor="bottom" if last < _NEAR_AN_EDGE else "top" if last > 1 - _NEAR_AN_EDGE else "middle",
    )


def _mark_turns(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, theme: Theme
) -> None:
    """A diamond where a token turned the verdict, and the word where there is room for it."""
    if not verdicts.turns:
        return
    p = np.asarray(verdicts.followed.probabilities, dtype=np.float32)
    turns = np.array([turn.time for turn in verdicts.turns])
    is_up = [turn.to == verdicts.followed.name for turn in verdicts.turns]
    colours = [POSITIVE if up else NEGATIVE for up in is_up]
    builder.scatter(
        x=turns.astype(np.float32),
        y=p[turns],
        yaxis=row.axis,
        name="turns",
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 10,
            "color": colours,
            "line": {"color": theme.background, "width": 1.5},
        },
        customdata=[plain(shorten(turn.to, _LONGEST_HOVER)) for turn in verdicts.turns],
        hovertemplate="turns the verdict to %{customdata}<extra></extra>",
    )
    moved = np.abs(np.diff(p, prepend=np.float32(0.5)))[turns]
    written: list[int] = []
    for number in np.argsort(-moved, kind="stable"):
        step = int(turns[number])
        word = shorten(labels[step], _MOST_LETTERS)
        is_after = _room_for_word((p > 0.5) == is_up[number], step, len(word))
        if is_after is None or any(abs(step - other) < _APART * len(p) for other in written):
            continue
        written.append(step)
        builder.write(
            plain(word),
            x=step if is_after else step - 1,  # between the two the curve mostly crosses the middle
            y=0.5,
            yref=row.axis,
            xanchor="left" if is_after else "right",
            xshift=4 if is_after else 0,
            yanchor="bottom" if (not is_up[number]) == is_after else "top",
            font={"size": 12, "color": ink(colours[number], theme)},
        )


def _room_for_word(is_turned: Array, step: int, letters: int) -> bool | None:
    """Whether the word of a turn stands after it, on the side that the curve has just left, or before it.

    `is_turned` (T,) says where the curve is on the side that it turned to. Before it the word stands on that
    side; None where in both places it would lie on the curve or beyond its end.
    """
    width = round(_LETTER * letters * len(is_turned)) + 1
    if step + width <= len(is_turned) and is_turned[step : step + width].all():
        return True
    begin = step - 1 - width
    return False if begin >= 0 and not is_turned[begin:step].any() else None


def with_crossings(x: Array, y: Array, level: float) -> tuple[Array, Array]:
    """A curve (N,) with a point added wherever a straight piece of it crosses `level`."""
    before = np.flatnonzero((y[:-1] - level) * (y[1:] - level) < 0)
    share = (level - y[before]) / (y[before + 1] - y[before])
    crossings = x[before] + share * (x[before + 1] - x[before])
    return np.insert(x.astype(np.float64), before + 1, crossings), np.insert(y, before + 1, level)


_DASHES = ("solid", "dash", "dot")
"""The dashes of the followed class and the next ones, so that they differ without colour."""
_WIDTHS = (2.2, 1.3, 1.3)
_LONGEST_TURN = 16
_LINE = 15
"""Pixels of a label beside the end of a curve."""
_MOST_TURNS = 200
"""Marked in the picture; of more, those that were most certain."""
_MOST_NAMED, _TURNS_APART = 4, 0.2
"""Turns with the name of the class beside them, and how far apart at least, as a share of the time axis."""


def _draw_many(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, theme: Theme
) -> None:
    """Draws the verdict on the followed class and the next ones, and the tokens that turned it."""
    shown = (verdicts.followed, *verdicts.others)
    colours = class_colours([one.name for one in shown], len(shown) + 1)
    for place in reversed(range(len(shown))):  # the followed one above the others
        _draw_class(builder, row, labels, shown[place], place, colours[shown[place].name], theme)
    _mark_turns_of_many(builder, row, verdicts, colours, theme)
    _name_turns(builder, row, verdicts, colours, theme)
    ends = [float(one.probabilities[-1]) for one in shown]
    percents = [whole_percent(end) for end in ends]
    names = [one.name for one in shown]
    for place, at in enumerate(keep_apart(ends, _LINE / VERDICT_HEIGHT, (0, 1))):
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
    builder.scatter(
        x=x.astype(np.float32),
        y=y,
        yaxis=row.axis,
        name=plain(one.name),
        mode="lines+markers" if len(p) <= MOST_TICKS and not place else "lines",
        marker={"size": 5, "color": ink(colour, theme)},
        line={"color": ink(colour, theme), "width": _WIDTHS[place], "dash": _DASHES[place]},
        fill=None if place else "tozeroy",
        fillcolor=fade(POSITIVE, 0.16),
        customdata=[[percent(p[step])] if place else [percent(p[step]), plain(labels[step])] for step in x],
        hovertemplate=f"{word}{name} %{{customdata[0]}}<extra></extra>",
    )


def _mark_turns_of_many(
    builder: FigureBuilder, row: Row, verdicts: Verdicts, colours: dict[str, str], theme: Theme
) -> None:
    """A diamond where a token turned the verdict, as high as the probability of the class it turned to."""
    turns = sorted(verdicts.turns, key=lambda turn: -turn.probability)[:_MOST_TURNS]
    if not turns:
        return
    builder.scatter(
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


def _name_turns(
    builder: FigureBuilder, row: Row, verdicts: Verdicts, colours: dict[str, str], theme: Theme
) -> None:
    """The class to which the verdict turned, beside the last turns, where there is room for its name."""
    T = len(verdicts.followed.probabilities)
    named: list[int] = []
    for turn in reversed(verdicts.turns):
        if len(named) < _MOST_NAMED and all(abs(turn.time - other) >= _TURNS_APART * T for other in named):
            named.append(turn.time)
            is_high, is_late = turn.probability > 0.6, turn.time > 0.7 * T
            builder.write(
                plain(shorten(turn.to, _LONGEST_TURN)), x=turn.time, y=turn.probability, yref=row.axis,
                xanchor="right" if is_late else "left", xshift=-8 if is_late else 8,
                yanchor="top" if is_high else "bottom", bgcolor=fade(theme.background, 0.7), borderpad=0,
                font={"size": 12, "color": ink(colours.get(turn.to, theme.muted), theme)},
            )  # fmt: skip
