"""The law by which a student's `__init__` draws a weight, recognised from what it drew at several sizes."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.equations.expressions import Apply, Expression, Name, Number, value
from rnn_core.equations.sums import product

Numbers = NDArray[np.float64]
SIZES = ((32, 48), (96, 64), (40, 120))
"""E and H of the networks whose first weights are looked at."""
SEEDS = (1, 2, 3, 4)
_FEWEST = 100
"""Numbers of one weight that say something of how they were drawn."""
_NICE = (1, 2, 3, 4, 5, 6, 8, 10, 12, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 3 / 2, 6 / 5, 2 / 3, 3 / 4, 9)
"""Squares of factors that have a name of their own in formulas."""


class Drawn(NamedTuple):
    """One weight at one size, a row for each seed."""

    E: int
    H: int
    values: Numbers
    """(seeds, ..), in the shape of the weight."""


def law(drawn: Sequence[Drawn]) -> Expression | None:
    """The first values of a weight, as they stand behind `~` in equations; None for what has no such law."""
    if all(np.ptp(one.values) == 0 for one in drawn):
        return _scaled([float(one.values.flat[0]) for one in drawn], drawn, 1e-6)
    if all(_is_square(one) for one in drawn):
        times = float(drawn[0].values[0, 0, 0])
        if all((one.values == times * np.eye(one.values.shape[1])).all() for one in drawn):
            return Name("identity") if times == 1 else Apply("*", (Number(times), Name("identity")))
    if any((one.values[0] == one.values[1]).all() for one in drawn):
        return None
    if all(_is_square(one) for one in drawn) and all(
        np.allclose(w @ w.T, np.eye(len(w)), atol=1e-4) for one in drawn for w in one.values
    ):
        return Name("orthogonal")
    return _random(drawn)


def _is_square(one: Drawn) -> bool:
    return one.values.ndim == 3 and one.values.shape[1] == one.values.shape[2]


def _random(drawn: Sequence[Drawn]) -> Expression | None:
    flat = [one.values.ravel() for one in drawn]
    count = min(map(len, flat))
    middle = [float(one.mean()) for one in flat]
    deviations = [float(one.std()) for one in flat]
    if count < _FEWEST:
        return None
    sure = 5 / math.sqrt(count)
    is_centred = all(abs(mean) < sure * one for mean, one in zip(middle, deviations, strict=True))
    if all(_is_uniform(one) for one in flat):
        if is_centred:
            bounds = [float(np.abs(one).max()) * (1 + 1 / len(one)) for one in flat]
            return _times(_scaled(bounds, drawn, 8 / count), Apply("uniform", (Number(-1), Number(1))))
        ends = [(float(one.min()), float(one.max())) for one in flat]
        least, most = (_constant(side, 8 / count, np.ptp(ends)) for side in zip(*ends, strict=True))
        return None if least is None or most is None else Apply("uniform", (Number(least), Number(most)))
    if all(_is_normal(one) for one in flat):
        if is_centred:
            return _times(
                _scaled(deviations, drawn, 4 / math.sqrt(count)), Apply("normal", (Number(0), Number(1)))
            )
        mean, deviation = (_constant(some, sure, deviations[0]) for some in (middle, deviations))
        return (
            None if mean is None or deviation is None else Apply("normal", (Number(mean), Number(deviation)))
        )
    return None


def _is_uniform(values: Numbers) -> bool:
    """True if its distribution is near that of a uniform one between its ends, by Kolmogorov and Smirnov."""
    ordered = np.sort(values)
    wanted = (ordered - ordered[0]) / (ordered[-1] - ordered[0])
    return _farthest(wanted) < 1.95 / math.sqrt(len(values))


def _is_normal(values: Numbers) -> bool:
    apart = np.sort((values - values.mean()) / values.std()) / math.sqrt(2)
    return _farthest(np.array([(1 + math.erf(one)) / 2 for one in apart])) < 1.6 / math.sqrt(len(values))


def _farthest(wanted: Numbers) -> float:
    """The largest difference to what as many numbers in order should be."""
    return float(np.abs(wanted - (np.arange(len(wanted)) + 0.5) / len(wanted)).max())


def _forms() -> Iterator[Expression]:
    """The numbers, made of E and H, over whose root a weight may be scaled; 1 first."""
    E, H = Name("E"), Name("H")
    yield Number(1)
    for rows in range(3):
        for columns in range(6):
            if math.gcd(rows, columns) == 1:
                parts = (_several(rows, E), _several(columns, H))
                there = [one for one in parts if one is not None]
                yield there[0] if len(there) == 1 else Apply("+", tuple(there))
    yield Apply("*", (E, E))
    yield Apply("*", (H, H))


def _several(count: int, size: Name) -> Expression | None:
    return None if not count else size if count == 1 else Apply("*", (Number(count), size))


def _scaled(numbers: Sequence[float], drawn: Sequence[Drawn], error: float) -> Expression | None:
    """The function of E and H that gives these numbers, each right to within `error` of itself."""
    found: list[tuple[bool, float, Expression]] = []
    for below in _forms():
        roots = [math.sqrt(value(below, {"E": at.E, "H": at.H})) for at in drawn]
        factors = np.array(numbers) * roots
        middle = float(factors.mean())
        if np.ptp(factors) > 2 * error * abs(middle) + 1e-12:
            continue
        nice = min(_NICE, key=lambda square: abs(abs(middle) / math.sqrt(square) - 1))
        if below == Number(1):
            found.append((True, 0, Number(_rounded(middle, error * abs(middle)))))
        elif abs(abs(middle) / math.sqrt(nice) - 1) < error + 1e-6:
            found.append((True, float(np.ptp(factors)), _root(nice, below, middle < 0)))
        else:
            rest = Apply("/", (Number(_rounded(middle, error * abs(middle))), Apply("sqrt", (below,))))
            found.append((False, float(np.ptp(factors)), rest))
    return max(found, key=lambda one: (one[0], -one[1]))[2] if found else None


def _root(square: float, below: Expression, is_negative: bool) -> Expression:
    """The root of a fraction over `below`."""
    over, times = Fraction(square).limit_denominator(12).as_integer_ratio()
    if over == 1 and isinstance(below, Apply) and below.function == "*":  # E * E, H * H
        found: Expression = Apply("/", (Number(1 / math.sqrt(times)), below.arguments[0]))
    else:
        below = below if times == 1 else Apply("*", (Number(times), below))
        root = Apply("sqrt", (below if over == 1 else Apply("/", (Number(over), below)),))
        found = Apply("/", (Number(1), root)) if over == 1 else root
    return Apply("-", (found,)) if is_negative else found


def _constant(numbers: Sequence[float], error: float, scale: float) -> float | None:
    """One number for all, each right to within `error` of the scale."""
    middle = float(np.mean(numbers))
    return _rounded(middle, error * scale) if np.ptp(numbers) <= 2 * error * scale else None


def _rounded(value: float, error: float) -> float:
    """The shortest number within the error."""
    shorter = (round(value, digits) for digits in range(-3, 17))
    return next((one for one in shorter if abs(one - value) <= error), value)


def _times(size: Expression | None, drawn: Expression) -> Expression | None:
    match size, drawn:
        case Number(value=value), Apply(function="uniform"):
            return Apply("uniform", (Number(-value), Number(value)))
        case Number(value=value), Apply():
            return Apply("normal", (Number(0), Number(value)))
        case Apply(function="/", arguments=(Number(value=1), below)), _:
            return Apply("/", (drawn, below))
    return None if size is None else product([size, drawn])
