"""Figures of what networks understand: bars on one axis, and shares as numbers on fields."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from rnn_core.figures.builder import ABOVE, LEFT, RIGHT, FigureBuilder
from rnn_core.figures.colours import POSITIVE, Theme, fade, mix, pair_colour
from rnn_core.figures.text import plain, shorten_apart
from rnn_core.models.probing import ProbeScores

GUESSING = {"pairs": 0.25, "sentences": 0.5}
"""The shares that are right where each verdict is guessed."""

_MARGIN = {"l": 14, "r": 106, "t": 66, "b": 48}
_COLUMN_ENDS = {"pairs": 38, "sentences": 102}
"""Pixels from the end of the axis to the right edge of a column of numbers."""
_NAME, _BAR, _BELOW = 19, 13, 4
"""Pixels of a row: its name, each of its bars, and what is free below them."""
_THICK = 10
_LINE = 18
_LONGEST_NAME = 18


class _Row(NamedTuple):
    """The answers of each network to the pairs of one phenomenon, or to all."""

    key: str
    """The key of its phenomenon; empty for all pairs."""
    title: str
    scores: Sequence[ProbeScores]
    top: int
    """Pixels from the top of the picture."""

    def bar(self, place: int) -> float:
        """The height of a network's bar."""
        return self.top + _NAME + _BAR * (place + 0.5)


