"""Operations of a graph as code: statements that compute into given memory, or an expression.

Nothing else of a cell becomes code. A sum is a first statement that fills its place, then calls that add.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.graph import CannotCompile, Node
from rnn_core.equations.printing import number as plain

_LONGEST = 80
"""Characters of a statement that may go on."""
_STATEMENTS = {
    "multiply": "torch.mul({0}, {1}, out={out})",
    "lerp": "torch.lerp({0}, {1}, {2}, out={out})",
    "tanh": "tanh({0}, out={out})",
    "relu": "torch.clamp_min({0}, 0, out={out})",
    "softplus": "{out}.copy_(softplus({0}))",
    "logsigmoid": "{out}.copy_(logsigmoid({0}))",
    "beside": "square_root_beside({0}, out={out})",
    "positive": "torch.gt({0}, 0, out={out})",
    "copy": "{out}.copy_({0})",
    "sigmoid_gradient": "sigmoid_gradient({0}, {1}, out={out})",
    "tanh_gradient": "tanh_gradient({0}, {1}, out={out})",
    "expm1": "torch.expm1({0}, out={out})",
    "sign": "torch.sign({0}, out={out})",
}
"""The statement of each operation of tensors, where it isn't torch's function of this name."""
_IN_PLACE_TOO = ("relu", "expm1")
"""Statements here that torch has in place, too."""
_OF_WEIGHTS = {
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "tanh": "torch.tanh({0})",
    "positive": "torch.gt({0}, 0).to({0}.dtype)",
    "sigmoid_gradient": "{0} * {1} * (1 - {1})",
    "tanh_gradient": "{0} * (1 - {1} * {1})",
    "softplus": "softplus({0})",
    "logsigmoid": "logsigmoid({0})",
    "where": "torch.where({0} > 0, {1}, {2})",
}
"""Expressions for values of weights alone, where they are not a statement without its place."""


def statement(node: Node, names: list[str], out: str) -> str:
    """Computes a node into `out`, which may be the place of an operand; `names` are those of the operands."""
    match node.operation, node.operands:
        case "divide", (a, _) if a.is_number():
            times = "" if a.is_number(1) else f".mul_({names[0]})"
            return f"torch.reciprocal({names[1]}, out={out}){times}"
        case "divide", _:
            return f"torch.div({names[0]}, {names[1]}, out={out})"
        case "power", _:
            if node.of == 2:
                return f"torch.mul({names[0]}, {names[0]}, out={out})"
            return f"torch.pow({names[0]}, {plain(node.of)}, out={out})"  # type: ignore[arg-type]
        case "max" | "min" as function, (_, b):
            if b.is_number():
                bound = "min" if function == "max" else "max"
                return f"torch.clamp_{bound}({names[0]}, {names[1]}, out={out})"
            return f"torch.{function}imum({names[0]}, {names[1]}, out={out})"
        case "where", _:
            return _where(node, names, out)
        case "sigmoid_gradient", (d, _) if d.is_number():
            return f"torch.addcmul({names[1]}, {names[1]}, {names[1]}, value=-1, out={out})"
        case "tanh_gradient", (d, _) if d.is_number():
            return f"one_minus(torch.mul({names[1]}, {names[1]}, out={out}), out={out})"
        case "copy", (a,) if a.is_number():
            return f"{out}.fill_({names[0]})"
        case operation, _ if operation in _STATEMENTS or operation in FUNCTIONS:
            if names[0] == out and (operation not in _STATEMENTS or operation in _IN_PLACE_TOO):
                return f"{out}.{operation}_()"
            if operation in _STATEMENTS:
                return _STATEMENTS[operation].format(*names, out=out)
            return f"torch.{FUNCTIONS[operation].torch}({names[0]}, out={out})"
        case operation, _:
            raise CannotCompile(f"There is no statement for the operation {operation} here.")


def _where(node: Node, names: list[str], out: str) -> str:
    (_, a, b), (q, at_a, at_b) = node.operands, names
    if a.is_number() and b.is_number():  # one of them is 0
        test, number = ("gt", a) if b.is_number(0) else ("le", b)
        times = "" if number.is_number(1) else f".mul_({plain(number.value)})"
        return f"torch.{test}({q}, 0, out={out}){times}"
    if b.is_number(0):
        return f"where_above({q}, {at_a}, out={out})"
    if a.is_number() or b.is_number():
        return f"{out}.copy_(torch.where({q} > 0, {at_a}, {at_b}))"
    return f"torch.where({q} > 0, {at_a}, {at_b}, out={out})"


def expression(node: Node, names: list[str]) -> str:
    """Computes a node of weights alone once more; `names` are those of the operands."""
    match node.operation:
        case "sum":
            terms = [
                name if times == 1 else f"{plain(times)} * {name}"
                for (times, _), name in zip(node.terms, names, strict=True)
            ]
            return " + ".join([*terms, *([plain(node.added)] if node.added else [])])
        case "where" if all(one.is_number() for one in node.operands[1:]):  # one of them is 0
            test, number = (">", names[1]) if node.operands[2].is_number(0) else ("<=", names[2])
            return f"({names[0]} {test} 0).to({names[0]}.dtype) * {number}"
        case operation if operation in _OF_WEIGHTS:
            return _OF_WEIGHTS[operation].format(*names)
    return statement(node, names, "").replace(", out=)", ")")


class _Term(NamedTuple):
    times: float
    node: Node


class Sum:
    """The terms of a sum. A product `is_inside` if it is no value of its own, but added at once."""

    def __init__(
        self, terms: Iterable[tuple[float, Node]], added: float, *,
        read: Callable[[Node], str], is_inside: Callable[[Node], bool],
    ) -> None:  # fmt: skip
        self.read, self.added = read, added
        self.products: list[_Term] = []
        self.plain: list[_Term] = []
        for term in (_Term(*one) for one in terms):
            (self.products if is_inside(term.node) else self.plain).append(term)
        self.operands = [term.node for term in self.plain]
        self.operands += [part for term in self.products for part in term.node.operands]

    def readers(self, node: Node) -> list[_Term]:
        """The terms that read a node."""
        return [one for one in self.plain if one.node is node] + [
            one for one in self.products if node in one.node.operands
        ]

    def statements(self, out: str, *, onto: bool, held: Node | None) -> Iterator[str]:
        """Yields statements that compute the sum in `out`, or add it `onto` what is there; `held` lies there.

        The terms are used up.
        """
        text = out if onto else self._begin_with_held(out, held) if held is not None else self._begun(out)
        for call in self._further():
            if len(text) + len(call) > _LONGEST:
                yield text
                text = out
            text += call
        if text != out:
            yield text

    def _further(self) -> Iterator[str]:
        for times, node in self.products:
            yield f".addcmul_({self._factors(node)}{option('value', times)})"
        for times, node in self.plain:
            yield f".add_({self.read(node)}{option('alpha', times)})"
        if self.added:
            yield f".add_({plain(self.added)})"

    def _begin_with_held(self, out: str, held: Node) -> str:
        """Begins with what lies in the place."""
        (term,) = self.readers(held)
        if term in self.products:
            self.products.remove(term)
            return self._product(term, out)
        self.plain.remove(term)
        if term.times == 1:
            return out
        if (other := self._whole()) is not None:
            self.plain.remove(other)
            return _two(self.read(other.node), out, term.times, out)
        return self._alone(term, out)

    def _begun(self, out: str) -> str:
        """Begins in an empty place. One operand of the first statement fills all rows: no weight does."""
        self.plain.sort(key=lambda term: term.node.stage == 0)
        first = self._whole()
        if first is not None and self.products:
            self.plain.remove(first)
            times, node = self.products.pop(0)
            parts = f"{self.read(first.node)}, {self._factors(node)}{option('value', times)}"
            return f"torch.addcmul({parts}, out={out})"
        if first is not None:
            others = (one for one in self.plain if one is not first and one.node.stage + first.node.stage)
            if (second := next(others, None)) is not None:
                self.plain = [one for one in self.plain if one is not first and one is not second]
                return _two(self.read(first.node), self.read(second.node), second.times, out)
        if self.products:
            return self._product(self.products.pop(0), out)
        return self._alone(self.plain.pop(0), out)

    def _whole(self) -> _Term | None:
        """A term that is added as it is."""
        return next((term for term in self.plain if term.times == 1), None)

    def _alone(self, term: _Term, out: str) -> str:
        """A term times its number; 1 - y at once, where that is all."""
        name = self.read(term.node)
        if term.times == -1 and self.added == 1 and not self.products and not self.plain:
            self.added = 0.0
            return f"one_minus({name}, out={out})"
        times = plain(term.times)
        return f"{out}.mul_({times})" if name == out else f"torch.mul({name}, {times}, out={out})"

    def _product(self, term: _Term, out: str) -> str:
        times = "" if term.times == 1 else f".mul_({plain(term.times)})"
        return f"torch.mul({self._factors(term.node)}, out={out}){times}"

    def _factors(self, product: Node) -> str:
        return ", ".join(map(self.read, product.operands))


def _two(a: str, b: str, times: float, out: str) -> str:
    if times == -1:
        return f"torch.sub({a}, {b}, out={out})"
    return f"torch.add({a}, {b}{option('alpha', times)}, out={out})"


def option(word: str, times: float) -> str:
    """The argument of a call that says a number before what is added; nothing for 1."""
    return "" if times == 1 else f", {word}={plain(times)}"
