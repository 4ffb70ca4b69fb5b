"""Equations from the numbers of a traced time step: what all units compute alike is said once.

Each quantity is a table of nodes, a row for each review and a column for each unit. Where all nodes of a
table are made in one way, and differ only in the unit and in the numbers of the weights, they are one
expression.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names
from rnn_core.equations.sums import factors, product, renamed
from rnn_core.own_cells.naming import LineWords, Named, is_name
from rnn_core.own_cells.naming import Use as Use
from rnn_core.own_cells.nodes import ONE, Nodes
from rnn_core.own_cells.operators import FUNCTIONS

Ids = NDArray[np.int64]
"""Numbers of nodes, (B, n)."""


class NoEquationsError(ValueError):
    """A reason why a cell has no equations, without a full stop, and the line of its file if known."""

    lifted: "Lifted | None" = None
    """The equations at one size, where they are not in the language, or not for all sizes."""

    def __init__(self, sentence: str, line: int | None = None, *, is_of_gradient: bool = False) -> None:
        """`is_of_gradient`: the values are those of the equations."""
        super().__init__(sentence)
        self.sentence, self.line, self.is_of_gradient = sentence.removesuffix("."), line, is_of_gradient


@dataclass
class Lifted:
    """A time step as equations, at the sizes at which it was traced."""

    lines: dict[str, Expression]
    """Each quantity by its name, in the order of the lines; new states with their prime."""
    weights: dict[str, Use]
    starts: dict[str, float | str]
    """State -> the number or weight that it begins with, where that is not 0."""
    at: dict[str, int | None]
    """The line of the file where each quantity is computed."""
    why_first: str
    """A reason why its initial_state has no equation, where that is so."""
    variables: list[tuple[int, str, Expression]]
    """Line, name and value of each variable, in the order in which they get it; `return` is one."""


def lift(said: Mapping[str, Any], states: Sequence[str], E: int, H: int) -> Lifted:
    """The equations of a trace, as the process of a student's code says it. Raises NoEquationsError."""
    try:
        return _Lift(said, states, E, H).whole()
    except RecursionError as error:
        raise NoEquationsError(_TOO_DEEP) from error


