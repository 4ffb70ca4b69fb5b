"""a^n b^n: as many b as a, which asks a network to count."""

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import ClassVar

from typing_extensions import override

from rnn_core.config.setting import setting
from rnn_core.languages.language import NUMBER, Hidden, Language
from rnn_core.languages.law import Law, Node, State, Way

_START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks(Language):
    """The letters one after another, each n times, at least once."""

    n: int = setting(30, between=(1, 500))
    """Longest n. How often each letter stands in a training string at most."""

    @property
    @override
    def law(self) -> Law:
        first, *others = self.symbols
        ways = [Way(begin, first, first, "push", f"{first} +1") for begin in (_START, first)]
        ways += [
            Way(begin, letter, letter, "pop", f"{letter} −1")
            for before, letter in pairwise(self.symbols)
            for begin in (before, letter)
        ]
        places = {letter: Node(place, 0, letter) for place, letter in enumerate(self.symbols, 1)}
        return Law(
            ways=ways,
            end=others[-1],
            counted=first,
            sizes=range(1, self.n + 1),
            due={first: "".join(others)},
            places={_START: Node(0, 0), **places},
        )

    @override
    def write(self, size: int, rng: Random) -> str:
        return "".join(symbol * size for symbol in self.symbols)

    @override
    def hidden(self, state: State) -> Hidden:
        to_come = {f"{symbol} to come": state.due.count(symbol) for symbol in self.symbols[1:]}
        return {"a so far": state.size, **to_come}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnBn(Blocks):
    """The language a^n b^n."""

    name = "anbn"
    title = "aⁿbⁿ"
    rule = "Some a, at least one, then as many b."
    decides = "every b after the first, and the end"
    tracked: ClassVar = {"a so far": NUMBER, "b to come": NUMBER}
    symbols = ("a", "b")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnBnCn(Blocks):
    """a^n b^n c^n: as many c as b as a, which asks a network to count twice at once."""

    name = "anbncn"
    title = "aⁿbⁿcⁿ"
    rule = "Some a, at least one, then as many b, then as many c."
    decides = "every b after the first, every c, and the end"
    tracked: ClassVar = {"a so far": NUMBER, "b to come": NUMBER, "c to come": NUMBER}
    learning_rate = 3e-3
    symbols = ("a", "b", "c")
