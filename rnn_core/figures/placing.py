"""Places for labels, so that none stands over another."""

from collections.abc import Sequence


def keep_apart(values: Sequence[float], least: float) -> list[float]:
    """Places for labels, as near their values as they can be at a distance of at least `least`.

    >>> keep_apart([0.5, 0.9], 0.2), [round(place, 2) for place in keep_apart([0.5, 0.5], 0.2)]
    ([0.5, 0.9], [0.4, 0.6])
    """
    order = sorted(range(len(values)), key=lambda number: values[number])
    places = [values[number] for number in order]
    for upper in range(1, len(places)):
        short = least - (places[upper] - places[upper - 1])
        if short > 0:
            # What is missing is shared between the new label and the block below it.
            places[:upper] = [place - short / 2 for place in places[:upper]]
            places[upper] += short / 2
    by_number = dict(zip(order, places, strict=True))
    return [by_number[number] for number in range(len(values))]