class _Lift:
    def __init__(self, said: Mapping[str, Any], states: Sequence[str], E: int, H: int) -> None:
        self.nodes, self.states, self.E, self.H = Nodes.from_json(said["nodes"]), states, E, H
        self.said = said
        self.new = [np.array(one, dtype=np.int64) for one in said["new"]]
        if len({*states}) < len(states):
            raise NoEquationsError("Two of its states have one name")
        if wrong := next((one for one in states if not is_name(one)), ""):
            raise NoEquationsError(f"No state can be called {wrong} in equations")
        if len(states) > len(_STATES):
            raise NoEquationsError(f"It has {len(states)} states, and equations have at most {len(_STATES)}")
        if len(self.new) != len(states) or any(one.shape[1:] != (H,) for one in self.new):
            raise NoEquationsError("It does not return its new states, (B, H) each")
        self.names: dict[bytes, str] = {}
        """Table with a line of its own -> the name of this line until all lines are known."""
        for letter, ids in zip(states, self.new, strict=True):
            self.names.setdefault(_key(ids), f"{letter}'")
        variables = [(name, ids) for _, name, ids in said["variables"] if name != "return"]
        self.seen, self.called = self._names_in_code(said["seen"]), self._names_in_code(variables)
        of_sums = self._names_in_code([one for one in variables if self._is_weighed(one[1])])
        self.wanted = self.seen.keys() | (self.called.keys() - of_sums.keys())
        """Tables that get a line because the code has a name for them."""
        self.looked: Counter[bytes] = Counter()
        """The number of times that an expression reads a table."""
        self.shared = set[bytes]()
        """Tables that are read more than once, or stand in larger sums."""
        self.sums: dict[bytes, Ids] = {}
        """Sums of products with weights."""
        self._begin()

    def _begin(self) -> None:
        self.lines: dict[str, Expression] = {}
        self.first: dict[str, int] = {}
        """Line -> its first node."""
        self.weights: dict[str, Use] = {}
        self.uses: dict[tuple[str, bytes], str] = {}
        self.tables: dict[str, Ids] = {}
        """Line -> its table."""
        self.known: dict[bytes, tuple[Expression, int]] = {}
        """Table -> its expression, and how many tables stand in that."""
        self.size = 0
        """The number of tables that have been read."""

    def whole(self) -> Lifted:
        self._all_lines()
        self.shared = {key for key, count in self.looked.items() if count > 1}
        several = self.sums.values()
        self.shared |= {_key(part) for whole in several for part in several if self._sign(whole, part)}
        self._begin()
        self._all_lines()
        starts, why_first = dict[str, float | str](), str(self.said.get("why_first", ""))
        try:
            starts = self._starts()
        except NoEquationsError as error:
            why_first = error.sentence
        variables = [*self._variables()]
        lines = {name: self.lines[name] for name in self._ordered()}
        called = Named(lines, self.states, self.weights, self._words_in_code()).called

        def say(one: Expression) -> Expression:
            return renamed(one, lambda old: called.get(old, old))

        return Lifted(
            lines={called[name]: say(right) for name, right in lines.items()},
            weights={new: self.weights[old] for old, new in called.items() if old in self.weights},
            starts={name: called[one] if isinstance(one, str) else one for name, one in starts.items()},
            at={called[name]: self.nodes.lines.get(self.first[name]) for name in lines},
            why_first=why_first,
            variables=[(line, name, say(one)) for line, name, one in variables],
        )

    def _variables(self) -> Iterator[tuple[int, str, Expression]]:
        """All variables that are a quantity, made of lines and weights that are there."""
        lines, weights = dict(self.lines), dict(self.weights)
        for line, name, ids in self.said["variables"]:
            try:
                found, size = self.measured(np.array(ids, dtype=np.int64))
            except NoEquationsError:  # one of several gates side by side
                continue
            if size <= _LONGEST and {*names(found)} <= {*lines, *weights, *self.states, "x"}:
                yield line, name, found
        self.lines, self.weights = lines, weights

    def _ordered(self) -> list[str]:
        """The names of all lines as the code computes them, each behind those that it reads."""
        found: dict[str, None] = {}

        def put(name: str) -> None:
            for one in names(self.lines[name]):
                if one in self.lines and one not in found:
                    put(one)
            found[name] = None

        for name in sorted(self.lines, key=lambda name: self.first[name]):
            put(name)
        return [*found]

    def _all_lines(self) -> None:
        for letter, ids in zip(self.states, self.new, strict=True):
            name, same = f"{letter}'", self.names[_key(ids)]
            if same != name:
                self.lines[name], self.tables[name], self.first[name] = Name(same), ids, int(ids[0, 0])
            elif name not in self.lines:
                self._line(name, ids)

    # Names

    def _names_in_code(self, named: Sequence[Any]) -> dict[bytes, str]:
        """Table -> the first of its names that a line may have."""
        found: dict[bytes, str] = {}
        for name, ids in named:
            if is_name(name) and name not in self.states:
                found.setdefault(_key(_one_column(np.array(ids, dtype=np.int64))), name)
        return found

    def _words_in_code(self) -> dict[str, LineWords]:
        """The words that the code has for each line, and for what its function is of."""
        found = {}
        for name, table in self.tables.items():
            several = (_key(one) for one in (table, *self._argument(table)))
            seen, variable, *inside = (
                known.get(key, "") for key in several for known in (self.seen, self.called)
            )
            letter = "g" if self._kind(table.tolist()) == "sigmoid" else "a"
            own = [*filter(None, (seen, variable, *inside))]
            found[name] = LineWords(seen, variable, own, letter)
        return found

    def _argument(self, table: Ids) -> Iterator[Ids]:
        """The table in a function."""
        if self._kind(table.tolist()) in _FUNCTIONS:
            rows = [[self.nodes.nodes[one].of[0] for one in row] for row in table.tolist()]
            yield _one_column(np.array(rows, dtype=np.int64))

    def _kind(self, ids: Any) -> str:
        return self.nodes.nodes[ids[0][0]].kind if ids and ids[0] else ""

    def _is_weighed(self, ids: Any) -> bool:
        """True if it is a sum of products with weights."""
        kind, of = self.nodes.nodes[ids[0][0]]
        terms = [term for _, term in of] if kind == "sum" else [ids[0][0]]
        return any(len(self.nodes.factors(term)) > 1 and self._weight_in(term) for term in terms)

    def _weight_in(self, term: int) -> tuple[Any, ...]:
        """The parameter and the place of the first weight among the factors of a term; empty without one."""
        kinds = (self.nodes.nodes[one] for one in self.nodes.factors(term))
        return next((node.of for node in kinds if node.kind == "weight"), ())

    def _line(self, name: str, ids: Ids) -> None:
        if len(self.lines) > _MOST_LINES:
            raise NoEquationsError(_TOO_DEEP)
        self.lines[name], self.tables[name], self.first[name] = self._made(ids), ids, int(ids[0, 0])

    # Tables

    def expression(self, ids: Ids) -> Expression:
        """The expression that computes a table."""
        return self.measured(ids)[0]

    def measured(self, ids: Ids) -> tuple[Expression, int]:
        """The expression that computes a table, and how many tables stand in it."""
        ids = _one_column(ids)
        key = _key(ids)
        self.looked[key] += 1
        if key not in self.known:
            outer, self.size = self.size, 0
            try:
                found = self._made_or_named(key, ids)
            except NoEquationsError as error:
                error.line = error.line or self._where(ids)
                raise
            is_sum = self._kind(ids.tolist()) == "sum" and self._is_weighed(ids.tolist())
            if is_sum and self.size >= _SHORT - 1:
                self.sums[key] = ids
            self.known[key] = found, 1 if isinstance(found, Name) else 1 + self.size
            self.size = outer
        self.size += self.known[key][1]
        return self.known[key]

    def _made_or_named(self, key: bytes, ids: Ids) -> Expression:
        node = self.nodes.nodes[int(ids[0, 0])]
        if node.kind in _LEAVES:
            return self._made(ids)
        if key not in self.names:
            is_gate = node.kind in _FUNCTIONS and ids.shape[1] == self.H and self._is_weighed([node.of])
            found = None if is_gate or key in self.wanted else self._made(ids)
            is_short = self.size < (_SHORT - 1 if self._is_weighed(ids.tolist()) else _SHORT)
            if found is not None and (is_short or key not in self.shared):
                return found
            self.names[key] = f"line {len(self.names)}"
        if self.names[key] not in self.lines:
            self._line(self.names[key], ids)
        return Name(self.names[key])

    def _made(self, ids: Ids) -> Expression:
        table = [[self.nodes.nodes[one] for one in row] for row in ids.tolist()]
        kinds = {node.kind for row in table for node in row}
        if unknown := next((node for row in table for node in row if node.kind == "unknown"), None):
            raise NoEquationsError(*unknown.of)
        if len(kinds) > 1:
            raise self._unlike(ids)
        (kind,) = kinds
        first = table[0][0]
        if kind == "number":
            if not np.isfinite(first.of[0]):
                raise NoEquationsError("It has a number that is not finite", self._where(ids))
            if len({node.of for row in table for node in row}) > 1:
                raise NoEquationsError(
                    "It has numbers that differ from unit to unit and are no weights", self._where(ids)
                )
            return Number(first.of[0])
        if kind == "x" or kind in _STATES:
            return self._given(kind, table, ids)
        if kind == "weight":
            return Name(self._use(*self._weights(ids)))
        if kind == "sum":
            return self._sum(ids)
        if kind in ("over", "mean"):
            return self._row(kind, table, ids)
        if len({len(node.of) for row in table for node in row}) > 1:
            raise self._unlike(ids)
        tables = [
            np.array([[node.of[place] for node in row] for row in table], dtype=np.int64)
            for place in range(len(first.of))
        ]
        try:
            found = [*map(self.expression, tables)]
        except NoEquationsError as error:
            if kind == "product" and any(self._is_of_weights(int(one[0, 0])) for one in tables):
                sentence = "It multiplies by a matrix that is computed from weights, and is none"
                raise NoEquationsError(sentence, error.line) from error
            raise
        return product(found) if kind == "product" else Apply(kind, tuple(found))

    def _is_of_weights(self, place: int) -> bool:
        """True if a node is computed from weights alone."""
        kind, of = self.nodes.nodes[place]
        if kind in _LEAVES or kind == "over":
            return False
        inside = [one[1] for one in of] if kind == "sum" else of
        return all(
            self.nodes.nodes[one].kind in ("weight", "number") or self._is_of_weights(one) for one in inside
        )

    def _given(self, kind: str, table: Any, ids: Ids) -> Expression:
        if any(node.of[0] != row for row, nodes in enumerate(table) for node in nodes):
            raise NoEquationsError("It mixes the rows of the batch", self._where(ids))
        size = self.E if kind == "x" else self.H
        if any([node.of[1] for node in nodes] != [*range(size)] for nodes in table):
            raise NoEquationsError("It takes some units or numbers apart from the others", self._where(ids))
        return Name("x" if kind == "x" else self.states[int(kind[1:])])

    def _weights(self, ids: Ids) -> tuple[str, Ids]:
        """The parameter of weights in the factors of terms (B, ..), and their places in it."""
        found = [[self._weight_in(one) for one in row] for row in ids.reshape(len(ids), -1).tolist()]
        names = {of[0] for row in found for of in row if of}
        if len(names) != 1 or any(row != found[0] or not all(row) for row in found):
            raise self._unlike(ids)
        return names.pop(), np.array([of[1] for of in found[0]], dtype=np.int64).reshape(ids.shape[1:])

    def _use(self, parameter: str, places: Ids) -> str:
        key = (parameter, _key(places))
        if key not in self.uses:
            self.uses[key] = name = f"weight {len(self.uses)}"
            self.weights[name] = Use(parameter, places)
        return self.uses[key]

    def _row(self, kind: str, table: Any, ids: Ids) -> Expression:
        """A mean, or a function of a row that gives one."""
        skipped = 0 if kind == "mean" else 2  # the function, and a place in the row
        rows = [nodes[0].of[skipped:] for nodes in table]
        kind = table[0][0].of[0] if skipped else kind
        is_whole = all(
            node.of == ((kind, place, *row) if skipped else row)
            for nodes, row in zip(table, rows, strict=True)
            for place, node in enumerate(nodes)
        )
        if not is_whole or len({*map(len, rows)}) > 1:
            raise self._unlike(ids)
        return Apply(kind, (self.expression(np.array(rows, dtype=np.int64)),))

    # Sums

    def _sum(self, ids: Ids) -> Expression:
        """A sum of terms, some of which may be a sum that has a line of its own."""
        inside = ((self._sign(ids, one), one) for key, one in self.sums.items() if key in self.shared)

        def count(one: tuple[int, Ids]) -> tuple[int, int]:
            sign, table = one
            return abs(sign) * len(self.nodes.nodes[int(table[0, 0])].of), sign

        sign, part = max(inside, key=count, default=(0, ids))
        found = [(float(sign), self.expression(part))] if sign else []
        terms = [[self.nodes.nodes[one].of for one in row] for row in ids.tolist()]
        if sign:
            without = [
                [{term for _, term in self.nodes.nodes[one].of} for one in row] for row in part.tolist()
            ]
            terms = [
                [tuple(of for of in one if of[1] not in out) for one, out in zip(row, outs, strict=True)]
                for row, outs in zip(terms, without, strict=True)
            ]
        scales = [[tuple(scale for scale, _ in one) for one in row] for row in terms]
        if len({scale for row in scales for scale in row}) > 1:
            raise self._unlike(ids)
        if not np.isfinite(scales[0][0]).all():
            raise NoEquationsError("It has a number that is not finite", self._where(ids))
        tables = np.array([[[term for _, term in one] for one in row] for row in terms], dtype=np.int64)
        sorts = [(self._sort(tables[:, :, k]), scale) for k, scale in enumerate(scales[0][0])]
        for ((is_spread, _), scale), several in groupby(range(len(sorts)), lambda k: sorts[k]):
            run = [*several]
            if is_spread:
                found += [(scale, one) for one in self._products(tables[:, :, run])]
            else:
                alone = (tables[:, :, k] for k in run)
                found += [(scale, Number(1) if (one == ONE).all() else self.expression(one)) for one in alone]
        return _total(found)

    def _sign(self, whole: Ids, part: Ids) -> int:
        """1 if an earlier sum is a part of another one, -1 if all its terms are taken away there; else 0."""
        if whole.shape != part.shape or not part.flat[0] < whole.flat[0]:
            return 0
        pairs = [*zip(part.ravel().tolist(), whole.ravel().tolist(), strict=True)]
        return next(
            (sign for sign in (1, -1) if all(self._is_part(one, other, sign) for one, other in pairs)), 0
        )

    def _is_part(self, part: int, whole: int, sign: int) -> bool:
        terms = {*self.nodes.nodes[whole].of}
        return all((sign * scale, term) in terms for scale, term in self.nodes.nodes[part].of)

    def _sort(self, ids: Ids) -> tuple[bool, Any]:
        """True if all units take one quantity, each times a weight of its own; and the kinds of both."""
        others = [[self._others(one) for one in row] for row in ids.tolist()]
        is_one = all(one == row[0] and one for row in others for one in row)
        kinds = (self.nodes.nodes[one].kind for one in others[0][0])  # a mean is that of all units
        is_spread = is_one and any(kind not in ("number", "mean") for kind in kinds)
        return is_spread, tuple(self._kind_of(one) for one in self.nodes.factors(int(ids[0, 0])))

    def _others(self, place: int) -> tuple[int, ...]:
        """The factors of a term beside its weight; none where it has no weight."""
        parts = self.nodes.factors(place)
        weights = [one for one in parts if self.nodes.nodes[one].kind == "weight"]
        return tuple(one for one in parts if one not in weights[:1]) if weights else ()

    def _kind_of(self, place: int, depth: int = 3) -> Any:
        kind, of = self.nodes.nodes[place]
        if kind == "weight":
            return kind, of[0]
        if kind in (*_LEAVES, "unknown") or not depth:
            return kind
        inner = [one[1] for one in of[:2]] if kind == "sum" else of[2:4] if kind == "over" else of[:3]
        return kind, *(self._kind_of(one, depth - 1) for one in inner)

    def _products(self, tables: Ids) -> Iterator[Expression]:
        """Products by matrices: of `tables` (B, n, terms) each takes another number of a quantity."""
        B, _, count = tables.shape
        left = [
            [self.nodes.product(*self._others(int(tables[row, 0, k]))) for k in range(count)]
            for row in range(B)
        ]
        size = self.H if count % self.H == 0 else count
        for start in range(0, count, size):
            part = tables[:, :, start : start + size]
            quantity = self.expression(np.array(left, dtype=np.int64)[:, start : start + size])
            parameter, places = self._weights(part.transpose(0, 2, 1))
            if size == 1 and not isinstance(quantity, Product):
                yield product([quantity, Name(self._use(parameter, places[0]))])
            else:
                yield Product(quantity, self._use(parameter, places))

    def _starts(self) -> dict[str, float | str]:
        found: dict[str, float | str] = {}
        for letter, ids in zip(self.states, self.said.get("first", ()), strict=False):
            match self.expression(np.array(ids, dtype=np.int64)):
                case Number(value=value):
                    found |= {letter: value} if value else {}
                case Name(name=name) if name in self.weights:
                    found[letter] = name
                case _:
                    raise NoEquationsError("Its initial_state is neither numbers nor weights")
        return found

    def _where(self, ids: Ids) -> int | None:
        return self.nodes.lines.get(int(ids.flat[0]))

    def _unlike(self, ids: Ids) -> NoEquationsError:
        return NoEquationsError("Its units are not all computed alike", self._where(ids))


