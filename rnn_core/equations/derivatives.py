"""The gradients of a time step, derived.

Backwards, the gradient of each node is a linear form {S: F}, the sum of F * dS over the few gradients S that
a time step must make: those of its new states, of what a product with the state waits for, of slots, and of
what has several parts and goes several ways. The factors F need none of these, so they are computed for many
time steps at once; a time step multiplies, and makes the products.

What nothing else in the time step waits for is *late*: it is computed for many time steps at once, too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rnn_core.equations.cell_graph import CellGraph, Slot
from rnn_core.equations.expressions import Apply, Expression, Name, Number
from rnn_core.equations.functions import FUNCTIONS, IN_SLOPES
from rnn_core.equations.graph import Graph, Node
from rnn_core.equations.reading import read_right


@dataclass(frozen=True, slots=True)
class Gradient:
    """One that a time step makes: of a new `state`, a `slot`, the `source` of a product, another `node`."""

    kind: str
    node: Node


Form = dict[Gradient, Node]
"""A sum of gradients, each times a factor."""


@dataclass(slots=True)
class Derivatives:
    """The gradients, and each one's form in others."""

    order: list[Gradient]
    """The gradients of a time step, each behind those that it is made of."""
    forms: dict[Gradient, Form]
    """The form of each gradient, beside its products; of a new state, also what the next time step gives."""
    before: dict[str, Form]
    """The form of the gradient of each state before, beside its product."""
    weights: dict[str, Form]
    """The form of the gradient of each weight of one number a unit, a token's part."""
    late: set[Gradient] = field(default_factory=set)
    """The gradients that no time step waits for."""

    def stored(self) -> set[Gradient]:
        """The gradients of new states that must be put down for what is computed later."""
        late = [self.forms[one] for one in self.late]
        return {one for form in (*late, *self.weights.values()) for one in form if one.kind == "state"}

    def factors(self) -> list[Node]:
        """All that a gradient is multiplied with in a time step, each once."""
        in_step = [*(self.forms[one] for one in self.order if one not in self.late), *self.before.values()]
        return [*dict.fromkeys(factor for form in in_step for factor in form.values())]


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
        new = {*cell.new.values()}
        slot_of = {slot.total: slot for slot in slots}
        sources = {product.operands[0] for slot in slots for product in slot.products}
        nodes = cell.reached()
        for node in reversed(nodes):
            if node in new:
                self._begin(Gradient("state", node), self.forms.pop(node, {}))
            elif node in sources and node.operation != "state":
                self._bring(Gradient("source", node))
            if node in slot_of:
                self._slot(slot_of[node])
            elif node.operation not in ("input", "product"):
                if self._goes_several_ways(node):
                    self._begin(Gradient("node", node), self.forms.pop(node))
                self._pass_on(node)
        self.found.before = {letter: self.forms.get(self.graph.state(letter), {}) for letter in cell.new}
        self._share_slot_gradients(slots)
        biases = {slot.bias for slot in slots if slot.matrix}
        self.found.weights = {
            node.name: self.of_weights.get(node, {}) for node in nodes
            if node.operation == "weight" and not (node.name in biases and node not in self.of_weights)
        }  # fmt: skip
        self._find_late(cell, slots)

    def _share_slot_gradients(self, slots: list[Slot]) -> None:
        """A state that a slot alone reads, times a weight, gets that slot's gradient times the weight."""
        for letter, form in self.found.before.items():
            for own in (Gradient("slot", slot.total) for slot in slots):
                match [*form.items()], [*self.found.forms[own].items()]:
                    case [(one, Node(operation="multiply", operands=(factor, weight)))], [
                        (other, its_factor)
                    ]:
                        if one == other and factor is its_factor and weight.stage == 0:
                            self.found.before[letter] = {own: weight}

    def _goes_several_ways(self, node: Node) -> bool:
        """True if it is less work to add up the parts of a gradient before it goes on."""
        parts, ways = len(self.forms.get(node, {})), len({one for one in node.operands if one.stage > 0})
        saved = parts * ways - parts - ways
        return node.wide and min(parts, ways) > 1 and (saved > 0 or node.operation == "sum")

    def _begin(self, gradient: Gradient, form: Form) -> None:
        """A gradient is complete: what is made of it from here on is a form of it alone."""
        self.found.order.append(gradient)
        self.found.forms[gradient] = form
        one = {gradient: self.graph.number(1)}
        self.forms[gradient.node], self.of_weights[gradient.node] = one, {**one}

    def _bring(self, gradient: Gradient) -> None:
        """Products bring more to this node."""
        self.found.order.append(gradient)
        self.found.forms[gradient] = {}
        for forms in (self.forms, self.of_weights):
            self._put(forms, gradient.node, gradient, self.graph.number(1))

    def _slot(self, slot: Slot) -> None:
        """Passes on the gradient of a slot where it has several parts, else the one that it is made of."""
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

    def _pass_on(self, node: Node) -> None:
        """Passes the gradient of a node on to its operands."""
        for forms in (self.forms, self.of_weights):
            for gradient, factor in forms.get(node, {}).items():
                for operand, further in operands_reached(self.graph, node, factor):
                    self._put(forms, operand, gradient, further)

    def _put(self, forms: dict[Node, Form], node: Node, gradient: Gradient, factor: Node) -> None:
        form = forms.setdefault(node, {})
        if gradient in form:
            factor = _together(self.graph, form.pop(gradient), factor)
        if not factor.is_number(0):
            form[gradient] = factor

    def _find_late(self, cell: CellGraph, slots: list[Slot]) -> None:
        found = self.found
        slots_of: dict[Node, list[Gradient]] = {}
        for slot in slots:
            for product in slot.products:
                slots_of.setdefault(product.operands[0], []).append(Gradient("slot", slot.total))
        waiting = [Gradient("state", node) for node in cell.new.values()]
        waiting += [one for one in found.order if one.kind == "source" and one.node.stage == 2]
        for letter, form in found.before.items():
            waiting += [*form, *slots_of.get(self.graph.state(letter), [])]
        in_step: set[Gradient] = set()
        while waiting:
            one = waiting.pop()
            if one not in in_step:
                in_step.add(one)
                waiting += [*found.forms[one]]
                waiting += slots_of.get(one.node, []) if one.kind in ("state", "source") else []
        may_wait = {one for one in found.order if one not in in_step}
        # The only slot that is made of a gradient is multiplied with it in the time step rather than later.
        found.late = {*may_wait}
        shared = {Gradient("slot", slot.total) for slot in slots if not slot.wide}
        alone = {one for one in may_wait - shared if one.kind == "slot" and {*found.forms[one]} & in_step}
        found.late -= alone
        stored = found.stored()
        by_form = Counter(tuple(found.forms[one]) for one in may_wait)
        for one in alone:
            form = found.forms[one]
            if len(form) != 1 or by_form[tuple(form)] > 1 or stored & {*form}:
                found.late.add(one)


