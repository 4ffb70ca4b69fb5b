"""The embedded Reber grammar (Hochreiter and Schmidhuber, 1997; Reber, 1967, for the grammar inside)."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Cells, Kept
from rnn_core.languages.language import CATEGORY, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way, weighted

_WAYS = (
    Way("0", "B", "1"), Way("1", "TP", "2", "hold"),
    Way("2", "B", "3"), Way("3", "T", "4"), Way("3", "P", "5"), Way("4", "S", "4"), Way("4", "X", "6"),
    Way("5", "T", "5"), Way("5", "V", "7"), Way("6", "X", "5"), Way("6", "S", "8"), Way("7", "P", "6"),
    Way("7", "V", "8"), Way("8", "E", "9"),
    Way("9", "TP", "10", "held"), Way("10", "E", "11"),
)  # fmt: skip
"""The grammar inside has the nodes 2 to 8; around it T or P is chosen, which must come again."""
_PLACES = {str(node): Node(*place, str(node)) for node, place in enumerate((
    (0, 0), (0, 1), (0, 2),
    (1, 1), (2, 0), (2, 2), (3, 0), (3, 2), (4, 1),
    (5, 0), (5, 1), (5, 2),
))}  # fmt: skip
"""The places of the nodes: what is around the grammar on its left and on its right."""
_LAST = "11"
_FIRST_CHOICE = "T or P at first"
_SHORTEST = 9

_Weights = tuple[Mapping[str, float], ...]


@cache
def _finishing(most: int) -> _Weights:
    """[r][node]: the probability that r more symbols, up to `most`, end the string; each way is as likely."""
    leading = {
        node: [way.end for way in ways] for node, ways in itertools.groupby(_WAYS, lambda way: way.begin)
    }
    rows: list[Mapping[str, float]] = [{_LAST: 1.0}]
    for _ in range(most):
        before = rows[-1]
        row = {node: sum(before.get(end, 0.0) for end in ends) / len(ends) for node, ends in leading.items()}
        rows.append({node: p for node, p in row.items() if p})
    return tuple(rows)


@cache
def _finishing_within(most: int) -> _Weights:
    """[r][node]: the probability that at most r more symbols, up to `most`, end the string."""
    rows: list[dict[str, float]] = [{}]
    for row in _finishing(most):
        rows.append({node: rows[-1].get(node, 0.0) + row.get(node, 0.0) for node in {**rows[-1], **row}})
    return tuple(rows[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reber(Language):
    """The embedded Reber grammar."""

    longest: int = setting(40, between=(_SHORTEST, 300))
    """Longest string. How many symbols a training string has at most."""

    name = "reber"
    title = "embedded Reber grammar"
    rule = (
        "B, then T or P, then a string of the Reber grammar, then that T or P again, then E. At each fork of "
        "the grammar both ways are equally likely."
    )
    decides = "the symbol before the last, from the second"
    tracked: ClassVar = {"state": CATEGORY, _FIRST_CHOICE: CATEGORY}
    symbols = tuple("BTPSXVE")
    learning_rate = 3e-2
    right_by_guessing = 0.5

    @property
    @override
    def law(self) -> Law:
        return Law(
            ways=_WAYS,
            end=_LAST,
            counted="BTPSXVE",
            sizes=range(_SHORTEST, self.longest + 1),
            weights=_finishing_within(self.longest),
            places=_PLACES,
        )

    @override
    def write(self, size: int, rng: Random) -> str:
        law, finishing = self.law, _finishing(self.longer_sizes[-1])
        text, state = "", law.start
        for left in range(size - 1, -1, -1):
            following = law.following(state)
            shares = weighted(following, finishing[left])
            [symbol] = rng.choices([*shares], [*shares.values()])
            text, state = text + symbol, law.next_state(state, symbol, following[symbol])
        return text

    @override
    def draw(self, rng: Random) -> str:
        lengths = [row.get("0", 0.0) for row in _finishing(self.longest)[_SHORTEST:]]
        return self.write(rng.choices(self.sizes, lengths)[0], rng)

    @override
    def kept(self, state: State) -> tuple[Kept, ...]:
        return (Cells(_FIRST_CHOICE, (state.held,) if state.held else ()),)

    @override
    def hidden(self, state: State) -> Hidden:
        return {"state": state.node, _FIRST_CHOICE: state.held or None}
