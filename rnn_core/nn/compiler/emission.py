"""Statements that compute the nodes of a graph in memory that is given.

`Writer` knows what lies where and who still reads it. It never writes over what is still to be read, and
refuses to read what is no longer there: a mistake in a plan becomes `CannotCompile`, not a wrong number.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from rnn_core.equations.derivatives import needed
from rnn_core.equations.graph import CannotCompile, Node, reach

_IN_WORDS = {
    "multiply": "torch.mul({0}, {1}, out={out})",
    "lerp": "torch.lerp({0}, {1}, {2}, out={out})",
    "sigmoid": "torch.sigmoid({0}, out={out})",
    "tanh": "tanh({0}, out={out})",
    "relu": "torch.clamp_min({0}, 0, out={out})",
    "exp": "torch.exp({0}, out={out})",
    "expm1": "torch.expm1({0}, out={out})",
    "log": "torch.log({0}, out={out})",
    "sqrt": "torch.sqrt({0}, out={out})",
    "abs": "torch.abs({0}, out={out})",
    "sign": "torch.sign({0}, out={out})",
    "softplus": "{out}.copy_(softplus({0}))",
    "logsigmoid": "{out}.copy_(logsigmoid({0}))",
    "beside": "square_root_beside({0}, out={out})",
    "positive": "torch.gt({0}, 0, out={out})",
    "copy": "{out}.copy_({0})",
    "through_sigmoid": "through_sigmoid({0}, {1}, out={out})",
    "through_tanh": "through_tanh({0}, {1}, out={out})",
}
"""The statement of each operation whose operands are tensors."""
_IN_PLACE = {"sigmoid", "exp", "expm1", "log", "sqrt", "abs", "relu"}
_OF_WEIGHTS = {
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "lerp": "torch.lerp({0}, {1}, {2})",
    "relu": "torch.clamp_min({0}, 0)",
    "beside": "square_root_beside({0})",
    "positive": "torch.gt({0}, 0).to({0}.dtype)",
    "through_sigmoid": "{0} * {1} * (1 - {1})",
    "through_tanh": "{0} * (1 - {1} * {1})",
    "softplus": "softplus({0})",
    "logsigmoid": "logsigmoid({0})",
    "where": "torch.where({0} > 0, {1}, {2})",
    "max": "torch.maximum({0}, {1})",
    "min": "torch.minimum({0}, {1})",
}
"""What weights alone say, as an expression; any other function is torch's of the same name."""


LONGEST = 80
"""Characters of a statement that may go on."""


