"""Places for labels, so that none stands over another, and lines that lead to them."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from rnn_core.figures.builder import FigureBuilder

NAMES_FROM = 18
"""Pixels to the right of a picture at which names begin where lines lead to them."""


def keep_apart(
    values: Sequence[float], least: float | Sequence[float], within: tuple[float, float] | None = None
) -> list[float]:
    """Places for labels, as near their values as they can be at a distance of at least `least`.

    `least` is the height of every label, or of each. `within` are the ends of an axis: Plotly draws no label
    beyond them, so each stands half of its height from them or more.

    >>> [round(place, 2) for place in keep_apart([0.5, 0.9], 0.2)]
    [0.5, 0.9]
    >>> [round(place, 2) for place in keep_apart([0.5, 0.5], 0.2)]
    [0.4, 0.6]
    >>> [round(place, 2) for place in keep_apart([0.97, 0.96], 0.2, (0, 1))]
    [0.9, 0.7]
    >>> [round(place, 2) for place in keep_apart([0.0, 0.0, 0.5], [0.4, 0.2, 0.2], (0, 1))]
    [0.2, 0.5, 0.7]
    """
    if not values:
        return []
    heights = [least] * len(values) if isinstance(least, float | int) else least
    order = sorted(range(len(values)), key=lambda number: values[number])
    tall = [heights[number] for number in order]
    above = list(accumulate(((one + other) / 2 for one, other in pairwise(tall)), initial=0.0))
    blocks: list[
        list[float]
    ] = []  # labels that touch, as the places of the lowest that each of them asks for
    for number, offset in zip(order, above, strict=True):
        blocks.append([values[number] - offset])
        while len(blocks) > 1 and _mean(blocks[-1]) < _mean(blocks[-2]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    lowest = [_mean(block) for block in blocks for _ in block]
    if within is not None:
        low, high = within[0] + tall[0] / 2, within[1] - tall[-1] / 2 - above[-1]
        lowest = [max(min(place, high), low) for place in lowest]
    by_number = {number: place + offset for number, place, offset in zip(order, lowest, above, strict=True)}
    return [by_number[number] for number in range(len(values))]


def lead(builder: FigureBuilder, end: float, place: float, colour: str) -> None:
    """Draw a thin line from where a curve ends, at the right edge, to the height of its name beside it."""
    builder.mark(
        type="line", xref="paper", xsizemode="pixel", xanchor=1, x0=2, x1=NAMES_FROM - 4, y0=end, y1=place,
        line={"color": colour, "width": 1},
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
