"""The drawing of a language: an automaton that reads it, and what it keeps beside its node.

An automaton with a stack or counters has few nodes; what a string decides later is kept beside them. Nodes
have places in columns and rows, counted to the right and down.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rnn_core.languages.law import Law, Node, Way


class Automaton(NamedTuple):
    """The nodes by name, the first where every string begins, and the arrows between them."""

    nodes: Mapping[str, Node]
    arrows: tuple[Way, ...]
    ends: frozenset[str]
    """The node at which a string may end; with a stack or counters only where nothing is left to come."""

    def arrow(self, begin: str, end: str) -> int:
        """Return the number of the arrow from a node to the next."""
        return [(arrow.begin, arrow.end) for arrow in self.arrows].index((begin, end))


class Count(NamedTuple):
    """A counter beside the node."""

    name: str
    value: int


class Cells(NamedTuple):
    """Symbols in a row beside the node, as of a stack or a table."""

    name: str
    cells: tuple[str, ...]
    marked: int | None = None
    """The place of the one that is asked for, or on top."""


Kept = Count | Cells


class Walk(NamedTuple):
    """The path of a string up to its end, or to the last symbol that the rule allows."""

    automaton: Automaton
    nodes: tuple[str, ...]
    """The node before the first of T symbols, and after each; fewer where the string breaks the rule."""
    arrows: tuple[int, ...]
    """The number of the arrow that each symbol led along."""
    kept: tuple[tuple[Kept, ...], ...]
    """Counters and cells at each of the nodes, in one order."""


def drawing(law: Law) -> Automaton:
    """Draw the ways of a law: one arrow from a node to another, whatever is done along it.

    Nodes without places stand on a circle, the first on the left, and their names are their labels.
    """
    arrows: dict[tuple[str, str], Way] = {}
    for way in law.ways:
        begin, end = way.begin, way.end
        before = arrows.get((begin, end), Way(begin, "", end))
        label = ", ".join(filter(None, [before.label, way.label]))
        arrows[begin, end] = Way(begin, before.symbols + way.symbols, end, label=label)
    places = law.places or _circle(name for pair in arrows for name in pair)
    return Automaton(places, (*arrows.values(),), frozenset({law.end}))


def _circle(names: Iterable[str]) -> dict[str, Node]:
    names = [*dict.fromkeys(names)]
    turn = 2 * math.pi / len(names)
    return {
        name: Node(1 - math.cos(place * turn), 1 - math.sin(place * turn), name)
        for place, name in enumerate(names)
    }
