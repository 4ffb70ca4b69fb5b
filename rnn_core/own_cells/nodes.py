"""A time step as single numbers: each element of a tensor is a node, which says what it is made of.

A sum is of terms with factors, and a sum of products with weights that is added to another one is a part of
it; a product has no product in it and no number. So what is equal by these rules alone is one node.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

MOST_NODES = 300_000


class Node(NamedTuple):
    """One number of a time step.

    `kind` is "number" (of is its value), "x", "s0", "s1", .. (its row and column), "weight" (a name and a
    place in its numbers, one after the other), "sum" (pairs of a factor and a node; that of node `ONE` is a
    number alone), "product" (nodes), "mean" (nodes), "over" (a function, the place and all nodes of a row),
    "unknown" (why, and the line), or a function (nodes, which may be numbers).
    """

    kind: str
    of: tuple[Any, ...]


ZERO, ONE = 0, 1
"""The nodes of these numbers."""


class TooManyError(ValueError):
    """More nodes than a time step of a cell has."""


@dataclass
class Nodes:
    """All nodes of a time step; a node is called by its place."""

    nodes: list[Node] = field(default_factory=lambda: [Node("number", (0.0,)), Node("number", (1.0,))])
    lines: dict[int, int] = field(default_factory=dict)
    """The line of the file where a node came about first."""
    _weighed: set[int] = field(default_factory=set, repr=False)
    """Sums with a term that has a weight."""

    @cached_property
    def _places(self) -> dict[Node, int]:
        return {node: place for place, node in enumerate(self.nodes)}

    def node(self, kind: str, *of: Any) -> int:
        """The place of a node."""
        node = Node(kind, of)
        place = self._places.setdefault(node, len(self.nodes))
        if place == len(self.nodes):
            if place >= MOST_NODES:
                raise TooManyError
            self.nodes.append(node)
        return place

    def number(self, value: float) -> int:
        """The node of a number."""
        return self.node("number", float(value))

    def value(self, place: int) -> float | None:
        """The number that a node is, None of any other."""
        kind, of = self.nodes[place]
        return of[0] if kind == "number" else None

    def terms(self, place: int) -> tuple[tuple[float, int], ...]:
        """The terms of a node in a larger sum: those of a sum of products with weights, else itself alone."""
        kind, of = self.nodes[place]
        if kind == "number":
            return ((of[0], ONE),) if of[0] else ()
        if kind != "sum" or (len(of) > 1 and place not in self._weighed):
            return ((1.0, place),)
        if len(of) == 1:
            ((scale, inner),) = of
            return tuple((scale * factor, term) for factor, term in self.terms(inner))
        return of

    def sum(self, *scaled: tuple[float, int]) -> int:
        """The sum of nodes, each times a number."""
        found: dict[int, float] = {}
        for scale, place in scaled:
            for factor, term in self.terms(place) if len(scaled) > 1 else self._scaled(place):
                found[term] = found.get(term, 0.0) + scale * factor
        terms = tuple((factor, term) for term, factor in found.items() if factor)
        if not terms:
            return ZERO
        if len(terms) == 1:
            ((factor, term),) = terms
            if term == ONE:
                return self.number(factor)
            if factor == 1:
                return term
        whole = self.node("sum", *terms)
        if any(self.nodes[one].kind == "weight" for _, term in terms for one in self.factors(term)):
            self._weighed.add(whole)
        return whole

    def _scaled(self, place: int) -> tuple[tuple[float, int], ...]:
        """A node as a number times another one."""
        kind, of = self.nodes[place]
        if kind == "number":
            return self.terms(place)
        return of if kind == "sum" and len(of) == 1 else ((1.0, place),)

    def factors(self, place: int) -> tuple[int, ...]:
        """The factors of a node."""
        kind, of = self.nodes[place]
        return of if kind == "product" else (place,)

    def product(self, *places: int) -> int:
        """The product of nodes."""
        scale, found = 1.0, list[int]()
        for place in places:
            scaled = self._scaled(place)
            if not scaled:
                return ZERO
            if len(scaled) == 1:
                ((factor, place),) = scaled
                scale *= factor
            found += () if place == ONE else self.factors(place)
        whole = ONE if not found else found[0] if len(found) == 1 else self.node("product", *found)
        return self.sum((scale, whole))

    def apply(self, function: str, *places: int) -> int:
        """A function of nodes, one of its own arguments for each."""
        made = _SAME.get(function)
        return made(self, *places) if made else self.node(function, *places)

    def to_json(self) -> dict[str, Any]:
        """The nodes as JSON has them; a number that is not finite becomes null on the way."""
        return {"nodes": [[node.kind, list(node.of)] for node in self.nodes], "lines": [*self.lines.items()]}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Nodes":
        """The inverse of `to_json`; null is nan."""

        def read(one: Any) -> Any:
            return math.nan if one is None else tuple(map(read, one)) if isinstance(one, list) else one

        return cls([Node(kind, read(of)) for kind, of in said["nodes"]], dict(said["lines"]))


def _divide(nodes: Nodes, left: int, right: int) -> int:
    below = nodes.value(right)
    return nodes.sum((1 / below, left)) if below else nodes.node("/", left, right)


def _power(nodes: Nodes, base: int, exponent: int) -> int:
    if nodes.value(exponent) == 1:
        return base
    return nodes.node("^", base, exponent)


def _chosen(nodes: Nodes, condition: int, taken: int, other: int) -> int:
    """`taken` where the condition is above 0; a condition that is a choice itself is looked through."""
    value, (kind, of) = nodes.value(condition), nodes.nodes[condition]
    if value is not None or taken == other:
        return taken if value is None or value > 0 else other
    if kind != "where":
        return nodes.node("where", condition, taken, other)
    first, *sides = of
    return _chosen(nodes, first, *(_chosen(nodes, side, taken, other) for side in sides))


_SAME: dict[str, Callable[..., int]] = {
    "+": lambda nodes, left, right, factor=ONE: nodes.sum((1, left), (nodes.value(factor) or 0.0, right)),
    "-": lambda nodes, left, right: nodes.sum((1, left), (-1, right)),
    "*": lambda nodes, left, right: nodes.product(left, right),
    "/": _divide,
    "^": _power,
    "where": _chosen,
}
"""Functions that are made of others, or of none where numbers are known."""
