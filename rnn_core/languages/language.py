"""A made-up language: its symbols, its rule, the law of its training strings, and their exact truth.

The rule and the law are data, a `Law`: ways between nodes, and what a string keeps beside its node. Its state
says which symbols the rule allows next, how probable each is among the training strings, and what is hidden
in the string so far, such as a depth of brackets. It is stepped symbol by symbol, so that walking along a
string takes time in proportion to its length.

The truth is the probability of each next symbol given the string so far, under the law, lengths included.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from rnn_core.config.setting import Settings
from rnn_core.languages.automaton import Automaton, Cells, Count, Kept, Walk, drawing
from rnn_core.languages.law import Law, State, Way
from rnn_core.text.vocabulary import END

NUMBER, CATEGORY = "number", "category"
"""The kinds of hidden truths."""

Hidden = Mapping[str, float | str | None]
"""Hidden truths by name; None where there is nothing to know yet, or no longer."""


class Moment(NamedTuple):
    """The truth once a part of a string was read."""

    allowed: tuple[str, ...]
    """The symbols that the rule allows next, END included; none after a symbol that it did not allow."""
    truth: Mapping[str, float] | None
    """The probability of each next symbol that has any; None after what no training string begins with."""
    decided: str | None
    """The symbol that was decided by what was read: the only one, or the bracket that closes."""
    hidden: Hidden
    """The hidden truths; empty after a symbol that the rule did not allow."""


_BROKEN = Moment((), None, None, {})


def _drawn(name: str, kind: str, value: float | str | None) -> Kept:
    if kind == NUMBER:
        return Count(name, int(value or 0))
    return Cells(name, () if value is None else (str(value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Settings, ABC):
    """A language with its options, which are whole numbers within bounds."""

    name: ClassVar[str]
    """The name as it is typed."""
    title: ClassVar[str]
    """The name on screen."""
    rule: ClassVar[str]
    """A sentence that says which strings are right."""
    decides: ClassVar[str]
    """The symbols that what came before decides, in a few words."""
    tracked: ClassVar[Mapping[str, str]]
    """The hidden truths by name, and of which kind each is."""
    rivals: ClassVar[Mapping[str, str]] = {}
    """A decided symbol that need not be the most probable -> the one that it must be more probable than."""
    always_named: ClassVar[frozenset[str]] = frozenset()
    """The options that its label names at their usual value, too."""
    learning_rate: ClassVar[float] = 1e-2
    """The rate to start from: of those that were searched, the one with the fewest bits
    on validation strings in the mean of all cells."""
    epochs: ClassVar[int] = 8
    """The number of times that a network reads the training strings to learn them, if it can."""
    times_longer: ClassVar[float] = 3
    """The largest size of the longer strings for the test, in largest sizes of training strings."""

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """All symbols, each a single character that can be seen."""

    @property
    def sizes(self) -> range:
        """The sizes of training strings; all strings of a size have equally many symbols."""
        return self.law.sizes

    @property
    @abstractmethod
    def law(self) -> Law:
        """The rule and the law as data."""

    @abstractmethod
    def write(self, size: int, rng: Random) -> str:
        """A string of this size, drawn by the law of the strings of this size."""

    @abstractmethod
    def hidden(self, state: State) -> Hidden:
        """The hidden truths in a state, those that `tracked` names."""

    @property
    def automaton(self) -> Automaton:
        """The drawing of its ways."""
        return drawing(self.law)

    @property
    def right_by_guessing(self) -> float | None:
        """Share of strings that are right where only the symbol that `decides` names is guessed.

        None where it names several.
        """
        return None

    def kept(self, state: State) -> tuple[Kept, ...]:
        """Return what is drawn beside the node, in one order: the hidden truths, unless it is another."""
        hidden = self.hidden(state)
        return tuple(_drawn(name, kind, hidden[name]) for name, kind in self.tracked.items())

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
        """All symbols, then END: the columns of what can come next."""
        return (*self.symbols, END)

    @property
    def longer_sizes(self) -> range:
        """The sizes of the longer strings that a network is tested with."""
        largest = self.sizes[-1]
        return range(largest + 1, int(self.times_longer * largest) + 1)

    def length(self, size: int) -> int:
        """Return the number of symbols in a string of this size."""
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

    def moments(self, symbols: Iterable[str]) -> Iterator[Moment]:
        """Yield the truth before the first symbol, then after each; of T symbols T + 1 moments."""
        law = self.law
        state, is_possible = law.start, True
        following = law.following(state)
        moment = self._moment(law, state, following, is_possible)
        yield moment
        for symbol in symbols:
            if symbol in following:
                is_possible = moment.truth is not None and symbol in moment.truth
                state = law.next_state(state, symbol, following[symbol])
                following = law.following(state)
                moment = self._moment(law, state, following, is_possible)
            else:
                moment, following = _BROKEN, {}
            yield moment

    def walk(self, symbols: Iterable[str]) -> Walk:
        """Return the path along a string through the automaton, as far as the rule allows."""
        law, automaton = self.law, self.automaton
        states, arrows = [law.start], list[int]()
        for symbol in symbols:
            way = law.following(states[-1]).get(symbol)
            if way is None:
                break
            states.append(law.next_state(states[-1], symbol, way))
            arrows.append(automaton.arrow(way.begin, way.end))
        nodes, kept = tuple(state.node for state in states), tuple(map(self.kept, states))
        return Walk(automaton, nodes, tuple(arrows), kept)

    def _moment(self, law: Law, state: State, following: Mapping[str, Way], is_possible: bool) -> Moment:
        allowed = (*following, END) if law.may_end(state) else (*following,)
        truth = law.shares(state, following) if is_possible else None
        closing = state.due[:1] if state.due[:1] in self.rivals else None
        decided = allowed[0] if len(allowed) == 1 else closing
        return Moment(allowed, truth, decided, self.hidden(state))

    def after(self, prefix: Iterable[str]) -> Moment:
        """Return the truth after a part of a string."""
        *_, last = self.moments(prefix)
        return last

    def strings(self) -> Iterator[tuple[str, float]]:
        """Yield every training string with its probability; there are few enough for small options alone."""
        law = self.law
        waiting = [("", 1.0, law.start)]
        while waiting:
            prefix, probability, state = waiting.pop()
            following = law.following(state)
            for symbol, share in law.shares(state, following).items():
                if symbol == END:
                    yield prefix, probability * share
                else:
                    after = law.next_state(state, symbol, following[symbol])
                    waiting.append((prefix + symbol, probability * share, after))
