"""A cell's time step as code of any language computes it: its equations, put so that every number is safe.

Both emitters, `javascript` and `torch_step`, begin here. Constants are numbers, and what follows from numbers
alone is one. Beside the functions of the language stand a few of ours:

    log_sigmoid(a)      the logarithm of a sigmoid
    logarithm(f)        that of the quantity f, by what is inside it, or of what is held in its place
    share(i, f)         i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is
    beside(a)           sqrt(1 - a^2), given the logarithm of a
"""

import itertools
import math
import re
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import torch

import rnn_core.equations
from rnn_core.equations.equations import Equations, Size, read_cell
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, parts, walk
from rnn_core.equations.printing import line_text, number
from rnn_core.equations.reading import Constant, Equation, Start
from rnn_core.errors import ExportError

_NAME = re.compile(r"(?<!\w)[^\W\d_]\w*")


@cache
def equations_of(variant: str) -> Equations | None:
    """The equations of a cell by its name in `rnn_core.symbols.CELLS`; None of one that is code."""
    file = Path(rnn_core.equations.__path__[0], "cells", f"{variant}.txt")
    return read_cell(file.read_text("utf-8")) if file.is_file() else None


@dataclass(frozen=True)
class TimeStep:
    """What is computed at a time step, in its order."""

    equations: Equations
    lines: Mapping[str, Expression]
    """By name, that of a new state with its prime; the biases of `biases` stand in none."""
    biases: Mapping[str, str]
    """A matrix that x is multiplied with -> the bias that is added to this product."""
    logarithms: frozenset[str]
    """The names of the quantities whose logarithm is read; each is a sigmoid or an exponential."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The matrices that x is multiplied with, in the order in which they lie in a network."""
        members = (name for some in self.equations.parameters.values() for name in some)
        return tuple(name for name in members if self.equations.weights[name].of_word)

    def logarithm(self, name: str) -> Expression:
        """The logarithm of what a quantity is computed to be, one of `logarithms`."""
        (inner,) = parts(self.lines[name])
        is_sigmoid = self.lines[name] == Apply("sigmoid", (inner,))
        return Apply("log_sigmoid", (inner,)) if is_sigmoid else inner


def width(equations: Equations, expression: Expression) -> Size | None:
    """How many numbers it has; None of a number."""
    match expression:
        case Number():
            return None
        case Name(name=name) | Product(matrix=name) if name in equations.weights:
            return equations.weights[name].sizes[-1]
        case Name(name=name):
            return equations.widths.get(name, "H")
        case Apply(function="mean"):
            return 1
    widths = [width(equations, one) for one in parts(expression)]
    return next((wide for wide in widths if wide not in (None, 1)), 1 if 1 in widths else None)


def time_step(equations: Equations) -> TimeStep:
    """The time step of a cell. Raises ExportError where something comes to no finite number."""
    biases = _biases(equations)
    known = {**dict.fromkeys(biases.values(), 0.0), **equations.constants}
    rewriting = _Rewriting(equations, known)
    for line in equations.computed:
        rewriting.lines[line.name] = rewriting.safe(line.right)
    return TimeStep(equations, rewriting.lines, biases, frozenset(rewriting.logarithms))


@dataclass
class _Rewriting:
    equations: Equations
    known: Mapping[str, float]
    """The names that stand for numbers."""
    lines: dict[str, Expression] = field(default_factory=dict)
    """Those that were rewritten."""
    logarithms: set[str] = field(default_factory=set)

    def safe(self, expression: Expression) -> Expression:
        match expression:
            case Name(name=name) if name in self.known:
                return Number(self.known[name])
            case Product(left=left, matrix=matrix):
                return Product(self.safe(left), matrix)
            case Apply(function=function, arguments=arguments):
                return self._applied(function, [self.safe(one) for one in arguments])
            case _:
                return expression

    def _applied(self, function: str, arguments: Sequence[Expression]) -> Expression:
        match function, arguments:
            case "where", [Number(value=value), above, below]:
                return above if value > 0 else below
            case "mean", [one] if width(self.equations, one) in (None, 1):
                return one
            case "+" | "-", [one, Number(value=0)]:
                return one
            case "+" | "-", [Number(value=0), one]:
                return one if function == "+" else self._applied("-", [one])
            case "log", [one] if (log := self._logarithm(one)) is not None:
                return log
            case "/", [part, Apply(function="+", arguments=(Name() as f, Name() as i))] if (
                part in (f, i) and f != i
            ):
                if self._is_gate(f) and self._is_gate(i):
                    share = Apply("share", tuple(filter(None, map(self._logarithm, (i, f)))))
                    return share if part == i else Apply("-", (Number(1.0), share))
            case "sqrt", [Apply(function="-", arguments=(Number(value=1), square))]:
                if (root := _root(square)) is not None and (log := self._logarithm(root)) is not None:
                    return Apply("beside", (log,))
        values = [one.value for one in arguments if isinstance(one, Number)]
        if len(values) == len(arguments) and function != "where":
            return _of_numbers(function, values)
        return Apply(function, tuple(arguments))

    def _logarithm(self, expression: Expression) -> Expression | None:
        """That of a sigmoid or an exponential, or of a quantity that is one; None of anything else."""
        match expression:
            case Name(name=name) if self._is_gate(expression):
                self.logarithms.add(name)
                return Apply("logarithm", (expression,))
            case Apply(function="sigmoid", arguments=arguments):
                return Apply("log_sigmoid", arguments)
            case Apply(function="exp", arguments=(inner,)):
                return inner
        return None

    def _is_gate(self, quantity: Name) -> bool:
        match self.lines.get(quantity.name):
            case Apply(function="sigmoid" | "exp"):
                return True
        return False


