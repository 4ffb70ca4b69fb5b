"""Sums and products taken apart and put together again, and what is linear in one of its names."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial, reduce

from rnn_core.equations import expressions
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, parts, replaced


def terms(expression: Expression) -> Iterator[tuple[int, Expression]]:
    """The terms of a sum with their signs, 1 or -1; of anything else itself.

    >>> [*terms(Apply("-", (Number(1), Name("z"))))]
    [(1, Number(value=1, place=0)), (-1, Name(name='z', place=0))]
    """
    match expression:
        case Apply(function="+", arguments=(left, right)):
            yield from terms(left)
            yield from terms(right)
        case Apply(function="-", arguments=(left, right)):
            yield from terms(left)
            yield from ((-sign, term) for sign, term in terms(right))
        case Apply(function="-", arguments=(one,)):
            yield from ((-sign, term) for sign, term in terms(one))
        case _:
            yield 1, expression


def factors(expression: Expression) -> Iterator[Expression]:
    """The factors of a product; of anything else itself."""
    match expression:
        case Apply(function="*", arguments=(left, right)):
            yield from factors(left)
            yield from factors(right)
        case _:
            yield expression


def total(signed: Sequence[tuple[int, Expression]]) -> Expression:
    """The sum of terms with their signs; 0 of none."""
    found: Expression | None = None
    for sign, term in signed:
        if found is None:
            found = term if sign > 0 else Apply("-", (term,))
        else:
            found = Apply("+" if sign > 0 else "-", (found, term))
    return Number(0) if found is None else found


def product(some: Sequence[Expression]) -> Expression:
    """The product of factors; 1 of none."""
    return reduce(lambda found, one: Apply("*", (found, one)), some) if some else Number(1)


def split(expression: Expression, name: str) -> tuple[Expression, Expression] | None:
    """A and B of an expression that is A times this name, plus B; None where it is not linear in it.

    >>> z, h, n = map(Name, "zhn")
    >>> split(Apply("+", (h, Apply("*", (z, Apply("-", (n, h)))))), "h") == (
    ...     Apply("-", (Number(1), z)), Apply("*", (z, n))
    ... )
    True
    """
    match expression:
        case Name(name=other):
            return (_ONE, _NOTHING) if other == name else (_NOTHING, expression)
        case Apply(function="+" | "-" | "*" | "/" as sign, arguments=arguments):
            of_parts = [split(one, name) for one in arguments]
            if all(found is not None and found[0] == _NOTHING for found in of_parts):
                return _NOTHING, expression
            return _split_of(sign, arguments, of_parts)
    return None if name in names(expression) else (_NOTHING, expression)


_Split = tuple[Expression, Expression] | None


def _split_of(sign: str, arguments: Sequence[Expression], of_parts: Sequence[_Split]) -> _Split:
    """Returns the split of a sum, a product or a quotient, given that of each argument."""
    match sign, of_parts:
        case "-", [(factor, rest)]:
            return combined("-", _NOTHING, factor), combined("-", _NOTHING, rest)
        case "+" | "-", [(factor, rest), (other_factor, other_rest)]:
            return combined(sign, factor, other_factor), combined(sign, rest, other_rest)
        case "*" | "/", [(factor, rest), (Number(value=0), _)]:
            return combined(sign, factor, arguments[1]), combined(sign, rest, arguments[1])
        case "*", [(Number(value=0), _), (factor, rest)]:
            return combined("*", arguments[0], factor), combined("*", arguments[0], rest)
    return None


_NOTHING, _ONE = Number(0), Number(1)


def combined(sign: str, left: Expression, right: Expression) -> Expression:
    """The sum, difference, product or quotient of two expressions, without terms of 0 and factors of 1."""
    match sign, left, right:
        case ("*", Number(value=0), _) | ("*", _, Number(value=0)) | ("/", Number(value=0), _):
            return _NOTHING
        case ("+", Number(value=0), one) | ("*", Number(value=1), one):
            return one
        case ("+" | "-", one, Number(value=0)) | ("*" | "/", one, Number(value=1)):
            return one
        case "-", Number(value=0), _:
            return Apply("-", (right,))
        case "-", one, Apply(function="-", arguments=(same, rest)) if one == same:
            return rest
        case "+", _, Apply(function="-", arguments=(one,)):
            return combined("-", left, one)
        case "*", one, Apply(function="-", arguments=(other,)):
            return Apply("-", (combined("*", one, other),))
        case "*", Apply(function="-", arguments=(one,)), other:
            return Apply("-", (combined("*", one, other),))
        case "*", _, _:
            return product([*factors(left), *factors(right)])
    return Apply(sign, (left, right))


times = partial(combined, "*")


def folded(expression: Expression, constants: Mapping[str, float]) -> Expression:
    """An expression without factors of 1 and terms of 0, and with numbers for what is made of numbers alone.

    Raises NotFiniteError where one is none.

    >>> z, h, n, one = *map(Name, "zhn"), Number(1)
    >>> rest = Apply("*", (Apply("-", (one, one)), h))
    >>> folded(Apply("+", (rest, Apply("*", (one, n)))), {}) == n
    True
    """
    match expression:
        case Product(left=left, matrix=matrix):
            left = folded(left, constants)
            return _NOTHING if left == _NOTHING else Product(left, matrix)
        case Apply(function=function, arguments=arguments):
            expression = Apply(function, tuple(folded(one, constants) for one in arguments))
    if (number := expressions.number_of(expression, constants)) is not None:
        return Number(number)
    match expression:
        case Apply(function="+" | "-" | "*" | "/" as sign, arguments=(left, right)):
            return combined(sign, left, right)
    return expression


class TooLargeError(ValueError):
    """An expression would be too large or too deep with everything written out."""


_LARGEST, _DEEPEST = 2_000, 120


def inlined(expression: Expression, written_out: Mapping[str, Expression]) -> Expression:
    """The expression with what stands in `written_out` in the place of these names, and of those in it.

    Raises TooLargeError, before anything is built: sums of sums of sums double with each line.
    """
    sizes: dict[str, tuple[int, int]] = {}

    def measure(one: Expression) -> tuple[int, int]:
        if isinstance(one, Name) and one.name in sizes:
            return sizes[one.name]
        inside = [measure(part) for part in parts(one)]
        return 1 + sum(size for size, _ in inside), 1 + max((depth for _, depth in inside), default=0)

    def put(one: Expression) -> Expression | None:
        if isinstance(one, Name) and one.name in written_out:
            return replaced(written_out[one.name], put)
        return None

    for name, right in written_out.items():  # each is made of those before it
        sizes[name] = measure(right)
    size, depth = measure(expression)
    if size > _LARGEST or depth > _DEEPEST:
        raise TooLargeError
    return replaced(expression, put)


def renamed(expression: Expression, name: Callable[[str], str]) -> Expression:
    """The expression with other names, those of matrices, too."""

    def put(one: Expression) -> Expression | None:
        match one:
            case Name():
                return Name(name(one.name), one.place)
            case Product(left=left, matrix=matrix):
                return Product(renamed(left, name), name(matrix), one.place)
        return None

    return replaced(expression, put)


def readable(expression: Expression, positive: Collection[str] = ()) -> Expression:
    """An expression without what stands there for the sake of the numbers alone.

    e to the power of k ln u is u to the power of k. Of where(q, a, b) a is left where q is `positive`.
    """

    def put(one: Expression) -> Expression | None:
        match one:
            case Apply(function="where", arguments=(Name(name=condition), taken, _)) if condition in positive:
                return readable(taken, positive)
            case Apply(function="exp", arguments=(exponent,)):
                return _power_of_e(readable(exponent, positive))
        return None

    return replaced(expression, put)


def _power_of_e(exponent: Expression) -> Expression:
    found, left = list[Expression](), list[tuple[int, Expression]]()
    for sign, term in terms(exponent):
        several = [*factors(term)]
        logs = [one for one in several if isinstance(one, Apply) and one.function == "log"]
        if sign < 0 or len(logs) != 1:
            left.append((sign, term))
            continue
        (base,) = logs[0].arguments
        rest = [one for one in several if one is not logs[0]]
        found.append(Apply("^", (base, product(rest))) if rest else base)
    if left:
        found.append(Apply("exp", (total(left),)))
    return product(found)
