"""Statements that compute the nodes of a graph in memory that is given.

`StatementWriter` knows what lies where and who still reads it. It never writes over what is still to be
read, and refuses to read what is no longer there: a mistake in a plan becomes `CannotCompile`, not a wrong
number.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from rnn_core.equations.graph import CannotCompile, Node, needed, reach
from rnn_core.equations.printing import number as plain
from rnn_core.nn.compiler.layout import Layout
from rnn_core.nn.compiler.operations import Sum, expression, statement


class Constants:
    """The values that depend on weights alone: attributes of the pass, computed when it is made."""

    def __init__(self, layout: Layout) -> None:
        weight, self.take = layout.cell.graph.weight, layout.names.series
        self.names = {weight(name): f"self.{place}" for name, place in layout.weights.items()}
        self.lines: list[str] = []

    def name(self, node: Node) -> str:
        """The attribute that holds it, or the number itself."""
        if node.is_number():
            return plain(node.value)
        if node not in self.names:
            text = expression(node, [self.name(operand) for operand in node.operands])
            self.names[node] = f"self.{self.take('constant')}"
            self.lines.append(f"{self.names[node]} = {text}")
        return self.names[node]


class StatementWriter:
    """Writes statements, one after the other.

    `there` says what lies where already, and stays. `spare` are places that nobody needs; `more` gives one
    more where these do not suffice.
    """

    def __init__(
        self, constants: Constants, there: Mapping[Node, str], *, uses: Counter[Node],
        spare: Iterable[str] = (), more: Callable[[], str],
    ) -> None:  # fmt: skip
        self.constants, self.where, self.uses, self.more = constants, dict(there), Counter(uses), more
        self.spare, self.lines = list(spare), list[str]()
        self.holds = {place: node for node, place in self.where.items()}
        self.temporary: set[str] = set(self.spare)
        self.shared: dict[Node, str] = {}
        """The places of numbers that all units share; one may be spread elsewhere for a while."""
        for node, place in there.items():
            self._is_put(node, place)

    def say(self, statement: str) -> None:
        """One more statement."""
        self.lines.append(statement)

    def is_there(self, node: Node) -> bool:
        """True if the node can be read as it is."""
        return node.stage == 0 or node in self.where

    def read(self, node: Node) -> str:
        """The name of what holds it."""
        if node.stage == 0:
            return self.constants.name(node)
        place = self.where.get(node)
        if place is None or self.holds.get(place) is not node:
            raise CannotCompile("A value of these equations would be overwritten before it is read.")
        return place

    def done(self, nodes: Iterable[Node]) -> None:
        """Notes that each was read once."""
        for node in nodes:
            self.uses[node] -= 1
            place = self.where.get(node)
            if place in self.temporary and self.uses[node] <= 0:
                self._forget(place)
                self.spare.append(place)

    def note(self, node: Node, place: str) -> None:
        """Notes that the node lies there from here on."""
        self._forget(place)
        self.where[node], self.holds[place] = place, node
        self._is_put(node, place)

    def _is_put(self, node: Node, place: str) -> None:
        if not node.wide and node.stage and place not in self.temporary:
            self.shared[node] = place

    def _forget(self, place: str) -> None:
        held = self.holds.pop(place, None)
        if held is not None and self.where.get(held) == place:
            del self.where[held]
            if held in self.shared:
                self.where[held] = self.shared[held]

    def need(self, node: Node) -> str:
        """The name of what holds it; if nothing does, it is computed in a spare place."""
        if not self.is_there(node):
            self.put(node, self._take())
        return self.read(node)

    def _take(self) -> str:
        if not self.spare:
            self.spare.append(self.more())
            self.temporary.add(self.spare[-1])
        return self.spare.pop()

    def close(self, place: str) -> None:
        """The place is no longer spare: what is put there stays."""
        self.temporary.discard(place)
        self.spare = [one for one in self.spare if one != place]

    def put(self, node: Node, out: str) -> None:
        """Computes the node there."""
        if self.is_there(node):
            self._put_there(node, out)
            return
        if not node.wide:
            self._widen(node)
        if node.operation == "sum":
            self.add_up(node.terms, node.added, out)
        else:
            self._apply(node, out)
        self.note(node, out)
        self.spare = [place for place in self.spare if place != out]

    def _widen(self, node: Node) -> None:
        """Spread what all units share, and this is made of, over the units."""
        for one in reach([node], stop=self.is_there):
            if self.shared.get(one, "") == self.where.get(one):
                place = self._take()
                self.say(f"{place}.copy_({self.read(one)})")
                self.where[one], self.holds[place] = place, one

    def _put_there(self, node: Node, out: str) -> None:
        """A copy of what lies elsewhere, or a number or weight in every row."""
        name = self.read(node)
        if name != out:
            self._vacate(out, keeping=())
            self.say(f"{out}.fill_({name})" if node.is_number() else f"{out}.copy_({self.read(node)})")

    def _vacate(self, out: str, keeping: Iterable[Node]) -> None:
        """Move what is there elsewhere if others than these read it."""
        held = self.holds.get(out)
        keeping = list(keeping)
        if held is None or self.uses[held] <= 0:
            self._forget(out)
        elif self.uses[held] > keeping.count(held):
            self._forget(out)
            place = self._take()
            self.say(f"{place}.copy_({out})")
            self.note(held, place)

    def _apply(self, node: Node, out: str) -> None:
        if node.operation == "multiply" and self._times_rest(node, out):
            return
        names = self._read_all(node.operands, out)
        self.say(statement(node, names, out))
        self.done(node.operands)

    def _read_all(self, operands: Sequence[Node], out: str) -> list[str]:
        """The names of what holds these; what nothing holds is computed before, one of them in `out`."""
        self._vacate(out, operands)
        for operand in dict.fromkeys(operands):
            if not self.is_there(operand):
                is_alone = self.uses[operand] == 1 and out not in self.holds
                self.put(operand, out if is_alone else self._take())
        return [self.read(operand) for operand in operands]

    def _times_rest(self, node: Node, out: str) -> bool:
        """x (1 - y) as x - x y, where no other needs 1 - y."""
        for x, rest in (node.operands, node.operands[::-1]):
            is_rest = rest.operation == "sum" and rest.of == ((-1.0,), 1.0) and not self.is_there(rest)
            if is_rest and self.uses[rest] == 1 and x is not rest:
                (y,) = rest.operands
                a, b = self._read_all((x, y), out)
                self.say(f"torch.addcmul({a}, {a}, {b}, value=-1, out={out})")
                self.done((x, y))
                return True
        return False

    def add_up(self, terms: list[tuple[float, Node]], added: float, out: str, *, onto: bool = False) -> None:
        """Computes a sum there, or adds it `onto` what is there."""
        adding = Sum(terms, added, read=self.read, is_inside=self._is_inside)
        held = None if onto else self._first_in(out, adding)
        missing = [one for one in dict.fromkeys(adding.operands) if not self.is_there(one)]
        if not onto and held is None:  # one may be computed where the sum will stand
            alone = (term.node for term in adding.plain if self.uses[term.node] <= 1)
            held = next((node for node in alone if node in missing), None)
        for one in missing:
            if one is not held:
                self.need(one)
        if held in missing and held is not None:
            self.put(held, out)
        for line in adding.statements(out, onto=onto, held=held):
            self.say(line)
        self.done(adding.operands)

    def _is_inside(self, term: Node) -> bool:
        """True if a product is read by one sum alone, which adds it at once."""
        return term.operation == "multiply" and not self.is_there(term) and self.uses[term] <= 1

    def _first_in(self, out: str, adding: Sum) -> Node | None:
        """Returns the node already in the place of the sum, if the sum may begin with it; moves any other."""
        held = self.holds.get(out)
        inside = [one for one in adding.operands if one is held]
        is_read_once = held is not None and len(adding.readers(held)) == 1
        self._vacate(out, inside if is_read_once else ())
        return self.holds.get(out)


def uses_of(roots: Iterable[Node], there: Iterable[Node]) -> Counter[Node]:
    """Counts how often each node is read when these are computed, and then read once each."""
    roots = list(roots)
    uses = Counter(roots)
    for node in needed(roots, set(there)):
        uses.update(node.operands)
    return uses
