"""The verdict on one of two classes after each token, with the tokens that turned it."""

from collections.abc import Sequence

import numpy as np

from rnn_core.figures.builder import EDGE_DIGITS, FigureBuilder, scatter
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, fade, ink
from rnn_core.figures.decimation import Array, decimate
from rnn_core.figures.text import in_template, percent, plain, shorten
from rnn_core.figures.token_axis import MOST_TICKS, Row, end_label
from rnn_core.inspection.verdicts import Verdicts

_LONGEST_HOVER, _LONGEST_END = 40, 11
_NEAR_AN_EDGE = 0.25
"""Of the verdict: there its label of two lines would reach into the row below or the title above."""

_APART, _MOST_LETTERS, _LETTER = 0.12, 14, 0.013
"""Words in the picture: how far apart at least, their length at most, how wide a letter is at most.

The first and the last are shares of the time axis, which is some 630 pixels wide.
"""


def draw_two(
    builder: FigureBuilder, row: Row, labels: Sequence[str], verdicts: Verdicts, theme: Theme
) -> None:
    """Draw the row: the curve, filled towards the side on which it stands, and its end as a percentage."""
    name, probabilities = verdicts.followed
    p = np.asarray(probabilities, dtype=np.float32)
    steps = np.arange(len(p))
    x, y = decimate(steps, p)
    fill_x, fill_y = with_crossings(x, y, 0.5)
    for edge, colour in ((np.maximum, POSITIVE), (np.minimum, NEGATIVE)):
        # Along the curve and back on the middle line.
        builder.draw(
            scatter(
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
        )
    builder.draw(
        scatter(
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
    builder.draw(
        scatter(
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
