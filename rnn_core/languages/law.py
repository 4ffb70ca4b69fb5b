"""The rule and the law of a language as data: ways between nodes, and what a string keeps beside its node.

A `Law` reads this data here, and `export/page/engine/law.js` in the exported page. The rule has no bounds.
The law has: it gives no string that is longer or deeper than the options of the language say. Each size of a
string is equally likely, and then each symbol at a node; a string that may grow or go on to its end grows
for as long as its size asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rnn_core.text.vocabulary import END


class Way(NamedTuple):
    """Symbols that lead from a node to the next or to the same one; the first that admits a symbol counts."""

    begin: str
    symbols: str
    end: str
    does: str = ""
    """A name in `ACTS`; "" where nothing is kept."""
    label: str = ""
    """The words on its arrow; "" for its symbols."""


class State(NamedTuple):
    """A node, and what the string so far keeps beside it."""

    node: str
    size: int = 0
    """Number of symbols so far that count."""
    due: str = ""
    """Symbols that must still come, the next one first, where there is a stack."""
    held: str = ""
    """The symbol that is held, or a key."""
    pairs: Mapping[str, str] = {}
    """Values by key."""
    lasting: float = 1.0
    """Probability that a string of a larger size has not grown since its last symbol that counts."""


class Act(NamedTuple):
    """A change of what is kept, and when a symbol may make it."""

    admits: Callable[[State, str], bool]
    kept: Callable[[State, str, Mapping[str, str]], State]
    """Returns the state after a symbol, given what each symbol makes due."""


def _always(state: State, symbol: str) -> bool:
    return True


def _unchanged(state: State, symbol: str, due: Mapping[str, str]) -> State:
    return state


def _pushed(state: State, symbol: str, due: Mapping[str, str]) -> State:
    made = due.get(symbol, symbol)
    return state._replace(due=f"{made[0]}{state.due}{made[1:]}")


def _popped(state: State, symbol: str, due: Mapping[str, str]) -> State:
    return state._replace(due=state.due[1:])


def _holding(state: State, symbol: str, due: Mapping[str, str]) -> State:
    return state._replace(held=symbol)


def _valued(state: State, symbol: str, due: Mapping[str, str]) -> State:
    return state._replace(pairs={**state.pairs, state.held: symbol}, held="")


ACTS: Mapping[str, Act] = {
    "": Act(_always, _unchanged),
    "push": Act(_always, _pushed),
    "pop": Act(lambda state, symbol: state.due.startswith(symbol), _popped),
    "last": Act(lambda state, symbol: state.due == symbol, _popped),
    "hold": Act(_always, _holding),
    "held": Act(lambda state, symbol: symbol == state.pairs.get(state.held, state.held), _unchanged),
    "new": Act(lambda state, symbol: symbol not in state.pairs, _holding),
    "value": Act(_always, _valued),
    "known": Act(lambda state, symbol: symbol in state.pairs, _holding),
}
"""Changes of what is kept: a stack of what is due, a symbol that is held, a table of keys and values."""


class Node(NamedTuple):
    """The place of a node in a drawing, in columns and rows that are counted to the right and down."""

    x: float
    y: float
    label: str = ""
    """Some letters that have room in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Law:
    """The rule and the law of a language with its options."""

    ways: Sequence[Way]
    """The ways between nodes; every string begins where the first one does."""
    end: str
    """The node at which a string may end once nothing is due."""
    counted: str
    """The symbols that count for the size of a string, by which it grows."""
    sizes: range
    """The sizes of training strings."""
    due: Mapping[str, str] = field(default_factory=dict)
    """Symbols that a pushed one makes due, itself unless named: the first comes next, the others at last."""
    grows: Sequence[float] = ()
    """Share of strings that grow where they have room for it, by how much is due; empty where all do."""
    weights: Sequence[Mapping[str, float]] = ()
    """Weight of each node that has any, by how many symbols may still come: a symbol is as likely as the node
    that it leads to. Empty for a law of sizes."""
    places: Mapping[str, Node] = field(default_factory=dict)
    """The nodes as they are drawn; on a circle unless they are given."""

    def to_dict(self) -> dict[str, Any]:
        """Return what a string is read by, as JSON has it."""
        names = ("ways", "end", "counted", "due", "grows", "weights")
        return {name: getattr(self, name) for name in names} | {"sizes": [self.sizes.start, self.sizes.stop]}

    @property
    def start(self) -> State:
        """The state before the first symbol."""
        return State(self.ways[0].begin)

    def following(self, state: State) -> dict[str, Way]:
        """Return the ways on from a state by the symbols that the rule allows."""
        found: dict[str, Way] = {}
        for way in self.ways:
            if way.begin == state.node:
                admits = ACTS[way.does].admits
                found |= {one: way for one in way.symbols if one not in found and admits(state, one)}
        return found

    def may_end(self, state: State) -> bool:
        """True if the rule allows a string to end in a state."""
        return state.node == self.end and not state.due

    def next_state(self, state: State, symbol: str, way: Way) -> State:
        """Return the state that a symbol leads to along a way that admits it."""
        if symbol in self.counted:
            size, lasting = state.size + 1, 1.0
        else:
            size, lasting = state.size, state.lasting * (1 - self._growing(state) if self.grows else 1)
        after = ACTS[way.does].kept(state, symbol, self.due)
        return after._replace(node=way.end, size=size, lasting=lasting)

    def shares(self, state: State, following: Mapping[str, Way]) -> dict[str, float]:
        """Return the probability of each next symbol that has any, in a state that training strings reach."""
        if self.weights and following:
            return weighted(following, self.weights[self.sizes.stop - state.size - 2])
        ending = [END] if self.may_end(state) else []
        growing = [symbol for symbol in following if symbol in self.counted]
        others = [symbol for symbol in following if symbol not in self.counted] + ending
        if not (growing and others):
            return dict.fromkeys(growing or others, 1 / len(growing or others))
        full, grows = self._full(state), self._growing(state)
        more, rest = (1 - full) * grows, full + (1 - full) * (1 - grows)
        shares = dict.fromkeys(growing, more / len(growing)) | dict.fromkeys(others, rest / len(others))
        return {symbol: p for symbol, p in shares.items() if p}

    def _growing(self, state: State) -> float:
        return self.grows[min(len(state.due), len(self.grows) - 1)] if self.grows else 1.0

    def _full(self, state: State) -> float:
        """Return the probability that a training string has this size, if it has at least that."""
        larger = self.sizes.stop - 1 - state.size
        return 1 / (1 + larger * state.lasting) if state.size in self.sizes else 0.0


def weighted(following: Mapping[str, Way], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the probability of each symbol, in proportion to the weight of the node it leads to."""
    shares = {symbol: weights[way.end] for symbol, way in following.items() if way.end in weights}
    total = sum(shares.values())
    return {symbol: weight / total for symbol, weight in shares.items()}
