"""The value of an expression, unit by unit, given numbers, arrays or tensors by name."""

from collections.abc import Mapping
from typing import Any

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.equations.functions import applied


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
        case Apply(function=function, arguments=arguments):
            return applied(function).array(*(value(one, names) for one in arguments))
