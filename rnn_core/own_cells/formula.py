"""The equations of a cell read as those of a task are written: gates, a candidate, and how memory is mixed.

A one-state cell is h' = F(A * h + B * n), one with two states c' = A * c + B * n and h' = C * D(c'). A, B and
C are products of gates, of 1 - gates and of constants, n is a candidate. Sums with weights are the parts,
which are numbered; the right cells and the mistaken ones are written in these words alike, and which are
right, `family_mistakes` says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from rnn_core.equations import expressions
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, replaced, value, walk
from rnn_core.equations.printing import printed
from rnn_core.equations.reading import read_right
from rnn_core.equations.sums import TooLargeError, inlined, terms, total
from rnn_core.equations.sums import product as product_of
from rnn_core.own_cells.lifting import Lifted
from rnn_core.own_cells.operators import written

FUNCTIONS = {
    "sigmoid": "sigmoid(a)",
    "tanh": "tanh(a)",
    "relu": "max(a, 0)",
    "exp": "exp(a)",
    "softsign": "a / (1 + abs(a))",
    "tanh of tanh": "tanh(tanh(a))",
    "sigmoid of sigmoid": "sigmoid(sigmoid(a))",
    "tanh of sigmoid": "tanh(sigmoid(a))",
    "sigmoid of tanh": "sigmoid(tanh(a))",
}
"""Functions of one sum by what they are called in a sentence, which a student may compute in another way."""
OPERATORS = ("hardtanh", "hardsigmoid", "softplus", "leaky_relu", "elu", "silu")
"""Operators of torch that are such functions, too."""
_MOST_TERMS = 60
_WAYS = ((0.0, 1, ""), (-1.0, -1, ""), (1.0, 1, " plus 1"))
"""A gate, 1 minus a gate, 1 plus a gate: the rest as a multiple of what has the gate, the sign, words."""
_MOST_GATES = 3
_STATES = {"h", "c", "h'", "c'"}


class Gate(NamedTuple):
    """A part behind a function, or 1 minus that."""

    part: int
    function: str = "sigmoid"
    is_complement: bool = False

    @property
    def turned(self) -> "Gate":
        """1 minus it."""
        return self._replace(is_complement=not self.is_complement)


class GateFactor(NamedTuple):
    """A constant times gates."""

    constant: float = 1.0
    gates: tuple[Gate, ...] = ()


ZERO, ONE = GateFactor(0.0), GateFactor()


class Candidate(NamedTuple):
    """function(inner * (a + gate * b)), where a and b are parts; b and the gates may be missing."""

    function: str
    part: int
    gated: int | None = None
    gate: GateFactor = ONE
    inner: GateFactor = ONE
    added: str = ""
    """The state that is added inside of the function, where there is one."""

    @property
    def parts(self) -> set[int]:
        """The parts that it is made of, without its gates."""
        return {self.part} | ({self.gated} if self.gated is not None else set())

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates in it."""
        return self.gate.gates + self.inner.gates


class Mix(NamedTuple):
    """function(keep * memory + write * candidate)."""

    memory: str
    keep: GateFactor
    write: GateFactor
    candidate: Candidate | None
    function: str = "nothing"
    plus: Candidate | None = None
    """A second candidate that is added to the first."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates in it."""
        inside = self.candidate.gates if self.candidate else ()
        return self.keep.gates + self.write.gates + inside

    @property
    def is_balanced(self) -> bool:
        """True if one gate keeps and the rest of 1 writes, or the other way round."""
        keep, write = self.keep, self.write
        return (
            len(keep.gates) == len(write.gates) == 1
            and keep.constant == write.constant == 1
            and keep.gates[0].turned == write.gates[0]
        )


