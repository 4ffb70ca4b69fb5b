"""What is drawn of a language: an automaton that reads it, and what it keeps beside its node.

An automaton with a stack or counters has few nodes; what a string decides later is kept beside them. Nodes
have places in columns and rows, counted to the right and down. A language declares its automaton; of one
that doesn't it is explored.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Node(NamedTuple):
    """A node, at a place between others."""

    x: float
    y: float
    label: str = ""
    """Some letters that have room in it."""


class Arrow(NamedTuple):
    """An arrow from a node to the next, or to the same one."""

    begin: str
    symbols: str
    """The symbols that lead along it."""
    end: str
    label: str = ""
    """The words on it; "" for its symbols."""


class Automaton(NamedTuple):
    """The nodes by name, the first where every string begins, and the arrows between them."""

    nodes: Mapping[str, Node]
    arrows: tuple[Arrow, ...]
    ends: frozenset[str]
    """The nodes at which a string may end; with a stack or counters only where nothing is left to come."""

    def arrow(self, begin: str, symbol: str, end: str) -> int:
        """The number of the arrow along which a symbol leads. Raises ValueError where there is none."""
        for number, arrow in enumerate(self.arrows):
            if (arrow.begin, arrow.end) == (begin, end) and symbol in arrow.symbols:
                return number
        raise ValueError(f"there is no arrow {symbol} from {begin} to {end}")


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
    """What is kept at each of the nodes, in one order."""


Way = tuple[str, str, str]
"""A node, a symbol, the next node."""


def explored(start: str, ways: Iterable[Way], ends: frozenset[str]) -> Automaton:
    """The automaton of the ways that were seen, its nodes on a circle, the first on the left.

    The label of a node is its name.
    """
    symbols: dict[tuple[str, str], str] = {}
    for begin, symbol, end in ways:
        seen = symbols.setdefault((begin, end), "")
        if symbol not in seen:
            symbols[begin, end] = seen + symbol
    names = list(dict.fromkeys([start, *(name for pair in symbols for name in pair)]))
    turn = 2 * math.pi / len(names)
    nodes = {
        name: Node(1 - math.cos(place * turn), 1 - math.sin(place * turn), name)
        for place, name in enumerate(names)
    }
    return Automaton(nodes, tuple(Arrow(begin, of, end) for (begin, end), of in symbols.items()), ends)
