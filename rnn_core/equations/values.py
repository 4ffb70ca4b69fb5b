"""The value of an expression, unit by unit, given numbers, arrays or tensors by name.

Nothing here imports torch; a tensor has its functions as methods.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product


def value(expression: Expression, names: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises KeyError where a name is not there.

    >>> value(Apply("-", (Number(1), Name("z"))), {"z": 0.25})
    0.75
    """
    match expression:
        case Number(value=number):
            return number
        case Name(name=name):
            return names[name]
        case Product(left=left, matrix=matrix):
            return value(left, names) @ names[matrix]
        case Apply(function="-", arguments=(one,)):
            return -value(one, names)
        case Apply(function=function, arguments=arguments):
            return _COMPUTED[function](*(value(one, names) for one in arguments))


def _method(name: str) -> Callable[[Any], Any]:
    def apply(values: Any) -> Any:
        return getattr(values, name)() if _is_tensor(values) else getattr(np, name)(values)

    return apply


def _is_tensor(values: Any) -> bool:
    return hasattr(values, "new_tensor")


_exp, _log, _tanh = map(_method, ("exp", "log", "tanh"))


def _softplus(values: Any) -> Any:
    return (values + abs(values)) / 2 + _log(1 + _exp(-abs(values)))


def _larger(left: Any, right: Any) -> Any:
    return (left + right + abs(left - right)) / 2


def _where(condition: Any, taken: Any, otherwise: Any) -> Any:
    if not _is_tensor(condition):
        return np.where(condition > 0, taken, otherwise)
    tensors = (one if _is_tensor(one) else condition.new_tensor(one) for one in (taken, otherwise))
    return next(tensors).where(condition > 0, next(tensors))


_COMPUTED: Mapping[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda over, below: over / (below + (below == 0)),  # nothing of nothing is nothing
    "^": operator.pow,
    "sigmoid": lambda values: (1 + _tanh(values / 2)) / 2,
    "tanh": _tanh,
    "relu": lambda values: (values + abs(values)) / 2,
    "exp": _exp,
    "log": _log,
    "sqrt": lambda values: values**0.5,
    "softplus": _softplus,
    "abs": abs,
    "sin": _method("sin"),
    "cos": _method("cos"),
    "max": _larger,
    "min": lambda left, right: left + right - _larger(left, right),
    "mean": lambda values: values.mean(-1, keepdims=True),
    "where": _where,
}
