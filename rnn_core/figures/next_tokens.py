"""Figures of the tokens that can come next after each token of a text, by the network and by the truth.

The surprise of a network, beside that of the truth, is a row on the token axis.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.builder import Array
from rnn_core.figures.colours import NEGATIVE, POSITIVE, REMEMBERS, Theme, ink, sequential
from rnn_core.figures.placing import EndName
from rnn_core.figures.text import plain, shorten
from rnn_core.figures.token_axis import DIGITS, Row, TokenFigure, coarse, signed_axis
from rnn_core.figures.verdict import VERDICT_HEIGHT
from rnn_core.inspection.next_tokens import NextTokens

MOST_NAMES = 16
"""Tokens that can come next are drawn at most: of more the most probable ones."""
_NAME_HEIGHT, _LEAST_HEIGHT = 20, 64
_LONGEST_NAME = 6


def next_tokens(*, labels: Sequence[str], found: NextTokens, cursor: int | None, theme: Theme) -> go.Figure:
    """The surprise along a text of T tokens, and heat maps of the probabilities of each next token.

    In the heat maps a dot marks what came.
    """
    drawn = most_probable_names(found, MOST_NAMES)
    height = max(_NAME_HEIGHT * len(drawn), _LEAST_HEIGHT)
    has_truth = bool(np.isfinite(found.truth).any())
    figure = TokenFigure(labels, [VERDICT_HEIGHT, *[height] * (1 + has_truth)], theme, cursor)
    surprise, network, *truth = figure.rows
    draw_surprise(surprise, found)
    of = "" if len(drawn) == len(found.names) else f", the most probable {len(drawn)}"
    titles = "The network expects", f"probability of each next token{of}; a dot: what came"
    _draw_probabilities(network, titles, found, found.network, drawn, POSITIVE)
    for row in truth:
        titles = "The truth", "empty where there is none"
        _draw_probabilities(row, titles, found, found.truth, drawn, REMEMBERS)
    return figure.build()


def most_probable_names(found: NextTokens, most: int, time: int | None = None) -> list[int]:
    """The indices of the tokens that are most probable at a time step, or at any, in their own order.

    One counts that the network or the truth finds probable.
    """
    both = np.fmax(found.network, found.truth)
    highest = both.max(axis=0) if time is None else both[time]
    return sorted(np.argsort(-highest, kind="stable")[:most].tolist())


def _draw_probabilities(
    row: Row,
    titles: tuple[str, str],
    found: NextTokens,
    probabilities: Array,
    drawn: Sequence[int],
    colour: str,
) -> None:
    names = [plain(shorten(found.names[number], _LONGEST_NAME)) for number in drawn]
    places = list(range(len(drawn)))[::-1]  # the first name on top
    row.y_axis(*titles, range=[-0.5, len(drawn) - 0.5], tickvals=places, ticktext=names, showgrid=False)
    z, each_step, _ = coarse(probabilities[:, drawn])
    row.heat(
        np.ascontiguousarray(z.T),  # (K, time)
        {"nticks": 3},
        each_step,
        colorscale=sequential(colour, row.theme),
        y=places,
        zmin=0,
        zmax=1,
        name="",
        meta={"digits": DIGITS},
        customdata=np.repeat(np.array(names)[:, None], z.shape[0], axis=1).tolist(),
        hover=f"%{{customdata}}  %{{z:.{DIGITS}f}}",
    )
    height = dict(zip(drawn, places, strict=True))
    came = [(time, height[number]) for time, number in enumerate(found.came.tolist()) if number in height]
    if came:
        x, y = np.array(came, np.float32).T
        border = {"color": row.theme.background, "width": 1}
        marker = {"size": 6 if len(came) <= 60 else 4, "color": row.theme.text, "line": border}
        row.points(x, y, mode="markers", marker=marker, hoverinfo="skip")


def two_surprises(
    *, labels: Sequence[str], surprises: Mapping[str, Array], block: int, cursor: int, theme: Theme
) -> go.Figure:
    """The surprise along a text in two ways, by name, (T,) bits each, and the second minus the first.

    Drawn are the means of blocks of so many time steps.
    """
    figure = TokenFigure(labels, [VERDICT_HEIGHT, VERDICT_HEIGHT], theme, cursor)
    both, difference = figure.rows
    means = {name: _block_means(values, block) for name, values in surprises.items()}
    top = max(1.0, *(float(np.nanmax(values, initial=0.0)) for values in means.values()))
    aside = f"bits: −log<sub>2</sub> of its probability{f', means of {block}' if block > 1 else ''}"
    both.y_axis("Surprise at what comes next", aside, range=[-0.05 * top, 1.1 * top], nticks=4)
    looks, ends = ((theme.text, "solid"), (POSITIVE, "dash")), list[EndName]()
    for (name, values), (colour, dash) in zip(means.items(), looks, strict=True):
        line = {"color": colour, "width": 1.6, "dash": dash}
        both.curve(values, f"{name}  %{{y:.2f}} bits", line, name=name)
        ends.append(EndName(float(values[np.isfinite(values)][-1]), name, ink(colour, theme)))
    both.end_labels(ends, (0, top))
    (first, ours), (second, theirs) = means.items()
    more, aside = np.nan_to_num(theirs - ours), f"{second} minus {first}: up where {first} is better"
    ticks = signed_axis(float(np.abs(more).max()))
    difference.signed_bars(more, "Difference", aside, "difference  %{y:+.2f} bits", **ticks)
    return figure.build()


def _block_means(values: Array, block: int) -> Array:
    """(T,) the mean of what is known of the block in which each value lies."""
    blocks = np.split(values, range(block, len(values), block))
    means = [np.nan if np.isnan(one).all() else np.nanmean(one) for one in blocks]
    return np.repeat(means, [len(one) for one in blocks])


def draw_surprise(row: Row, found: NextTokens) -> None:
    """Draw the row: -log2 p of what came next after each token, by the network and by the truth.

    A cross marks where the network is wrong by a rule. What the truth takes for impossible has no point on
    its curve.
    """
    theme, ours = row.theme, found.surprise
    truth = np.where(np.isfinite(found.true_surprise), found.true_surprise, np.nan)
    top = max(1.0, *(float(np.nanmax(one, initial=0.0)) for one in (ours, truth)))
    title, aside = "Surprise at what comes next", "bits: −log<sub>2</sub> of its probability"
    row.y_axis(title, aside, range=[-0.05 * top, 1.1 * top], nticks=4)
    ends = []
    for name, values, line in (
        ("truth", truth, {"color": theme.muted, "width": 3.5, "dash": "dot"}),
        ("network", ours, {"color": theme.text, "width": 1.6}),
    ):
        known = values[np.isfinite(values)]
        if len(known):
            row.curve(values, f"surprise of the {name}  %{{y:.2f}} bits", line, name=name)
            ends.append(EndName(float(known[-1]), name, str(line["color"])))
    row.end_labels(ends, (0, top))
    wrong = np.flatnonzero(found.is_judged & ~found.right & np.isfinite(ours))
    if found.along is not None and len(wrong):
        row.points(
            wrong,
            ours[wrong],
            name="wrong",
            mode="markers",
            marker={"symbol": "x", "size": 8, "color": NEGATIVE},
            customdata=[plain(found.names[most]) for most in found.log2[wrong].argmax(axis=1)],
            hover="wrong: it expects %{customdata}",
        )
