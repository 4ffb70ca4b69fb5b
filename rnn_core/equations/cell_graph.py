"""The graph of a cell, and its slots: the sums that products with x and with the state come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.graph import CannotCompile, Graph, Node, reach, users


@dataclass(frozen=True, slots=True)
class CellGraph:
    """The computation of a cell at a time step, as a graph."""

    graph: Graph
    new: Mapping[str, Node]
    """Each new state by its letter, in the order of the states."""
    letters: Mapping[Node, str]
    """The value of each line -> its letter, that of a new state with its prime."""

    def reached(self) -> list[Node]:
        """All that the new states are made of, in their order."""
        return reach(self.new.values())


@dataclass(slots=True, eq=False)
class Slot:
    """A sum with x @ W or q @ U in it: a place that begins as x @ W + b, to which the products are added."""

    total: Node
    value: Node
    """The final value in its place: the total, or a function whose derivative its value says."""
    matrix: str | None = None
    """The matrix W of a product x @ W."""
    bias: str | None = None
    """The vector b that the place begins with, beside x @ W."""
    products: list[Node] = field(default_factory=list)
    rest: list[tuple[float, Node]] = field(default_factory=list)
    """The other terms added to the place, each with the number it is multiplied by."""
    added: float = 0.0

    @property
    def wide(self) -> bool:
        """True if it has H numbers; else all units share one."""
        return self.total.wide

    @property
    def begins(self) -> bool:
        """True if anything stands in the place before the first product."""
        return self.matrix is not None or self.bias is not None


def slots_of(cell: CellGraph) -> list[Slot]:
    """The slots of a cell, in the order of their totals. Raises CannotCompile if none has an x @ W."""
    nodes = cell.reached()
    above = users(nodes)
    slots, inside = [], set[Node]()
    for node in nodes:
        if node.operation == "sum" and (slot := _slot(node, above)):
            slots.append(slot)
            inside |= {term for times, term in node.terms if (times, term) not in slot.rest}
    alone = [node for node in nodes if node.operation in ("input", "product") and node not in inside]
    slots += [
        Slot(node, node, node.name) if node.operation == "input" else Slot(node, node, products=[node])
        for node in alone
    ]
    by_value = {"logsigmoid", *(name for name, one in FUNCTIONS.items() if one.by_value)}
    for slot in slots:
        match above[slot.total]:
            case [only] if only.operation in by_value and slot.total not in cell.new.values():
                slot.value = only
    if any(term.stage > 0 for slot in slots if not slot.wide for _, term in slot.rest):
        raise CannotCompile("Numbers that all units share are made of each other here.")
    if not any(slot.matrix for slot in slots):
        raise CannotCompile("No state depends on x.")
    return sorted(slots, key=lambda slot: slot.total.place)


def _slot(total: Node, above: Mapping[Node, list[Node]]) -> Slot | None:
    slot = Slot(total, total, added=total.added)
    for times, term in total.terms:
        is_own = times == 1 and len(above[term]) == 1 and term.wide == total.wide
        if term.operation == "input" and is_own and slot.matrix is None:
            slot.matrix = term.name
        elif (
            term.operation == "product"
            and is_own
            and term.operands not in [q.operands for q in slot.products]
        ):
            slot.products.append(term)
        elif term.operation == "weight" and times == 1 and slot.bias is None and term.wide == total.wide:
            slot.bias = term.name
        else:
            slot.rest.append((times, term))
    return slot if slot.matrix or slot.products else None


def graph_of(equations: Equations) -> tuple[CellGraph, list[Slot]]:
    """The graph of a cell, and its slots. Raises CannotCompile where a pass could not compute it."""
    for shares in (True, False):
        cell = _graph_with_states_apart(equations, shares=shares)
        slots = slots_of(cell)
        if _shares_are_of_slots(cell, slots):
            break
    return cell, slots


def _graph_with_states_apart(equations: Equations, *, shares: bool) -> CellGraph:
    """The graph in which what only equals a new state, but does not name it, is no use of that state."""
    every = _Builder(equations, Graph(shares=shares), {*equations.states}).cell
    above = users(every.reached())
    apart = {letter for letter, node in every.new.items() if len(above[node.operands[0]]) > 1}
    return _Builder(equations, Graph(shares=shares), apart).cell


def _shares_are_of_slots(cell: CellGraph, slots: list[Slot]) -> bool:
    """True if the two sigmoids of each share can be computed at once, in their slots."""
    slot_of = {slot.value: slot for slot in slots}
    pairs = [node.operands for node in cell.reached() if node.operation == "share"]
    if len({node for pair in pairs for node in pair}) < 2 * len(pairs):
        return False
    for first, second in pairs:
        if first not in slot_of or second not in slot_of or first.stage != second.stage:
            return False
        between = {*reach([second])} - {slot_of[second].total, second}
        if any(node in slot_of and node.place > first.place for node in between):
            return False
    return True


class _Builder:
    """Goes through the lines. A state that is `apart` is a copy of what its line says."""

    def __init__(self, equations: Equations, graph: Graph, apart: set[str]) -> None:
        self.equations, self.graph = equations, graph
        self.known = {name: self.graph.number(value) for name, value in equations.constants.items()}
        self.known |= {letter: self.graph.state(letter) for letter in equations.states}
        new: dict[str, Node] = {}
        letters: dict[Node, str] = {}
        for line in equations.computed:
            node = self.node(line.right)
            if line.name.endswith("'"):
                letter = line.name[:-1]
                if letter in apart or node in self.graph.whole or not node.operands:
                    node = self.graph.copy(node, letter)
                new[letter] = node
            if node.operands and node.operation != "copy":
                self.graph.whole.add(node)
            letters.setdefault(node, line.name)
            self.known[line.name] = node
        self.cell = CellGraph(self.graph, {letter: new[letter] for letter in equations.states}, letters)

    def node(self, expression: Expression) -> Node:
        graph = self.graph
        match expression:
            case Number(value=value):
                return graph.number(value)
            case Name(name=name):
                return self.known[name] if name in self.known else self._weight(name)
            case Product(left=Name(name="x"), matrix=matrix):
                sizes = self.equations.weights[matrix].sizes
                if sizes[-1] not in ("H", 1):
                    raise CannotCompile(
                        f"x @ {matrix} has {sizes[-1]} numbers, not one a unit or one for all."
                    )
                return graph.make("input", of=matrix, stage=1, wide=sizes[-1] == "H")
            case Product(left=left, matrix=matrix):
                q, (rows, columns) = self.node(left), self.equations.weights[matrix].sizes
                if (rows, columns) != ("H", "H"):
                    said = f"{matrix} is ({rows}, {columns})"
                    raise CannotCompile(f"{said}; a pass multiplies what it computes by (H, H) alone.")
                if q.stage == 0:
                    raise CannotCompile(f"{matrix} is multiplied with what no time step changes.")
                return graph.make("product", q, of=matrix, wide=True)
            case Apply(function=function, arguments=arguments):
                return graph.operate(function, *(self.node(one) for one in arguments), merge=True)

    def _weight(self, name: str) -> Node:
        (size,) = self.equations.weights[name].sizes
        if size not in ("H", 1):
            raise CannotCompile(f"{name} has {size} numbers, not one a unit or one for all.")
        return self.graph.weight(name, wide=size == "H")