def plain(value: float) -> str:
    """A finite number as it is written in a program: the shortest that is the same to the last bit."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e9 else repr(value)


class Constants:
    """What weights alone say: attributes of the pass, computed when it is made."""

    def __init__(self, names: Mapping[Node, str], take: Callable[[str], str]) -> None:
        self.names, self.take, self.lines = dict(names), take, list[str]()

    def name(self, node: Node) -> str:
        """The attribute that holds it, or the number itself."""
        if node.is_number():
            return plain(node.value)
        if node not in self.names:
            text = self._expression(node)
            self.names[node] = f"self.{self.take('constant')}"
            self.lines.append(f"{self.names[node]} = {text}")
        return self.names[node]

    def _expression(self, node: Node) -> str:
        operands = [self.name(operand) for operand in node.operands]
        match node.operation:
            case "sum":
                terms = [
                    name if times == 1 else f"{plain(times)} * {name}"
                    for (times, _), name in zip(node.terms, operands, strict=True)
                ]
                return " + ".join([*terms, *([plain(node.added)] if node.added else [])])
            case "power":
                return f"{operands[0]} ** {plain(node.of)}"  # type: ignore[arg-type]
            case "max" | "min" as function if node.operands[1].is_number():
                bound = "min" if function == "max" else "max"
                return f"torch.clamp({operands[0]}, {bound}={operands[1]})"
            case function:
                fallback = f"torch.{function}({', '.join(operands)})"
                return _OF_WEIGHTS.get(function, fallback).format(*operands)


class Writer:
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
        """Where a number lies that all units share; it may be spread elsewhere for a while."""
        for node, place in there.items():
            self._is_put(node, place)

    def say(self, statement: str) -> None:
        """One more statement."""
        self.lines.append(statement)

    def is_there(self, node: Node) -> bool:
        """Whether it can be read as it is."""
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
        """Each was read, by one of those that need it."""
        for node in nodes:
            self.uses[node] -= 1
            place = self.where.get(node)
            if place in self.temporary and self.uses[node] <= 0:
                self._forget(place)
                self.spare.append(place)

    def note(self, node: Node, place: str) -> None:
        """From here on the node lies there."""
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
            self._add_up(node.terms, node.added, out)
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
        elif held not in keeping:
            self._forget(out)

    def _apply(self, node: Node, out: str) -> None:
        if node.operation == "multiply" and self._times_rest(node, out):
            return
        self._vacate(out, node.operands)
        for operand in dict.fromkeys(node.operands):
            if not self.is_there(operand):
                is_alone = self.uses[operand] == 1 and out not in self.holds
                self.put(operand, out if is_alone else self._take())
        self.say(self._statement(node, [self.read(operand) for operand in node.operands], out))
        self.done(node.operands)

    def _times_rest(self, node: Node, out: str) -> bool:
        """x (1 - y) as x - x y, where no other needs 1 - y."""
        for x, rest in (node.operands, node.operands[::-1]):
            is_rest = rest.operation == "sum" and rest.of == ((-1.0,), 1.0) and not self.is_there(rest)
            if is_rest and self.uses[rest] == 1 and x is not rest:
                (y,) = rest.operands
                self._vacate(out, (x, y))
                for operand in (x, y):
                    if not self.is_there(operand):
                        is_alone = self.uses[operand] == 1 and out not in self.holds
                        self.put(operand, out if is_alone else self._take())
                a, b = self.read(x), self.read(y)
                self.say(f"torch.addcmul({a}, {a}, {b}, value=-1, out={out})")
                self.done((x, y))
                return True
        return False

    def _statement(self, node: Node, names: list[str], out: str) -> str:
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
                return self._where(node, names, out)
            case "through_sigmoid", (d, _) if d.is_number():
                return f"torch.addcmul({names[1]}, {names[1]}, {names[1]}, value=-1, out={out})"
            case "through_tanh", (d, _) if d.is_number():
                return f"one_minus(torch.mul({names[1]}, {names[1]}, out={out}), out={out})"
            case "copy", (a,) if a.is_number():
                return f"{out}.fill_({names[0]})"
            case operation, _ if operation in _IN_WORDS:
                if operation in _IN_PLACE and names[0] == out:
                    return f"{out}.{operation}_()"
                return _IN_WORDS[operation].format(*names, out=out)
            case operation, _:
                raise CannotCompile(f"There is no statement for the operation {operation} here.")

    def _where(self, node: Node, names: list[str], out: str) -> str:
        (_, a, b), (q, at_a, at_b) = node.operands, names
        if not a.is_number() and not b.is_number():
            return f"torch.where({q} > 0, {at_a}, {at_b}, out={out})"
        if a.is_number() and b.is_number():  # one of them is 0
            test, number = ("gt", a) if b.is_number(0) else ("le", b)
            times = "" if number.is_number(1) else f".mul_({plain(number.value)})"
            return f"torch.{test}({q}, 0, out={out}){times}"
        if b.is_number(0):
            return f"where_above({q}, {at_a}, out={out})"
        if q == out:
            return f"{out}.copy_(torch.where({q} > 0, {at_a}, {at_b}))"
        kept, filled, condition = (at_b, at_a, f"{q} > 0") if a.is_number() else (at_a, at_b, f"{q} <= 0")
        whole = out if kept == out else f"{out}.copy_({kept})"
        return f"{whole}.masked_fill_({condition}, {filled})"

    def add_onto(self, terms: list[tuple[float, Node]], added: float, out: str) -> None:
        """Adds to what is there."""
        if terms or added:
            self._add_up(terms, added, out, onto=True)

    def _add_up(self, terms: list[tuple[float, Node]], added: float, out: str, *, onto: bool = False) -> None:
        def is_inside(term: Node) -> bool:
            return term.operation == "multiply" and not self.is_there(term) and self.uses[term] <= 1

        products = [one for one in terms if is_inside(one[1])]
        others = [one for one in terms if not is_inside(one[1])]
        operands = [term for _, term in others] + [part for _, term in products for part in term.operands]
        held = None if onto else self._first_in(out, products, others)
        missing = [one for one in dict.fromkeys(operands) if not self.is_there(one)]
        first = (
            next((t for _, t in others if t in missing and self.uses[t] <= 1), None)
            if not onto and not held
            else None
        )
        for one in missing:
            if one is not first:
                self.need(one)
        if first is not None:
            self.put(first, out)
            held = first
        text = out if onto else self._beginning(products, others, added, out, held)
        if not onto and text.startswith("one_minus"):
            added = 0
        further = []
        for times, term in products:
            a, b = (self.read(part) for part in term.operands)
            further.append(f".addcmul_({a}, {b}{_times('value', times)})")
        further += [f".add_({self.read(term)}{_times('alpha', times)})" for times, term in others]
        further += [f".add_({plain(added)})"] if added else []
        for call in further:
            if len(text) + len(call) > LONGEST:
                self.say(text)
                text = out
            text += call
        if text != out:
            self.say(text)
        self.done(operands)

    def _first_in(
        self, out: str, products: list[tuple[float, Node]], others: list[tuple[float, Node]]
    ) -> Node | None:
        """What is in the place of the sum already, if the sum may begin with it; anything else is moved."""
        held = self.holds.get(out)
        inside = [term for _, term in others if term is held]
        inside += [part for _, term in products for part in term.operands if part is held]
        holders = len([1 for _, term in others if term is held]) + len(
            [1 for _, term in products if held in term.operands]
        )
        self._vacate(out, inside if holders == 1 else ())
        return self.holds.get(out)

    def _beginning(
        self,
        products: list[tuple[float, Node]],
        others: list[tuple[float, Node]],
        added: float,
        out: str,
        held: Node | None,
    ) -> str:
        """The first statement of a sum, whose terms are taken out of the lists."""
        if held is not None:
            for one in others:
                if one[1] is held:
                    others.remove(one)
                    if one[0] == -1 and added == 1 and not products and not others:
                        return f"one_minus({out}, out={out})"
                    if one[0] != 1 and (other := next((other for other in others if other[0] == 1), None)):
                        others.remove(other)
                        return _plus(self.read(other[1]), out, one[0], out)
                    return out if one[0] == 1 else f"{out}.mul_({plain(one[0])})"
            for one in products:
                if held in one[1].operands:
                    products.remove(one)
                    return self._product(one, out)
        # The first statement must fill all rows, so one of what it reads is no weight alone.
        others.sort(key=lambda one: one[1].stage == 0)
        first = next((one for one in others if one[0] == 1), None)
        if first and products:
            others.remove(first)
            times, product = products.pop(0)
            a, b = (self.read(part) for part in product.operands)
            return f"torch.addcmul({self.read(first[1])}, {a}, {b}{_times('value', times)}, out={out})"
        second = next(
            (one for one in others if one is not first and (first or one)[1].stage + one[1].stage), None
        )
        if first and second:
            others.remove(first)
            others.remove(second)
            return _plus(self.read(first[1]), self.read(second[1]), second[0], out)
        if products:
            return self._product(products.pop(0), out)
        times, term = others.pop(0)
        if times == -1 and added == 1 and not others:
            return f"one_minus({self.read(term)}, out={out})"
        return f"torch.mul({self.read(term)}, {plain(times)}, out={out})"

    def _product(self, one: tuple[float, Node], out: str) -> str:
        a, b = (self.read(part) for part in one[1].operands)
        return f"torch.mul({a}, {b}, out={out})" + ("" if one[0] == 1 else f".mul_({plain(one[0])})")


def _plus(a: str, b: str, times: float, out: str) -> str:
    if times == -1:
        return f"torch.sub({a}, {b}, out={out})"
    return f"torch.add({a}, {b}{_times('alpha', times)}, out={out})"


def _times(word: str, times: float) -> str:
    return "" if times == 1 else f", {word}={plain(times)}"


def uses_of(roots: Iterable[Node], there: Iterable[Node]) -> Counter[Node]:
    """How often each node is read when these are computed, and then read once each."""
    roots = list(roots)
    uses = Counter(roots)
    for node in needed(roots, set(there)):
        uses.update(node.operands)
    return uses