class ShownState(NamedTuple):
    """factor * function(of): how h' is made where there is a cell state."""

    factor: GateFactor
    function: str
    of: str
    """ "c'", "c", "h", or "n" for the candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """All that a cell computes."""

    mix: Mix
    """The sum that makes the new memory: h', or c' where there are two states."""
    shown: ShownState | None = None
    returned: tuple[str, ...] = ("h'",)
    """The state at each place of the result."""


class FormulaTerm(NamedTuple):
    """One term of a part: what a weight is multiplied with."""

    of: str
    """ "x", "h", "c", "h'", "c'", "1" of a bias, or "another" quantity."""
    weight: str
    is_matrix: bool
    gates: tuple[Gate, ...] = ()
    """The gates that the state is multiplied with before."""


class FormulaPart(NamedTuple):
    """A sum with weights, before its function."""

    terms: tuple[FormulaTerm, ...]
    offset: float
    """A number that is added."""


Poly = dict[tuple[str, ...], float]
"""The factors of each term, in order -> its number. A factor is a part, a state or a function, printed."""


class NoFormulaError(ValueError):
    """Equations that are not written in these words."""


class Written:
    """The equations of a cell with everything written out but new states, and with our letters for states."""

    def __init__(self, lifted: Lifted, states: Sequence[str]) -> None:
        """Raises NoFormulaError where they are too long."""
        self.weights = lifted.weights
        self._ours = dict(zip(states, "hc", strict=False))
        self._lines = {name: one for name, one in lifted.lines.items() if not name.endswith("'")}
        new = [lifted.lines[f"{letter}'"] for letter in states]
        self.new = [
            self.out(lifted.lines.get(one.name, one) if isinstance(one, Name) else one) for one in new
        ]
        self.parts: list[FormulaPart] = []
        self.said: dict[str, set[str]] = {}
        """Factor -> the ways in which it is written in the file."""
        self._parts: dict[str, Expression] = {}
        self._of_factors: dict[str, Expression] = {}

    def out(self, expression: Expression) -> Expression:
        """An expression with everything written out."""

        def put(one: Expression) -> Expression | None:
            letter = one.name.removesuffix("'") if isinstance(one, Name) else ""
            return Name(self._ours[letter] + one.name[len(letter) :]) if letter in self._ours else None  # type: ignore[union-attr]

        try:
            return replaced(inlined(expression, self._lines), put)
        except TooLargeError as error:
            raise NoFormulaError from error

    # From equations to parts and functions of them

    def reduced(self, expression: Expression) -> Expression:
        """An expression over parts: each sum with weights is the name of one."""
        found = self._reduced(expression)
        self.said.setdefault(printed(found), set()).add(printed(expression))
        return found

    def _reduced(self, expression: Expression) -> Expression:
        several = [*terms(expression)]
        weighed = [one for one in several if self._is_weighed(one[1])]
        if weighed:
            numbers = [one for one in several if isinstance(one[1], Number)]
            rest = [one for one in several if one not in weighed and one not in numbers]
            turn = weighed[0][0]
            offset = sum(turn * sign * one.value for sign, one in numbers if isinstance(one, Number))
            part = self._part([(turn * sign, one) for sign, one in weighed], offset)
            return total([(turn, part), *((sign, self.reduced(one)) for sign, one in rest)])
        match expression:
            case Apply(function=function, arguments=arguments):
                return _known_function(Apply(function, tuple(map(self.reduced, arguments))))
        return expression

    def _is_weighed(self, term: Expression) -> bool:
        """True if a term is a product by a matrix, a bias, or a weight of each unit times a state."""
        several = _unscaled(term)
        own = [one for one in several if isinstance(one, Name) and one.name in self.weights]
        others = [one for one in several if one not in own]
        matrices = [one for one in several if isinstance(one, Product)]
        is_own = len(own) == 1 and all({*expressions.names(one)} & _STATES for one in others)
        return (len(matrices) == 1 and len(several) == 1) or is_own

    def _part(self, weighed: Sequence[tuple[int, Expression]], offset: float) -> Expression:
        key = printed(total([*weighed, (1, Number(offset))]))
        if key not in self._parts:
            found = tuple(self._term(one) for _, one in weighed)
            self._parts[key] = Name(f"part {len(self.parts)}")
            self.parts.append(FormulaPart(found, offset))
        return self._parts[key]

    def _term(self, term: Expression) -> FormulaTerm:
        several = _unscaled(term)
        if isinstance(one := several[0], Product):
            left, weight = one.left, one.matrix
            while isinstance(left, Product):
                left = left.left
            if left == Name("x"):
                return FormulaTerm("x", weight, True)
            return self._gated(left, weight)
        weight = next(one.name for one in several if isinstance(one, Name) and one.name in self.weights)
        left = product_of([one for one in several if one != Name(weight)])
        found = FormulaTerm("1", weight, False) if left == Number(1) else self._gated(left, weight)
        if found.of == "another":
            raise NoFormulaError
        return found._replace(is_matrix=False)

    def _gated(self, left: Expression, weight: str) -> FormulaTerm:
        """A weight times a state, or times gates and a state."""
        poly = self.poly(self.reduced(left))
        for state in sorted(_STATES):
            factor = self.factor(_divided(poly, state))
            if poly and factor is not None and len(factor.gates) < 2:
                return FormulaTerm(state, weight, True, factor.gates)
        if any(state in of for of in poly for state in _STATES):
            raise NoFormulaError
        return FormulaTerm("another", weight, True)

    # From functions of parts to polynomials, and to gates

    def poly(self, expression: Expression) -> Poly:
        """A reduced expression as a polynomial over parts, states and functions of them."""
        match expression:
            case Number(value=number):
                return {(): number} if number else {}
            case Apply(function="-", arguments=(one,)):
                return _scaled(self.poly(one), -1)
            case Apply(function="+" | "-" as sign, arguments=(left, right)):
                return _plus(self.poly(left), self.poly(right), 1 if sign == "+" else -1)
            case Apply(function="*", arguments=(left, right)):
                return _times(self.poly(left), self.poly(right))
            case Apply(function="/", arguments=(left, Number(value=number))) if number:
                return _scaled(self.poly(left), 1 / number)
        key = printed(expression)
        self._of_factors[key] = expression
        return {(key,): 1.0}

    def gate(self, key: str) -> Gate | None:
        """A factor as a gate; None for what is none."""
        return _function_of_a_part(self._of_factors.get(key))

    def factor(self, poly: Poly | None) -> GateFactor | None:
        """A polynomial as a constant times gates; None where it is none."""
        if not poly:
            return None if poly is None else ZERO
        gates: list[Gate] = []
        for key in sorted({key for of in poly for key in of}):
            opened, rest = _split(poly, key)
            alike = (way for way in _WAYS if _is_same(rest, _scaled(opened, way[0])))
            gate, way = self.gate(key), next(alike, None)
            if gate is None or way is None or len(gates) == _MOST_GATES:
                return None
            _, sign, also = way
            poly = _scaled(opened, sign)
            gates.append(Gate(gate.part, gate.function + also, sign < 0))
        return GateFactor(_clean(poly[()]), tuple(gates)) if poly.keys() == {()} else None

    # A candidate, and how memory is mixed

    def candidate(self, expression: Expression | None) -> Candidate | None:
        """A function of one part, or of one and a second one that is gated; None for anything else."""
        if (alone := _function_of_a_part(expression)) is not None:
            return Candidate(alone.function, alone.part)
        match expression:
            case Apply(function=function, arguments=(inside,)):
                return self._sum_candidate(function, self.poly(inside))
        return None

    def keys_of(self, candidate: Candidate) -> Iterator[str]:
        """The factors that are this candidate, as they are written over parts."""
        return (key for key, one in [*self._of_factors.items()] if self.candidate(one) == candidate)

    def _sum_candidate(self, function: str, poly: Poly) -> Candidate | None:
        added = next((of[0] for of in poly if of in (("h",), ("c",)) and poly[of] == 1), "")
        poly = {of: times for of, times in poly.items() if of != (added,)}
        keys = sorted({key for of in poly for key in of if _place_of(key) is not None})
        factors = {key: self.factor(_split(poly, key)[0]) for key in keys}
        if any(sum(key in of for key in keys) != 1 for of in poly) or None in factors.values():
            return None
        places = [(int(key.removeprefix("part ")), factors[key] or ONE) for key in keys]
        places.sort(key=lambda one: one[1] != ONE)
        match places:
            case [(part, inner)]:
                return Candidate(function, part, inner=inner, added=added)
            case [(part, one), (gated, gate)] if one == ONE:
                return Candidate(function, part, gated, gate, added=added)
        return None

    def mix(self, expression: Expression, memory: str) -> Mix | None:
        """Read a new memory as made of the old one and of a candidate; None where it is not."""
        reduced = self.reduced(expression)
        alone = self.candidate(reduced)
        if alone is not None and alone.function != "nothing":
            return Mix(memory, ZERO, ONE, alone)
        found = self._mixed(self.poly(reduced), memory)
        if found is None and isinstance(reduced, Apply) and len(reduced.arguments) == 1:
            inner = self._mixed(self.poly(reduced.arguments[0]), memory)
            found = inner and inner._replace(function=reduced.function)
        return found

    def _mixed(self, poly: Poly, memory: str) -> Mix | None:
        kept_of, rest = _split(poly, memory)
        keep = self.factor(kept_of)
        if keep is None or not rest:
            return None
        if rest.get((), 0) == 1 and len(rest) > 1:
            inner = self._mixed({of: times for of, times in poly.items() if of}, memory)
            return inner and inner._replace(function="1 more")
        common = set.intersection(*map(set, rest))
        kept = {gate.part for gate in keep.gates}

        def rank(key: str) -> tuple[bool, bool, bool, str]:
            gate = self.gate(key)
            function = gate.function if gate else "tanh"
            return gate is not None and gate.part in kept, function == "sigmoid", function != "tanh", key

        for key in sorted(common, key=rank):
            candidate, write = self.candidate(self._of_factors[key]), self.factor(_divided(rest, key))
            if candidate is not None and write is not None:
                return Mix(memory, keep, write, candidate)
        several = [
            self.candidate(self._of_factors[of[0]]) for of, times in rest.items() if len(of) == times == 1
        ]
        if keep == ZERO and len(several) == len(rest) == 2 and None not in several:
            return Mix(memory, ZERO, ONE, several[0], plus=several[1])
        return None

    # What a cell shows

    def formula(self) -> Formula:
        """All that the cell computes. Raises NoFormulaError."""
        if len(self.new) == 1:
            mix = self.mix(self.new[0], "h")
            if mix is None:
                raise NoFormulaError
            return Formula(mix=mix)
        if len(self.new) != 2:
            raise NoFormulaError
        for place, memory in ((1, "c"), (0, "c"), (1, "h"), (0, "h")):
            mix = self.mix(self.new[place], memory)
            shown = self.shown(self.new[1 - place], "hc"[place], self.new[place], mix) if mix else None
            if mix and shown:
                return Formula(mix=mix, shown=shown, returned=("h'", "c'") if place else ("c'", "h'"))
        return self._unseen_memory()

    def shown(self, hidden: Expression, letter: str, cell: Expression, mix: Mix | None) -> ShownState | None:
        """Read the hidden state as made of the new memory, whose letter is given; None where it is not."""
        memory = Name(f"{letter}'")
        written = replaced(hidden, lambda one: Name("c'") if one in (memory, cell) else None)
        poly = self.poly(self.reduced(written))
        ((several, times), *more) = poly.items() or [((), 0.0)]
        of: str
        for key in several if not more and times == 1 else ():
            match self._of_factors[key]:
                case Name(name="c'" | "c" | "h" as of):
                    function: str = "nothing"
                case Apply(function=function, arguments=(Name(name="c'" | "c" | "h" as of),)):
                    pass
                case other if mix is not None and self.candidate(other) == mix.candidate:
                    function, of = "nothing", "n"
                case _:
                    continue
            factor = self.factor({_drop_one(several, key): 1.0})
            if factor is not None:
                return ShownState(factor, function, of)
        return None

    def _unseen_memory(self) -> Formula:
        """A cell that keeps its new memory for itself: h' twice, or an old state in its place."""
        hidden, other = self.new
        returned = "h'" if other in (hidden, Name("h'")) else other.name if isinstance(other, Name) else ""
        if not returned:
            raise NoFormulaError
        for tanh in (one for one in walk(hidden) if isinstance(one, Apply) and one.function == "tanh"):
            mix = self.mix(tanh.arguments[0], "c")
            shown = self.shown(hidden, "c", tanh.arguments[0], mix) if mix else None
            if mix and shown and mix.candidate and mix.keep != ZERO:
                return Formula(mix=mix, shown=shown, returned=("h'", returned))
        raise NoFormulaError


