"""What a made-up language is: its symbols, its rule, the law of its training strings, and their exact truth.

A language is a state machine. Its state after a part of a string says which symbols the rule allows next, how
probable each is among the training strings, and what is hidden in that part, such as a depth of brackets. It
is stepped symbol by symbol, so that walking along a string takes time in proportion to its length.

The rule has no bounds; the law has: it gives no string that is longer or deeper than the options say. The
truth is the probability of each next symbol given the string so far, under the law, lengths included.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Generic, NamedTuple, TypeVar

from rnn_core.config.setting import Settings
from rnn_core.languages.automaton import Automaton, Cells, Count, Kept, Walk, Way, explored
from rnn_core.text.vocabulary import END

NUMBER, CATEGORY = "number", "category"
"""The kinds of hidden truths."""

Hidden = Mapping[str, float | str | None]
"""By name; None where there is nothing to know yet, or no longer."""
S = TypeVar("S")


class Moment(NamedTuple):
    """What is so once a part of a string was read."""

    allowed: tuple[str, ...]
    """What the rule allows next, END included; nothing after a symbol that it did not allow."""
    truth: Mapping[str, float] | None
    """The probability of each next symbol that has any; None after what no training string begins with."""
    decided: str | None
    """The symbol that was decided by what was read: the only one, or the bracket that closes."""
    hidden: Hidden
    """The hidden truths; empty after a symbol that the rule did not allow."""


_BROKEN = Moment((), None, None, {})
_END = "end"
_DRAWN = 30  # strings of each kind, to explore an automaton


def _kept(name: str, kind: str, value: float | str | None) -> Kept:
    if kind == NUMBER:
        return Count(name, int(value or 0))
    return Cells(name, () if value is None else (str(value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Settings, ABC, Generic[S]):
    """A language with its options, which are whole numbers within bounds. S is the type of its states."""

    name: ClassVar[str]
    """As it is typed."""
    title: ClassVar[str]
    """As it is called on screen."""
    rule: ClassVar[str]
    """What a string is, in a sentence."""
    decides: ClassVar[str]
    """The symbols that what came before decides, in a few words."""
    tracked: ClassVar[Mapping[str, str]]
    """The hidden truths by name, and of which kind each is."""
    rivals: ClassVar[Mapping[str, str]] = {}
    """A decided symbol that need not be the most probable -> the one that it must be more probable than."""
    automaton: ClassVar[Automaton | None] = None
    """What is drawn; None for one that is explored, with a node for each set of symbols that may come."""
    always_named: ClassVar[frozenset[str]] = frozenset()
    """The options that its label names at their usual value, too."""
    learning_rate: ClassVar[float] = 1e-2
    """The rate to start from: of those searched in `rnn_core.sweeps.questions`, the one with the fewest bits
    on validation strings in the mean of all cells."""
    epochs: ClassVar[int] = 8
    """How often a network reads the training strings to learn them, if it can."""
    times_longer: ClassVar[float] = 3
    """How many times the size of the largest training strings the longer ones for the test have at most."""

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """All symbols, each a single character that can be seen."""

    @property
    @abstractmethod
    def sizes(self) -> range:
        """The sizes of training strings; all strings of a size have equally many symbols."""

    @abstractmethod
    def write(self, size: int, rng: Random) -> str:
        """A string of this size, drawn by the law of the strings of this size."""

    @property
    @abstractmethod
    def start(self) -> S:
        """The state before the first symbol."""

    @abstractmethod
    def step(self, state: S, symbol: str) -> S:
        """The state after one of the symbols that the rule allows in a state."""

    @abstractmethod
    def allowed(self, state: S) -> tuple[str, ...]:
        """What the rule allows next, END included."""

    @abstractmethod
    def probabilities(self, state: S) -> Mapping[str, float]:
        """The truth in a state that training strings reach and in which the rule allows several symbols.

        Those of them that have the probability 0 may be named, too.
        """

    @abstractmethod
    def hidden(self, state: S) -> Hidden:
        """The hidden truths in a state, those that `tracked` names."""

    def node(self, state: S) -> str:
        """The node of the automaton in a state."""
        return " ".join(_END if symbol == END else symbol for symbol in self.allowed(state))

    def kept(self, state: S) -> tuple[Kept, ...]:
        """What the automaton keeps beside its node, in one order: the hidden truths, unless declared."""
        hidden = self.hidden(state)
        return tuple(_kept(name, kind, hidden[name]) for name, kind in self.tracked.items())

    @property
    def right_by_guessing(self) -> float | None:
        """The share of strings that are right where only the symbol that `decides` names is guessed.

        None where it names several.
        """
        return None

    def closing(self, state: S) -> str | None:
        """The one symbol that could close what is open, where others may come first."""
        return None

    def _changed(self, and_these: frozenset[str] = frozenset()) -> Mapping[str, int]:
        """The options that are not at their usual value, with the ones asked for."""
        values = {name: getattr(self, name) for name in self.settings()}
        usual = {name: declared.default for name, declared in self.settings().items()}
        return {name: value for name, value in values.items() if value != usual[name] or name in and_these}

    @property
    def full_name(self) -> str:
        """The name with the options that are not at their usual value, as in "delay-k100"."""
        return "-".join([self.name, *(f"{name}{value}" for name, value in self._changed().items())])

    @property
    def label(self) -> str:
        """The title with these options and the ones that are always named, as in "delay, k = 20"."""
        named = self._changed(self.always_named)
        return ", ".join([self.title, *(f"{name} = {value:,}" for name, value in named.items())])

    @property
    def predicted(self) -> tuple[str, ...]:
        """What can come next anywhere: all symbols, then END."""
        return (*self.symbols, END)

    @property
    def longer_sizes(self) -> range:
        """The sizes of the longer strings that a network is tested with."""
        largest = self.sizes[-1]
        return range(largest + 1, int(self.times_longer * largest) + 1)

    def length(self, size: int) -> int:
        """How many symbols a string of this size has."""
        return len(self.write(size, Random(0)))

    def draw(self, rng: Random) -> str:
        """A string, drawn by the law of the training strings."""
        return self.write(rng.choice(self.sizes), rng)

    def draw_longer(self, rng: Random) -> str:
        """A string that is longer than all training strings, each of the longer sizes equally likely."""
        return self.write(rng.choice(self.longer_sizes), rng)

    def draw_wrong(self, rng: Random) -> str:
        """A string in which one symbol was put in the place of another so that the rule is broken there.

        Where no other symbol could break it, one stands behind the end.
        """
        string = self.draw(rng)
        others = [
            (place, symbol)
            for place, moment in zip(range(len(string)), self.moments(string), strict=False)
            for symbol in self.symbols
            if symbol not in moment.allowed
        ]
        if not others:
            return string + rng.choice(self.symbols)
        place, symbol = rng.choice(others)
        return string[:place] + symbol + string[place + 1 :]

    def ends_at(self, size: int) -> float:
        """The probability that a training string of at least this size has no more, if all are as likely."""
        return 1 / (self.sizes.stop - size) if size in self.sizes else 0.0

    def moments(self, symbols: Iterable[str]) -> Iterator[Moment]:
        """What is so before the first symbol, then after each; of T symbols T + 1 moments."""
        state = self.start
        moment = self._moment(state, is_possible=True)
        yield moment
        for symbol in symbols:
            if symbol in moment.allowed and symbol != END:
                state = self.step(state, symbol)
                moment = self._moment(state, moment.truth is not None and symbol in moment.truth)
            else:
                moment = _BROKEN
            yield moment

    def walk(self, symbols: Iterable[str]) -> Walk:
        """The path along a string through the automaton, as far as the rule allows."""
        read, states = self._states(symbols)
        nodes = tuple(map(self.node, states))
        automaton = self.automaton or self._explore(read)
        arrows = (automaton.arrow(*way) for way in zip(nodes[:-1], read, nodes[1:], strict=True))
        return Walk(automaton, nodes, tuple(arrows), tuple(map(self.kept, states)))

    def _states(self, symbols: Iterable[str]) -> tuple[list[str], list[S]]:
        """The symbols up to the last that the rule allows, and the states before, between and after them."""
        read, states = list[str](), [self.start]
        for symbol in symbols:
            if symbol == END or symbol not in self.allowed(states[-1]):
                break
            read.append(symbol)
            states.append(self.step(states[-1], symbol))
        return read, states

    def _explore(self, string: Iterable[str]) -> Automaton:
        """The automaton along a string and some that are drawn."""
        rng, ways, ends = Random(0), list[Way](), set[str]()
        drawn = (draw(rng) for draw in (self.draw, self.draw_longer) for _ in range(_DRAWN))
        for read, states in map(self._states, (string, *drawn)):
            nodes = [*map(self.node, states)]
            ways += zip(nodes[:-1], read, nodes[1:], strict=True)
            ends |= {node for node, state in zip(nodes, states, strict=True) if END in self.allowed(state)}
        return explored(self.node(self.start), ways, frozenset(ends))

    def _moment(self, state: S, is_possible: bool) -> Moment:
        allowed = self.allowed(state)
        truth = self._truth(state, allowed) if is_possible else None
        decided = allowed[0] if len(allowed) == 1 else self.closing(state)
        return Moment(allowed, truth, decided, self.hidden(state))

    def _truth(self, state: S, allowed: tuple[str, ...]) -> Mapping[str, float]:
        if len(allowed) == 1:
            return {allowed[0]: 1.0}
        return {symbol: p for symbol, p in self.probabilities(state).items() if p}

    def after(self, prefix: Iterable[str]) -> Moment:
        """What is so after a part of a string."""
        *_, last = self.moments(prefix)
        return last

    def strings(self) -> Iterator[tuple[str, float]]:
        """Every training string with its probability; there are few enough for small options alone."""
        waiting: list[tuple[str, float, S]] = [("", 1.0, self.start)]
        while waiting:
            prefix, probability, state = waiting.pop()
            for symbol, share in self._truth(state, self.allowed(state)).items():
                if symbol == END:
                    yield prefix, probability * share
                else:
                    waiting.append((prefix + symbol, probability * share, self.step(state, symbol)))
