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

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.equations import expressions
from rnn_core.equations.equations import Equations, Size
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, parts, products, replaced
from rnn_core.equations.functions import FUNCTIONS, applied
from rnn_core.equations.printing import ATOM, POWER, SUM, TERM, CodeWriter, columns, printed
from rnn_core.equations.sums import terms, total
from rnn_core.nn.generated import executed
from rnn_core.nn.kernels import logarithm_of, square_root_beside

X = Name("x")
_ONE = Number(1.0)
_OF_UNITS = (None, 1, "H")
"""The widths of what is a number for each unit, or can be taken for one."""


def _tensor(value: Tensor | float) -> Tensor:
    return value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64, device="cpu")


def _share(log_i: Tensor, log_f: Tensor) -> Tensor:
    """i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is."""
    return torch.where(log_i.isneginf(), 0, torch.sigmoid(log_i - log_f))


def _divisor(q: Tensor, computed: Tensor) -> Tensor:
    return torch.where((q == 0) & (computed != 0), 1, q)


_OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "max": lambda a, b: torch.maximum(_tensor(a), _tensor(b)),
    "min": lambda a, b: torch.minimum(_tensor(a), _tensor(b)),
    "mean": lambda a: a.mean(dim=-1, keepdim=True),
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
"""Operations that are no function of torch with one argument; those behind `mean` stand in no text."""


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
        value = expressions.number_of(one, self.equations.constants)
        return None if value is None else Number(value)

    def _narrow(self, one: Expression) -> Expression | None:
        """Puts one column of what all units share in its place, where it meets columns that are no units."""
        match one:
            case Product(left=left, matrix=matrix) if self.held:
                return Product(self._column(left), matrix)
            case Apply(function=function, arguments=some) if self.held and self.width(one) not in _OF_UNITS:
                return Apply(function, tuple(map(self._column, some)))
            case _:
                return None

    def _column(self, one: Expression) -> Expression:
        inner = replaced(one, self._narrow)
        return Apply("first", (inner,)) if self.width(one) == 1 else inner

    def width(self, expression: Expression) -> Size | None:
        """The count of its numbers for a text, H of most; None of a number."""
        match expression:
            case Name(name=name) | Product(matrix=name) if name in self.equations.weights:
                return self.equations.weights[name].sizes[-1]
            case Name(name=name):
                return self.equations.widths.get(name, "H")
            case Apply(function="mean"):
                return 1
            case _:
                widths = [self.width(part) for part in parts(expression)]
                return next((one for one in widths if one not in (None, 1)), 1 if 1 in widths else None)

    def sources(self, name: str) -> frozenset[str]:
        """The states and weights, and x, that a quantity depends on."""
        made_of = self.parts.get(name) or self.rights.get(name)
        if made_of is None:
            return frozenset({name})
        if name not in self._sources:
            self._sources[name] = frozenset().union(*map(self.sources, expressions.names(made_of)))
        return self._sources[name]

    def reads(self, expression: Expression, *others: str) -> bool:
        """True if the expression depends on a state before, or on one of these others."""
        read = map(self.sources, expressions.names(expression))
        return any(sources & {*self.equations.states, *others} for sources in read)

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
                return _interpolation(left, right) or _interpolation(right, left) or Apply("+", (left, right))
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
                if not isinstance(one, Apply) or (tame_at := applied(one.function).tame_at) is None:
                    return None
                place = 1 if one.function == "/" else 0
                inner = [replaced(each, put) for each in one.arguments]
                if not isinstance(inner[place], Number):
                    ways = inner[place], Number(tame_at)
                    inner[place] = Apply("choose", (is_above, *(ways if is_first else ways[::-1])))
                return Apply(one.function, tuple(inner))

            return replaced(branch, put)

        return Apply("choose", (is_above, guarded(a, is_first=True), guarded(b, is_first=False)))


def _inside(name: str) -> Name:
    return Name(f"inside {name}")


