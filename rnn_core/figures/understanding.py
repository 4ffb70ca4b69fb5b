"""What networks understand, phenomenon by phenomenon: bars on one axis, and shares as numbers on fields."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title
from rnn_core.figures.colours import POSITIVE, Theme, beside_colour, fade, mix
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
_SIGNS = "■▨"
"""The numbers of the bars of each network, in words on them."""


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
    pitch = _NAME + _BAR * len(scores) + _BELOW
    rows = _rows(scores, pitch)
    height = pitch * len(rows)
    builder = FigureBuilder(theme, height=height + _MARGIN["t"] + _MARGIN["b"], margin=dict(_MARGIN))
    for place in range(len(scores)):
        _draw_bars(builder, rows, place, theme)
    _answer_the_pointer(builder, rows[1:], list(scores), pitch)
    for row in rows:
        _write_row(builder, row, theme)
    _write_head(builder, list(scores), theme)
    _mark_guessing(builder, rows, theme)
    _mark_rows(builder, next(row.top for row in rows if row.key == chosen), pitch, theme)
    builder.lay_out(
        barmode="overlay", dragmode=False, hovermode="closest",
        xaxis=axis(
            theme, range=[0, 1], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True,
            title=axis_title("share that is right", theme, standoff=8, size=13),
        ),
        yaxis={"visible": False, "fixedrange": True, "range": [height, 0]},  # pixels
    )  # fmt: skip
    return builder.build()


def _rows(scores: Mapping[str, ProbeScores], pitch: int) -> list[_Row]:
    first = next(iter(scores.values()))
    rows = [_Row("", f"All {len(first.pairs):,} pairs", [*scores.values()], 0)]
    for place, (key, title) in enumerate(first.phenomena.items(), 1):
        rows.append(_Row(key, title, [one.of(key) for one in scores.values()], place * pitch))
    return rows


def _draw_bars(builder: FigureBuilder, rows: Sequence[_Row], place: int, theme: Theme) -> None:
    """The pale bars of one network, for sentences, and over them those for pairs."""
    colour = beside_colour(place, theme)
    for of_pairs in (False, True):
        one_by_one = [row.scores[place] for row in rows]
        builder.bar(
            x=[some.whole_pairs if of_pairs else some.sentences for some in one_by_one],
            y=[row.bar(place) for row in rows],
            orientation="h",
            width=_THICK,
            marker={
                "color": colour if of_pairs else mix(colour, theme.background, 0.7),
                "line": {"width": 0},
                "pattern": {
                    "shape": "/" if place else "",
                    "fillmode": "overlay",
                    "fgcolor": theme.background,
                    "size": 6,
                    "solidity": 0.25,
                },
            },
            hoverinfo="skip",
        )


def _answer_the_pointer(
    builder: FigureBuilder, rows: Sequence[_Row], names: Sequence[str], pitch: int
) -> None:
    """A bar that is not seen on the whole of each row."""
    builder.bar(
        x=[1] * len(rows),
        y=[row.top + pitch / 2 for row in rows],
        orientation="h",
        width=pitch,
        marker={"color": "rgba(0,0,0,0)", "line": {"width": 0}},
        customdata=[row.key for row in rows],
        text=[
            "<br>".join(
                f"{plain(name)}: {_in_words(some)}"
                for name, some in zip(shorten_apart(names, _LONGEST_NAME), row.scores, strict=True)
            )
            for row in rows
        ],
        textposition="none",
        hovertext=[f"<b>{row.title}</b>" for row in rows],
        hovertemplate="%{hovertext}<br>%{text}<extra></extra>",
    )


def _in_words(some: ProbeScores) -> str:
    pairs = len(some.pairs)
    return f"{some.right_pairs.sum()} of {pairs} pairs, {some.right.sum()} of {2 * pairs} sentences"


def _write_row(builder: FigureBuilder, row: _Row, theme: Theme) -> None:
    """The name of a row, and the numbers of each bar beside it."""
    builder.write(
        row.title if row.key else f"<b>{row.title}</b>", x=0, xref="paper", xanchor="left", y=row.top,
        yanchor="top", yshift=-1, borderpad=0, font={"size": 13, "color": theme.text},
    )  # fmt: skip
    for place, some in enumerate(row.scores):
        for column, share in (("pairs", some.whole_pairs), ("sentences", some.sentences)):
            _write_in_column(builder, f"{share:.0%}", column, theme, y=row.bar(place))


def _write_head(builder: FigureBuilder, names: Sequence[str], theme: Theme) -> None:
    """Writes which bars are whose, what they show, and what the numbers are."""
    whose = "   ".join(
        f'<span style="color:{beside_colour(place, theme)}">{sign}</span> {plain(name)}'
        for place, (sign, name) in enumerate(zip(_SIGNS, shorten_apart(names, _LONGEST_NAME), strict=False))
    )
    for line, text in ((2, f"<b>{whose}</b>"), (1, "full colour: pairs, pale: sentences")):
        builder.write(
            text, x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom",
            yshift=_LINE * line, borderpad=0, font={"size": 13, "color": theme.text},
        )  # fmt: skip
    for column in _COLUMN_ENDS:
        _write_in_column(builder, column, column, theme, y=1, yref="paper", yanchor="bottom")


def _write_in_column(builder: FigureBuilder, text: str, column: str, theme: Theme, **place: object) -> None:
    builder.write(
        text, x=1, xref="paper", xanchor="right", xshift=_COLUMN_ENDS[column], borderpad=0,
        font={"size": 12, "color": theme.text if column == "pairs" else theme.muted}, **place,
    )  # fmt: skip


def _mark_guessing(builder: FigureBuilder, rows: Sequence[_Row], theme: Theme) -> None:
    """A dotted line through the bars of all rows for each of GUESSING, with its name on top."""
    dotted = {"color": theme.muted, "width": 1.2, "dash": "dot"}
    beside = {"yref": "paper", "y": 1, "yanchor": "bottom", "borderpad": 0}
    font = {"size": 12, "color": theme.muted}
    builder.write("guess:", x=0, xref="paper", xanchor="left", font=font, **beside)
    for name, share in GUESSING.items():
        builder.write(name, x=share, xanchor="center", font=font, **beside)
        for row in rows:
            ends = row.bar(0) - _BAR / 2, row.bar(len(row.scores) - 1) + _BAR / 2
            builder.mark(type="line", x0=share, x1=share, y0=ends[0], y1=ends[1], line=dotted)


def _mark_rows(builder: FigureBuilder, chosen: int, pitch: int, theme: Theme) -> None:
    """The row that is chosen, and a line below that of all pairs."""
    for across in ({"x0": 0, "x1": 1}, {"x0": 0, "x1": _MARGIN["r"], "xsizemode": "pixel", "xanchor": 1}):
        builder.mark(
            type="rect", xref="paper", y0=chosen, y1=chosen + pitch, layer="below",
            fillcolor=fade(theme.grid, 0.6), line={"width": 0}, **across,
        )  # fmt: skip
    builder.mark(
        type="line", xref="paper", x0=0, x1=1, y0=pitch, y1=pitch, line={"color": theme.grid, "width": 1}
    )


_FIELD_MARGIN = {"l": 2, "r": 2, "t": 40, "b": 4}
"""Pixels; at the top as many more as the names of the models take where they stand on end."""
_FIELD, _FIELD_NAME = 22, 20
"""Pixels of a field, and of the name above it: a narrow window has no room for it beside the fields."""
_FIELD_ROW = _FIELD + _FIELD_NAME
_LONGEST_COLUMN = 18
_BETWEEN = 3
"""Pixels between two columns."""


class ShareRow(NamedTuple):
    """What the models have right of one question."""

    name: str
    shares: Sequence[float | None]
    """The share of each model, 0 to 1; None where it was not asked."""
    notes: Sequence[str]
    """What stands behind the share of each model."""
    is_apart: bool = False
    """Whether it is none of a list of equals: its name is bold."""


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
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
    )
    for place, row in enumerate(rows):
        builder.write(
            f"<b>{plain(row.name)}</b>" if row.is_apart else plain(row.name),
            x=0, xref="paper", xanchor="left", xshift=-3, y=place, yanchor="bottom", yshift=_FIELD / 2 - 2,
            font={"size": 13, "color": theme.text},
        )  # fmt: skip
    if 0 < beside < len(models):
        between, half = beside - 0.5, _FIELD / 2 / _FIELD_ROW
        for place in range(len(rows)):
            builder.mark(
                type="line",
                x0=between,
                x1=between,
                y0=place - half,
                y1=place + half,
                line={"color": theme.muted, "width": 1},
            )
    builder.lay_out(
        xaxis=axis(
            theme,
            side="top",
            tickvals=list(range(len(models))),
            ticktext=[_on_two_lines(name) for name in shorten_apart(models, _LONGEST_COLUMN)],
            tickfont={"size": 13, "color": theme.text},
            autotickangles=[0, -90],
            automargin=True,
            showgrid=False,
            showline=False,
            ticks="",
            fixedrange=True,
        ),
        yaxis=axis(
            theme,
            range=[len(rows) - 1 + _FIELD / 2 / _FIELD_ROW, -(_FIELD / 2 + _FIELD_NAME) / _FIELD_ROW],
            showticklabels=False,
            showgrid=False,
            showline=False,
            ticks="",
            fixedrange=True,
        ),
        dragmode=False,
    )
    return builder.build()


def _on_two_lines(name: str) -> str:
    """Broken at the gap nearest its middle.

    >>> _on_two_lines("NB-SVM on bigrams")
    'NB-SVM on<br>bigrams'
    """
    gaps = [place for place, letter in enumerate(name) if letter == " "]
    if not gaps:
        return plain(name)
    gap = min(gaps, key=lambda place: abs(len(name) - 1 - 2 * place))
    return f"{plain(name[:gap])}<br>{plain(name[gap + 1 :])}"
