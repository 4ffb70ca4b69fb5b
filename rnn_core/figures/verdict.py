"""The verdict after each token, with the tokens that turned it, as a row on the token axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, Parts, decimate
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, class_colours, fade, ink
from rnn_core.figures.placing import EndName
from rnn_core.figures.text import percent, plain, shorten, shorten_apart, template_text, whole_percent
from rnn_core.figures.token_axis import MOST_LETTERS, MOST_TICKS, Row, TokenFigure
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts

VERDICT_HEIGHT = 96
_LONGEST_NAME, _LONGEST_HOVER = 30, 40


def verdict_curve(*, labels: Sequence[str], verdicts: Verdicts, theme: Theme) -> go.Figure:
    """The row alone, on its own token axis."""
    figure = TokenFigure(labels, [VERDICT_HEIGHT], theme)
    draw_verdict(figure.rows[0], labels, verdicts)
    return figure.build()


def verdict_axis(row: Row, followed: str | None) -> None:
    """Give a row the axis of the probability of the class of this name; of what comes next for None."""
    title, of = "Probability of what comes next", "after each token"
    if followed is not None:
        title, of = "Verdict after each token", f"probability of {plain(shorten(followed, _LONGEST_NAME))}"
    row.y_axis(title, of, range=[-0.03, 1.03], tickvals=[0, 0.5, 1], tickformat=".0%")


def draw_verdict(row: Row, labels: Sequence[str], verdicts: Verdicts) -> None:
    """Draw the row: of two classes one curve, of more those of the followed one and of the next."""
    verdict_axis(row, verdicts.followed.name)
    if verdicts.against is None:
        _draw_many(row, labels, verdicts)
    else:
        _draw_two(row, labels, verdicts)


def _draw_turns(
    row: Row, turns: Sequence[Turn], heights: Sequence[float], colours: Sequence[str], size: int
) -> None:
    """A diamond where a token turned the verdict."""
    if turns:
        border = {"color": row.theme.background, "width": 1.5}
        row.points(
            [turn.time for turn in turns],
            heights,
            name="turns",
            mode="markers",
            marker={"symbol": "diamond", "size": size, "color": colours, "line": border},
            customdata=[plain(shorten(turn.to, _LONGEST_HOVER)) for turn in turns],
            hover="turns the verdict to %{customdata}",
        )


_LONGEST_END = 11
_NEAR_AN_EDGE = 0.25
"""A verdict as near as this to 0 or 1 has no room for a label of two lines around it."""

_APART, _MOST_LETTERS, _LETTER = 0.12, 14, 0.013
"""Words in the picture: how far apart at least, their length at most, how wide a letter is at most.

The first and the last are shares of the time axis, which is some 630 pixels wide.
"""


def _draw_two(row: Row, labels: Sequence[str], verdicts: Verdicts) -> None:
    """Draws the verdict on one of two classes: a curve, filled towards its side, with its end in percent."""
    name, probabilities = verdicts.followed
    p, text = np.asarray(probabilities, dtype=np.float32), row.theme.text
    x, y = decimate(np.arange(len(p)), p)
    fill_x, fill_y = with_crossings(x, y, 0.5)
    around = np.concatenate([fill_x, fill_x[[-1, 0]]])  # along the curve and back on the middle line
    for edge, colour in ((np.maximum, POSITIVE), (np.minimum, NEGATIVE)):
        ends = np.append(edge(fill_y, 0.5), [0.5, 0.5])
        row.area(around, ends, line={"width": 0}, fillcolor=fade(colour, 0.38))
    _draw_class(row, labels, verdicts.followed, {"color": text, "width": 1.6}, name="")
    turns = verdicts.turns
    is_up = [turn.to == name for turn in turns]
    colours = [POSITIVE if up else NEGATIVE for up in is_up]
    _draw_turns(row, turns, [float(p[turn.time]) for turn in turns], colours, 10)
    _write_turns(row, labels, p, turns, is_up)
    last = float(p[-1])
    side, colour = (name, POSITIVE) if last > 0.5 else (verdicts.against or "", NEGATIVE)
    words = f"{percent(max(last, 1 - last))}<br>{plain(shorten(side, _LONGEST_END))}"
    anchor = "bottom" if last < _NEAR_AN_EDGE else "top" if last > 1 - _NEAR_AN_EDGE else "middle"
    row.end_label(last, words, ink(colour, row.theme), anchor=anchor)


def _write_turns(
    row: Row, labels: Sequence[str], p: Array, turns: Sequence[Turn], is_up: Sequence[bool]
) -> None:
    """The tokens that turned the verdict, where there is room for the word; the largest turns first."""
    moved = np.abs(np.diff(p, prepend=np.float32(0.5)))
    written: list[int] = []
    for turn, up in sorted(zip(turns, is_up, strict=True), key=lambda one: -moved[one[0].time]):
        word = shorten(labels[turn.time], _MOST_LETTERS)
        is_after = _room_for_word((p > 0.5) == up, turn.time, len(word))
        if is_after is None or any(abs(turn.time - other) < _APART * len(p) for other in written):
            continue
        written.append(turn.time)
        place = {"x": turn.time, "xanchor": "left", "xshift": 4}
        if not is_after:  # between the two the curve mostly crosses the middle
            place = {"x": turn.time - 1, "xanchor": "right", "xshift": 0}
        place |= {"y": 0.5, "yanchor": "top" if up == is_after else "bottom"}
        row.write(plain(word), **place, colour=ink(POSITIVE if up else NEGATIVE, row.theme))


def _room_for_word(is_turned: Array, step: int, letters: int) -> bool | None:
    """True if the word of a turn has room after it, on the side that the curve has just left, or before it.

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


