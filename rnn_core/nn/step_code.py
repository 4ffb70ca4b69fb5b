"""The time step of a cell as code, written from its equations: word for word, or with few products.

No character of a text reaches the code: states, quantities and weights are called by their numbers, numbers
are written to their last digit, and functions are those of one table.

Both forms are the equations but for this short list, which keeps numbers where the equations lose them:

    log(f)         of a sigmoid f: logsigmoid of its sum; of an exponential: its exponent
    i / (f + i)    of two such: a sigmoid of the difference of their logarithms; where both are 0, the first
                   of the sum has all of it
    sqrt(1 - a^2)  of an exponential a: by expm1 of twice its exponent
    where(q, a, b) nothing inside of the branch that is not taken has a gradient, not even nan
    c / d          where d is held at 0 it counts as 1

What is held in the place of f, i or a reaches what reads it, at 0 and 1, too: its own logarithm is taken.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus
from typing_extensions import override

from rnn_core.equations.equations import Equations, Size
from rnn_core.equations.expressions import (
    Apply,
    Expression,
    Name,
    Number,
    Product,
    names,
    number_of,
    parts,
    replaced,
    walk,
)
from rnn_core.equations.printing import number as in_digits
from rnn_core.equations.printing import printed
from rnn_core.equations.sums import terms, total
from rnn_core.nn.generated import executed
from rnn_core.nn.kernels import logarithm_of, square_root_beside

X = Name("x")
_ONE = Number(1.0)
_UNARY = frozenset({"sigmoid", "tanh", "relu", "exp", "log", "sqrt", "softplus", "abs"})
_SINGULAR = {"log": 1.0, "sqrt": 1.0, "exp": 0.0, "/": 1.0, "^": 1.0}
"""The functions whose slope may be beyond all numbers -> an argument of which it is not."""


def _tensor(value: Tensor | float) -> Tensor:
    return value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64, device="cpu")


def _share(log_i: Tensor, log_f: Tensor) -> Tensor:
    """i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is."""
    return torch.where(log_i.isneginf(), 0, torch.sigmoid(log_i - log_f))


def _divisor(q: Tensor, computed: Tensor) -> Tensor:
    return torch.where((q == 0) & (computed != 0), 1, q)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, *b: a - b[0] if b else -a,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "softplus": softplus,
    "abs": torch.abs,
    "max": lambda a, b: torch.maximum(_tensor(a), _tensor(b)),
    "min": lambda a, b: torch.minimum(_tensor(a), _tensor(b)),
    "mean": lambda a: a.mean(dim=-1, keepdim=True),
    "where": lambda q, a, b: torch.where(q > 0, a, b),
    # those below stand in no text
    "above": lambda q: q > 0,
    "choose": torch.where,
    "one_of_two": lambda q, a, b: torch.where(q > 0, q.new_tensor(a), q.new_tensor(b)),
    "logsigmoid": logsigmoid,
    "logarithm_of": logarithm_of,
    "share": _share,
    "beside": square_root_beside,
    "divisor": _divisor,
    "first": lambda a: a[..., :1],
    "expanded": lambda a, like: a.expand_as(like),
}


def evaluated(expression: Expression, value: Callable[[str], Tensor]) -> Tensor:
    """The value of an expression, given that of each name; of numbers alone in 64 bits."""
    match expression:
        case Number(value=number):
            return _tensor(number)
        case Name(name=name):
            return value(name)
        case Product(left=left, matrix=matrix):
            return evaluated(left, value) @ value(matrix)
        case Apply(function=function, arguments=arguments):
            found: Tensor = OPERATIONS[function](*(evaluated(one, value) for one in arguments))
            return found


def computed_as(letter: str) -> Name:
    """Returns the name of a quantity's value before it was held."""
    return Name(f"computed {letter}")


