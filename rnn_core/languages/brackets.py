"""Brackets of two kinds up to a greatest depth: with it the language is regular (Hewitt et al., 2020)."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Cells, Kept
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way

_CLOSES = {"(": ")", "[": "]"}
_OPENS = {close: bracket for bracket, close in _CLOSES.items()}
_OPENING, _CLOSING = "".join(_CLOSES), "".join(_OPENS)
_PUSH, _POP = "( [ push", ") ] pop"
_START, _OPEN, _EMPTY = "start", "open", "empty"
_WAYS = (
    Way(_START, _OPENING, _OPEN, "push", _PUSH),
    Way(_OPEN, _OPENING, _OPEN, "push", _PUSH),
    Way(_OPEN, _CLOSING, _EMPTY, "last", _POP),
    Way(_OPEN, _CLOSING, _OPEN, "pop", _POP),
    Way(_EMPTY, _OPENING, _OPEN, "push", _PUSH),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brackets(Language):
    """Brackets of two kinds, each closed by its own kind."""

    pairs: int = setting(20, between=(1, 200))
    """Most pairs. How many pairs a training string has at most."""
    depth: int = setting(5, between=(1, 200))
    """Greatest depth. How many brackets are open at once at most."""
    opening: int = setting(50, between=(5, 95))
    """Opening. The probability in per cent that a bracket opens where one may open or close."""

    name = "brackets"
    title = "brackets of two kinds"
    rule = "Brackets of two kinds, at least one pair, each closed by its own kind, the innermost first."
    decides = "which kind closes"
    tracked: ClassVar = {"depth": NUMBER, "the open bracket": CATEGORY}
    rivals: ClassVar = {")": "]", "]": ")"}
    learning_rate = 3e-2
    times_longer = 2.5
    symbols = ("(", ")", "[", "]")

    @property
    @override
    def law(self) -> Law:
        return Law(
            ways=_WAYS,
            end=_EMPTY,
            counted=_OPENING,
            sizes=range(1, self.pairs + 1),
            due=_CLOSES,
            grows=[1.0, *[self.opening / 100] * (self.depth - 1), 0.0],
            places={_START: Node(0, 0), _OPEN: Node(1, 0, _OPEN), _EMPTY: Node(2, 0, _EMPTY)},
        )

    @override
    def write(self, size: int, rng: Random) -> str:
        text, stack, grows = list[str](), list[str](), self.law.grows
        for left in range(2 * size, 0, -1):
            if left > len(stack) and rng.random() < grows[min(len(stack), self.depth)]:
                stack.append(rng.choice("(["))
                text.append(stack[-1])
            else:
                text.append(_CLOSES[stack.pop()])
        return "".join(text)

    @override
    def kept(self, state: State) -> tuple[Kept, ...]:
        opened = tuple(_OPENS[bracket] for bracket in reversed(state.due))
        return (Cells("the stack of open brackets, the innermost last", opened, len(opened) - 1),)

    @override
    def hidden(self, state: State) -> Hidden:
        return {"depth": len(state.due), "the open bracket": _OPENS[state.due[0]] if state.due else "none"}
