"""The equations of one cell in the names of another one, so that both can be compared line by line."""

from collections.abc import Iterator, Mapping
from itertools import permutations

from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.expressions import Apply, Expression, Name, Product, replaced, walk
from rnn_core.equations.printing import printed
from rnn_core.equations.reading import Equation, EquationsError
from rnn_core.equations.sums import factors, product, renamed, terms, total

_MOST = 6
"""Quantities beside states of a cell whose names are tried in every order."""


def renamed_like(asked: Equations, yours: Equations) -> Equations | None:
    """The asked equations with the quantities and weights of yours, as far as these are alike.

    A line of yours that says the same in another order, or adds up two biases, is taken as it is. None where
    the states are others, or where there is too much to compare.

    >>> asked = read_cell("z = sigmoid(x @ W_z + b_z)\\nh' = (1 - z) * h + z * tanh(x @ W)")
    >>> yours = read_cell("up = sigmoid(a + x @ A)\\nh' = up * h + up * tanh(x @ B)")
    >>> print(renamed_like(asked, yours).text)
    up = sigmoid(a + x @ A)
    h' = (1 - up) * h + up * tanh(x @ B)
    """
    wanted, there = ([*_made(one)] for one in (asked, yours))
    if asked.states != yours.states or len(there) > _MOST or len(wanted) > len(there):
        return None
    orders = (dict(zip(wanted, order, strict=True)) for order in permutations(there, len(wanted)))
    names = max(
        orders, key=lambda order: sum(_is_alike(asked, yours, *pair, order) for pair in _pairs(asked, order))
    )
    lines = [_line(asked, yours, *pair, names) for pair in _pairs(asked, names)]
    try:
        return read_cell("\n".join(lines))
    except EquationsError:
        return None


def _made(equations: Equations) -> Iterator[str]:
    """The quantities that are no states."""
    return (line.name for line in equations.computed if not line.name.endswith("'"))


def _pairs(asked: Equations, names: Mapping[str, str]) -> Iterator[tuple[Equation, str]]:
    return ((line, names.get(line.name, line.name)) for line in asked.computed)


def _is_alike(
    asked: Equations, yours: Equations, line: Equation, name: str, names: Mapping[str, str]
) -> bool:
    mine = renamed(line.right, lambda one: names.get(one, one))
    return _outline(mine, asked) == _outline(yours[name.removesuffix("'")].right, yours)


def _outline(expression: Expression, equations: Equations) -> str:
    """An expression without the names of its weights, in one order, with one bias for several."""

    def put(one: Expression) -> Expression | None:
        match one:
            case Name(name=name) if name in equations.weights:
                return Name("weight")
            case Product(left=left, matrix=_):
                return Product(replaced(left, put), "weight")
            case Apply(function="+" | "-"):
                several = [(sign, replaced(part, put)) for sign, part in terms(one)]
                beside = [of for of in several if of[1] != Name("weight")]
                biases = [*dict.fromkeys(of for of in several if of not in beside)]
                return total(sorted(beside + biases, key=lambda of: (-of[0], printed(of[1]))))
            case Apply(function="*"):
                return product(sorted((replaced(part, put) for part in factors(one)), key=printed))
        return None

    return printed(replaced(expression, put))


def _line(asked: Equations, yours: Equations, line: Equation, name: str, names: Mapping[str, str]) -> str:
    right = yours[name.removesuffix("'")].right
    if not _is_alike(asked, yours, line, name, names):
        weights = dict(_weights(line.right, asked))
        by_kind = {kind: weight for weight, kind in reversed([*_weights(right, yours)])}
        others = {weight: by_kind[kind] for weight, kind in weights.items() if kind in by_kind}
        right = renamed(line.right, lambda one: names.get(one, others.get(one, one)))
    return f"{name} = {printed(right)}"


def _weights(expression: Expression, equations: Equations) -> Iterator[tuple[str, str]]:
    """Each weight of an expression, with its kind: multiplied with x, with a state, or a bias."""
    for one in walk(expression):
        match one:
            case Product(left=left, matrix=matrix):
                yield matrix, "x" if left == Name("x") else "state"
            case Name(name=name) if name in equations.weights:
                yield name, "bias"