def _interpolation(left: Expression, right: Expression) -> Expression | None:
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
    writer.begins(*((name,) for name in equations.weights))
    for number, (name, right) in enumerate(safe.lines.items()):
        text, computed = writer.code(right), computed_as(name)
        if is_shown(equations, name):
            text = writer.expanded(name, text)
        if computed in writer.distinct:
            text = writer.places[computed] = writer.assigned(text, f"computed_{number}")
        if is_shown(equations, name):
            text = f"hold(letter_{number}, {text})"
            writer.letters[f"letter_{number}"] = name.removesuffix("'")
        writer.places[Name(name)] = writer.assigned(text, f"value_{number}")
    return writer.ends("naive", "x, states, weights, times, hold, step", expands=False)


def is_shown(equations: Equations, name: str) -> bool:
    """True if a quantity has a number for each unit or one for all, so that a step returns it."""
    return equations.widths[name] in ("H", 1)


def returned(equations: Equations) -> Iterator[str]:
    """Yields the names of the quantities that a step returns, new states first, as in the equations."""
    yield from (f"{state}'" for state in equations.states)
    for line in equations.computed:
        if not line.name.endswith("'") and is_shown(equations, line.name):
            yield line.name


class _Writer(CodeWriter):
    """Writes statements that compute expressions; what stands in two places is computed once."""

    def __init__(
        self, safe: Safe, lines: Mapping[str, Expression], named_parts: Mapping[str, Expression]
    ) -> None:
        self.safe, self.equations, self.named_parts = safe, safe.equations, named_parts
        self.statements: list[str] = []
        self.weights: tuple[tuple[str, ...], ...] = ()
        self.count = itertools.count()
        self.places: dict[Expression, str] = {}
        """Each expression computed so far -> the variable that it is in."""
        self.letters: dict[str, str] = {}
        """Variable -> the letter of a quantity that it stands for."""
        roots = (*lines.values(), *named_parts.values())
        self.distinct = {one for root in roots for one in expressions.walk(root)}
        self.uses = Counter(part for one in self.distinct for part in parts(one))
        self.uses.update(roots)

    def begins(self, *weights: tuple[str, ...]) -> None:
        """Takes what a step is given: weights, side by side each, and states."""
        self.weights = weights
        states = [(state,) for state in self.equations.states]
        for stem, given in (("state", states), ("weight", weights)):
            variables = [f"{stem}_{number}" for number in range(len(given))]
            if variables:
                self.statements.append(f"{', '.join(variables)}{',' * (len(variables) == 1)} = {stem}s")
            pairs = zip(given, variables, strict=True)
            self.places |= {Name(some[0]): variable for some, variable in pairs if len(some) == 1}

    def assigned(self, text: str, variable: str = "") -> str:
        """Writes a statement, unless this is a variable already, and returns the variable."""
        if text.isidentifier():
            return text
        variable = variable or self.part()
        self.statements.append(f"{variable} = {text}")
        return variable

    def part(self) -> str:
        """A new variable."""
        return f"part_{next(self.count)}"

    def expanded(self, name: str, text: str) -> str:
        """(B, H) of what all units or texts share."""
        right = self.safe.rights[name]
        if self.equations.widths[name] == "H" and self.safe.reads(right, "x") and self.safe.width(right):
            return text
        return f"expanded({text}, state_0)"

    @override
    def code(self, expression: Expression, at_least: int = SUM) -> str:
        if expression in self.places:
            return self.places[expression]
        text, strength = self.written(expression)
        if expression in self.places:
            return self.places[expression]
        if self.uses[expression] > 1 and not isinstance(expression, Number):
            text = self.places[expression] = self.assigned(text)
        return f"({text})" if strength < at_least and not text.isidentifier() else text

    @override
    def name(self, name: str) -> str:
        text = self.places[Name(name)] = self.assigned(self.code(self.named_parts[name]))
        return text

    @override
    def product(self, product: Product) -> tuple[str, int]:
        matrix = self.code(Name(product.matrix))
        if product.left == X:
            return f"times(x, {matrix})", ATOM
        return f"{self.code(product.left, ATOM)} @ {matrix}", TERM

    @override
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        if function == "^":
            base, exponent = (self.code(one, ATOM) for one in arguments)
            return f"{base} ** {exponent}", POWER
        return f"{function}({', '.join(map(self.code, arguments))})", ATOM

    def ends(self, form: str, given: str, *, expands: bool) -> StepCode:
        """Returns the code, which ends with the step; with `expands` its parts become (B, H) there."""
        found = []
        for name in returned(self.equations):
            text = self.places[Name(name)]
            found.append(self.expanded(name, text) if expands else text)
        body = "\n    ".join([*self.statements, f"return step({', '.join(found)})"])
        source = f"def {form}({given}):\n    {body}\n"
        of_torch = {name: attrgetter(one.torch)(torch) for name, one in FUNCTIONS.items() if one.slope}
        take = cast(Callable[..., Any], executed(source, {**of_torch, **_OPERATIONS, **self.letters})[form])
        shown = {
            place: node.name.replace("'", "_new")
            for node, place in reversed(self.places.items())
            if isinstance(node, Name) and " " not in node.name
        }
        for number, some in enumerate(self.weights):
            if len(some) > 1:  # U_rz of U_r and U_z
                letters = "".join(name.partition("_")[2] for name in some)
                shown[f"weight_{number}"] = f"{self.equations.weights[some[0]].stem}_{letters}"
        shown |= {name: repr(letter) for name, letter in self.letters.items()}
        return StepCode(source, shown, take, self.weights)


