"""The verdict by each layer of a network, and what each further layer adds to it, on the token axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array, scatter
from rnn_core.figures.colours import Theme, beside_colour
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.token_axis import (
    aside,
    begin_token_figure,
    draw_signed_bars,
    end_label,
    mark_cursor,
    rows_of,
)
from rnn_core.figures.verdict import verdict_axis

_VERDICT_HEIGHT, _ADDED_HEIGHT, _LINE = 140, 90, 17
_DASHES = ("dash", "dot", "dashdot")
"""The dashes of the layers below the top one, from the lowest."""


def verdict_by_layer(
    *, labels: Sequence[str], followed: str, probabilities: Array, cursor: int, theme: Theme
) -> go.Figure:
    """The verdicts of L layers, and below them what each adds to that of the layer below it.

    `probabilities` (L, T) are those of the class `followed` after each of the T tokens, the lowest layer
    first; the last are those of the network itself.
    """
    L = len(probabilities)
    heights = [_VERDICT_HEIGHT, *[_ADDED_HEIGHT] * (L - 1)]
    builder = begin_token_figure(labels, heights, theme)
    verdict, *added = rows_of(heights)
    verdict_axis(builder, verdict, followed, theme)
    ends = keep_apart([float(values[-1]) for values in probabilities], _LINE / _VERDICT_HEIGHT, (0, 1))
    for layer, (values, end) in enumerate(zip(probabilities, ends, strict=True), 1):
        colour = beside_colour(int(layer < L), theme)
        dash = "solid" if layer == L else _DASHES[(layer - 1) % len(_DASHES)]
        builder.draw(
            scatter(
                x=np.arange(len(values), dtype=np.float32),
                y=np.asarray(values, dtype=np.float32),
                yaxis=verdict.axis,
                mode="lines+markers" if len(values) == 1 else "lines",
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate=f"by layer {layer}  %{{y:.1%}}<extra></extra>",
            )
        )
        end_label(builder, verdict, end, f"layer {layer}", colour)
    for layer, row in enumerate(added, 2):
        more = probabilities[layer - 1] - probabilities[layer - 2]
        reach = max(float(np.abs(more).max()), 0.01) * 1.1
        words = aside(f"verdict by layer {layer} minus that by layer {layer - 1}", theme)
        draw_signed_bars(
            builder, row, more, f"What layer {layer} adds {words}", f"layer {layer} adds  %{{y:+.1%}}", theme,
            range=[-reach, reach], nticks=4, tickformat="+.0%",
        )  # fmt: skip
    mark_cursor(builder, cursor, theme)
    return builder.build()
