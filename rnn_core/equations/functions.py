"""The functions and operators of the language, an entry each with all that is known of it.

Reading, bounds, derivatives, LaTeX, drawings, code and passes take it from here. A function of one number
that rises with it and whose names are alike everywhere takes its number, its array and its slope.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product as pairs
from typing import Any, NamedTuple

import numpy as np

Interval = tuple[float, float]
ALL: Interval = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The values of an operator or a function, unit by unit."""

    number: Callable[..., float]
    """The value for numbers. It may raise ArithmeticError or ValueError."""
    array: Callable[..., Any]
    """The value for arrays of NumPy or tensors."""
    interval: Callable[..., Interval] | None = None
    """The interval of the value from those of the arguments; None where it rises with each of them."""
    tame_at: float | None = None
    """An argument with a finite slope, where the slope may be beyond all numbers elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Operator):
    """A function, called by its name."""

    name: str
    arity: int = 1
    later: bool = False
    """True if cells of before may have a quantity of this name."""
    slope: Callable[[Any, Any, Any, Any], Any] | None = None
    """(graph, d, a, y) -> the gradient of the argument a, given d, that of y; all are nodes of the graph."""
    by_value: bool = False
    """True if the slope reads y alone, so that y may lie in the place of a."""
    is_activation: bool = False
    """True if a gate or a candidate may be this function of a sum."""
    is_positive: bool = False
    """True if its value is always above 0."""
    latex: str = ""
    drawn: str = ""
    """Its name in a drawing."""
    torch: str = ""
    """The path of torch's function from `torch`."""
    javascript: str = ""
    """Its name in `page/engine/functions.js`, or one of JavaScript's own, such as Math.atan."""

    def __post_init__(self) -> None:
        usual = {"latex": rf"\operatorname{{{self.name}}}", "drawn": self.name, "torch": self.name}
        for field, name in {**usual, "javascript": self.name}.items():
            object.__setattr__(self, field, getattr(self, field) or name)


class Draw(NamedTuple):
    """A way to choose the first values of a weight."""

    arity: int
    """The count of numbers that it is given."""
    interval: Callable[..., Interval] = lambda *_: ALL


INITIAL = {
    "uniform": Draw(2, lambda low, high: (low[0], high[1])), "normal": Draw(2), "identity": Draw(0),
    "orthogonal": Draw(0), "glorot": Draw(0),
}  # fmt: skip
"""The ways to choose the first values of a weight."""


def _is_tensor(values: Any) -> bool:
    return hasattr(values, "new_tensor")


def method(name: str, in_numpy: str = "") -> Callable[[Any], Any]:
    """Returns the function of arrays and tensors that has this name as a method of tensors."""

    def apply(values: Any) -> Any:
        return getattr(values, name)() if _is_tensor(values) else getattr(np, in_numpy or name)(values)

    return apply


_exp, _log, _tanh = map(method, ("exp", "log", "tanh"))


def _softplus(values: Any) -> Any:
    return (values + abs(values)) / 2 + _log(1 + _exp(-abs(values)))


def _larger(left: Any, right: Any) -> Any:
    return (left + right + abs(left - right)) / 2


def _where(condition: Any, taken: Any, otherwise: Any) -> Any:
    if not _is_tensor(condition):
        return np.where(condition > 0, taken, otherwise)
    tensors = (one if _is_tensor(one) else condition.new_tensor(one) for one in (taken, otherwise))
    return next(tensors).where(condition > 0, next(tensors))


def hull(one: Interval, other: Interval) -> Interval:
    """The smallest interval that has both."""
    return min(one[0], other[0]), max(one[1], other[1])


def _less(one: Interval, other: Interval | None = None) -> Interval:
    return (-one[1], -one[0]) if other is None else (one[0] - other[1], one[1] - other[0])


def _times(one: Interval, other: Interval) -> Interval:
    ends = [0.0 if 0 in (left, right) else left * right for left, right in pairs(one, other)]
    return min(ends), max(ends)


def _over(one: Interval, other: Interval) -> Interval:
    low, high = other
    if low < 0 < high or (low, high) == (0, 0):
        return ALL
    if low < 0:
        return _over(_less(one), _less(other))
    return _times(one, (1 / high if high < math.inf else 0.0, 1 / low if low else math.inf))


def _power(one: Interval, exponent: Interval) -> Interval:
    if one[0] < 0:
        is_even = exponent[0] == exponent[1] and exponent[0] % 2 == 0 and exponent[0] >= 0
        return _power(_absolute(one), exponent) if is_even else ALL
    ends = [_raised(base, power) for base, power in pairs(one, exponent)]
    return min(ends), max(ends)


def _raised(base: float, exponent: float) -> float:
    try:
        return 1.0 if base == 1 else math.pow(base, exponent)
    except (ValueError, OverflowError):  # 0 to a power below it; more than the largest number
        return math.inf


