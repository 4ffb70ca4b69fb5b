"""Expressions as code: what the languages in which a time step is written have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from rnn_core.equations.equations import Size
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.equations.printing import number

SUM, TERM, SIGN, POWER, ATOM = range(5)
"""Strengths with which code binds: a sum least."""
_STRENGTH = {"+": SUM, "-": SUM, "*": TERM, "/": TERM}


class CodeWriter(ABC):
    """Writes expressions; how names, products and functions are written, a language says."""

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
                return f"{self.code(left, strength)} {sign} {self.code(right, strength + 1)}", strength
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


def columns(sizes: Iterable[Size | None], units: str = "H") -> str:
    """The number of columns of these sizes side by side, as code.

    >>> columns(["H", 1, "H", 2]), columns([])
    ('2 * H + 3', '0')
    """
    counted = [*sizes]
    of_units, others = counted.count("H"), sum(size for size in counted if isinstance(size, int))
    of_all = f"{of_units} * {units}" if of_units > 1 else units * of_units
    return " + ".join(filter(None, (of_all, str(others or "")))) or "0"
