"""The embedded Reber grammar (Hochreiter and Schmidhuber, 1997; Reber, 1967, for the grammar inside)."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Cells, Kept, Node
from rnn_core.languages.language import CATEGORY, Hidden, Language
from rnn_core.text.vocabulary import END

GRAPH: Mapping[int, Mapping[str, int]] = {
    0: {"B": 1}, 1: {"T": 2, "P": 2},
    2: {"B": 3}, 3: {"T": 4, "P": 5}, 4: {"S": 4, "X": 6}, 5: {"T": 5, "V": 7}, 6: {"X": 5, "S": 8},
    7: {"P": 6, "V": 8}, 8: {"E": 9},
    9: {"T": 10, "P": 10}, 10: {"E": 11}, 11: {},
}  # fmt: skip
"""Node -> symbol -> next node. At _CHOICE one is chosen that must come again at _AGAIN; 2 to 8 are inside."""
_CHOICE, _AGAIN, _LAST = 1, 9, 11
_PLACES = (
    (0, 0), (0, 1), (0, 2),
    (1, 1), (2, 0), (2, 2), (3, 0), (3, 2), (4, 1),
    (5, 0), (5, 1), (5, 2),
)  # fmt: skip
"""Where the nodes are drawn: what is around the grammar on its left and on its right."""
_FIRST_CHOICE = "T or P at first"


def _drawn() -> Automaton:
    arrows: dict[tuple[str, str], str] = {}
    for node, ways in GRAPH.items():
        for symbol, to in ways.items():
            arrows[str(node), str(to)] = arrows.get((str(node), str(to)), "") + symbol
    return Automaton(
        {str(node): Node(*place, str(node)) for node, place in enumerate(_PLACES)},
        tuple(Arrow(begin, symbols, end) for (begin, end), symbols in arrows.items()),
        frozenset({str(_LAST)}),
    )


_SHORTEST = 9


@cache
def _finishing(most: int) -> tuple[tuple[float, ...], ...]:
    """[r][node]: the probability that r more symbols, up to `most`, end the string; each way is as likely."""
    rows = [tuple(float(node == _LAST) for node in GRAPH)]
    for _ in range(most):
        rows.append(
            tuple(sum(rows[-1][to] for to in ways.values()) / max(len(ways), 1) for ways in GRAPH.values())
        )
    return tuple(rows)


@cache
def _finishing_within(most: int) -> tuple[tuple[float, ...], ...]:
    """[r][node]: the probability that at most r more symbols, up to `most`, end the string."""
    by_node = zip(*_finishing(most), strict=True)
    return tuple(zip(*map(itertools.accumulate, by_node), strict=True))


class Place(NamedTuple):
    """The node that was reached, the branch that was chosen at first, and how many symbols were read."""

    node: int = 0
    branch: str = ""
    read: int = 0


def _ways(place: Place) -> Mapping[str, int]:
    """Where the symbols that may come lead to."""
    ways = GRAPH[place.node]
    return {place.branch: ways[place.branch]} if place.node == _AGAIN else ways


def _shares(place: Place, finishing: Sequence[float]) -> dict[str, float]:
    """The probability of each symbol, given how probable the rest is from each node."""
    weights = {symbol: finishing[to] for symbol, to in _ways(place).items() if finishing[to]}
    total = sum(weights.values())
    return {symbol: weight / total for symbol, weight in weights.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reber(Language[Place]):
    """The embedded Reber grammar."""

    longest: int = setting(
        40, "Longest string", "How many symbols a training string has at most.", between=(_SHORTEST, 300)
    )

    name = "reber"
    title = "embedded Reber grammar"
    rule = (
        "B, then T or P, then a string of the Reber grammar, then that T or P again, then E. At each fork of "
        "the grammar both ways are equally likely."
    )
    decides = "the symbol before the last, from the second"
    tracked: ClassVar = {"state": CATEGORY, _FIRST_CHOICE: CATEGORY}
    symbols = tuple("BTPSXVE")
    automaton = _drawn()
    start = Place()
    learning_rate = 3e-2
    right_by_guessing = 0.5

    @property
    @override
    def sizes(self) -> range:
        return range(_SHORTEST, self.longest + 1)

    @override
    def write(self, size: int, rng: Random) -> str:
        text, place, finishing = "", self.start, _finishing(self.longer_sizes[-1])
        for left in range(size - 1, -1, -1):
            shares = _shares(place, finishing[left])
            [symbol] = rng.choices([*shares], [*shares.values()])
            text, place = text + symbol, self.step(place, symbol)
        return text

    @override
    def draw(self, rng: Random) -> str:
        lengths = [row[self.start.node] for row in _finishing(self.longest)[_SHORTEST:]]
        return self.write(rng.choices(self.sizes, lengths)[0], rng)

    @override
    def step(self, state: Place, symbol: str) -> Place:
        branch = symbol if state.node == _CHOICE else state.branch
        return Place(GRAPH[state.node][symbol], branch, state.read + 1)

    @override
    def allowed(self, state: Place) -> tuple[str, ...]:
        return tuple(_ways(state)) or (END,)

    @override
    def probabilities(self, state: Place) -> dict[str, float]:
        return _shares(state, _finishing_within(self.longest)[self.longest - state.read - 1])

    @override
    def node(self, state: Place) -> str:
        return str(state.node)

    @override
    def kept(self, state: Place) -> tuple[Kept, ...]:
        return (Cells(_FIRST_CHOICE, (state.branch,) if state.branch else ()),)

    @override
    def hidden(self, state: Place) -> Hidden:
        return {"state": str(state.node), _FIRST_CHOICE: state.branch or None}
