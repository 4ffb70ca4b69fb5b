"""Equations as text again, in one form: the same cell has the same text, however its author set blanks."""

import hashlib

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.equations.reading import Constant, Equation, First, Limit, Line, Start, Width

_SUM, _TERM, _FACTOR, _PRODUCT, _POWER, _ATOM = range(6)
_SIGNS = {
    "+": (_SUM, _SUM, _TERM),
    "-": (_SUM, _SUM, _TERM),
    "*": (_TERM, _TERM, _POWER),  # a product by a matrix stands in brackets, if only for who reads it
    "/": (_TERM, _TERM, _POWER),
    "^": (_POWER, _ATOM, _SUM),
}
"""Each sign -> how strongly it binds, and how strongly what stands left and right of it has to."""
LAST = " in the last layer"


def number(value: float) -> str:
    """A number as it is read again, to the last bit.

    >>> number(8.0), number(-0.5), number(1e-05)
    ('8', '-0.5', '1e-05')
    """
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def printed(expression: Expression, at_least: int = _SUM) -> str:
    """An expression, in brackets where it binds less than `at_least`.

    >>> printed(Apply("*", (Apply("+", (Name("r"), Number(1))), Product(Name("h"), "U"))))
    '(r + 1) * (h @ U)'
    """
    match expression:
        case Number(value=value):
            text, strength = number(value), _FACTOR if value < 0 else _ATOM
        case Name(name=name):
            text, strength = name, _ATOM
        case Product(left=left, matrix=matrix):
            text, strength = f"{printed(left, _PRODUCT)} @ {matrix}", _PRODUCT
        case Apply(function="-", arguments=(one,)):
            text, strength = f"-{printed(one, _POWER)}", _FACTOR
        case Apply(function=sign, arguments=(left, right)) if sign in _SIGNS:
            strength, of_left, of_right = _SIGNS[sign]
            between = sign if sign == "^" else f" {sign} "
            text = f"{printed(left, of_left)}{between}{printed(right, of_right)}"
        case Apply(function=function, arguments=arguments):
            text, strength = f"{function}({', '.join(map(printed, arguments))})", _ATOM
    return f"({text})" if strength < at_least else text


def line_text(line: Line) -> str:
    """A line without its comment."""
    match line:
        case Equation(name=name, right=right):
            return f"{name} = {printed(right)}"
        case Constant(name=name, value=value):
            return f"const {name} = {number(value)}"
        case Start(state=state, value=value):
            return f"{state}(0) = {value if isinstance(value, str) else number(value)}"
        case Width(weights=weights, sizes=sizes):
            return f"{', '.join(weights)} ({', '.join(map(str, sizes))})"
        case First(weight=weight, value=value, is_last_layer=is_last):
            return f"{weight} ~ {printed(value)}{LAST * is_last}"
        case Limit(weight=weight, least=least, most=most, is_last_layer=is_last):
            return f"{weight} in [{number(least)}, {number(most)}]{LAST * is_last}"


def digest(text: str) -> str:
    """A short name for a text in its one form, 12 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