def understanding(scores: Mapping[str, ProbeScores], chosen: str, theme: Theme) -> go.Figure:
    """The shares of whole pairs that one or two networks get right, and behind them those of sentences.

    The phenomenon `chosen`, by its key, is marked. The `customdata` of a row is its key.
    """
    pitch, names = _NAME + _BAR * len(scores) + _BELOW, shorten_apart([*scores], _LONGEST_NAME)
    first = next(iter(scores.values()))
    rows = [_Row("", f"All {len(first.pairs):,} pairs", [*scores.values()], 0)]
    for place, (key, title) in enumerate(first.phenomena.items(), 1):
        rows.append(_Row(key, title, [one.phenomenon(key) for one in scores.values()], place * pitch))
    height = pitch * len(rows)
    builder = FigureBuilder(theme, height=height + _MARGIN["t"] + _MARGIN["b"], margin=dict(_MARGIN))
    for place in range(len(scores)):
        _draw_bars(builder, rows, place)
    _answer_the_pointer(builder, rows[1:], names, pitch)
    for row in rows:
        at_top = {"y": row.top, "yanchor": "top", "yshift": -1, "borderpad": 0}
        name = row.title if row.key else f"<b>{row.title}</b>"
        builder.title(name, **LEFT, **at_top)
        for number, some in enumerate(row.scores):
            for column, share in (("pairs", some.whole_pairs), ("sentences", some.sentences)):
                _write_in_column(builder, f"{share:.0%}", column, y=row.bar(number))
    whose = "   ".join(
        f'<span style="color:{pair_colour(number, theme)}">{sign}</span> {plain(name)}'
        for number, (sign, name) in enumerate(zip("■▨", names, strict=False))
    )
    for line, text in ((2, f"<b>{whose}</b>"), (1, "full colour: pairs, pale: sentences")):
        builder.title(text, **LEFT, **ABOVE, yshift=_LINE * line, borderpad=0)
    for column in _COLUMN_ENDS:
        _write_in_column(builder, column, column, y=1, yref="paper", yanchor="bottom")
    _mark_guessing(builder, rows)
    top = next(row.top for row in rows if row.key == chosen)
    for across in ({"x0": 0, "x1": 1}, {"x0": 0, "x1": _MARGIN["r"], "xsizemode": "pixel", "xanchor": 1}):
        shade = {"fillcolor": fade(theme.grid, 0.6), "line": {"width": 0}, "layer": "below", **across}
        builder.mark(type="rect", xref="paper", y0=top, y1=top + pitch, **shade)
    builder.across(pitch, theme.grid, "solid", "above", 1)
    ticks, title = {"tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}, "share that is right"
    return builder.build(
        barmode="overlay",
        dragmode=False,
        hovermode="closest",
        xaxis=builder.axis(title=title, standoff=8, size=13, range=[0, 1], **ticks, fixedrange=True),
        yaxis={"visible": False, "fixedrange": True, "range": [height, 0]},  # pixels
    )


def _draw_bars(builder: FigureBuilder, rows: Sequence[_Row], place: int) -> None:
    """The pale bars of one network, for sentences, and over them those for pairs."""
    background, colour = builder.theme.background, pair_colour(place, builder.theme)
    pattern = {"shape": "/" if place else "", "fillmode": "overlay", "fgcolor": background, "size": 6}
    answers, heights = [row.scores[place] for row in rows], [row.bar(place) for row in rows]
    for shares, tint in (
        ([some.sentences for some in answers], mix(colour, background, 0.7)),
        ([some.whole_pairs for some in answers], colour),
    ):
        marker = {"color": tint, "line": {"width": 0}, "pattern": {**pattern, "solidity": 0.25}}
        builder.bar(x=shares, y=heights, orientation="h", width=_THICK, marker=marker, hoverinfo="skip")


def _answer_the_pointer(
    builder: FigureBuilder, rows: Sequence[_Row], names: Sequence[str], pitch: int
) -> None:
    """A bar that is not seen on the whole of each row."""

    def right_in_words(some: ProbeScores) -> str:
        pairs = len(some.pairs)
        return f"{some.right_pairs.sum()} of {pairs} pairs, {some.right.sum()} of {2 * pairs} sentences"

    builder.bar(
        x=[1] * len(rows),
        y=[row.top + pitch / 2 for row in rows],
        orientation="h",
        width=pitch,
        marker={"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        customdata=[row.key for row in rows],
        text=[
            "<br>".join(
                f"{plain(name)}: {right_in_words(some)}" for name, some in zip(names, row.scores, strict=True)
            )
            for row in rows
        ],
        textposition="none",
        hovertext=[f"<b>{row.title}</b>" for row in rows],
        hover="%{hovertext}<br>%{text}",
    )


def _write_in_column(builder: FigureBuilder, text: str, column: str, **place: object) -> None:
    colour = builder.theme.text if column == "pairs" else builder.theme.muted
    across = {**RIGHT, "xanchor": "right", "xshift": _COLUMN_ENDS[column], "borderpad": 0}
    builder.write(text, **across, colour=colour, **place)


def _mark_guessing(builder: FigureBuilder, rows: Sequence[_Row]) -> None:
    """A dotted line through the bars of all rows for each of GUESSING, with its name on top."""
    builder.write("guess:", **LEFT, **ABOVE, borderpad=0)
    for name, share in GUESSING.items():
        builder.write(name, x=share, xanchor="center", **ABOVE, borderpad=0)
        for row in rows:
            ends = {"y0": row.bar(0) - _BAR / 2, "y1": row.bar(len(row.scores) - 1) + _BAR / 2}
            builder.upright(share, builder.theme.muted, 1.2, "dot", **ends)


_FIELD_MARGIN = {"l": 2, "r": 2, "t": 40, "b": 4}
"""Pixels; at the top as many more as the names of the models take where they stand on end."""
_FIELD, _FIELD_NAME = 22, 20
"""Pixels of a field, and of the name above it: a narrow window has no room for it beside the fields."""
_FIELD_ROW = _FIELD + _FIELD_NAME
_LONGEST_COLUMN = 18
_BETWEEN = 3
"""Pixels between two columns."""


class ShareRow(NamedTuple):
    """The models' shares of right answers to one question."""

    name: str
    shares: Sequence[float | None]
    """The share of each model, 0 to 1; None where it was not asked."""
    notes: Sequence[str]
    """Details of each model's share."""
    is_apart: bool = False
    """True if it is none of a list of equals: its name is bold."""


def share_fields(rows: Sequence[ShareRow], models: Sequence[str], *, beside: int, theme: Theme) -> go.Figure:
    """The rows from the top down, each with a field for each model; a line sets the first `beside` apart.

    A field has its share in percent; its colour goes from the page's background to a blue that numbers are
    legible on.
    """
    height = _FIELD_MARGIN["t"] + _FIELD_MARGIN["b"] + _FIELD_ROW * len(rows)
    builder = FigureBuilder(theme, height=height, margin=_FIELD_MARGIN)
    builder.heatmap(
        z=[row.shares for row in rows],
        zmin=0,
        zmax=1,
        colorscale=[[0, mix(theme.background, theme.grid, 0.35)], [1, mix(POSITIVE, theme.background, 0.35)]],
        showscale=False,
        xgap=_BETWEEN,
        ygap=_FIELD_NAME,
        text=[["–" if share is None else f"{100 * share:.0f}" for share in row.shares] for row in rows],
        texttemplate="%{text}",
        textfont={"size": 13, "color": theme.text},
        customdata=[
            [f"{plain(model)}: {plain(note)}" for model, note in zip(models, row.notes, strict=True)]
            for row in rows
        ],
        hover="%{customdata}",
        hoverongaps=False,
    )
    half = _FIELD / 2 / _FIELD_ROW
    for place, row in enumerate(rows):
        name = f"<b>{plain(row.name)}</b>" if row.is_apart else plain(row.name)
        above = {"xshift": -3, "y": place, "yanchor": "bottom", "yshift": _FIELD / 2 - 2}
        builder.title(name, **LEFT, **above)
        if 0 < beside < len(models):
            builder.upright(beside - 0.5, theme.muted, 1, y0=place - half, y1=place + half)
    names = [_split_in_two(name) for name in shorten_apart(models, _LONGEST_COLUMN)]
    bare = {"showgrid": False, "showline": False, "ticks": "", "fixedrange": True}
    named = {"tickvals": [*range(len(models))], "ticktext": names, "autotickangles": [0, -90]}
    font, ends = {"size": 13, "color": theme.text}, [len(rows) - 1 + half, -half - _FIELD_NAME / _FIELD_ROW]
    return builder.build(
        xaxis=builder.axis(side="top", **named, tickfont=font, **bare | {"automargin": True}),
        yaxis=builder.axis(range=ends, showticklabels=False, **bare),
        dragmode=False,
    )


def _split_in_two(name: str) -> str:
    """Broken at the gap nearest its middle.

    >>> _split_in_two("NB-SVM on bigrams")
    'NB-SVM on<br>bigrams'
    """
    gaps = [place for place, letter in enumerate(name) if letter == " "]
    if not gaps:
        return plain(name)
    gap = min(gaps, key=lambda place: abs(len(name) - 1 - 2 * place))
    return f"{plain(name[:gap])}<br>{plain(name[gap + 1 :])}"