_STATES = tuple(f"s{place}" for place in range(16))
_LEAVES = ("number", "x", "weight", *_STATES)
_FUNCTIONS = {*FUNCTIONS.values()} - {"*", "^", "max", "min", "where"}
_SHORT = 3
"""The number of tables in an expression up to which it is said again where it is read again."""
_LONGEST = 500
"""The most tables in one expression."""
_MOST_LINES = 60
_TOO_DEEP = "It has more in one another, or side by side, than equations may"


def _one_column(ids: Ids) -> Ids:
    """A table of which all columns are one as a single one."""
    return ids[:, :1] if ids.shape[1] > 1 and (ids == ids[:, :1]).all() else ids


def _key(ids: Ids) -> bytes:
    return repr(ids.shape).encode() + b"|" + ids.tobytes()


def _total(scaled: Sequence[tuple[float, Expression]]) -> Expression:
    """The sum of expressions, each times a number: products of matrices first, and one that is added."""
    ordered = sorted(scaled, key=lambda one: (_rank(one[1]), one[0] < 0))
    if ordered[0][0] < 0 < max(scale for scale, _ in ordered):
        ordered.sort(key=lambda one: one[0] < 0)
    found: Expression | None = None
    for scale, term in ordered:
        part = _times(abs(scale) if found is not None else scale, term)
        found = part if found is None else Apply("+" if scale > 0 else "-", (found, part))
    assert found is not None
    return found


def _rank(term: Expression) -> int:
    """The rank of a term in a sum: products of x by matrices come first, then other products by matrices."""
    products = [one for one in factors(term) if isinstance(one, Product)]
    return 0 if any(one.left == Name("x") for one in products) else 1 if products else 2


def _times(scale: float, term: Expression) -> Expression:
    if term == Number(1):
        return Number(scale)
    if abs(scale) == 1:
        return term if scale == 1 else Apply("-", (term,))
    if 1 < abs(below := 1 / scale) < 1e9 and abs(below - round(below)) < 1e-12:
        return Apply("/", (term, Number(float(round(below)))))
    return product([Number(scale), term])
