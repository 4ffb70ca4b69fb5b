"""The parts of an equation of a cell: numbers, names, functions and matrix products.

Equal expressions are equal values, wherever they stand in a text.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnn_core.equations.functions import INITIAL, applied


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number, the same for all units."""

    value: float
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity, a state, a new state (`h'`), a constant or a weight."""

    name: str
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """A function or an operator, unit by unit."""

    function: str
    arguments: "tuple[Expression, ...]"
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Product:
    """A product of an expression, on the left, and a matrix by its name: `x @ W`."""

    left: "Expression"
    matrix: str
    place: int = field(default=0, compare=False)


Expression = Number | Name | Apply | Product


def parts(expression: Expression) -> tuple[Expression, ...]:
    """Returns the expressions that one is made of directly; the matrix of a product is none of them."""
    match expression:
        case Apply(arguments=arguments):
            return arguments
        case Product(left=left):
            return (left,)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all that it is made of, from left to right."""
    yield expression
    for part in parts(expression):
        yield from walk(part)


def products(*expressions: Expression) -> Iterator[Product]:
    """Yields the products by matrices in expressions, each before those that it is made of."""
    return (part for expression in expressions for part in walk(expression) if isinstance(part, Product))


def names(expression: Expression) -> Iterator[str]:
    """All names in it, those of matrices, too, from left to right; one that stands there twice comes twice.

    >>> [*names(Product(Apply("*", (Name("r"), Name("h"))), "U"))]
    ['r', 'h', 'U']
    """
    for part in parts(expression):
        yield from names(part)
    match expression:
        case Name(name=name) | Product(matrix=name):
            yield name


def replaced(expression: Expression, put: Callable[[Expression], Expression | None]) -> Expression:
    """The expression with what `put` returns in the place of each part of which it does not return None."""
    if (found := put(expression)) is not None:
        return found
    match expression:
        case Apply(function=function, arguments=arguments):
            return Apply(function, tuple(replaced(one, put) for one in arguments), expression.place)
        case Product(left=left, matrix=matrix):
            return Product(replaced(left, put), matrix, expression.place)
        case _:
            return expression


def depth(expression: Expression) -> int:
    """The most expressions that stand in one another; found without going down by calls.

    >>> depth(Apply("*", (Name("r"), Apply("tanh", (Name("h"),)))))
    3
    """
    level, deep = [expression], 0
    while level:
        level, deep = [part for one in level for part in parts(one)], deep + 1
    return deep


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


class NotFiniteError(ArithmeticError):
    """An expression of numbers alone that is no finite number, such as 1 / 0."""

    def __init__(self, expression: Apply) -> None:
        super().__init__(expression)
        self.expression = expression


def number_of(expression: Expression, constants: Mapping[str, float]) -> float | None:
    """The number that an expression of numbers and constants is, None of any other.

    Raises NotFiniteError, which names the part that is none.

    >>> number_of(Apply("^", (Number(3), Name("k"))), {"k": 2})
    9.0
    """
    match expression:
        case Number(value=value):
            return value
        case Name(name=name):
            return constants.get(name)
        case Apply(function=function, arguments=arguments) if function not in INITIAL:
            known = [one for part in arguments if (one := number_of(part, constants)) is not None]
            if len(known) < len(arguments):
                return None
            found = applied(function).of(*known)
            if not math.isfinite(found):
                raise NotFiniteError(expression)
            return found
        case _:
            return None
