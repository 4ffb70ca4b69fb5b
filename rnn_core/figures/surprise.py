"""The surprise of a network at each next token, beside the truth, as a row on the token axis."""

import numpy as np

from rnn_core.figures.colours import NEGATIVE
from rnn_core.figures.placing import EndName
from rnn_core.figures.text import plain
from rnn_core.figures.token_axis import Row, TokenFigure
from rnn_core.inspection.next_tokens import NextTokens


def draw_surprise(figure: TokenFigure, row: Row, found: NextTokens) -> None:
    """Draw the row: -log2 p of what came next after each token, by the network and by the truth.

    A cross marks where the network is wrong. What the truth takes for impossible has no point on its curve.
    """
    theme, ours = figure.theme, found.surprise
    truth = np.where(np.isfinite(found.true_surprise), found.true_surprise, np.nan)
    top = max(1.0, *(float(np.nanmax(one, initial=0.0)) for one in (ours, truth)))
    aside = figure.aside("bits: −log<sub>2</sub> of its probability")
    figure.y_axis(row, f"Surprise at what comes next {aside}", range=[-0.05 * top, 1.1 * top], nticks=4)
    ends = []
    for name, values, line in (
        ("truth", truth, {"color": theme.muted, "width": 3.5, "dash": "dot"}),
        ("network", ours, {"color": theme.text, "width": 1.6}),
    ):
        known = values[np.isfinite(values)]
        if len(known):
            figure.curve(row, values, f"surprise of the {name}  %{{y:.2f}} bits", line, name=name)
            ends.append(EndName(float(known[-1]), name, str(line["color"])))
    figure.end_labels(row, ends, (0, top))
    wrong = np.flatnonzero(found.is_judged & ~found.right & np.isfinite(ours))
    if len(wrong):
        figure.points(
            row,
            wrong,
            ours[wrong],
            name="wrong",
            mode="markers",
            marker={"symbol": "x", "size": 8, "color": NEGATIVE},
            customdata=[plain(found.names[most]) for most in found.log2[wrong].argmax(axis=1)],
            hover="wrong: it expects %{customdata}",
        )
