"""Operations on what a cell computes as a graph, in which equal expressions are one node.

Sums and products have a normal form: a sum is numbers times terms; a product lies in the order in which its
factors can be known, but for what weights alone say, which comes last. A few things are put differently, so
that they are exact, or quick:

    z p + (1 - z) q, q + z (p - q)  ->  lerp(q, p, z)
    log(sigmoid(a))                 ->  logsigmoid(a)
    i / (f + i) of two sigmoids     ->  share(f, i), by their logarithms if need be, and 1 - that for f
    sqrt(1 - e^2L)                  ->  beside(L), by expm1

Each node has a stage: 0 where weights alone say it, 1 where x does too, so that it is known of all time steps
before the first one, 2 where it takes a state.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rnn_core.equations.functions import FUNCTIONS, OPERATORS, applied
from rnn_core.errors import GatescopeError

MOST_NODES = 500
"""The most nodes of a graph with all its derivatives. S6 has 163."""


class CannotCompile(GatescopeError):  # noqa: N818 (a cell without a pass is no error)
    """Says why there is no pass for a cell: autograd goes through its equations instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """The result of an operation on its operands, H numbers a row. Equal nodes of a graph are one object.

    The operations are `number`, `weight`, `state`, `input` (x @ W) and `product` (q @ U), whose `of` says
    which; `sum`, whose `of` is the number before each operand and the one that is added; `power`, whose `of`
    is the exponent; and those of `rnn_core.nn.compiler.operations`, which have operands alone.
    """

    operation: str
    operands: "tuple[Node, ...]"
    of: object
    stage: int
    place: int
    """The number of the node in the graph; those of its operands are smaller."""
    wide: bool
    """True if it has a number a unit; else all units share one."""

    @property
    def terms(self) -> "list[tuple[float, Node]]":
        """The numbers of a sum and what they stand before; of anything else, itself once."""
        if self.operation != "sum":
            return [(1.0, self)]
        return [*zip(self.of[0], self.operands, strict=True)]  # type: ignore[index]

    @property
    def added(self) -> float:
        """The number at the end of a sum."""
        return self.of[1] if self.operation == "sum" else 0.0  # type: ignore[index]

    @property
    def value(self) -> float:
        """The value of a node that is a number."""
        return self.of  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """The name of a weight or a state, or the letter of what a copy is of."""
        return self.of  # type: ignore[return-value]

    def is_number(self, value: float | None = None) -> bool:
        """True if it is a number, or this number where one is given."""
        return self.operation == "number" and (value is None or self.of == value)


