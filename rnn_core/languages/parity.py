"""Parity: whether an odd number of 1 was read, which one bit of memory holds if it is turned at each 1."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Kept
from rnn_core.languages.language import CATEGORY, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way

_START, _EVEN, _ODD, _END = "start", "even", "odd", "end"
_EVEN_ASKED, _ODD_ASKED = "even =", "odd ="
_WAYS = (
    Way(_START, "0", _EVEN), Way(_START, "1", _ODD),
    Way(_EVEN, "0", _EVEN), Way(_ODD, "0", _ODD),
    Way(_EVEN, "1", _ODD), Way(_ODD, "1", _EVEN),
    Way(_EVEN, "=", _EVEN_ASKED), Way(_ODD, "=", _ODD_ASKED),
    Way(_EVEN_ASKED, "0", _END, "hold"), Way(_ODD_ASKED, "1", _END, "hold"),
)  # fmt: skip
_PLACES = {
    _START: Node(0, 1),
    _EVEN: Node(1, 0, _EVEN), _ODD: Node(1, 2, _ODD),
    _EVEN_ASKED: Node(2, 0, "="), _ODD_ASKED: Node(2, 2, "="),
    _END: Node(3, 1, _END),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity(Language):
    """Random bits and their parity."""

    bits: int = setting(30, between=(1, 1_000))
    """Most bits. How many bits a training string has at most."""

    name = "parity"
    title = "parity"
    rule = "Bits, at least one, then =, then 1 where an odd number of the bits is 1, else 0."
    decides = "the last bit"
    tracked: ClassVar = {"parity": CATEGORY}
    symbols = ("0", "1", "=")
    epochs = 32
    right_by_guessing = 0.5

    @property
    @override
    def law(self) -> Law:
        return Law(ways=_WAYS, end=_END, counted="01", sizes=range(1, self.bits + 1), places=_PLACES)

    @override
    def write(self, size: int, rng: Random) -> str:
        bits = f"{rng.getrandbits(size):0{size}b}"
        return f"{bits}={bits.count('1') % 2}"

    @override
    def kept(self, state: State) -> tuple[Kept, ...]:
        return ()

    @override
    def hidden(self, state: State) -> Hidden:
        return {"parity": "odd" if state.node.startswith(_ODD) or state.held == "1" else "even"}