class Safe:
    """The equations as they are computed, by the list above; `held`: whether quantities may be held.

    What is made of numbers alone is one number. `lines` are all that is computed, in its order, `parts` what
    stands in them under names of ours, so that no line is written out in another one.
    """

    def __init__(self, equations: Equations, *, held: bool) -> None:
        self.equations, self.held = equations, held
        self.rights = {
            line.name: replaced(replaced(line.right, self._number), self._narrow)
            for line in equations.computed
        }
        self.parts: dict[str, Expression] = {}
        self._sources: dict[str, frozenset[str]] = {}
        self.lines = {name: self.safe(right) for name, right in self.rights.items()}
        for name, right in self.rights.items():
            if (inside := _inside(name)).name in self.parts and isinstance(right, Apply):
                self.lines[name] = Apply(right.function, (inside,))

    def _number(self, one: Expression) -> Expression | None:
        value = number_of(one, self.equations.constants)
        return None if value is None else Number(value)

    def _narrow(self, one: Expression) -> Expression | None:
        """Puts one column of what all units share in its place, where it meets columns that are no units."""
        match one:
            case Product(left=left, matrix=matrix) if self.held:
                return Product(self._column(left), matrix)
            case Apply(function=function, arguments=some) if self.held and self.width(one) not in (
                None,
                1,
                "H",
            ):
                return Apply(function, tuple(map(self._column, some)))
            case _:
                return None

    def _column(self, one: Expression) -> Expression:
        inner = replaced(one, self._narrow)
        return Apply("first", (inner,)) if self.width(one) == 1 else inner

    def width(self, expression: Expression) -> int | str | None:
        """How many numbers it has for a text, H of most; None of a number."""
        match expression:
            case Name(name=name) if name in self.equations.widths:
                return self.equations.widths[name]
            case Name(name=name) if name in self.equations.weights:
                return self.equations.weights[name].sizes[-1]
            case Name():
                return "H"
            case Product(matrix=matrix):
                return self.equations.weights[matrix].sizes[-1]
            case Apply(function="mean"):
                return 1
            case _:
                widths = [self.width(part) for part in parts(expression)]
                return next((one for one in widths if one not in (None, 1)), 1 if 1 in widths else None)

    def sources(self, name: str) -> frozenset[str]:
        """The states and weights, and x, that a quantity depends on."""
        if name not in self._sources:
            made_of = self.parts.get(name) or self.rights.get(name)
            found = frozenset({name})
            if made_of is not None:
                found = frozenset().union(*(self.sources(one) for one in {*names(made_of)}))
            self._sources[name] = found
        return self._sources[name]

    def reads_state(self, expression: Expression) -> bool:
        """True if the expression depends on a state before."""
        return any(self.sources(name) & {*self.equations.states} for name in names(expression))

    def has_rows(self, expression: Expression) -> bool:
        """True if the expression differs from text to text."""
        return any(self.sources(name) & {"x", *self.equations.states} for name in names(expression))

    def safe(self, expression: Expression) -> Expression:
        """An expression as it is computed."""
        return replaced(expression, self._put)

    def logarithm(self, expression: Expression) -> Expression | None:
        """Returns the logarithm of it, written without a logarithm; None where that is nothing simple."""
        match expression:
            case Apply(function="sigmoid", arguments=(inside,)):
                return Apply("logsigmoid", (self.safe(inside),))
            case Apply(function="exp", arguments=(exponent,)):
                return self.safe(exponent)
            case Name(name=name) if name in self.rights and not (self.held and name.endswith("'")):
                return self._logarithm_of(name)  # of a new state its own one: it may be nudged, as by `watch`
            case _:
                return None

    def _logarithm_of(self, name: str) -> Expression | None:
        log = Name(f"log {name}")
        if log.name not in self.parts:
            right, inside = self.rights[name], _inside(name)
            match right:
                case Apply(function="sigmoid" | "exp", arguments=(argument,)):
                    self.parts[inside.name] = self.safe(argument)
                    found: Expression = inside if right.function == "exp" else Apply("logsigmoid", (inside,))
                case Name(name=other) if other in self.rights and (of_other := self._logarithm_of(other)):
                    found = of_other
                case _:
                    return None
            if self.held:
                found = Apply("logarithm_of", (Name(name), computed_as(name), found))
            self.parts[log.name] = found
        return log

    def _put(self, one: Expression) -> Expression | None:
        """Returns what is computed in place of an expression; None where it is itself, made of safe parts."""
        match one:
            case Apply(function="log", arguments=(a,)):
                return self.logarithm(a)
            case Apply(function="/", arguments=(p, Apply(function="+", arguments=(f, i)))) if (
                p in (f, i) and f != i
            ):
                log_i, log_f = self.logarithm(i), self.logarithm(f)
                if log_i is None or log_f is None:
                    return None
                of_second = Apply("share", (log_i, log_f))
                return of_second if p == i else Apply("-", (_ONE, of_second))
            case Apply(function="/", arguments=(a, Name(name=d) as by)) if self.held and d in self.rights:
                return Apply("/", (self.safe(a), Apply("divisor", (by, computed_as(d)))))
            case Apply(function="sqrt", arguments=(Apply(function="-", arguments=(left, right)),)):
                match left, right:
                    case Number(1.0), Apply(function="^", arguments=(a, Number(2.0))):
                        log = self.logarithm(a)
                        return None if log is None else Apply("beside", (log,))
                return None
            case Apply(function="where", arguments=(q, a, b)):
                return self._where(q, self.safe(a), self.safe(b))
            case Apply(function="+", arguments=(left, right)) if not self.held:
                left, right = self.safe(left), self.safe(right)
                return _between(left, right) or _between(right, left) or Apply("+", (left, right))
            case _:
                return None

    def _where(self, q: Expression, a: Expression, b: Expression) -> Expression:
        if isinstance(q, Number):
            return a if q.value > 0 else b
        if isinstance(a, Number) and isinstance(b, Number):
            return Apply("one_of_two", (self.safe(q), a, b))
        is_above = Name(f"above {printed(q)}")
        self.parts[is_above.name] = Apply("above", (self.safe(q),))

        def guarded(branch: Expression, *, is_first: bool) -> Expression:
            def put(one: Expression) -> Expression | None:
                if not isinstance(one, Apply) or one.function not in _SINGULAR:
                    return None
                place = 1 if one.function == "/" else 0
                inner = [replaced(each, put) for each in one.arguments]
                if not isinstance(inner[place], Number):
                    ways = inner[place], Number(_SINGULAR[one.function])
                    inner[place] = Apply("choose", (is_above, *(ways if is_first else ways[::-1])))
                return Apply(one.function, tuple(inner))

            return replaced(branch, put)

        return Apply("choose", (is_above, guarded(a, is_first=True), guarded(b, is_first=False)))


