"""The law by which a student's `__init__` draws a weight, recognised from what it drew at several sizes."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.equations.printing import number

Numbers = NDArray[np.float64]
SIZES = ((32, 48), (96, 64), (40, 120))
"""E and H of the networks whose first weights are looked at."""
SEEDS = (1, 2, 3, 4)
_FEWEST = 100
"""Numbers of one weight that say something of how they were drawn."""
_NICE = (1, 2, 3, 4, 5, 6, 8, 10, 12, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 3 / 2, 6 / 5, 2 / 3, 3 / 4, 9)
"""Squares of factors that have a name of their own in formulas."""
_BELOW: dict[str, tuple[int, ...]] = {
    "1": (1,), "H": (0, 0, 1), "E": (0, 1), "E + H": (0, 1, 1), "E + 2 * H": (0, 1, 2),
    "E + 3 * H": (0, 1, 3), "E + 4 * H": (0, 1, 4), "E + 5 * H": (0, 1, 5), "2 * E + H": (0, 2, 1),
    "2 * E + 3 * H": (0, 2, 3), "2 * E + 5 * H": (0, 2, 5), "E * E": (0, 0, 0, 1), "H * H": (0, 0, 0, 0, 1),
}  # fmt: skip
"""Numbers over whose root a weight may be scaled, by how often 1, E, H, E * E and H * H are in them.

Of those that fit as well, the first is taken.
"""


class DrawnWeight(NamedTuple):
    """One weight at one size, a row for each seed."""

    E: int
    H: int
    values: Numbers
    """(seeds, ..), in the shape of the weight."""


def law(drawn: Sequence[DrawnWeight]) -> str:
    """The first values of a weight, as they stand behind `~` in equations; empty for what has no such law."""
    if all(np.ptp(one.values) == 0 for one in drawn):
        return _scale([float(one.values.flat[0]) for one in drawn], drawn, 1e-6)
    if all(_is_square(one) for one in drawn):
        times = float(drawn[0].values[0, 0, 0])
        if all((one.values == times * np.eye(one.values.shape[1])).all() for one in drawn):
            return "identity" if times == 1 else f"{number(times)} * identity"
    if any((one.values[0] == one.values[1]).all() for one in drawn):
        return ""
    if all(_is_square(one) for one in drawn) and all(
        np.allclose(w @ w.T, np.eye(len(w)), atol=1e-4) for one in drawn for w in one.values
    ):
        return "orthogonal"
    return _random(drawn)


def _is_square(one: DrawnWeight) -> bool:
    return one.values.ndim == 3 and one.values.shape[1] == one.values.shape[2]


def _random(drawn: Sequence[DrawnWeight]) -> str:
    flat = [one.values.ravel() for one in drawn]
    count = min(map(len, flat))
    middle = [float(one.mean()) for one in flat]
    deviations = [float(one.std()) for one in flat]
    if count < _FEWEST:
        return ""
    sure = 5 / math.sqrt(count)
    is_centred = all(abs(mean) < sure * one for mean, one in zip(middle, deviations, strict=True))
    if all(_is_uniform(one) for one in flat):
        if is_centred:
            bounds = [float(np.abs(one).max()) * (1 + 1 / len(one)) for one in flat]
            return _centred("uniform", -1, _scale(bounds, drawn, 8 / count))
        ends = [(float(one.min()), float(one.max())) for one in flat]
        return _two_number_law("uniform", zip(*ends, strict=True), 8 / count * np.ptp(ends))
    if all(_is_normal(one) for one in flat):
        if is_centred:
            return _centred("normal", 0, _scale(deviations, drawn, 4 / math.sqrt(count)))
        return _two_number_law("normal", (middle, deviations), sure * deviations[0])
    return ""


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


def _scale(numbers: Sequence[float], drawn: Sequence[DrawnWeight], error: float) -> str:
    """The function of E and H that gives these numbers, each right to within `error` of itself."""
    found: list[tuple[bool, float, str]] = []
    sizes = [(1, at.E, at.H, at.E**2, at.H**2) for at in drawn]
    for below, counts in _BELOW.items():
        roots = [math.sqrt(np.dot(counts, several[: len(counts)])) for several in sizes]
        factors = np.array(numbers) * roots
        middle, spread = float(factors.mean()), float(np.ptp(factors))
        if spread > 2 * error * abs(middle) + 1e-12:
            continue
        rounded = number(_rounded(middle, error * abs(middle)))
        nice = min(_NICE, key=lambda square: abs(abs(middle) / math.sqrt(square) - 1))
        if below == "1":
            found.append((True, 0, rounded))
        elif abs(abs(middle) / math.sqrt(nice) - 1) < error + 1e-6:
            root = _root(nice, below)
            negative = f"-{root}" if root.startswith("sqrt") else f"-({root})"
            found.append((True, spread, negative if middle < 0 else root))
        else:
            found.append((False, spread, f"{rounded} / sqrt({below})"))
    return max(found, key=lambda one: (one[0], -one[1]))[2] if found else ""


def _root(square: float, below: str) -> str:
    """The root of a fraction over `below`.

    >>> _root(2, "E"), _root(1 / 3, "E + H"), _root(1 / 4, "H * H")
    ('sqrt(2 / E)', '1 / sqrt(3 * (E + H))', '0.5 / H')
    """
    over, times = Fraction(square).limit_denominator(12).as_integer_ratio()
    if over == 1 and below in ("E * E", "H * H"):
        return f"{number(1 / math.sqrt(times))} / {below[0]}"
    inside = below if times == 1 else f"{times} * {_one_factor(below)}"
    return f"1 / sqrt({inside})" if over == 1 else f"sqrt({over} / {_one_factor(inside)})"


def _one_factor(text: str) -> str:
    return f"({text})" if " " in text else text


def _centred(name: str, least: int, scale: str) -> str:
    """The law `name(least, 1)` of numbers around 0, times their scale; empty without one."""
    if not scale:
        return ""
    if not {*"EH"} & {*scale}:
        return f"{name}({number(least * float(scale))}, {scale})"
    over, _, below = scale.partition(" / ")
    return f"{name}({least}, 1) / {below}" if over == "1" else f"{scale} * {name}({least}, 1)"


def _two_number_law(name: str, several: Iterable[Sequence[float]], error: float) -> str:
    """A law by two numbers, each of which is the same at all sizes to within an error; else empty."""
    pair = [_rounded(float(np.mean(one)), error) for one in several if np.ptp(one) <= 2 * error]
    return f"{name}({', '.join(map(number, pair))})" if len(pair) == 2 else ""


def _rounded(value: float, error: float) -> float:
    """The shortest number within the error."""
    shorter = (round(value, digits) for digits in range(-3, 17))
    return next((one for one in shorter if abs(one - value) <= error), value)
