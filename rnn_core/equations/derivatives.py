"""The gradients of a time step, derived.

Backwards, the gradient of each node is a linear form {S: F}, the sum of F * dS over the few gradients S that
a time step must make: those of its new states, of what a product with the state waits for, and of slots. The
factors F need none of these, so they are computed for many time steps at once; a time step multiplies, and
makes the products.

What no other gradient of the time step waits for is *late*: it is computed for many time steps at once, too.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rnn_core.equations.graph import CellGraph, Graph, Node, Slot, reach


@dataclass(frozen=True, slots=True)
class Gradient:
    """One that a time step makes: of a new `state`, of a `slot`, or of the `source` of a product."""

    kind: str
    node: Node


Form = dict[Gradient, Node]
"""A sum of gradients, each times a factor."""


@dataclass(slots=True)
class Derivatives:
    """How the gradients follow from each other."""

    order: list[Gradient]
    """Those of a time step, each behind those that it is made of."""
    forms: dict[Gradient, Form]
    """Of a state, what comes to it inside of the time step; of a source, nothing but its products."""
    before: dict[str, Form]
    """That of each state before, beside its product."""
    weights: dict[str, Form]
    """That of each weight of one number a unit, a token's part."""
    late: set[Gradient] = field(default_factory=set)
    """The gradients of slots, and of what is multiplied, that no time step waits for."""

    def in_step(self) -> Iterator[Form]:
        """The forms that a time step computes."""
        yield from (self.forms[one] for one in self.order if one not in self.late)
        yield from self.before.values()

    def stored(self) -> set[Gradient]:
        """The gradients of new states that must be put down for what is computed later."""
        late = [self.forms[one] for one in self.late]
        return {one for form in (*late, *self.weights.values()) for one in form if one.kind == "state"}

    def factors(self) -> list[Node]:
        """All that a gradient is multiplied with in a time step, each once."""
        return [*dict.fromkeys(factor for form in self.in_step() for factor in form.values())]


def derive(cell: CellGraph, slots: list[Slot]) -> Derivatives:
    """The derivatives of a cell whose slots are these. Raises CannotCompile."""
    return _Backwards(cell, slots).found


class _Backwards:
    """Goes from the new states back to what they are made of."""

    def __init__(self, cell: CellGraph, slots: list[Slot]) -> None:
        self.graph = cell.graph
        self.forms: dict[Node, Form] = {}
        self.of_weights: dict[Node, Form] = {}  # the same, but through the gradients of slots
        self.found = Derivatives([], {}, {}, {})
        letters = {node: letter for letter, node in cell.new.items()}
        slot_of = {slot.total: slot for slot in slots}
        products = {product for slot in slots for product in slot.products}
        sources = {product.operands[0] for product in products}
        nodes = cell.reached()
        for node in reversed(nodes):
            if node in letters:
                self._begin(Gradient("state", node), self.forms.pop(node, {}))
            if node in sources and node.operation != "state":
                self._also(Gradient("source", node))
            if node in slot_of:
                self._slot(slot_of[node])
            elif node.operation not in ("input", "product"):
                for number, operand in enumerate(node.operands):
                    for forms in (self.forms, self.of_weights):
                        for gradient, factor in forms.get(node, {}).items():
                            self._put(forms, operand, gradient, through(self.graph, node, number, factor))
        self.found.before = {
            node.name: self.forms.get(node, {}) for node in nodes if node.operation == "state"
        }
        self.found.before |= {letter: {} for letter in cell.new if letter not in self.found.before}
        biases = {slot.bias for slot in slots if slot.matrix}
        self.found.weights = {
            node.name: self.of_weights.get(node, {}) for node in nodes
            if node.operation == "weight" and not (node.name in biases and node not in self.of_weights)
        }  # fmt: skip
        self._find_late(slots)

    def _begin(self, gradient: Gradient, form: Form) -> None:
        """A gradient is complete: what is made of it from here on is a form of it alone."""
        self.found.order.append(gradient)
        self.found.forms[gradient] = form
        one = {gradient: self.graph.number(1)}
        self.forms[gradient.node], self.of_weights[gradient.node] = one, {**one}

    def _also(self, gradient: Gradient) -> None:
        """Products bring more to this node."""
        self.found.order.append(gradient)
        self.found.forms[gradient] = {}
        for forms in (self.forms, self.of_weights):
            self._put(forms, gradient.node, gradient, self.graph.number(1))

    def _slot(self, slot: Slot) -> None:
        """Its own gradient goes on where it has several parts, else the one that it is made of."""
        own, form = Gradient("slot", slot.total), self.forms.get(slot.total, {})
        self.found.order.append(own)
        self.found.forms[own] = form
        alone = {own: self.graph.number(1)}
        below = form if len(form) <= 1 else alone
        for times, term in slot.rest:
            for gradient, factor in below.items():
                self._put(self.forms, term, gradient, self.graph.multiply(self.graph.number(times), factor))
            self._put(self.of_weights, term, own, self.graph.number(times))
        if slot.bias and not slot.matrix:
            self._put(self.of_weights, self.graph.weight(slot.bias), own, self.graph.number(1))

    def _put(self, forms: dict[Node, Form], node: Node, gradient: Gradient, factor: Node) -> None:
        form = forms.setdefault(node, {})
        if gradient in form:
            factor = self.graph.add((1, form.pop(gradient)), (1, factor))
        if not factor.is_number(0):
            form[gradient] = factor

    def _find_late(self, slots: list[Slot]) -> None:
        found = self.found
        found.late = {one for one in found.order if one.kind == "source" and one.node.stage < 2}
        stored = found.stored()
        may_wait: list[Gradient] = []
        awaited = {gradient for form in found.in_step() for gradient in form}
        for slot in reversed(slots):
            own = Gradient("slot", slot.total)
            if found.late & {*found.forms[own]} or (slot.total.stage < 2 and own in awaited):
                found.late.add(own)
            elif own not in awaited and all(product.operands[0].stage < 2 for product in slot.products):
                may_wait.append(own)
        by_form = Counter(tuple(found.forms[own]) for own in may_wait)
        for own in may_wait:
            form = found.forms[own]
            if len(form) != 1 or by_form[tuple(form)] > 1 or stored & {*form}:
                found.late.add(own)


