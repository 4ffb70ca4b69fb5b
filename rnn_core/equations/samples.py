"""Equations at random values: what holds at all of these is taken to hold.

Two expressions of this language that are equal at dozens of random points are equal, but for one of very
many; so no algebra is needed to see that f / (f + i) and i / (f + i) add up to 1.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Expression, Name, Number, Product, replaced, value
from rnn_core.equations.printing import printed
from rnn_core.equations.sums import total

Floats = NDArray[np.float64]
_COUNT = 48
_CLOSE, _CLEAR = 1e-9, 1e-7


class Samples:
    """The values of all quantities at some random values of all that equations are given."""

    def __init__(self, equations: Equations, never_negative: tuple[str, ...] = ()) -> None:
        self.lines = [(line.name, named_products(line.right)) for line in equations.everything]
        self.given = _Drawn(never_negative)
        self._add_up: dict[tuple[Expression, ...], bool] = {}
        self.given.update({name: np.float64(number) for name, number in equations.constants.items()})

    def computed(self, held: Mapping[str, Floats] | None = None) -> Mapping[str, Any]:
        """All values by name, those that are held as they are."""
        names, held = self.given, held or {}
        with np.errstate(all="ignore"):
            for name, right in self.lines:
                names[name] = held[name] if name in held else value(right, names)
        return names

    def _values(self, expression: Expression, held: Mapping[str, Floats] | None = None) -> Floats:
        names = self.computed(held)
        with np.errstate(all="ignore"):
            return np.asarray(value(named_products(expression), names))

    def adds_up(self, *expressions: Expression) -> bool:
        """True if the sum of these is always 1."""
        if expressions not in self._add_up:
            self._add_up[expressions] = self.is_same(total([(1, one) for one in expressions]), Number(1))
        return self._add_up[expressions]

    def is_same(self, one: Expression, other: Expression) -> bool:
        """True if both always have the same value."""
        return bool(np.allclose(self._values(one), self._values(other), rtol=_CLOSE, atol=_CLOSE))

    def direction(self, expression: Expression, gate: str, bounds: tuple[float, float]) -> int:
        """1 where an expression, whatever else it depends on, only grows with a gate, -1 where it falls.

        0 where it does neither. Its absolute value is meant where it has both signs. `bounds` are the gate's.
        """
        ends = [self._values(expression, {gate: held}) + 0 * held for held in self._pairs_within(bounds)]
        if min(one.min() for one in ends) < 0 < max(one.max() for one in ends):
            ends = [np.abs(one) for one in ends]
        change = ends[1] - ends[0]
        for sign in (1, -1):
            if (sign * change >= -_CLOSE).all() and (sign * change > _CLEAR).any():
                return sign
        return 0

    def _pairs_within(self, bounds: tuple[float, float]) -> Floats:
        """(2, count) lower and higher values between these bounds."""
        low, high = bounds
        drawn = np.random.default_rng(1).uniform(0.02, 0.98, (2, _COUNT))
        if math.isfinite(high - low):
            return np.sort(low + (high - low) * drawn, axis=0)
        return np.sort(low + 3 * drawn if math.isfinite(low) else np.log(drawn / (1 - drawn)), axis=0)


class _Drawn(dict[str, Any]):
    """Values by name; of one that is not there yet they are drawn."""

    def __init__(self, never_negative: tuple[str, ...]) -> None:
        super().__init__()
        self.never_negative, self.source = never_negative, np.random.default_rng(0)

    def __missing__(self, name: str) -> Floats:
        drawn = self.source.normal(size=_COUNT)
        self[name] = np.abs(drawn) + 0.1 if name in self.never_negative else drawn
        return self[name]


def named_products(expression: Expression) -> Expression:
    """The expression with a name of its own for each product with a matrix."""

    def put(one: Expression) -> Expression | None:
        return Name(f"({printed(one)})") if isinstance(one, Product) else None

    return replaced(expression, put)