def _inside(name: str) -> Name:
    return Name(f"inside {name}")


def _between(left: Expression, right: Expression) -> Expression | None:
    """a + z * (b - a) in the place of (1 - z) * a + z * b, which is one product more."""
    match left, right:
        case (
            Apply(function="*", arguments=(Apply(function="-", arguments=(Number(1.0), z)), Name() as a)),
            Apply(function="*", arguments=(share, b)),
        ) if z == share:
            return Apply("+", (a, Apply("*", (z, Apply("-", (b, a))))))
    return None


@dataclass(frozen=True, slots=True)
class StepCode:
    """One form of a time step."""

    source: str
    names: Mapping[str, str]
    """Each variable that has a name in the equations -> that name."""
    take: Callable[..., Any]
    weights: tuple[tuple[str, ...], ...]
    """The weights that it is given, in its order: a tuple of names for those that lie side by side."""

    @property
    def readable(self) -> str:
        """The source with the names of the equations, to be read and never run; h_new is h'."""
        return re.sub(r"\b[a-z]+_\d+\b", lambda found: self.names.get(found[0], found[0]), self.source)


def word_for_word(equations: Equations) -> StepCode:
    """The naive form, `take(x, states, weights, times, hold, step)`: a product for each in the text.

    `times` multiplies x with a matrix, `hold` may put something else in the place of each result, and `step`
    gets the new states and then all quantities.
    """
    safe = Safe(equations, held=True)
    writer = _Writer(safe, safe.lines, safe.parts)
    weights = tuple((name,) for name in equations.weights)
    writer.begins(weights)
    for number, (name, right) in enumerate(safe.lines.items()):
        text, computed = writer.text(right), computed_as(name)
        if is_shown(equations, name):
            text = writer.of_units(name, text)
            if computed in writer.distinct:
                text = writer.say(computed, f"computed_{number}", text)
            text = f"hold(letter_{number}, {text})"
            writer.names[f"letter_{number}"] = name.removesuffix("'")
        elif computed in writer.distinct:
            writer.say(computed, f"computed_{number}", text)
        writer.say(Name(name), f"value_{number}", text)
    return writer.ends("naive", "x, states, weights, times, hold, step", weights, expands=False)


