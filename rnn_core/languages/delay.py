"""Delay: one bit, held while fillers go by (after the latching of Bengio, Simard and Frasconi, 1994)."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Node
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.text.vocabulary import END

_FILLERS = ".:-+*#~/"
_START, _BIT, _WAIT, _ASKED, _END = "start", "bit", "wait", "asked", "end"


class Held(NamedTuple):
    """The bit, how many fillers were read, and the symbols after them."""

    bit: str = ""
    fillers: int = 0
    behind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Language[Held]):
    """A bit, k fillers, and the bit again."""

    k: int = setting(
        20, "Fillers between", "How many symbols stand between the bit and ?.", between=(1, 1_000)
    )
    fillers: int = setting(
        1, "Kinds of fillers", "1 for one that is repeated; of more each is drawn at random.",
        between=(1, len(_FILLERS)),
    )  # fmt: skip

    name = "delay"
    title = "delay"
    always_named = frozenset({"k"})
    rule = "A bit, then fillers, at least one, then ?, then the bit again."
    decides = "the bit at the end"
    tracked: ClassVar = {"the bit": CATEGORY, "fillers so far": NUMBER}
    start = Held()
    learning_rate = 3e-3
    right_by_guessing = 0.5
    automaton = Automaton(
        {
            _START: Node(0, 0), _BIT: Node(1, 0, _BIT), _WAIT: Node(2, 0, _WAIT),
            _END: Node(1, 1, _END), _ASKED: Node(2, 1, "?"),
        },
        (
            Arrow(_START, "01", _BIT), Arrow(_BIT, _FILLERS, _WAIT, "filler"),
            Arrow(_WAIT, _FILLERS, _WAIT, "filler"), Arrow(_WAIT, "?", _ASKED),
            Arrow(_ASKED, "01", _END, "the bit"),
        ),
        frozenset({_END}),
    )  # fmt: skip

    @property
    @override
    def symbols(self) -> tuple[str, ...]:
        return ("0", "1", "?", *_FILLERS[: self.fillers])

    @property
    @override
    def sizes(self) -> range:
        return range(self.k, self.k + 1)

    @override
    def write(self, size: int, rng: Random) -> str:
        bit = rng.choice("01")
        return f"{bit}{''.join(rng.choices(self.symbols[3:], k=size))}?{bit}"

    @override
    def step(self, state: Held, symbol: str) -> Held:
        if not state.bit:
            return Held(bit=symbol)
        if symbol == "?" or state.behind:
            return state._replace(behind=state.behind + symbol)
        return state._replace(fillers=state.fillers + 1)

    @override
    def allowed(self, state: Held) -> tuple[str, ...]:
        if not state.bit:
            return ("0", "1")
        if state.behind:
            return (state.bit,) if state.behind == "?" else (END,)
        return self.symbols[2:] if state.fillers else self.symbols[3:]

    @override
    def probabilities(self, state: Held) -> dict[str, float]:
        open_to = self.symbols[3:] if state.bit else ("0", "1")
        return {"?": 1.0} if state.fillers == self.k else dict.fromkeys(open_to, 1 / len(open_to))

    @override
    def node(self, state: Held) -> str:
        if state.behind:
            return _ASKED if state.behind == "?" else _END
        return _WAIT if state.fillers else _BIT if state.bit else _START

    @override
    def hidden(self, state: Held) -> Hidden:
        return {"the bit": state.bit or None, "fillers so far": state.fillers}
