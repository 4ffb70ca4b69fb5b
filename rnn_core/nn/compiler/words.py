"""The derived gradients as lines of a docstring: `dz = dh' (n - h) z (1 - z)`."""

import re
from collections.abc import Mapping

from rnn_core.equations.derivatives import Derivatives, Form, Gradient
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Expression, Name, Product, replaced
from rnn_core.equations.graph import Node
from rnn_core.equations.printing import printed
from rnn_core.nn.compiler.layout import Layout, spelled
from rnn_core.nn.compiler.operations import plain

_SUM, _PRODUCT, _ATOM = range(3)
_LONGEST = 4_000
"""Characters of what has no name: lines that read the one before twice would make it twice as long each."""


def gradients_in_words(
    layout: Layout, derivatives: Derivatives, gradients: Mapping[Gradient, str]
) -> list[str]:
    """Each gradient of a time step, in the order in which they are made, then those of the states before."""
    return _Words(layout, derivatives, gradients).lines


class _Words:
    def __init__(self, layout: Layout, derivatives: Derivatives, gradients: Mapping[Gradient, str]) -> None:
        self.layout, self.gradients = layout, gradients
        self.names = {
            node: spelled(letter) + "'" * letter.endswith("'") for node, letter in layout.cell.letters.items()
        }
        self.names |= {node: f"{layout.states[letter]}'" for letter, node in layout.cell.new.items()}
        self.names |= {
            slot.value: layout.slot_columns[slot] for slot in layout.slots if slot.value not in self.names
        }
        self.slots = {slot.total: slot for slot in layout.slots}
        self.sources = [one.node for one in derivatives.order if one.kind == "source"]
        self.said: dict[Node, tuple[str, int]] = {}
        self.lines: list[str] = []
        for one in derivatives.order:
            form = derivatives.forms[one]
            match one.kind:
                case "state":
                    terms = [self.form(form)] if form else []
                    terms += [products] if (products := self.products(one.node)) else []
                    if terms:
                        said = " + ".join(terms)
                        self.lines.append(f"{self.name(one)} = what came from the next time step + {said}")
                case "slot" | "node":
                    of = f", that of {self.text(one.node)}" if one.kind == "node" else ""
                    self.lines.append(f"{self.name(one)} = {self.form(form)}{of}")
                case _:
                    is_named = one.node in self.names
                    of = "" if is_named else f", that of {self.text(one.node)}"
                    self.lines.append(f"{self.name(one)} = {self.products(one.node)}{of}")
        for letter, form in derivatives.before.items():
            terms = [self.form(form)] if form else []
            products = self.products(layout.cell.graph.state(letter))
            said = " + ".join([*terms, *([products] if products else [])]) or "0"
            self.lines.append(f"d{layout.states[letter]} = {said}")
        for name, form in derivatives.weights.items():
            said = self.form(form)
            said = f"({said})" if len(form) > 1 else said
            self.lines.append(f"d{layout.weights[name]} = sum of {said}")

    def name(self, one: Gradient) -> str:
        """The gradient as it is written: of a state that is made with its prime."""
        return f"d{self.names[one.node]}" if one.kind == "state" else self.gradients[one]

    def form(self, form: Form) -> str:
        """A sum of gradients times factors."""
        return " + ".join(self.term(one, factor) for one, factor in form.items()) or "0"

    def term(self, one: Gradient, factor: Node) -> str:
        """A gradient times a factor."""
        return (
            self.name(one)
            if factor.is_number(1)
            else f"{self.name(one)} {self.text(factor, _ATOM, is_factor=True)}"
        )

    def products(self, source: Node) -> str:
        """Returns, as text, the terms that products add to a gradient."""
        stacks = [stack for stack in self.layout.stacks if stack.source is source]
        found = []
        for stack in stacks:
            slots = " ".join(self.layout.gradients[slot] for slot in stack.slots)
            found.append(f"{f'[{slots}]' if len(stack.slots) > 1 else slots} {stack.name}^T")
        return " + ".join(found)

    def text(self, node: Node, at_least: int = _SUM, *, is_factor: bool = False) -> str:
        """A node in the letters of the equations."""
        if node in self.names:
            return self.names[node]
        if node not in self.said:
            said, strength = self._text(node)
            self.said[node] = (said, strength) if len(said) <= _LONGEST else ("...", _ATOM)
        said, strength = self.said[node]
        if is_factor and strength == _PRODUCT:
            return said
        return f"({said})" if strength < at_least else said

    def _text(self, node: Node) -> tuple[str, int]:
        operands = node.operands
        match node.operation:
            case "number":
                return plain(node.value), _ATOM if node.value >= 0 else _SUM
            case "weight":
                return self.layout.weights.get(node.name, spelled(node.name)), _ATOM
            case "state":
                return self.layout.states[node.name], _ATOM
            case "input":
                return f"x @ {spelled(node.name)}", _PRODUCT
            case "product":
                return f"{self.text(operands[0], _ATOM)} @ {spelled(node.name)}", _PRODUCT
            case "sum":
                return self._sum(node)
            case "multiply":
                return " ".join(self.text(one, _ATOM, is_factor=True) for one in operands), _PRODUCT
            case "divide":
                return f"{self.text(operands[0], _PRODUCT)} / {self.text(operands[1], _ATOM)}", _PRODUCT
            case "power":
                return f"{self.text(operands[0], _ATOM)}^{plain(node.of)}", _PRODUCT  # type: ignore[arg-type]
            case "through_sigmoid":
                y = self.text(operands[1], _ATOM)
                return f"{self._before(operands[0])}{y} (1 - {y})", _PRODUCT
            case "through_tanh":
                y = self.text(operands[1], _ATOM)
                return f"{self._before(operands[0])}(1 - {y}^2)", _PRODUCT
            case "lerp":
                q, p, z = (self.text(one, _ATOM) for one in operands)
                return f"{q} + {z} ({p} - {q})", _SUM
            case "positive":
                return f"({self.text(operands[0])} > 0)", _ATOM
            case "beside":
                return f"sqrt(1 - e^(2 {self.text(operands[0], _ATOM)}))", _ATOM
            case function:
                return f"{function}({', '.join(map(self.text, operands))})", _ATOM

    def _before(self, factor: Node) -> str:
        return "" if factor.is_number(1) else f"{self.text(factor, _ATOM, is_factor=True)} "

    def _sum(self, node: Node) -> tuple[str, int]:
        terms = sorted(node.terms, key=lambda one: one[0] < 0)
        if node.added > 0:
            terms.insert(0, (node.added, self.layout.cell.graph.number(1)))
        elif node.added:
            terms.append((node.added, self.layout.cell.graph.number(1)))
        said = ""
        for times, term in terms:
            size = plain(abs(times))
            what = size if term.is_number() else self.text(term, _PRODUCT)
            if not term.is_number() and abs(times) != 1:
                what = f"{size} {self.text(term, _PRODUCT)}"
            said += f" {'-' if times < 0 else '+'} {what}"
        said = said.removeprefix(" + ")
        return (f"-{said[3:]}" if said.startswith(" - ") else said), _SUM if len(terms) > 1 or terms[0][
            0
        ] < 0 else _PRODUCT


def equations_in_words(equations: Equations, layout: Layout) -> list[str]:
    """The equations in the letters of the source; a sign that has no spelling is ?."""
    letters = dict(layout.states)
    letters |= {f"{letter}'": f"{name}'" for letter, name in layout.states.items()}

    def safe(name: str) -> str:
        prime = "'" if name.endswith("'") else ""
        return letters.get(name, re.sub(r"[^A-Za-z0-9_]", "?", spelled(name)) + prime)

    def put(expression: Expression) -> Expression | None:
        match expression:
            case Name(name=name):
                return Name(safe(name))
            case Product(left=left, matrix=matrix):
                return Product(replaced(left, put), safe(matrix))
        return None

    return [f"{safe(line.name)} = {printed(replaced(line.right, put))}" for line in equations.computed]