def _absolute(one: Interval) -> Interval:
    return 0.0 if one[0] <= 0 <= one[1] else min(map(abs, one)), max(map(abs, one))


OPERATORS = {
    "+": Operator(number=operator.add, array=operator.add),
    "-": Operator(
        number=lambda a, b=None: -a if b is None else a - b,
        array=lambda a, b=None: -a if b is None else a - b,
        interval=_less,
    ),
    "*": Operator(number=operator.mul, array=operator.mul, interval=_times),
    "/": Operator(
        number=operator.truediv,
        array=lambda over, below: over / (below + (below == 0)),  # nothing of nothing is nothing
        interval=_over,
        tame_at=1.0,
    ),
    "^": Operator(number=math.pow, array=operator.pow, interval=_power, tame_at=1.0),
}
"""The operators, of two arguments each, but for "-", which may have one; the second of "^" is a number."""


def _slope_of_softplus(graph: Any, d: Any, a: Any, y: Any) -> Any:
    rest = graph.make("expm1", graph.add((-1, y)))  # 1 - e^-y
    return graph.multiply(d, graph.add((-1, rest)) if a.stage else graph.apply("sigmoid", a))


FUNCTIONS = {
    one.name: one
    for one in (
        Function(
            name="sigmoid",
            number=lambda a: 0.5 + 0.5 * math.tanh(a / 2),
            array=lambda values: (1 + _tanh(values / 2)) / 2,
            slope=lambda graph, d, a, y: graph.through("through_sigmoid", d, y),
            by_value=True,
            is_activation=True,
            is_positive=True,
            latex=r"\sigma",
            drawn="σ",
        ),
        Function(
            name="tanh",
            number=math.tanh,
            array=_tanh,
            slope=lambda graph, d, a, y: graph.through("through_tanh", d, y),
            by_value=True,
            is_activation=True,
            latex=r"\tanh",
        ),
        Function(
            name="relu",
            number=lambda a: max(a, 0.0),
            array=lambda values: (values + abs(values)) / 2,
            slope=lambda graph, d, a, y: graph.multiply(d, graph.make("positive", y)),
            by_value=True,
            is_activation=True,
        ),
        Function(
            name="exp",
            number=math.exp,
            array=_exp,
            slope=lambda graph, d, a, y: graph.multiply(d, y),
            by_value=True,
            is_positive=True,
            tame_at=0.0,
        ),
        Function(
            name="log",
            number=math.log,
            array=_log,
            slope=lambda graph, d, a, y: graph.divide(d, a),
            tame_at=1.0,
            latex=r"\ln",
            drawn="ln",
        ),
        Function(
            name="sqrt",
            number=math.sqrt,
            array=lambda values: values**0.5,
            slope=lambda graph, d, a, y: graph.divide(graph.multiply(graph.number(0.5), d), y),
            interval=lambda one: (math.sqrt(max(one[0], 0.0)), math.sqrt(max(one[1], 0.0))),
            tame_at=1.0,
            drawn="√",
        ),
        Function(
            name="softplus",
            number=lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
            array=_softplus,
            slope=_slope_of_softplus,
            by_value=True,
            is_activation=True,
            is_positive=True,
            torch="nn.functional.softplus",
        ),
        Function(
            name="abs",
            number=abs,
            array=abs,
            interval=_absolute,
            slope=lambda graph, d, a, y: graph.multiply(d, graph.make("sign", a)),
        ),
        Function(
            name="sin",
            number=math.sin,
            array=method("sin"),
            interval=lambda angle: (-1.0, 1.0),
            slope=lambda graph, d, a, y: graph.multiply(d, graph.apply("cos", a)),
            later=True,
            latex=r"\sin",
        ),
        Function(
            name="cos",
            number=math.cos,
            array=method("cos"),
            interval=lambda angle: (-1.0, 1.0),
            slope=lambda graph, d, a, y: graph.multiply(graph.number(-1), d, graph.apply("sin", a)),
            later=True,
            latex=r"\cos",
        ),
        Function(name="max", arity=2, number=max, array=_larger, latex=r"\max", torch="maximum"),
        Function(
            name="min",
            arity=2,
            number=min,
            array=lambda left, right: left + right - _larger(left, right),
            latex=r"\min",
            torch="minimum",
        ),
        Function(name="mean", number=float, array=lambda values: values.mean(-1, keepdims=True)),
        Function(
            name="where",
            arity=3,
            number=lambda q, a, b: a if q > 0 else b,
            array=_where,
            interval=lambda q, a, b: hull(a, b),
        ),
    )
}
"""The functions by name. `mean` is that over all units; `where(q, a, b)` is a where q is above 0, else b,
with no gradient from the one that is not taken. These and `max` and `min` have no slope of one argument."""


def applied(name: str) -> Operator:
    """The operator or function of a name. Raises KeyError."""
    return OPERATORS[name] if name in OPERATORS else FUNCTIONS[name]
