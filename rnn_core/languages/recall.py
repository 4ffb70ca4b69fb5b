"""Recall: which value stood beside a key (Ba et al., 2016)."""

import string
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Cells, Kept
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way

_START, _KEY, _PAIR, _ASKED, _KNOWN, _END = "start", "key", "pair", "asked", "known", "end"
_PLACES = {
    _START: Node(0, 0), _KEY: Node(1, 0, _KEY), _PAIR: Node(2, 0, _PAIR),
    _END: Node(0, 1, _END), _KNOWN: Node(1, 1, _KEY), _ASKED: Node(2, 1, "?"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Language):
    """Pairs of a key and a value, then a key to whose value is asked."""

    keys: int = setting(8, between=(2, 26))
    """Keys. How many different keys there are. Training strings have up to half as many pairs, longer ones up
    to as many."""
    values: int = setting(2, between=(2, 10))
    """Values. How many different values there are."""

    name = "recall"
    title = "recall"
    rule = "Pairs of a key and a value, no key twice, then ? and one of these keys, then its value."
    decides = "the value at the end"
    tracked: ClassVar = {"pairs so far": NUMBER, "the value asked for": CATEGORY}
    learning_rate = 3e-2
    epochs = 16
    times_longer = 2

    @property
    def _keys(self) -> str:
        return string.ascii_lowercase[: self.keys]

    @property
    def _values(self) -> str:
        return string.digits[: self.values]

    @property
    @override
    def right_by_guessing(self) -> float:
        return 1 / self.values

    @property
    @override
    def symbols(self) -> tuple[str, ...]:
        return (*self._keys, *self._values, "?")

    @property
    @override
    def law(self) -> Law:
        ways = (
            Way(_START, self._keys, _KEY, "new", "key"), Way(_KEY, self._values, _PAIR, "value", "value"),
            Way(_PAIR, self._keys, _KEY, "new", "key"), Way(_PAIR, "?", _ASKED),
            Way(_ASKED, self._keys, _KNOWN, "known", "key"),
            Way(_KNOWN, self._values, _END, "held", "its value"),
        )  # fmt: skip
        return Law(
            ways=ways, end=_END, counted=self._keys, sizes=range(1, self.keys // 2 + 1), places=_PLACES
        )

    @override
    def write(self, size: int, rng: Random) -> str:
        values = dict(zip(rng.sample(self._keys, size), rng.choices(self._values, k=size), strict=True))
        asked = rng.choice(list(values))
        return f"{''.join(key + value for key, value in values.items())}?{asked}{values[asked]}"

    @override
    def kept(self, state: State) -> tuple[Kept, ...]:
        pairs = (*(key + value for key, value in state.pairs.items()),)
        asked = list(state.pairs).index(state.held) if state.held in state.pairs else None
        return (Cells("the table of pairs", pairs, asked),)

    @override
    def hidden(self, state: State) -> Hidden:
        return {"pairs so far": len(state.pairs), "the value asked for": state.pairs.get(state.held)}