@dataclass(slots=True)
class Graph:
    """The nodes of one cell, each of them made once, in an order in which they can be computed."""

    nodes: list[Node] = field(default_factory=list)
    shares: bool = True
    """True if `share` may stand for two sigmoids; else their logarithms do in any case."""
    whole: set[Node] = field(default_factory=set)
    """The nodes that are the value of a line: no sum or product of another line takes them apart."""
    _known: dict[tuple[str, tuple[Node, ...], object], Node] = field(default_factory=dict)

    def make(
        self, operation: str, *operands: Node, of: object = None, stage: int = 0, wide: bool = False
    ) -> Node:
        """The node of an operation as it stands, at least of this stage. Raises CannotCompile."""
        key = operation, operands, of
        if key not in self._known:
            if len(self.nodes) >= MOST_NODES:
                raise CannotCompile(
                    f"Equations and derivatives together have more than {MOST_NODES:,} operations."
                )
            stage = max([stage, *(operand.stage for operand in operands)])
            wide = wide or any(operand.wide for operand in operands)
            self._known[key] = Node(operation, operands, of, stage, len(self.nodes), wide)
            self.nodes.append(self._known[key])
        return self._known[key]

    def number(self, value: float) -> Node:
        """A finite number. Raises CannotCompile for any other."""
        if not math.isfinite(value):
            raise CannotCompile("A number in the equations comes to no finite one.")
        return self.make("number", of=float(value))

    def state(self, letter: str) -> Node:
        """A state before the time step."""
        return self.make("state", of=letter, stage=2, wide=True)

    def weight(self, name: str, *, wide: bool = True) -> Node:
        """A weight that is no matrix: one number a unit, or one for all, as it is the first time."""
        return self.make("weight", of=name, wide=wide)

    def copy(self, node: Node, letter: str) -> Node:
        """A new state that is what something else is already."""
        return self.make("copy", node, of=letter, stage=1)

    def add(self, *terms: tuple[float, Node], added: float = 0.0, merge: bool = False) -> Node:
        """The sum of numbers times terms; with `merge`, sums among them that are no lines are taken apart."""
        total: dict[Node, float] = {}

        def put(times: float, term: Node) -> None:
            nonlocal added
            inner = term.terms
            if term.is_number():
                added += times * term.value
            elif (
                term.operation == "sum"
                and term not in self.whole
                and (merge or (len(inner) == 1 and not term.added))
            ):
                added += times * term.added
                for number, node in inner:
                    put(times * number, node)
            else:
                total[term] = total.get(term, 0.0) + times

        for times, term in terms:
            put(times, term)
        found = {term: total[term] for term in sorted(total, key=lambda term: term.place) if total[term]}
        if (lerp := self._lerp(found)) is not None:
            operands, used = lerp
            others = ((times, term) for term, times in found.items() if term not in used)
            return self.add((1, self.make("lerp", *operands)), *others, added=added)
        return self._sum(self._with_known_sum(found) if merge else found, added)

    def _with_known_sum(self, found: dict[Node, float]) -> dict[Node, float]:
        """The terms of a sum, some of them as a sum that is computed anyway."""
        if any(term.operation in ("input", "product") for term in found):
            return found
        for node in self.nodes:
            if node.operation == "sum" and not node.added and 1 < len(node.operands) < len(found):
                inside = {term: times for times, term in node.terms}
                if inside.items() <= found.items():
                    return {term: times for term, times in found.items() if term not in inside} | {node: 1.0}
        return found

    def _sum(self, found: dict[Node, float], added: float) -> Node:
        if not found:
            return self.number(added)
        if not added and [*found.values()] == [1]:
            return next(iter(found))
        for number in (added, *found.values()):
            self.number(number)  # is finite
        return self.make("sum", *found, of=(tuple(found.values()), added))

    def _lerp(self, found: dict[Node, float]) -> tuple[tuple[Node, ...], tuple[Node, Node]] | None:
        """The q, p, z of z p + (1 - z) q or q + z (p - q), and the terms of that, if it stands there."""
        products = [term for term, times in found.items() if times == 1 and term.operation == "multiply"]
        for one in products:
            for z, p in (one.operands, one.operands[::-1]):
                rest = self._known.get(("sum", (z,), ((-1.0,), 1.0)))
                for other in products if rest is not None else ():
                    if other is not one and rest in other.operands:
                        a, b = other.operands
                        return (b if a is rest else a, p, z), (one, other)
                if p.operation == "sum" and not p.added and p not in self.whole and len(p.operands) == 2:
                    for (minus, q), (plus, to) in (p.terms, p.terms[::-1]):
                        if minus == -1 and plus == 1 and found.get(q) == 1:
                            return (q, to, z), (one, q)
        return None

    def multiply(self, *factors: Node, merge: bool = False) -> Node:
        """The product of factors; with `merge`, products among them that are no lines are taken apart.

        What weights alone say comes last: it may be large where the rest is small.
        """
        parts: list[Node] = []
        times = 1.0

        def put(factor: Node) -> None:
            nonlocal times
            if factor.is_number():
                times *= factor.value
            elif factor in self.whole:
                parts.append(factor)
            elif factor.operation == "sum" and len(factor.operands) == 1 and not factor.added:
                times *= factor.terms[0][0]
                put(factor.operands[0])
            elif factor.operation == "multiply" and (merge or factor.operands[1].stage == 0):
                put(factor.operands[0])
                put(factor.operands[1])
            else:
                parts.append(factor)

        for factor in factors:
            put(factor)
        if not times:
            return self.number(0)
        parts.sort(key=lambda part: (part.stage, not part.wide, part.place))
        of_weights, others = (
            [part for part in parts if (part.stage == 0) == is_so] for is_so in (True, False)
        )
        if not others or not of_weights:
            return self.add((times, self._product(parts))) if parts else self.number(times)
        return self.make("multiply", self._product(others), self.add((times, self._product(of_weights))))

    def _product(self, parts: list[Node]) -> Node:
        first, *rest = parts
        for part in rest:
            first = self.make("multiply", first, part)
        return first

    def divide(self, a: Node, b: Node) -> Node:
        """Return the quotient a / b."""
        if b.is_number():
            if not b.value:
                raise CannotCompile("Something is divided by 0.")
            return self.multiply(self.number(1 / b.value), a)
        if a.is_number(0):
            return a
        share = self._share_of_sigmoids(a, b)
        return share or self.make("divide", a, b)

    def _share_of_sigmoids(self, a: Node, b: Node) -> Node | None:
        """i / (f + i), which is a number also where f and i are too small for a quotient."""
        is_sum_of_two = b.operation == "sum" and b.of == ((1.0, 1.0), 0.0)
        if not is_sum_of_two or {one.operation for one in b.operands} != {"sigmoid"} or a not in b.operands:
            return None
        f, i = b.operands
        if self.shares:
            share = self.make("share", f, i)
        else:
            logs = [(times, self.make("logsigmoid", *one.operands)) for times, one in ((-1, f), (1, i))]
            share = self.apply("sigmoid", self.add(*logs))
        return share if a is i else self.one_minus(share)

    def one_minus(self, a: Node) -> Node:
        """Return the difference 1 - a."""
        return self.add((-1, a), added=1.0)

    def power(self, a: Node, exponent: float) -> Node:
        """A power by a number."""
        if a.is_number():
            return self.apply("^", a, self.number(exponent))
        return self.number(1) if exponent == 0 else a if exponent == 1 else self.make("power", a, of=exponent)

    def activation_factor(self, operation: str, factor: Node, value: Node) -> Node:
        """The factor before a sigmoid or tanh of this value."""
        if factor.is_number():
            return self.multiply(factor, self.make(operation, self.number(1), value))
        return self.make(operation, factor, value)

    def operate(self, function: str, *operands: Node, merge: bool = False) -> Node:
        """An operator or a function, or what a slope takes; `merge` as in `add` and `multiply`."""
        match function, operands:
            case "+" | "-", [*first, last]:
                sign = 1.0 if function == "+" else -1.0
                return self.add(*((1.0, one) for one in first), (sign, last), merge=merge)
            case "*", _:
                return self.multiply(*operands, merge=merge)
            case "/", [a, b]:
                return self.divide(a, b)
            case "^", [base, exponent]:
                return self.power(base, exponent.value)
            case "sigmoid_gradient" | "tanh_gradient", [factor, value]:
                return self.activation_factor(function, factor, value)
            case "sign" | "expm1", _:
                return self.make(function, *operands)
        return self.apply(function, *operands)

    def apply(self, function: str, *operands: Node) -> Node:
        """A function of the language, or one that its derivatives take. Raises CannotCompile."""
        is_known = function in (*OPERATORS, *FUNCTIONS, "sign")
        if is_known and all(operand.is_number() for operand in operands):
            of_numbers = _sign if function == "sign" else applied(function).of
            return self.number(of_numbers(*(operand.value for operand in operands)))
        match function, operands:
            case "log", (Node(operation="sigmoid", operands=inner),):
                return self.make("logsigmoid", *inner)
            case "sqrt", (a,) if (log := self._log_beside(a)) is not None:
                return self.make("beside", log)
            case "max" | "min", (a, b) if a is b:
                return a
            case "max" | "min", (a, b) if a.is_number() or (b.place < a.place and not b.is_number()):
                return self.make(function, b, a)
            case "where", (q, a, b):
                if q.is_number() or a is b:
                    return a if q.is_number() and q.value > 0 else b
                if a.is_number() and b.is_number():
                    is_taken = self.make("positive", q)
                    return self.add((a.value - b.value, is_taken), added=b.value)
            case "mean", _:
                raise CannotCompile("A mean over all units has no derivative here.")
        return self.make(function, *operands)

    def _log_beside(self, a: Node) -> Node | None:
        """L, where a is 1 - (e^L)^2."""
        if a.operation == "sum" and a.of == ((-1.0,), 1.0):
            match a.operands[0]:
                case Node(operation="power", of=2.0, operands=(Node(operation="exp", operands=(log,)),)):
                    return log
                case Node(operation="multiply", operands=(Node(operation="exp") as one, other)) if (
                    one is other
                ):
                    return one.operands[0]
        return None


def _sign(a: float) -> float:
    return float((a > 0) - (a < 0))


def reach(roots: Iterable[Node], stop: Callable[[Node], bool] = lambda node: False) -> list[Node]:
    """All that these are made of, themselves too, in an order in which they can be computed.

    What is under a node at which to stop is left out.
    """
    seen: set[Node] = set()
    waiting = [*roots]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if not stop(node):
                waiting += node.operands
    return sorted(seen, key=lambda node: node.place)


def needed(roots: list[Node], there: set[Node]) -> list[Node]:
    """Returns the nodes that must be computed for `roots`, where the values of those in `there` are known."""
    return [node for node in reach(roots, stop=lambda node: node in there) if node not in there]


def users(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """Each node -> the nodes that it is an operand of, once for each time it is."""
    above: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in list(above):
        for operand in node.operands:
            above.setdefault(operand, []).append(node)
    return above
