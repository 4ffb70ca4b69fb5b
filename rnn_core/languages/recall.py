"""Recall: which value stood beside a key (Ba et al., 2016)."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Cells, Kept, Node
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.text.vocabulary import END

_START, _KEY, _PAIR, _ASKED, _KNOWN, _END = "start", "key", "pair", "asked", "known", "end"


class Pairs(NamedTuple):
    """The pairs that were read, and a key without its value yet, or ? and the symbols after it."""

    values: Mapping[str, str]
    behind: str = ""

    @property
    def asked(self) -> str:
        """The key after ?; "" before it."""
        return self.behind[1:2] if self.behind.startswith("?") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Language[Pairs]):
    """Pairs of a key and a value, then a key to whose value is asked."""

    keys: int = setting(
        8, "Keys", "How many different keys there are. Training strings have up to half as many pairs, "
        "longer ones up to as many.", between=(2, 26),
    )  # fmt: skip
    values: int = setting(2, "Values", "How many different values there are.", between=(2, 10))

    name = "recall"
    title = "recall"
    rule = "Pairs of a key and a value, no key twice, then ? and one of these keys, then its value."
    decides = "the value at the end"
    tracked: ClassVar = {"pairs so far": NUMBER, "the value asked for": CATEGORY}
    learning_rate = 3e-2
    epochs = 16
    times_longer = 2
    start = Pairs({})
    automaton = Automaton(
        {
            _START: Node(0, 0), _KEY: Node(1, 0, _KEY), _PAIR: Node(2, 0, _PAIR),
            _END: Node(0, 1, _END), _KNOWN: Node(1, 1, _KEY), _ASKED: Node(2, 1, "?"),
        },
        (
            Arrow(_START, string.ascii_lowercase, _KEY, "key"), Arrow(_KEY, string.digits, _PAIR, "value"),
            Arrow(_PAIR, string.ascii_lowercase, _KEY, "key"), Arrow(_PAIR, "?", _ASKED),
            Arrow(_ASKED, string.ascii_lowercase, _KNOWN, "key"),
            Arrow(_KNOWN, string.digits, _END, "its value"),
        ),
        frozenset({_END}),
    )  # fmt: skip

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
    def sizes(self) -> range:
        return range(1, self.keys // 2 + 1)

    @override
    def write(self, size: int, rng: Random) -> str:
        values = dict(zip(rng.sample(self._keys, size), rng.choices(self._values, k=size), strict=True))
        asked = rng.choice(list(values))
        return f"{''.join(key + value for key, value in values.items())}?{asked}{values[asked]}"

    @override
    def step(self, state: Pairs, symbol: str) -> Pairs:
        if state.behind and not state.behind.startswith("?"):
            return Pairs({**state.values, state.behind: symbol})
        return state._replace(behind=state.behind + symbol)

    @override
    def allowed(self, state: Pairs) -> tuple[str, ...]:
        if not state.behind:
            new = (key for key in self._keys if key not in state.values)
            return (*new, "?") if state.values else (*new,)
        if state.behind == "?":
            return tuple(state.values)
        if not state.asked:
            return tuple(self._values)
        return (state.values[state.asked],) if len(state.behind) == 2 else (END,)

    @override
    def probabilities(self, state: Pairs) -> dict[str, float]:
        allowed = self.allowed(state)
        if state.behind or not state.values:
            return dict.fromkeys(allowed, 1 / len(allowed))
        *new, question = allowed
        ends = self.ends_at(len(state.values))
        return {question: ends, **dict.fromkeys(new, (1 - ends) / max(len(new), 1))}

    @override
    def node(self, state: Pairs) -> str:
        if state.behind.startswith("?"):
            return (_ASKED, _KNOWN, _END)[len(state.behind) - 1]
        return _KEY if state.behind else _PAIR if state.values else _START

    @override
    def kept(self, state: Pairs) -> tuple[Kept, ...]:
        pairs = (*(key + value for key, value in state.values.items()),)
        asked = list(state.values).index(state.asked) if state.asked else None
        return (Cells("the table of pairs", pairs, asked),)

    @override
    def hidden(self, state: Pairs) -> Hidden:
        return {"pairs so far": len(state.values), "the value asked for": state.values.get(state.asked)}
