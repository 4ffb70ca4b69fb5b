"""The derived gradients as lines of a docstring: `dz = dh' * (n - h) * z * (1 - z)`."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rnn_core.equations.derivatives import Derivatives, Form, Gradient
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, walk
from rnn_core.equations.graph import Node
from rnn_core.equations.printing import printed
from rnn_core.equations.sums import renamed, terms, times, total
from rnn_core.nn.compiler.layout import Layout, spelled

_CARRIED = Name("what came from the next time step")
_MOST = 200
"""Parts of what has no name: lines that read the one before twice would make it twice as long each."""


def gradients_in_words(
    layout: Layout, derivatives: Derivatives, gradients: Mapping[Gradient, str]
) -> Iterator[str]:
    """Each gradient of a time step, in the order in which they are made, then those of the states before."""
    words = _Words(layout, gradients)
    for one in derivatives.order:
        first = [_CARRIED] if one.kind == "state" else []
        source = one.node if one.kind in ("state", "source") else None
        is_named = one.node in words.names or one.kind == "slot"
        of = "" if is_named else f", that of {printed(words.expression(one.node))}"
        if (said := words.sum_of(derivatives.forms[one], source, first)) != _CARRIED.name:
            yield f"{words.name(one)} = {said}{of}"
    for letter, form in derivatives.before.items():
        yield f"d{layout.states[letter]} = {words.sum_of(form, layout.cell.graph.state(letter))}"
    for name, form in derivatives.weights.items():
        yield f"d{layout.weights[name]} = sum of {words.sum_of(form)}"


class _Words:
    def __init__(self, layout: Layout, gradients: Mapping[Gradient, str]) -> None:
        self.layout, self.gradients = layout, gradients
        self.names = {slot.value: layout.slot_columns[slot] for slot in layout.slots}
        self.names |= {
            node: spelled(letter) + "'" * letter.endswith("'") for node, letter in layout.cell.letters.items()
        }
        self.names |= {node: f"{layout.states[letter]}'" for letter, node in layout.cell.new.items()}
        self.said: dict[Node, Expression] = {node: Name(name) for node, name in self.names.items()}

    def name(self, one: Gradient) -> str:
        """The gradient as it is written: of a state that is made with its prime."""
        return f"d{self.names[one.node]}" if one.kind == "state" else self.gradients[one]

    def sum_of(self, form: Form, source: Node | None = None, first: Sequence[Expression] = ()) -> str:
        """A sum of what comes first, of gradients times factors, and of what products bring to a source."""
        products = [times(Name(self.name(one)), self.expression(by)) for one, by in form.items()]
        signed = [pair for one in (*first, *products) for pair in terms(one)]
        said = [printed(total(signed))] if signed else []
        for stack in self.layout.stacks:
            if stack.source is source:
                slots = " ".join(self.layout.gradients[slot] for slot in stack.slots)
                said.append(f"{f'[{slots}]' if len(stack.slots) > 1 else slots} @ {stack.name}^T")
        return " + ".join(said) or "0"

    def expression(self, node: Node) -> Expression:
        """A node in the letters of the equations."""
        if node not in self.said:
            found = self._made(node)
            is_short = sum(1 for _ in walk(found)) <= _MOST
            self.said[node] = found if is_short else Name("...")
        return self.said[node]

    def _made(self, node: Node) -> Expression:
        inside = [self.expression(operand) for operand in node.operands]
        match node.operation, inside:
            case "number", _:
                return total([(-1 if node.value < 0 else 1, Number(abs(node.value)))])
            case "weight", _:
                return Name(self.layout.weights.get(node.name, spelled(node.name)))
            case "state", _:
                return Name(self.layout.states[node.name])
            case "input" | "product", _:
                return Product(inside[0] if inside else Name("x"), spelled(node.name))
            case "sum", _:
                numbers = [number for number, _ in node.terms]
                added = [*zip(numbers, inside, strict=True), (node.added, Number(1))]
                signed = [(1 if by > 0 else -1, times(Number(abs(by)), one)) for by, one in added if by]
                return total(sorted(signed, key=lambda one: (one[0] < 0, not isinstance(one[1], Number))))
            case "multiply", [a, b]:
                return times(a, b)
            case "power", [a]:
                return Apply("^", (a, Number(node.of)))  # type: ignore[arg-type]
            case "through_sigmoid", [d, y]:
                return times(times(d, y), _one_minus(y))
            case "through_tanh", [d, y]:
                return times(d, _one_minus(Apply("^", (y, Number(2)))))
            case "lerp", [q, p, z]:
                return Apply("+", (q, times(z, Apply("-", (p, q)))))
            case "positive", [a]:
                return Name(f"({printed(a)} > 0)")
            case "beside", [log]:
                return Apply("sqrt", (_one_minus(Apply("exp", (times(Number(2), log),))),))
            case function, _:
                return Apply("/" if function == "divide" else function, tuple(inside))


def _one_minus(one: Expression) -> Expression:
    return Apply("-", (Number(1), one))


def equations_in_words(equations: Equations, layout: Layout) -> list[str]:
    """The equations in the letters of the source; a sign that has no spelling is ?."""

    def safe(name: str) -> str:
        letter = name.removesuffix("'")
        plain = layout.states.get(letter, re.sub(r"[^A-Za-z0-9_]", "?", spelled(letter)))
        return plain + "'" * name.endswith("'")

    return [f"{safe(line.name)} = {printed(renamed(line.right, safe))}" for line in equations.computed]
