"""Expressions as code, and equations as text again, in one form, however their author set blanks."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable

from typing_extensions import override

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.equations.reading import Constant, Equation, First, Limit, Line, Start, Width

SUM, TERM, SIGN, PRODUCT, POWER, ATOM = range(6)
"""Strengths with which code binds: a sum least."""
_STRENGTH = {"+": SUM, "-": SUM, "*": TERM, "/": TERM}
LAST = " in the last layer"


def number(value: float) -> str:
    """A number as it is read again, to the last bit.

    >>> number(8.0), number(-0.5), number(1e-05)
    ('8', '-0.5', '1e-05')
    """
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


class CodeWriter(ABC):
    """Writes expressions; how names, products and functions are written, a language says."""

    right_of_times = SIGN
    """The strength with which a second factor has to bind."""

    def code(self, expression: Expression, at_least: int = SUM) -> str:
        """Writes an expression, in brackets where it binds less than `at_least`."""
        text, strength = self.written(expression)
        return f"({text})" if strength < at_least else text

    def written(self, expression: Expression) -> tuple[str, int]:
        """Writes an expression, and says how much it binds."""
        match expression:
            case Number(value=value):
                return number(value), SIGN if value < 0 else ATOM
            case Name(name=name):
                return self.name(name), ATOM
            case Product():
                return self.product(expression)
            case Apply(function="-", arguments=(one,)):
                return f"-{self.code(one, POWER)}", SIGN
            case Apply(function=sign, arguments=(left, right)) if sign in _STRENGTH:
                strength = _STRENGTH[sign]
                of_right = TERM if strength == SUM else self.right_of_times
                return f"{self.code(left, strength)} {sign} {self.code(right, of_right)}", strength
            case Apply(function=function, arguments=arguments):
                return self.applied(function, arguments)

    @abstractmethod
    def name(self, name: str) -> str:
        """Writes a quantity, a state, a weight or a logarithm."""

    @abstractmethod
    def product(self, product: Product) -> tuple[str, int]:
        """Writes a product, and says how much it binds."""

    @abstractmethod
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        """Writes a function or a power, and says how much it binds."""


def columns(sizes: Iterable[str | int | None], units: str = "H") -> str:
    """The number of columns of these sizes side by side, as code.

    >>> columns(["H", 1, "H", 2]), columns([])
    ('2 * H + 3', '0')
    """
    counted = [*sizes]
    of_units, others = counted.count("H"), sum(size for size in counted if isinstance(size, int))
    of_all = f"{of_units} * {units}" if of_units > 1 else units * of_units
    return " + ".join(filter(None, (of_all, str(others or "")))) or "0"


class _Printer(CodeWriter):
    """Writes the language that cells are written in."""

    right_of_times = POWER  # a product by a matrix stands in brackets, if only for who reads it

    @override
    def name(self, name: str) -> str:
        return name

    @override
    def product(self, product: Product) -> tuple[str, int]:
        return f"{self.code(product.left, PRODUCT)} @ {product.matrix}", PRODUCT

    @override
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        if function == "^":
            base, exponent = arguments
            return f"{self.code(base, ATOM)}^{self.code(exponent)}", POWER
        return f"{function}({', '.join(map(self.code, arguments))})", ATOM


def printed(expression: Expression) -> str:
    """An expression as it is read again.

    >>> printed(Apply("*", (Apply("+", (Name("r"), Number(1))), Product(Name("h"), "U"))))
    '(r + 1) * (h @ U)'
    """
    return _Printer().code(expression)


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