def operands_reached(graph: Graph, node: Node, factor: Node) -> Iterator[tuple[Node, Node]]:
    """Yields each node that the gradient of `node` goes on to, and a factor; `factor` is that of `node`."""
    if node.operation == "share":  # z = i / (f + i) goes on to what stands inside the sigmoids f and i
        f, i = node.operands
        slope = graph.activation_factor("sigmoid_gradient", factor, node)
        yield f.operands[0], graph.multiply(graph.number(-1), slope, graph.one_minus(f))
        yield i.operands[0], graph.multiply(slope, graph.one_minus(i))
        return
    for number, operand in enumerate(node.operands):
        if not operand.is_number():
            yield operand, operand_factor(graph, node, number, factor)


def _together(graph: Graph, one: Node, other: Node) -> Node:
    """The sum of two factors; what the same `where` leaves out of both stays out of it."""
    if one.operation == other.operation == "where" and one.operands[0] is other.operands[0]:
        q, *_ = one.operands
        for k in (1, 2):
            if one.operands[3 - k].is_number(0) and other.operands[3 - k].is_number(0):
                return _only(graph, q, k, graph.add((1, one.operands[k]), (1, other.operands[k])))
        for a, b in ((one, other), (other, one)):
            if a.operands[2].is_number(0) and b.operands[1].is_number(0):
                return graph.make("where", q, a.operands[1], b.operands[2])
    return graph.add((1, one), (1, other))


def operand_factor(graph: Graph, node: Node, number: int, factor: Node) -> Node:
    """The factor of an operand of a node, by its number, where that of the node is `factor`.

    What `where` leaves out stays out, whatever it is multiplied with later: its branch may be nan.
    """
    if factor.operation == "where" and any(one.is_number(0) for one in factor.operands[1:]):
        k = 1 if factor.operands[2].is_number(0) else 2
        return _only(graph, factor.operands[0], k, operand_factor(graph, node, number, factor.operands[k]))
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
        case "softplus", (a,) if not a.stage:
            return graph.multiply(factor, graph.apply("sigmoid", a))
        case function, (a,) if function in FUNCTIONS and (slope := FUNCTIONS[function].slope):
            return _made(graph, read_right(slope, IN_SLOPES), {"d": factor, "a": a, "y": node})
        case "logsigmoid", (a,):  # 1 - sigmoid(a)
            of_weights = graph.apply("sigmoid", graph.add((-1, a)))
            return graph.multiply(factor, graph.one_minus(graph.make("exp", node)) if a.stage else of_weights)
        case "beside", (log,):
            a = graph.make("exp", log)
            return graph.multiply(graph.number(-1), factor, graph.divide(graph.multiply(a, a), node))
        case "copy", _:
            return factor
        case "max" | "min" as function, operands:
            first, second = operands  # half to each where they are equal
            is_first = graph.apply("sign", graph.add((1, first), (-1, second)))
            half = 0.5 if (function == "max") == (number == 0) else -0.5
            return graph.multiply(factor, graph.add((half, is_first), added=0.5))
        case "where", (q, *_) if number > 0:
            return _only(graph, q, number, factor)
        case "where" | "positive", _:
            return graph.number(0)
    raise AssertionError(f"no derivative of {node.operation}")


def _made(graph: Graph, expression: Expression, known: Mapping[str, Node]) -> Node:
    """The node of an expression in which these names stand."""
    match expression:
        case Number(value=value):
            return graph.number(value)
        case Apply(function=function, arguments=arguments):
            return graph.operate(function, *(_made(graph, one, known) for one in arguments))
        case Name(name=name):
            return known[name]
    raise AssertionError("no product stands in a slope")


def _only(graph: Graph, q: Node, number: int, factor: Node) -> Node:
    """The factor where this operand of a `where` is taken, the first if q > 0; 0 elsewhere."""
    nothing = graph.number(0)
    if factor is nothing:
        return factor
    return graph.make("where", q, *((factor, nothing) if number == 1 else (nothing, factor)))
