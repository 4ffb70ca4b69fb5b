"""Parity: whether an odd number of 1 was read, which one bit of memory holds if it is turned at each 1."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Kept, Node
from rnn_core.languages.language import CATEGORY, Hidden, Language
from rnn_core.text.vocabulary import END


class Bits(NamedTuple):
    """How many bits were read, whether an odd number of them is 1, and the symbols after them."""

    read: int = 0
    odd: int = 0
    behind: str = ""


_START, _EVEN, _ODD, _END = "start", "even", "odd", "end"
_EVEN_ASKED, _ODD_ASKED = "even =", "odd ="


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity(Language[Bits]):
    """Random bits and their parity."""

    bits: int = setting(30, "Most bits", "How many bits a training string has at most.", between=(1, 1_000))

    name = "parity"
    title = "parity"
    rule = "Bits, at least one, then =, then 1 where an odd number of the bits is 1, else 0."
    decides = "the last bit"
    tracked: ClassVar = {"parity": CATEGORY}
    symbols = ("0", "1", "=")
    automaton = Automaton(
        {
            _START: Node(0, 1),
            _EVEN: Node(1, 0, _EVEN), _ODD: Node(1, 2, _ODD),
            _EVEN_ASKED: Node(2, 0, "="), _ODD_ASKED: Node(2, 2, "="),
            _END: Node(3, 1, _END),
        },
        (
            Arrow(_START, "0", _EVEN), Arrow(_START, "1", _ODD),
            Arrow(_EVEN, "0", _EVEN), Arrow(_ODD, "0", _ODD),
            Arrow(_EVEN, "1", _ODD), Arrow(_ODD, "1", _EVEN),
            Arrow(_EVEN, "=", _EVEN_ASKED), Arrow(_ODD, "=", _ODD_ASKED),
            Arrow(_EVEN_ASKED, "0", _END), Arrow(_ODD_ASKED, "1", _END),
        ),
        frozenset({_END}),
    )  # fmt: skip
    start = Bits()
    epochs = 32
    right_by_guessing = 0.5

    @property
    @override
    def sizes(self) -> range:
        return range(1, self.bits + 1)

    @override
    def write(self, size: int, rng: Random) -> str:
        bits = f"{rng.getrandbits(size):0{size}b}"
        return f"{bits}={bits.count('1') % 2}"

    @override
    def step(self, state: Bits, symbol: str) -> Bits:
        if symbol == "=" or state.behind:
            return state._replace(behind=state.behind + symbol)
        return Bits(state.read + 1, state.odd ^ (symbol == "1"))

    @override
    def allowed(self, state: Bits) -> tuple[str, ...]:
        if state.behind:
            return (str(state.odd),) if state.behind == "=" else (END,)
        return self.symbols if state.read else self.symbols[:2]

    @override
    def probabilities(self, state: Bits) -> dict[str, float]:
        ends = self.ends_at(state.read)
        return {"0": (1 - ends) / 2, "1": (1 - ends) / 2, "=": ends}

    @override
    def node(self, state: Bits) -> str:
        if not state.behind:
            return (_ODD if state.odd else _EVEN) if state.read else _START
        return _END if state.behind != "=" else _ODD_ASKED if state.odd else _EVEN_ASKED

    @override
    def kept(self, state: Bits) -> tuple[Kept, ...]:
        return ()

    @override
    def hidden(self, state: Bits) -> Hidden:
        return {"parity": "odd" if state.odd else "even"}
