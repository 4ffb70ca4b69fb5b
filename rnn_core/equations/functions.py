"""The functions and operators of the language, an entry each with all that is known of it.

Reading, bounds, derivatives, LaTeX, drawings, code and passes take it from here. A function of one number
that rises with it and whose names are alike everywhere takes its number, its array and its slope.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from itertools import product as pairs
from typing import Any, NamedTuple

import numpy as np

Interval = tuple[float, float]
ALL: Interval = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Function:
    """A function or an operator, unit by unit."""

    name: str
    number: Callable[..., float]
    """The value for numbers. It may raise ArithmeticError or ValueError."""
    array: Callable[..., Any]
    """The value for arrays of NumPy or tensors."""
    slope: str = ""
    """The gradient of the argument a in this language, given d, that of the value y, such as d * cos(a).

    `IN_SLOPES` may stand in it, too. Only a function of one number has one.
    """
    _: KW_ONLY
    interval: Callable[..., Interval] | None = None
    """The interval of the value from those of the arguments; None where it rises with each of them."""
    arity: int = 1
    later: bool = False
    """True if cells of before may have a quantity of this name."""
    by_value: bool = False
    """True if the slope reads y alone, so that y may lie in the place of a."""
    is_activation: bool = False
    """True if a gate or a candidate may be this function of a sum."""
    is_positive: bool = False
    """True if its value is always above 0."""
    tame_at: float | None = None
    """An argument with a finite slope, where the slope may be beyond all numbers elsewhere."""
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

    def of(self, *numbers: float) -> float:
        """The value for numbers; nan where there is none."""
        try:
            return self.number(*numbers)
        except (ArithmeticError, ValueError):
            return math.nan


IN_SLOPES = {"sigmoid_gradient": 2, "tanh_gradient": 2, "sign": 1, "expm1": 1}
"""Operations that stand in no text of a cell -> their counts of arguments."""


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


def _sigmoid(values: Any) -> Any:
    return (1 + _tanh(values / 2)) / 2


def _number_sigmoid(a: float) -> float:
    return 0.5 + 0.5 * math.tanh(a / 2)


def _number_softplus(a: float) -> float:
    return max(a, 0.0) + math.log1p(math.exp(-abs(a)))


def _softplus(values: Any) -> Any:
    return (values + abs(values)) / 2 + _log(1 + _exp(-abs(values)))


def _larger(left: Any, right: Any) -> Any:
    return (left + right + abs(left - right)) / 2


def _smaller(left: Any, right: Any) -> Any:
    return left + right - _larger(left, right)


def _quotient(over: Any, below: Any) -> Any:
    return over / (below + (below == 0))  # nothing of nothing is nothing


def _where(condition: Any, taken: Any, otherwise: Any) -> Any:
    if not _is_tensor(condition):
        return np.where(condition > 0, taken, otherwise)
    tensors = (one if _is_tensor(one) else condition.new_tensor(one) for one in (taken, otherwise))
    return next(tensors).where(condition > 0, next(tensors))


def hull(one: Interval, other: Interval) -> Interval:
    """The smallest interval that has both."""
    return min(one[0], other[0]), max(one[1], other[1])


def _turns(_: Interval) -> Interval:
    return -1.0, 1.0


def _root(one: Interval) -> Interval:
    return math.sqrt(max(one[0], 0.0)), math.sqrt(max(one[1], 0.0))


def _less(one: Interval, other: Interval | None = None) -> Interval:
    return (-one[1], -one[0]) if other is None else (one[0] - other[1], one[1] - other[0])


def _times(one: Interval, other: Interval) -> Interval:
    ends = [0.0 if 0 in (left, right) else left * right for left, right in pairs(one, other)]
    return min(ends), max(ends)


def _ratio(one: Interval, other: Interval) -> Interval:
    low, high = other
    if low < 0 < high or (low, high) == (0, 0):
        return ALL
    if low < 0:
        return _ratio(_less(one), _less(other))
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


def _minus(a: Any, b: Any = None) -> Any:
    return -a if b is None else a - b


OPERATORS = {
    one.name: one
    for one in (
        Function("+", operator.add, operator.add, arity=2),
        Function("-", _minus, _minus, arity=2, interval=_less),
        Function("*", operator.mul, operator.mul, arity=2, interval=_times),
        Function("/", operator.truediv, _quotient, arity=2, interval=_ratio, tame_at=1.0),
        Function("^", math.pow, operator.pow, arity=2, interval=_power, tame_at=1.0),
    )
}
"""The operators, of two arguments each, but for "-", which may have one; the second of "^" is a number."""

FUNCTIONS = {
    one.name: one
    for one in (
        Function(
            "sigmoid",
            _number_sigmoid,
            _sigmoid,
            "sigmoid_gradient(d, y)",
            is_positive=True,
            latex=r"\sigma",
            drawn="σ",
            by_value=True,
            is_activation=True,
        ),
        Function(
            "tanh", math.tanh, _tanh, "tanh_gradient(d, y)", latex=r"\tanh", by_value=True, is_activation=True
        ),
        Function(
            "relu",
            lambda a: max(a, 0.0),
            lambda a: (a + abs(a)) / 2,
            "d * where(y, 1, 0)",
            by_value=True,
            is_activation=True,
        ),
        Function("exp", math.exp, _exp, "d * y", by_value=True, is_positive=True, tame_at=0.0),
        Function("log", math.log, _log, "d / a", tame_at=1.0, latex=r"\ln", drawn="ln"),
        Function("sqrt", math.sqrt, lambda a: a**0.5, "0.5 * d / y", interval=_root, tame_at=1.0, drawn="√"),
        Function(
            "softplus",
            _number_softplus,
            _softplus,
            "-d * expm1(-y)",
            is_positive=True,
            torch="nn.functional.softplus",
            by_value=True,
            is_activation=True,
        ),
        Function("abs", abs, abs, "d * sign(a)", interval=_absolute),
        Function("sin", math.sin, method("sin"), "d * cos(a)", interval=_turns, later=True, latex=r"\sin"),
        Function("cos", math.cos, method("cos"), "-d * sin(a)", interval=_turns, later=True, latex=r"\cos"),
        Function("max", max, _larger, arity=2, latex=r"\max", torch="maximum"),
        Function("min", min, _smaller, arity=2, latex=r"\min", torch="minimum"),
        Function("mean", float, lambda values: values.mean(-1, keepdims=True)),
        Function(
            "where", lambda q, a, b: a if q > 0 else b, _where, arity=3, interval=lambda q, a, b: hull(a, b)
        ),
    )
}
"""The functions by name. `mean` is that over all units; `where(q, a, b)` is a where q is above 0, else b,
with no gradient from the one that is not taken. These and `max` and `min` have no slope of one argument."""


def applied(name: str) -> Function:
    """The operator or function of a name. Raises KeyError."""
    return OPERATORS[name] if name in OPERATORS else FUNCTIONS[name]