def _of_numbers(function: str, values: Sequence[float]) -> Number:
    signs = {"+": "add", "-": "sub" if len(values) == 2 else "neg", "*": "mul", "/": "div", "^": "pow"}
    named = {**signs, "max": "maximum", "min": "minimum"}.get(function, function)
    compute = getattr(torch, named, torch.nn.functional.softplus)
    found = compute(*torch.tensor(values, dtype=torch.float64)).item()
    if not math.isfinite(found):
        raise ExportError("A number in the equations of its cell comes to no finite one. Export it as a zip.")
    return Number(found)


def _root(square: Expression) -> Expression | None:
    match square:
        case Apply(function="^", arguments=(root, Number(value=2))):
            return root
        case Apply(function="*", arguments=(root, other)) if root == other:
            return root
    return None


def _biases(equations: Equations) -> dict[str, str]:
    """Each bias that stands beside an x @ W and nowhere else, if that is so of all that lie beside it."""
    weights, places = equations.weights, Counter(equations.starts.values())
    for line in equations.computed:
        places.update(names(line.right))
    found: dict[str, str] = {}
    for part in (part for line in equations.computed for part in walk(line.right)):
        summands = [*_summands(part)]
        alone = [one.name for one in summands if isinstance(one, Name) and places[one.name] == 1]
        vectors = [name for name in alone if name in weights and name not in found.values()]
        for term in summands:
            if isinstance(term, Product) and term.left == Name("x") and places[term.matrix] == 1:
                sizes = weights[term.matrix].sizes[1:]
                suited = [
                    name for name in vectors if weights[name].sizes == sizes and term.matrix not in found
                ]
                for bias in suited[:1]:
                    found[term.matrix] = bias
                    vectors.remove(bias)
    fused = [some for some in equations.parameters.values() if {*some} <= {*found.values()}]
    return {matrix: bias for matrix, bias in found.items() if any(bias in some for some in fused)}


def _summands(expression: Expression) -> Iterator[Expression]:
    """What is added up, without what is taken away."""
    match expression:
        case Apply(function="+" | "-", arguments=(left, right)):
            yield from _summands(left)
            if expression.function == "+":
                yield from _summands(right)
        case _:
            yield expression


class Identifiers:
    """The names of a cell in code: its own where they can be written in ASCII, and each another one."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken}
        self._of: dict[str, str] = {}

    def new(self, name: str) -> str:
        """An identifier that was not given yet.

        >>> Identifiers(["lambda"]).new("λ"), Identifiers([]).new("Δ_ж")
        ('lambda_2', 'Delta_q')
        """
        plain = "".join(sign if sign.isascii() else _in_ascii(sign) for sign in name)
        candidates = itertools.chain([plain], (f"{plain}_{count}" for count in itertools.count(2)))
        found = next(one for one in candidates if one not in self._taken)
        self._taken.add(found)
        return found

    def __getitem__(self, name: str) -> str:
        """The identifier of a name of the equations, the same each time."""
        if name not in self._of:
            self._of[name] = self.new(name.replace("'", "_new"))
        return self._of[name]

    def __setitem__(self, name: str, identifier: str) -> None:
        self._of[name] = identifier

    def equations(self, known: Equations) -> list[str]:
        """What is computed, as equations between these names."""
        lines = [line_text(line) for line in known.lines if isinstance(line, Equation | Constant | Start)]
        given = {*known.states, *known.quantities, *known.weights, *known.constants}
        said = [
            _NAME.sub(lambda name: self[name[0]] if name[0] in given else name[0], line) for line in lines
        ]
        parted = [line.partition(" = ") for line in said]
        indent = max(len(left) for left, _, _ in parted)
        return [f"{left:{indent}} = {right}" for left, _, right in parted]


def _in_ascii(sign: str) -> str:
    """The name of a Greek letter, and q for any other sign."""
    match unicodedata.name(sign, "").replace("LAMDA", "LAMBDA").split():
        case ["GREEK", "CAPITAL", "LETTER", letter, *_]:
            return letter.capitalize()
        case ["GREEK", "SMALL", "LETTER", letter, *_]:
            return letter.lower()
    return "q"


SUM, TERM, SIGN, POWER, ATOM = range(5)
_STRENGTH = {"+": SUM, "-": SUM, "*": TERM, "/": TERM}


class Writer(ABC):
    """Writes expressions as code: what JavaScript and Python have in common."""

    def __init__(self, step: TimeStep, identifiers: Identifiers) -> None:
        self.step, self.equations, self.identifiers = step, step.equations, identifiers

    def code(self, expression: Expression, at_least: int = SUM) -> str:
        """An expression, in brackets where it binds less than `at_least`."""
        match expression:
            case Number(value=value):
                text, strength = number(value), SIGN if value < 0 else ATOM
            case Name(name=name):
                text, strength = self.name(name), ATOM
            case Product():
                text, strength = self.product(expression)
            case Apply(function="-", arguments=(one,)):
                text, strength = f"-{self.code(one, POWER)}", SIGN
            case Apply(function=sign, arguments=(left, right)) if sign in _STRENGTH:
                strength = _STRENGTH[sign]
                text = f"{self.code(left, strength)} {sign} {self.code(right, strength + 1)}"
            case Apply(function=function, arguments=arguments):
                text, strength = self.applied(function, arguments)
        return f"({text})" if strength < at_least else text

    @abstractmethod
    def name(self, name: str) -> str:
        """A quantity, a state or a weight."""

    @abstractmethod
    def product(self, product: Product) -> tuple[str, int]:
        """A product, and how much it binds."""

    @abstractmethod
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        """A function or a power of arguments, and how much it binds."""
