"""The share of words that a vocabulary covers, by its size."""

import math

import numpy as np
import plotly.graph_objects as go

from rnn_core.data.statistics.words import Coverage
from rnn_core.figures.builder import FigureBuilder, axis, axis_title, scatter
from rnn_core.figures.colours import REMEMBERS, Theme, fade
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.review_figures import DATA_HEIGHT, DATA_MARGIN, legend_above
from rnn_core.text.vocabulary import SPECIAL_TOKENS

_CURVE_POINTS = 160
_LINE = 0.08
"""The height of a line of letters, as a share of the words."""


def coverage_curve(coverage: Coverage, size: int, theme: Theme, *, unit: str = "word") -> go.Figure:
    """The four shares by the size of the vocabulary, with a line at the size that is chosen.

    `unit` is what a token is called.
    """
    most = len(coverage.running_training) - 1
    known = np.unique(np.geomspace(1, max(most, 1), _CURVE_POINTS).astype(int))
    known = known[known <= most]
    sizes = known + len(SPECIAL_TOKENS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 34})
    chosen = min(size, most + len(SPECIAL_TOKENS))
    for name, shares, share, line in zip(
        (
            f"running {unit}s, training",
            f"running {unit}s, test",
            f"different {unit}s, training",
            f"different {unit}s, test",
        ),
        coverage,
        coverage.at(size),
        (
            {"color": theme.text, "width": 2.5},
            {"color": theme.text, "width": 2.5, "dash": "dot"},
            {"color": REMEMBERS, "width": 2},
            {"color": REMEMBERS, "width": 2, "dash": "dot"},
        ),
        strict=True,
    ):
        builder.draw(
            scatter(
                x=sizes.astype(np.float32),
                y=shares[known].astype(np.float32),
                name=name,
                mode="lines",
                line=line,
                hovertemplate=f"%{{y:.1%}} of {name}<extra></extra>",
            )
        )
        builder.draw(
            scatter(
                x=[chosen],
                y=[float(share)],
                mode="markers",
                marker={"size": 9, "color": theme.background, "line": {"width": 2, "color": line["color"]}},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    _mark_chosen(builder, chosen, theme)
    _write_shares(builder, coverage.at(size), chosen, unit, theme)
    builder.lay_out(
        showlegend=True,
        legend=legend_above(theme),
        hovermode="x unified",
        xaxis=axis(
            theme,
            type="log",
            range=[math.log10(len(SPECIAL_TOKENS) + 1), math.log10(max(most + len(SPECIAL_TOKENS), 10))],
            tickvals=[10, 100, 1_000, 10_000, 100_000],
            ticktext=["10", "100", "1,000", "10,000", "100,000"],
            title=axis_title("vocabulary size", theme, standoff=6),
            hoverformat=",.0f",
            unifiedhovertitle={"text": "%{x} tokens"},
        ),
        yaxis=axis(theme, tickformat=".0%", range=[0, 1.12], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    return builder.build()


def _write_shares(builder: FigureBuilder, now: Coverage, chosen: int, unit: str, theme: Theme) -> None:
    """The two shares of the training reviews at the size chosen, above and left of which no curve runs."""
    shares = [float(share) for share in (now.running_training, now.distinct_training)]
    if not np.isfinite(shares).all():
        return
    places = keep_apart(shares, _LINE, (-1, 1 + _LINE / 2))  # where both are near 1 the upper one stays
    for share, place, what in zip(shares, places, ("running", "different"), strict=True):
        builder.write(
            text=f"<b>{share:.1%}</b> of {what} {unit}s",
            x=math.log10(chosen),
            y=place,
            xanchor="right",
            xshift=-8,
            yanchor="bottom",
            yshift=6,
            bgcolor=fade(theme.background, 0.85),
            font={"size": 13, "color": theme.text},
        )


def _mark_chosen(builder: FigureBuilder, x: float, theme: Theme) -> None:
    line = {"color": theme.text, "width": 1.5, "dash": "dash"}
    builder.mark(type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", line=line)
