"""Statements that add up: a first one that fills the place of the sum, then calls that add to it."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rnn_core.equations.graph import Node
from rnn_core.equations.printing import number as plain

LONGEST = 80
"""Characters of a statement that may go on."""


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
        text = out if onto else self._from_held(out, held) if held is not None else self._begun(out)
        for call in self._further():
            if len(text) + len(call) > LONGEST:
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

    def _from_held(self, out: str, held: Node) -> str:
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