def _unscaled(term: Expression) -> list[Expression]:
    """The factors of a term without numbers."""
    match term:
        case Apply(function="*", arguments=(left, right)):
            return [*_unscaled(left), *_unscaled(right)]
        case Apply(function="/", arguments=(left, Number())):
            return _unscaled(left)
        case Apply(function="-", arguments=(one,)):
            return _unscaled(one)
        case Number():
            return []
    return [term]


def _function_of_a_part(expression: Expression | None) -> Gate | None:
    """A function of one part, or a part alone; None for anything else."""
    match expression:
        case Apply(function=function, arguments=(Name(name=name),)) | Name(name=name as function):
            if (place := _place_of(name)) is not None:
                return Gate(place, "nothing" if function == name else function)
    return None


def _place_of(name: str) -> int | None:
    kind, _, place = name.partition(" ")
    return int(place) if kind == "part" and place.isdecimal() else None


_GRID = np.concatenate([np.linspace(-2.9, 3.1, 25), [-60, -25, -8, -4.4, 4.6, 8, 25, 60]])
_KNOWN = tuple(
    (name, value(right, {**settings, "a": _GRID}))
    for name, (right, settings) in (
        {name: (read_right(text), {}) for name, text in FUNCTIONS.items()}
        | {name.replace("_", " "): written(name) for name in OPERATORS}
    ).items()
)