def is_shown(equations: Equations, name: str) -> bool:
    """True if a quantity has a number for each unit or one for all, so that a step returns it."""
    return equations.widths[name] in ("H", 1)


class _Writer:
    """Writes statements that compute expressions; what stands in two places is computed once."""

    def __init__(
        self, safe: Safe, lines: Mapping[str, Expression], named_parts: Mapping[str, Expression]
    ) -> None:
        self.safe, self.equations, self.named_parts = safe, safe.equations, named_parts
        self.code: list[str] = []
        self.count = -1
        self.places: dict[Expression, str] = {}
        """Each expression computed so far -> the variable that it is in."""
        self.names: dict[str, object] = {}
        roots = (*lines.values(), *named_parts.values())
        self.distinct = {one for root in roots for one in walk(root)}
        self.uses = Counter(part for one in self.distinct for part in parts(one))
        self.uses.update(roots)

    def begins(self, weights: tuple[tuple[str, ...], ...]) -> None:
        """Gives names to what a step is given."""
        self.unpack("states", [Name(state) for state in self.equations.states], "state")
        self.unpack("weights", [Name(run[0]) if len(run) == 1 else None for run in weights], "weight")

    def unpack(self, source: str, nodes: Sequence[Expression | None], stem: str) -> None:
        """Writes the variables that get the parts of a tuple, and what is in each."""
        variables = [f"{stem}_{number}" for number in range(len(nodes))]
        if variables:
            self.code.append(f"{', '.join(variables)}{',' * (len(variables) == 1)} = {source}")
        self.places |= {node: one for node, one in zip(nodes, variables, strict=True) if node is not None}

    def say(self, node: Expression, variable: str, text: str) -> str:
        """Writes a statement, unless it is in a variable already, and returns the variable."""
        if not text.isidentifier():
            self.code.append(f"{variable} = {text}")
            text = variable
        self.places[node] = text
        return text

    def of_units(self, name: str, text: str) -> str:
        """(B, H) of what all units or texts share."""
        right = self.safe.rights[name]
        if self.equations.widths[name] == "H" and self.safe.has_rows(right) and self.safe.width(right):
            return text
        return f"expanded({text}, state_0)"

    def text(self, expression: Expression, at_least: int = 0) -> str:
        """The expression in code, in brackets where it binds less than `at_least`."""
        if expression in self.places:
            return self.places[expression]
        if isinstance(expression, Name) and expression.name in self.named_parts:
            return self.say(expression, self.part(), self.text(self.named_parts[expression.name]))
        text, strength = self.made(expression)
        if expression in self.places:
            return self.places[expression]
        if self.uses[expression] > 1 and not isinstance(expression, Number):
            return self.say(expression, self.part(), text)
        return f"({text})" if strength < at_least else text

    def part(self) -> str:
        """A new variable."""
        self.count += 1
        return f"part_{self.count}"

    def made(self, expression: Expression) -> tuple[str, int]:
        """The expression in code, and how much it binds."""
        match expression:
            case Number(value=value):
                return in_digits(value), _UNARY_MINUS if value < 0 else _CALL
            case Product(left=left, matrix=matrix) if left == X:
                return f"times(x, {self.text(Name(matrix))})", _CALL
            case Product(left=left, matrix=matrix):
                return f"{self.text(left, _CALL)} @ {self.text(Name(matrix))}", _TERM
            case Apply(function="-", arguments=(one,)):
                return f"-{self.text(one, _UNARY_MINUS)}", _UNARY_MINUS
            case Apply(function="^", arguments=(base, exponent)):
                return f"{self.text(base, _CALL)} ** {self.text(exponent, _CALL)}", _POWER
            case Apply(function="+" | "-" as sign, arguments=(left, right)):
                return f"{self.text(left, _SUM)} {sign} {self.text(right, _TERM)}", _SUM
            case Apply(function="*" | "/" as sign, arguments=(left, right)):
                return f"{self.text(left, _TERM)} {sign} {self.text(right, _UNARY_MINUS)}", _TERM
            case Apply(function=function, arguments=arguments):
                return f"{function}({', '.join(self.text(one) for one in arguments)})", _CALL
        raise ValueError(f"a time step must have computed what it reads, got {expression}")

    def ends(self, form: str, given: str, weights: tuple[tuple[str, ...], ...], *, expands: bool) -> StepCode:
        """Returns the code, which ends with the step; with `expands` its parts become (B, H) there."""
        found = []
        for name in returned(self.equations):
            text = self.places[Name(name)]
            found.append(self.of_units(name, text) if expands else text)
        body = "\n    ".join([*self.code, f"return step({', '.join(found)})"])
        source = f"def {form}({given}):\n    {body}\n"
        take = cast(Callable[..., Any], executed(source, {**OPERATIONS, **self.names})[form])
        shown = {
            place: node.name.replace("'", "_new")
            for node, place in reversed(self.places.items())
            if isinstance(node, Name) and " " not in node.name
        }
        for number, run in enumerate(weights):
            if len(run) > 1:  # U_rz of U_r and U_z
                letters = "".join(name.partition("_")[2] for name in run)
                shown[f"weight_{number}"] = f"{self.equations.weights[run[0]].stem}_{letters}"
        shown |= {name: repr(letter) for name, letter in self.names.items() if name.startswith("letter_")}
        return StepCode(source, shown, take, weights)