def through(graph: Graph, node: Node, number: int, factor: Node) -> Node:
    """The factor of an operand of a node, by its number, where that of the node is `factor`.

    What `where` leaves out stays out, whatever it is multiplied with later: its branch may be nan.
    """
    if factor.operation == "where" and any(one.is_number(0) for one in factor.operands[1:]):
        q, taken, other = factor.operands
        if other.is_number(0):
            return _taken(graph, q, through(graph, node, number, taken))
        return _not_taken(graph, q, through(graph, node, number, other))
    one = graph.number(1)
    match node.operation, node.operands:
        case "sum", _:
            return graph.multiply(graph.number(node.terms[number][0]), factor)
        case "multiply", operands:
            return graph.multiply(factor, operands[1 - number])
        case "divide", (_, b):
            by_b = graph.divide(factor, b)
            return by_b if number == 0 else graph.multiply(graph.number(-1), by_b, node)
        case "power", (a,):
            exponent: float = node.of  # type: ignore[assignment]
            return graph.multiply(graph.number(exponent), factor, graph.power(a, exponent - 1))
        case "lerp", (q, p, z):
            by = graph.one_minus(z) if number == 0 else z if number == 1 else graph.add((1, p), (-1, q))
            return graph.multiply(factor, by)
        case "sigmoid" | "tanh" as function, _:
            name = f"through_{function}"
            if factor.is_number():
                return graph.multiply(factor, graph.make(name, one, node))
            return graph.make(name, factor, node)
        case "relu", _:
            return graph.multiply(factor, graph.make("positive", node))
        case "exp", _:
            return graph.multiply(factor, node)
        case "log", (a,):
            return graph.divide(factor, a)
        case "logsigmoid", _:
            return graph.multiply(graph.number(-1), factor, graph.make("expm1", node))
        case "beside", (log,):
            a = graph.make("exp", log)
            return graph.multiply(graph.number(-1), factor, graph.divide(graph.multiply(a, a), node))
        case "sqrt", _:
            return graph.divide(graph.multiply(graph.number(0.5), factor), node)
        case "softplus", (a,):
            return graph.multiply(factor, graph.make("sigmoid", a))
        case "abs", (a,):
            return graph.multiply(factor, graph.make("sign", a))
        case "copy", _:
            return factor
        case "max" | "min" as function, operands:
            a, b = operands[number], operands[1 - number]
            larger = graph.apply("sign", graph.add((1, a), (-1, b)))  # half to each where they are equal
            return graph.multiply(factor, graph.add((0.5 if function == "max" else -0.5, larger), added=0.5))
        case "where", (q, _, _):
            if number == 0:
                return graph.number(0)
            return (_taken if number == 1 else _not_taken)(graph, q, factor)
        case "positive", _:
            return graph.number(0)
    raise AssertionError(f"no derivative of {node.operation}")


def _taken(graph: Graph, q: Node, factor: Node) -> Node:
    """The factor where q > 0, and 0 elsewhere."""
    return factor if factor.is_number(0) else graph.make("where", q, factor, graph.number(0))


def _not_taken(graph: Graph, q: Node, factor: Node) -> Node:
    return factor if factor.is_number(0) else graph.make("where", q, graph.number(0), factor)


def needed(roots: list[Node], there: set[Node]) -> list[Node]:
    """What must be computed for these, where the values of some are there."""
    return [node for node in reach(roots, stop=lambda node: node in there) if node not in there]
