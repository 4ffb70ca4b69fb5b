"""A batch of reviews as a picture: words, unknown words, `<start>` and padding."""

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title, bar, heatmap, scatter
from rnn_core.figures.colours import REMEMBERS, Theme, fade, mix
from rnn_core.figures.decimation import Array
from rnn_core.figures.review_figures import DATA_HEIGHT, DATA_MARGIN, legend_above
from rnn_core.figures.text import plain
from rnn_core.text.vocabulary import PAD_ID, START_ID, UNK_ID

MOST_ROWS = 128
"""Reviews of a batch that are drawn; more would be thinner than two pixels."""
_PAD, _START, _UNKNOWN, _WORD = range(4)


def batch_chart(
    ids: Array, width: int, theme: Theme, *, noun: str = "review", unit: str = "word"
) -> go.Figure:
    """A batch (B, T) of ids as a picture: words, unknown ones, `<start>`, and padding, which is hatched.

    At most MOST_ROWS rows; the axis reaches to `width` time steps, however short the batch is. `noun` and
    `unit` are what a text and a token are called.
    """
    ids = ids[:MOST_ROWS]
    rows, steps = ids.shape
    kinds = np.full(ids.shape, _WORD, np.uint8)
    for special, kind in ((PAD_ID, _PAD), (START_ID, _START), (UNK_ID, _UNKNOWN)):
        kinds[ids == special] = kind
    colours = (theme.background, theme.text, mix(REMEMBERS, theme.background, 0.62), REMEMBERS)
    builder = FigureBuilder(theme, height=DATA_HEIGHT, margin={**DATA_MARGIN, "t": 40})
    builder.draw(
        heatmap(
            z=kinds,
            x0=1,
            dx=1,
            y0=1,
            dy=1,
            zmin=-0.5,
            zmax=3.5,
            colorscale=[
                [place, colour] for kind, colour in enumerate(colours) for place in (kind / 4, (kind + 1) / 4)
            ],
            showscale=False,
            hovertemplate=f"{noun} %{{y}}, time step %{{x}}<extra></extra>",
        )
    )
    is_padding = ids == PAD_ID
    padded = is_padding.sum(axis=1)
    in_front = is_padding[:, 0]
    builder.draw(
        bar(
            orientation="h",
            y=np.arange(1, rows + 1),
            x=padded,
            base=np.where(in_front, 0, steps - padded) + 0.5,
            width=1,
            name="padding",
            marker={
                "color": fade(theme.muted, 0.12),
                "pattern": {
                    "shape": "/",
                    "fgcolor": theme.muted,
                    "bgcolor": fade(theme.muted, 0.12),
                    "size": 7,
                    "solidity": 0.2,
                },
                "line": {"width": 0},
            },
            hoverinfo="skip",
        )
    )
    for name, kind in ((unit, _WORD), (f"unknown {unit}, <unk>", _UNKNOWN), ("<start>", _START)):
        builder.draw(
            scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=plain(name),
                marker={"symbol": "square", "size": 11, "color": colours[kind]},
            )
        )
    builder.lay_out(
        showlegend=True,
        legend=legend_above(theme),
        bargap=0,
        hovermode="closest",
        xaxis=axis(
            theme,
            range=[0.5, max(width, steps) + 0.5],
            showgrid=False,
            title=axis_title("time step", theme, standoff=6),
        ),
        yaxis=axis(
            theme,
            range=[rows + 0.5, 0.5],
            showgrid=False,
            nticks=6,
            title=axis_title(f"{noun} of the batch", theme, standoff=6),
        ),
    )
    return builder.build()