def _draw_many(row: Row, labels: Sequence[str], verdicts: Verdicts) -> None:
    """Draws the verdict on the followed class and the next ones, and the tokens that turned it."""
    shown = (verdicts.followed, *verdicts.others)
    names, theme = [one.name for one in shown], row.theme
    colours = class_colours(names, len(shown) + 1)
    filled = {"fill": "tozeroy", "fillcolor": fade(POSITIVE, 0.16)}
    for place, one in reversed([*enumerate(shown)]):  # the followed one above the others
        line = {"color": ink(colours[one.name], theme), "width": _WIDTHS[place], "dash": _DASHES[place]}
        look: Parts = {"name": plain(one.name), **({} if place else filled)}
        _draw_class(row, labels, one, line, is_followed=not place, **look)
    certain = sorted(verdicts.turns, key=lambda turn: -turn.probability)[:_MOST_TURNS]
    of_turns = [colours.get(turn.to, theme.muted) for turn in certain]
    _draw_turns(row, certain, [turn.probability for turn in certain], of_turns, 9)
    _name_turns(row, verdicts, colours)
    ends = []
    for place, one in enumerate(shown):
        end = float(one.probabilities[-1])
        share = whole_percent(end)
        name = shorten_apart(names, MOST_LETTERS - 1 - len(share))[place]
        ends.append(EndName(end, f"{share} {plain(name)}", ink(colours[names[place]], theme)))
    row.end_labels(ends, line=_LINE)


def _draw_class(
    row: Row, labels: Sequence[str], one: OneClass, line: Parts, *, is_followed: bool = True, **look: object
) -> None:
    """Draws the probability of a class; of the followed one the pointer says the token, too."""
    p = np.asarray(one.probabilities, dtype=np.float32)
    x, y = decimate(np.arange(len(p)), p)
    token, first = ("<b>%{customdata[0]}</b>   ", 0) if is_followed else ("", 1)  # of the token and its share
    row.points(
        x,
        y,
        mode="lines+markers" if len(p) <= MOST_TICKS and is_followed else "lines",
        marker={"size": 5, "color": line["color"]},
        line=line,
        customdata=[[plain(labels[step]), percent(p[step])][first:] for step in x],
        hover=f"{token}{template_text(shorten(one.name, _LONGEST_HOVER))} %{{customdata[{1 - first}]}}",
        **look,
    )


def _name_turns(row: Row, verdicts: Verdicts, colours: dict[str, str]) -> None:
    """The class to which the verdict turned, beside the last turns, where there is room for its name."""
    T, theme = len(verdicts.followed.probabilities), row.theme
    named: list[int] = []
    for turn in reversed(verdicts.turns):
        if len(named) < _MOST_NAMED and all(abs(turn.time - other) >= _TURNS_APART * T for other in named):
            named.append(turn.time)
            place = {"x": turn.time, "xanchor": "left", "xshift": 8, "y": turn.probability}
            if turn.time > 0.7 * T:
                place |= {"xanchor": "right", "xshift": -8}
            place |= {"yanchor": "top" if turn.probability > 0.6 else "bottom", "borderpad": 0}
            colour = ink(colours.get(turn.to, theme.muted), theme)
            name = plain(shorten(turn.to, _LONGEST_TURN))
            row.write(name, **place, bgcolor=fade(theme.background, 0.7), colour=colour)