def _known_function(expression: Apply) -> Expression:
    """A function of one part or state by its name, or 1 minus it, whichever way it is computed."""
    inside = {*expressions.names(expression)}
    if len(inside) != 1 or any(isinstance(one, Product) for one in walk(expression)):
        return expression
    (name,) = inside
    if not name.startswith("part ") and name not in _STATES:
        return expression
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(value(expression, {name: _GRID}))
    except KeyError:  # a function that equations have not
        return expression
    for (function, known), times in product(_KNOWN, (1, 2)):
        named = Apply(function, (Name(name),))
        if np.allclose(values, times * known, rtol=1e-9, atol=1e-11):
            return named if times == 1 else Apply("*", (Number(times), named))
        if np.allclose(1 - values, known, rtol=1e-9, atol=1e-11):
            return Apply("-", (Number(1), named))
    return expression


def _plus(left: Poly, right: Poly, times: float) -> Poly:
    found = dict(left)
    for of, number in right.items():
        found[of] = found.get(of, 0.0) + times * number
    return {of: number for of, number in found.items() if abs(number) > 1e-12}


def _times(left: Poly, right: Poly) -> Poly:
    if len(left) * len(right) > _MOST_TERMS:
        raise NoFormulaError
    found: Poly = {}
    for of, number in left.items():
        found = _plus(found, {tuple(sorted(of + other)): number * more for other, more in right.items()}, 1)
    return found


def _drop_one(of: tuple[str, ...], key: str) -> tuple[str, ...]:
    place = of.index(key)
    return of[:place] + of[place + 1 :]


def _split(poly: Poly, key: str) -> tuple[Poly, Poly]:
    """Return what stands before a factor, once, and the terms without it."""
    rest = {of: number for of, number in poly.items() if key not in of}
    return {_drop_one(of, key): number for of, number in poly.items() if key in of}, rest


def _divided(poly: Poly, key: str) -> Poly | None:
    """A polynomial divided by a factor; None where it has terms without it."""
    found, rest = _split(poly, key)
    return None if rest else found


def _scaled(poly: Poly, times: float) -> Poly:
    return {of: times * number for of, number in poly.items() if times}


def _is_same(left: Poly, right: Poly) -> bool:
    return all(abs(left.get(of, 0.0) - right.get(of, 0.0)) < 1e-9 for of in {*left, *right})


def _clean(number: float) -> float:
    return float(round(number)) if abs(number - round(number)) < 1e-9 else number