@dataclass(frozen=True, slots=True)
class FusedCode:
    """The fused form, in which x is multiplied once, and everything else once with all of its matrices."""

    code: StepCode
    inputs: Mapping[str, str | None]
    """The matrices of x side by side -> the bias added to its columns, where all that reads these adds it."""
    recurrent: tuple[tuple[str, ...], ...]
    """The matrices of each product with what depends on a state."""


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


def _bias(equations: Equations, matrix: str, every_sum: list[list[tuple[int, Expression]]]) -> str | None:
    """The vector that is added wherever x is multiplied with this matrix; None where there is none."""
    product, size = Product(X, matrix), equations.weights[matrix].sizes[1:]
    vectors = {name for name, weight in equations.weights.items() if weight.sizes == size}
    found = set[str | None]()
    for some in every_sum:
        of_word = [term for _, term in some if _is_of_word(term)]
        if product in of_word:
            added = (
                one.name for sign, one in some if sign > 0 and isinstance(one, Name) and one.name in vectors
            )
            is_first = of_word[0] == product and of_word.count(product) == 1 and (1, product) in some
            found.add(next(added, None) if is_first else None)
    return found.pop() if len(found) == 1 else None


class _Fuser(_Writer):
    """Finds what can be multiplied together, and writes it. `x @ W` stands for its part of x @ W + b here."""

    def __init__(self, safe: Safe) -> None:
        beside = [*itertools.chain(*safe.equations.parameters.values())]
        of_word = [name for name in beside if safe.equations.weights[name].multiplies_x]
        every_sum = [one for root in (*safe.lines.values(), *safe.parts.values()) for one in sums(root)]
        self.inputs = {name: _bias(safe.equations, name, every_sum) for name in of_word}
        self.words: list[Expression] = [Product(X, name) for name in of_word]
        self.lines, named_parts = (
            {name: self._without_biases(right) for name, right in some.items()}
            for some in (safe.lines, safe.parts)
        )
        super().__init__(safe, self.lines, named_parts)
        everything = products(*self.lines.values(), *named_parts.values())
        found = dict.fromkeys(one for one in everything if one.left != X)
        self.groups: dict[Expression, list[Product]] = {}
        """Each expression that is multiplied -> its products, as their matrices lie side by side."""
        for one in sorted(found, key=lambda one: beside.index(one.matrix)):
            self.groups.setdefault(one.left, []).append(one)
        self.totals = self._totals()
        self.left_of: dict[Expression, Expression] = {}
        """Each product, or its total, that is still to be computed -> what is multiplied."""
        self.lags: dict[Expression, tuple[Expression, int]] = {}
        """Each product with a total, and the part that it is added to -> what is multiplied, and how far
        their places lie apart: equal for those that lie side by side in both."""
        for left, some in self.groups.items():
            for place, one in enumerate(some):
                self.left_of[self.totals.get(one, one)] = left
                if one in self.totals:
                    word = self.totals[one].arguments[0]
                    self.lags[one] = self.lags[word] = left, self.words.index(word) - place
        self.waiting: dict[Expression, str] = {}
        """The first of some parts of x @ W + b -> the text of these, to which a product will be added."""

    def _without_biases(self, expression: Expression) -> Expression:
        """The expression without what stands in x @ W + b, each product of x first in its sum."""

        def put(one: Expression) -> Expression | None:
            some = [*terms(one)]
            words = [term.matrix for _, term in some if isinstance(term, Product) and term.left == X]
            if len(some) == 1 or not words:
                return None
            for bias in filter(None, map(self.inputs.get, words)):
                some.remove((1, Name(bias)))
            some.sort(key=lambda of: (of[0] < 0, not _is_of_word(of[1]), not isinstance(of[1], Product)))
            return total([(sign, replaced(term, put)) for sign, term in some])

        return replaced(expression, put)

    def _totals(self) -> dict[Expression, Apply]:
        """Returns each product -> its sum with a part of x @ W + b, where neither is read elsewhere."""
        found: dict[Expression, Apply] = {}
        for one in self.distinct:
            match one:
                case Apply(function="+", arguments=(word, Product() as product)) if (
                    _is_of_word(word)
                    and not _is_of_word(product)
                    and self.uses[word] == self.uses[product] == 1
                    and self.safe.width(word) == self.safe.width(product)
                ):
                    found[product] = one
        return found

    def fused(self) -> FusedCode:
        """Writes the time step."""
        weights = self.equations.weights
        vectors = [name for name in weights if not weights[name].is_matrix and Name(name) in self.distinct]
        matrices = {left: tuple(one.matrix for one in some) for left, some in self.groups.items()}
        self.begins(*matrices.values(), *((name,) for name in vectors))
        self._deal("projected", self.words)
        for number, (name, right) in enumerate(self.lines.items()):
            self.places[Name(name)] = self.assigned(self.code(right), f"value_{number}")
        code = self.ends("update", "projected, states, weights, H, step", expands=True)
        recurrent = tuple(some for left, some in matrices.items() if self.safe.reads(left))
        return FusedCode(code, self.inputs, recurrent)

    def _deal(self, text: str, nodes: Sequence[Expression]) -> None:
        """Writes what is done to these, which lie side by side: a sum or a function of several is one."""
        alike = [(step, [*some]) for step, some in itertools.groupby(nodes, self._next)]
        for (step, some), piece in zip(alike, self._cut(text, [some for _, some in alike]), strict=True):
            if some[0] in self.totals:
                found = [self.totals[one] for one in some]
                self._deal(f"{self.waiting[found[0].arguments[0]]} + {piece}", found)
            elif some[0] in self.lags:
                self.waiting[some[0]] = piece
            elif isinstance(step, str):
                argument = piece
                if any(self.uses[node] > 1 for node in some):
                    argument = self._place(piece, some)
                self._place(f"{step}({argument})", [Apply(step, (node,)) for node in some])
            else:
                self._place(piece, some)

    def _next(self, node: Expression) -> object:
        """Returns what is alike for nodes side by side to which something is done at once."""
        if node in self.lags:
            return self.lags[node]
        known = sorted(name for name, one in FUNCTIONS.items() if one.slope)
        return next((name for name in known if Apply(name, (node,)) in self.distinct), node)

    def _place(self, text: str, nodes: Sequence[Expression]) -> str:
        """Notes the variable of each of these, which lie side by side in one that is returned."""
        whole = self.assigned(text)
        self.places |= dict(zip(nodes, self._cut(whole, [[node] for node in nodes]), strict=True))
        return whole

    def _cut(self, text: str, pieces: Sequence[Sequence[Expression]]) -> list[str]:
        """Returns the columns of each piece as code; several have variables."""
        if len(pieces) == 1:
            return [text]
        whole, found = self.assigned(text), [self.part() for _ in pieces]
        sizes = ", ".join(columns(map(self.safe.width, piece)) for piece in pieces)
        self.statements.append(f"{', '.join(found)} = {whole}.split(({sizes}), -1)")
        return found

    @override
    def code(self, expression: Expression, at_least: int = SUM) -> str:
        for one in (expression, *parts(expression)):
            if (left := self.left_of.get(one)) is not None:
                for product in self.groups[left]:
                    del self.left_of[self.totals.get(product, product)]
                number = [*self.groups].index(left)
                self._deal(f"{self.code(left, ATOM)} @ weight_{number}", self.groups[left])
        return super().code(expression, at_least)
