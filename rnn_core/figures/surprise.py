"""The surprise of a network at each next token, beside the truth, as a row on the token axis."""

import numpy as np

from rnn_core.figures.colours import NEGATIVE
from rnn_core.figures.placing import keep_apart
from rnn_core.figures.text import plain
from rnn_core.figures.token_axis import Row, TokenFigure
from rnn_core.figures.verdict import VERDICT_HEIGHT
from rnn_core.inspection.next_tokens import NextTokens

_APART = 17 / VERDICT_HEIGHT


def draw_surprise(figure: TokenFigure, row: Row, found: NextTokens) -> None:
    """Draw the row: -log2 p of what came next after each token, by the network and by the truth.

    A cross marks where the network is wrong. What the truth takes for impossible has no point on its curve.
    """
    theme, ours = figure.theme, found.surprise
    truth = np.where(np.isfinite(found.true_surprise), found.true_surprise, np.nan)
    top = max(1.0, *(float(np.nanmax(one, initial=0.0)) for one in (ours, truth)))
    aside = figure.aside("bits: −log<sub>2</sub> of its probability")
    figure.y_axis(row, f"Surprise at what comes next {aside}", range=[-0.05 * top, 1.1 * top], nticks=4)
    ends: dict[str, tuple[float, str]] = {}
    for name, values, line in (
        ("truth", truth, {"color": theme.muted, "width": 3.5, "dash": "dot"}),
        ("network", ours, {"color": theme.text, "width": 1.6}),
    ):
        known = values[np.isfinite(values)]
        if len(known):
            figure.curve(row, values, f"surprise of the {name}  %{{y:.2f}} bits", line, name=name)
            ends[name] = float(known[-1]), str(line["color"])
    apart = keep_apart([end for end, _ in ends.values()], _APART * top, (0, top))
    for (name, (_, colour)), y in zip(ends.items(), apart, strict=True):
        figure.end_label(row, y, name, colour)
    wrong = np.flatnonzero(found.is_judged & ~found.right & np.isfinite(ours))
    if len(wrong):
        figure.scatter(
            x=wrong.astype(np.float32),
            y=ours[wrong].astype(np.float32),
            yaxis=row.axis,
            name="wrong",
            mode="markers",
            marker={"symbol": "x", "size": 8, "color": NEGATIVE},
            customdata=[plain(found.names[most]) for most in found.log2[wrong].argmax(axis=1)],
            hover="wrong: it expects %{customdata}",
        )
