"""Brackets of two kinds up to a greatest depth: with it the language is regular (Hewitt et al., 2020)."""

from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Cells, Kept, Node
from rnn_core.languages.language import CATEGORY, NUMBER, Hidden, Language
from rnn_core.text.vocabulary import END

_CLOSES = {"(": ")", "[": "]"}
_OPENING, _CLOSING = "".join(_CLOSES), "".join(_CLOSES.values())
_PUSH, _POP = "( [ push", ") ] pop"
_START, _OPEN, _EMPTY = "start", "open", "empty"


class Stack(NamedTuple):
    """The brackets that are open, the innermost first; linked, so that opening one takes no time."""

    bracket: str
    below: Any
    """The stack without it; None at the bottom."""


class Opened(NamedTuple):
    """Which brackets are open, and what may still come."""

    stack: Stack | None
    depth: int
    read: int
    """How many symbols were read."""
    weights: tuple[float, ...]
    """How likely each size is, given the string so far; all 0 beyond the law."""

    @property
    def parted(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The weights of the sizes with room for what is open alone, and of those with room for more."""
        full = (self.read + self.depth) // 2
        return self.weights[:full], self.weights[full:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brackets(Language[Opened]):
    """Brackets of two kinds, each closed by its own kind."""

    pairs: int = setting(20, "Most pairs", "How many pairs a training string has at most.", between=(1, 200))
    depth: int = setting(5, "Greatest depth", "How many brackets are open at once at most.", between=(1, 200))
    opening: int = setting(
        50, "Opening", "The probability in per cent that a bracket opens where one may open or close.",
        between=(5, 95),
    )  # fmt: skip

    name = "brackets"
    title = "brackets of two kinds"
    rule = "Brackets of two kinds, at least one pair, each closed by its own kind, the innermost first."
    decides = "which kind closes"
    tracked: ClassVar = {"depth": NUMBER, "the open bracket": CATEGORY}
    rivals: ClassVar = {")": "]", "]": ")"}
    automaton = Automaton(
        {_START: Node(0, 0), _OPEN: Node(1, 0, _OPEN), _EMPTY: Node(2, 0, _EMPTY)},
        (
            Arrow(_START, _OPENING, _OPEN, _PUSH),
            Arrow(_OPEN, _OPENING + _CLOSING, _OPEN, f"{_PUSH}, {_POP}"),
            Arrow(_OPEN, _CLOSING, _EMPTY, _POP),
            Arrow(_EMPTY, _OPENING, _OPEN, _PUSH),
        ),
        frozenset({_EMPTY}),
    )
    learning_rate = 3e-2
    times_longer = 2.5
    symbols = ("(", ")", "[", "]")

    @property
    @override
    def sizes(self) -> range:
        return range(1, self.pairs + 1)

    def _opens(self, depth: int) -> float:
        """The probability that a bracket opens at a depth, where there is room for more than those open."""
        if depth == 0:
            return 1.0
        return self.opening / 100 if depth < self.depth else 0.0

    @override
    def write(self, size: int, rng: Random) -> str:
        text: list[str] = []
        stack: list[str] = []
        for left in range(2 * size, 0, -1):
            if left > len(stack) and rng.random() < self._opens(len(stack)):
                stack.append(rng.choice("(["))
                text.append(stack[-1])
            else:
                text.append(_CLOSES[stack.pop()])
        return "".join(text)

    @property
    @override
    def start(self) -> Opened:
        return Opened(None, 0, 0, (1 / self.pairs,) * self.pairs)

    @override
    def step(self, state: Opened, symbol: str) -> Opened:
        full, roomy = state.parted
        opens = self._opens(state.depth)
        stack: Stack | None
        if symbol in _CLOSES:
            weights = (*(0.0 for _ in full), *(weight * opens for weight in roomy))
            stack, depth = Stack(symbol, state.stack), state.depth + 1
        else:
            weights = (*full, *(weight * (1 - opens) for weight in roomy))
            stack, depth = state.stack.below if state.stack else None, state.depth - 1
        total = sum(weights) or 1.0
        return Opened(stack, depth, state.read + 1, tuple(weight / total for weight in weights))

    @override
    def allowed(self, state: Opened) -> tuple[str, ...]:
        if state.stack:
            return ("(", "[", _CLOSES[state.stack.bracket])
        return ("(", "[", END) if state.read else ("(", "[")

    @override
    def probabilities(self, state: Opened) -> dict[str, float]:
        full, roomy = map(sum, state.parted)
        opens = self._opens(state.depth)
        last = END if state.stack is None else _CLOSES[state.stack.bracket]
        return {"(": roomy * opens / 2, "[": roomy * opens / 2, last: full + roomy * (1 - opens)}

    @override
    def closing(self, state: Opened) -> str | None:
        return _CLOSES[state.stack.bracket] if state.stack else None

    @override
    def node(self, state: Opened) -> str:
        return _OPEN if state.stack else _EMPTY if state.read else _START

    @override
    def kept(self, state: Opened) -> tuple[Kept, ...]:
        opened: list[str] = []
        stack = state.stack
        while stack:
            opened.insert(0, stack.bracket)
            stack = stack.below
        return (Cells("the stack of open brackets, the innermost last", (*opened,), len(opened) - 1),)

    @override
    def hidden(self, state: Opened) -> Hidden:
        return {"depth": state.depth, "the open bracket": state.stack.bracket if state.stack else "none"}
