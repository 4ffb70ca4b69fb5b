"""a^n b^n: as many b as a, which asks a network to count."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.automaton import Arrow, Automaton, Node
from rnn_core.languages.language import NUMBER, Hidden, Language
from rnn_core.text.vocabulary import END


class Counted(NamedTuple):
    """Where a string of blocks is."""

    a: int
    """How many a were read."""
    block: int
    """Which letter is read now."""
    here: int
    """How many of that letter were read."""


_START = "start"


def counting(letters: str) -> Automaton:
    """The automaton that counts the first letter up and each other one down."""
    nodes = {_START: Node(0, 0)} | {letter: Node(place, 0, letter) for place, letter in enumerate(letters, 1)}
    labels = {letter: f"{letter} {'−1' if place else '+1'}" for place, letter in enumerate(letters)}
    begins = zip((_START, *letters), letters, strict=False)
    arrows = [
        Arrow(begin, letter, letter, labels[letter])
        for before, letter in begins
        for begin in (before, letter)
    ]
    return Automaton(nodes, tuple(arrows), frozenset(letters[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks(Language[Counted]):
    """The letters one after another, each n times, at least once."""

    n: int = setting(
        30, "Longest n", "How often each letter stands in a training string at most.", between=(1, 500)
    )

    start = Counted(0, 0, 0)

    @property
    @override
    def sizes(self) -> range:
        return range(1, self.n + 1)

    @override
    def write(self, size: int, rng: Random) -> str:
        return "".join(symbol * size for symbol in self.symbols)

    @override
    def step(self, state: Counted, symbol: str) -> Counted:
        block = self.symbols.index(symbol)
        return Counted(state.a + (block == 0), block, state.here + 1 if block == state.block else 1)

    @override
    def allowed(self, state: Counted) -> tuple[str, ...]:
        this, following = (*self.symbols, END)[state.block : state.block + 2]
        if state.block == 0:
            return (this, following) if state.a else (this,)
        return (this,) if state.here < state.a else (following,)

    @override
    def probabilities(self, state: Counted) -> dict[str, float]:
        this, following = self.allowed(state)
        ends = self.ends_at(state.a)
        return {this: 1 - ends, following: ends}

    @override
    def node(self, state: Counted) -> str:
        return self.symbols[state.block] if state.a else _START

    @override
    def hidden(self, state: Counted) -> Hidden:
        to_come: dict[str, float] = {}
        for block, symbol in enumerate(self.symbols[1:], 1):
            read = state.a if block < state.block else state.here if block == state.block else 0
            to_come[f"{symbol} to come"] = state.a - read
        return {"a so far": state.a, **to_come}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnBn(Blocks):
    """a^n b^n."""

    name = "anbn"
    title = "aⁿbⁿ"
    rule = "Some a, at least one, then as many b."
    decides = "every b after the first, and the end"
    tracked: ClassVar = {"a so far": NUMBER, "b to come": NUMBER}
    symbols = ("a", "b")
    automaton = counting("ab")