_SUM, _TERM, _UNARY_MINUS, _POWER, _CALL = range(5)


def returned(equations: Equations) -> Iterator[str]:
    """Yields the names of the quantities that a step returns, new states first, as in the equations."""
    yield from (f"{state}'" for state in equations.states)
    for line in equations.computed:
        if not line.name.endswith("'") and is_shown(equations, line.name):
            yield line.name


class _Run(NamedTuple):
    """Products with matrices side by side, each added to its part of x @ W + b, or none of them."""

    nodes: list[Expression]
    """The expressions that are computed: the products, or the sums."""
    sizes: list[Size]
    first: int | None
    """The number of the first matrix of x; None where nothing is added."""


@dataclass(frozen=True, slots=True)
class Group:
    """The matrices that one thing is multiplied with."""

    left: Expression
    matrices: tuple[str, ...]
    reads_state: bool


@dataclass(frozen=True, slots=True)
class FusedCode:
    """The fused form, in which x is multiplied once, and everything else once with all of its matrices."""

    code: StepCode
    inputs: tuple[str, ...]
    """The matrices of x side by side."""
    biases: tuple[str | None, ...]
    """The bias added to the columns of each matrix of x, where everything that reads these adds it."""
    groups: tuple[Group, ...]
    """All other products, in the order in which they are made."""


def fused(equations: Equations) -> FusedCode:
    """The fused form, `take(projected, states, weights, H, step)`, given x @ W + b of all `inputs`."""
    return _Fuser(Safe(equations, held=False)).fused()


def sums(expression: Expression) -> Iterator[list[tuple[int, Expression]]]:
    """Every sum in it, as its terms; what stands alone is one of one term."""
    found = [*terms(expression)]
    yield found
    for _, term in found:
        for part in parts(term):
            yield from sums(part)


def _is_of_word(expression: Expression) -> bool:
    return isinstance(expression, Product) and expression.left == X


