"""Delay: one bit, held while fillers go by (after the latching of Bengio, Simard and Frasconi, 1994)."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way

_FILLERS = ".:-+*#~/"
_START, _BIT, _WAIT, _ASKED, _END = "start", "bit", "wait", "asked", "end"
_PLACES = {
    _START: Node(0, 0), _BIT: Node(1, 0, _BIT), _WAIT: Node(2, 0, _WAIT), _END: Node(1, 1, _END),
    _ASKED: Node(2, 1, "?"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Language):
    """A bit, k fillers, and the bit again."""

    k: int = setting(20, between=(1, 1_000))
    """Fillers between. How many symbols stand between the bit and ?."""
    fillers: int = setting(1, between=(1, len(_FILLERS)))
    """Kinds of fillers. 1 for one that is repeated; of more each is drawn at random."""

    name = "delay"
    title = "delay"
    always_named = frozenset({"k"})
    rule = "A bit, then fillers, at least one, then ?, then the bit again."
    decides = "the bit at the end"
    tracked: ClassVar = {"the bit": CATEGORY, "fillers so far": NUMBER}
    learning_rate = 3e-3
    right_by_guessing = 0.5

    @property
    @override
    def symbols(self) -> tuple[str, ...]:
        return ("0", "1", "?", *_FILLERS[: self.fillers])

    @property
    @override
    def law(self) -> Law:
        fillers = _FILLERS[: self.fillers]
        ways = (
            Way(_START, "01", _BIT, "hold"), Way(_BIT, fillers, _WAIT, label="filler"),
            Way(_WAIT, fillers, _WAIT, label="filler"), Way(_WAIT, "?", _ASKED),
            Way(_ASKED, "01", _END, "held", "the bit"),
        )  # fmt: skip
        return Law(ways=ways, end=_END, counted=fillers, sizes=range(self.k, self.k + 1), places=_PLACES)

    @override
    def write(self, size: int, rng: Random) -> str:
        bit = rng.choice("01")
        return f"{bit}{''.join(rng.choices(self.symbols[3:], k=size))}?{bit}"

    @override
    def hidden(self, state: State) -> Hidden:
        return {"the bit": state.held or None, "fillers so far": state.size}
