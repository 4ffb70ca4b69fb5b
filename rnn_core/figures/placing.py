"""Places for labels, so that none stands over another."""

from collections.abc import Sequence


def keep_apart(
    values: Sequence[float], least: float, within: tuple[float, float] | None = None
) -> list[float]:
    """Places for labels, as near their values as they can be at a distance of at least `least`.

    `within` are the ends of an axis: Plotly draws no label beyond them, so all stand half of `least` from
    them or more.

    >>> keep_apart([0.5, 0.9], 0.2), [round(place, 2) for place in keep_apart([0.5, 0.5], 0.2)]
    ([0.5, 0.9], [0.4, 0.6])
    >>> [round(place, 2) for place in keep_apart([0.97, 0.96], 0.2, (0, 1))]
    [0.9, 0.7]
    """
    order = sorted(range(len(values)), key=lambda number: values[number])
    places = [values[number] for number in order]
    for upper in range(1, len(places)):
        short = least - (places[upper] - places[upper - 1])
        if short > 0:
            # What is missing is shared between the new label and the block below it.
            places[:upper] = [place - short / 2 for place in places[:upper]]
            places[upper] += short / 2
    if within is not None:
        low, high = within[0] + least / 2, within[1] - least / 2
        below_top = reversed(range(len(places)))
        places = [min(place, high - least * above) for place, above in zip(places, below_top, strict=True)]
        places = [max(place, low + least * below) for below, place in enumerate(places)]
    by_number = dict(zip(order, places, strict=True))
    return [by_number[number] for number in range(len(values))]