class _Fuser(_Writer):
    """Finds what can be multiplied together, and writes it."""

    def __init__(self, safe: Safe) -> None:
        equations = safe.equations
        beside = [name for some in equations.parameters.values() for name in some]
        self.inputs = tuple(name for name in beside if equations.weights[name].of_word)
        self.of_input = {name: Name(f"x {number}") for number, name in enumerate(self.inputs)}
        every_sum = [one for root in (*safe.lines.values(), *safe.parts.values()) for one in sums(root)]
        self.biases = tuple(self._bias(equations, name, every_sum) for name in self.inputs)
        lines, named_parts = (
            {name: self._projected(right) for name, right in some.items()}
            for some in (safe.lines, safe.parts)
        )
        super().__init__(safe, lines, named_parts)
        self.lines = lines
        self.groups = self._grouped(beside)
        self.word_of = self._words()
        self.runs = [[*self._runs(group)] for group in self.groups]
        self.of_group = {
            node: number for number, runs in enumerate(self.runs) for run in runs for node in run.nodes
        }
        self.multiplied: list[int] = []
        self.words: dict[int, str] = {}
        """Number of the first matrix -> the variable of what a product is added to."""

    @staticmethod
    def _bias(equations: Equations, matrix: str, every_sum: list[list[tuple[int, Expression]]]) -> str | None:
        """The vector that is added wherever x is multiplied with this matrix; None where there is none."""
        product, found = Product(X, matrix), None
        for some in every_sum:
            of_word = [term for _, term in some if _is_of_word(term)]
            if product not in of_word:
                continue
            sizes = equations.weights[matrix].sizes[1:]
            added = [
                term.name
                for sign, term in some
                if sign > 0 and isinstance(term, Name) and term.name in equations.weights
                and equations.weights[term.name].sizes == sizes
            ]  # fmt: skip
            is_first = of_word[0] == product and of_word.count(product) == 1 and (1, product) in some
            if not added or not is_first or found not in (None, added[0]):
                return None
            found = added[0]
        return found

    def _projected(self, expression: Expression) -> Expression:
        """The expression with a part of x @ W + b in the place of each product of x, first in its sum."""

        def put(one: Expression) -> Expression | None:
            if isinstance(one, Product) and _is_of_word(one):
                return self.of_input[one.matrix]
            some = [*terms(one)]
            if len(some) == 1 or not any(_is_of_word(term) for _, term in some):
                return None
            for _, term in [*some]:
                if isinstance(term, Product) and _is_of_word(term):
                    bias = self.biases[self.inputs.index(term.matrix)]
                    if bias is not None:
                        some.remove((1, Name(bias)))
            some.sort(key=lambda of: (of[0] < 0, not _is_of_word(of[1]), not isinstance(of[1], Product)))
            return total([(sign, replaced(term, put)) for sign, term in some])

        return replaced(expression, put)

    def _grouped(self, beside: list[str]) -> tuple[Group, ...]:
        found: dict[Expression, set[str]] = {}
        roots = (*self.lines.values(), *self.named_parts.values())
        for one in (part for root in roots for part in walk(root)):
            if isinstance(one, Product):
                found.setdefault(one.left, set()).add(one.matrix)
        return tuple(
            Group(left, tuple(sorted(some, key=beside.index)), self.safe.reads_state(left))
            for left, some in found.items()
        )

    def fused(self) -> FusedCode:
        """Writes the time step."""
        lines, joined = self.lines, [group.matrices for group in self.groups]
        vectors = [
            (name,)
            for name, weight in self.equations.weights.items()
            if not weight.is_matrix and Name(name) in self.distinct
        ]
        weights = (*joined, *vectors)
        self.begins(weights)
        self._deal_words()
        for number, (name, right) in enumerate(lines.items()):
            self.say(Name(name), f"value_{number}", self.text(right))
        code = self.ends("update", "projected, states, weights, H, step", weights, expands=True)
        order = tuple(self.groups[number] for number in self.multiplied)
        return FusedCode(code, self.inputs, self.biases, order)

    def _words(self) -> dict[Expression, int]:
        """Product -> the number of the part of x @ W + b that it is added to, where that is read once."""
        found: dict[Expression, int] = {}
        for one in self.distinct:
            match one:
                case Apply(function="+", arguments=(Name() as word, Product(matrix=matrix) as product)) if (
                    word in self.of_input.values() and self.uses[word] == self.uses[product] == 1
                ):
                    number = [*self.of_input.values()].index(word)
                    if self._size(self.inputs[number]) == self._size(matrix):
                        found[product] = number
        return found

    def _size(self, weight: str) -> Size:
        return self.equations.weights[weight].sizes[-1]

    def _runs(self, group: Group) -> Iterator[_Run]:
        run, last = _Run([], [], None), None
        for matrix in group.matrices:
            node: Expression = Product(group.left, matrix)
            word = self.word_of.get(node)
            goes_on = word is last is None or (word is not None and last is not None and word == last + 1)
            if run.nodes and not goes_on:
                yield run
                run = _Run([], [], None)
            if not run.nodes:
                run = run._replace(first=word)
            if word is not None:
                node = Apply("+", (self.of_input[self.inputs[word]], node))
            run.nodes.append(node)
            run.sizes.append(self._size(matrix))
            last = word
        yield run

    def _deal_words(self) -> None:
        """Cuts x @ W + b into what products are added to, and what needs none."""
        lengths = {run.first: len(run.nodes) for runs in self.runs for run in runs if run.first is not None}
        pieces: list[range] = []
        while (start := pieces[-1].stop if pieces else 0) < len(self.inputs):
            stop = start + lengths.get(start, 1)
            while start not in lengths and stop < len(self.inputs) and stop not in lengths:
                stop += 1  # what needs no product stays together
            pieces.append(range(start, stop))
        sizes = [[self._size(self.inputs[k]) for k in piece] for piece in pieces]
        for piece, some, variable in zip(pieces, sizes, self._cut("projected", sizes), strict=True):
            if piece[0] in lengths:
                self.words[piece[0]] = variable
            else:
                self._deal(variable, [self.of_input[self.inputs[k]] for k in piece], some)

    def _cut(self, variable: str, sizes: list[list[Size]]) -> list[str]:
        """The variables of pieces of so many columns each."""
        if len(sizes) == 1:
            return [variable]
        pieces = [self.part() for _ in sizes]
        columns = ", ".join(map(_columns, sizes))
        self.code.append(f"{', '.join(pieces)} = {variable}.split(({columns}), -1)")
        return pieces

    def _deal(self, variable: str, nodes: list[Expression], sizes: list[Size]) -> None:
        """Writes what is done to these, which lie side by side: a function that several have is one."""
        functions = [
            next((one for one in sorted(_UNARY) if Apply(one, (node,)) in self.distinct), None)
            for node in nodes
        ]
        dealt = [
            (function, [(node, size) for _, node, size in some])
            for function, some in groupby(zip(functions, nodes, sizes, strict=True), lambda of: of[0])
        ]
        pieces = self._cut(variable, [[size for _, size in some] for _, some in dealt])
        for (function, some), piece in zip(dealt, pieces, strict=True):
            each = [[size] for _, size in some]
            if function is None or any(self.uses[node] > 1 for node, _ in some):
                self.places |= {
                    node: one for (node, _), one in zip(some, self._cut(piece, each), strict=True)
                }
            if function is not None:
                applied = self.part()
                self.code.append(f"{applied} = {function}({piece})")
                for (node, _), one in zip(some, self._cut(applied, each), strict=True):
                    self.places[Apply(function, (node,))] = one

    @override
    def text(self, expression: Expression, at_least: int = 0) -> str:
        for one in (expression, *parts(expression)):
            if (number := self.of_group.get(one)) is not None and number not in self.multiplied:
                self._multiply(number)
                self.multiplied.append(number)
        return super().text(expression, at_least)

    def _multiply(self, number: int) -> None:
        """Writes the product of a group, with what it is added to."""
        group, runs = self.groups[number], self.runs[number]
        product = f"{self.text(group.left, _CALL)} @ weight_{number}"
        if len(runs) > 1:
            whole = self.part()
            self.code.append(f"{whole} = {product}")
            product = whole
        for run, piece in zip(runs, self._cut(product, [run.sizes for run in runs]), strict=True):
            text = piece if run.first is None else f"{self.words[run.first]} + {piece}"
            variable = text if text.isidentifier() else self.part()
            if variable != text:
                self.code.append(f"{variable} = {text}")
            self._deal(variable, run.nodes, run.sizes)


def _columns(sizes: list[Size]) -> str:
    """How many columns these are together, in code."""
    of_units, others = sizes.count("H"), sum(size for size in sizes if isinstance(size, int))
    units = f"{of_units} * H" if of_units > 1 else "H" * of_units
    return " + ".join(filter(None, (units, str(others or ""))))
