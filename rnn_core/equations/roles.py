"""The roles of quantities, as the equations say them: what is kept of a memory, what is written and shown.

The sum that makes a memory is taken apart into what has the old memory in it and what has not. Which gate
keeps and which writes follows from what happens when it opens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from rnn_core.equations.bounds import SHARE, ValueBounds, interval
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, value, walk
from rnn_core.equations.families import Family, families
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.latex import PRODUCT, as_drawn
from rnn_core.equations.reading import Equation
from rnn_core.equations.samples import named_products
from rnn_core.equations.sums import TooLargeError, factors, inlined, product, renamed, split, terms, total

_ONE = Number(1)


class GatePart(NamedTuple):
    """A gate or candidate: a function of the sum of what the word and what the memory contribute."""

    function: str
    """The name of the function in the equations; empty where the part is the sum itself."""
    word: Expression
    """The word's part of the sum, and the biases."""
    memory: Expression | None
    """The memory's part of the sum; None where the word alone decides."""
    times: str
    """The gate that what the memory contributes is multiplied with."""


class Track(NamedTuple):
    """One of several memories of a unit: state' = kept * state + writes * comes * candidate, by letters."""

    state: str
    kept: str
    comes: str
    """The weight of the candidate, beside the gate that writes."""
    shows: str
    """The factor of the new state in h', the sum over all of them."""
    takes: Expression
    """The share of the candidate that comes in."""


class Direction(NamedTuple):
    """The effect of opening a gate: 1 where the share grows, -1 where it falls, 0 for neither."""

    kept: int
    written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The change of a cell's memory in a time step: memory' = stays * memory + comes * candidate."""

    memory: str
    """The letter of what is changed; the next four are letters, too."""
    candidate: str
    """Empty where what is new has no letter of its own, or is a sum."""
    writes: str | None
    """The gate that writes; where `keeps` is None it keeps as well."""
    keeps: str | None
    shows: str | None
    """The gate that what is `shown` is multiplied with in h'."""
    stays: Expression
    """The share of the old memory that stays, of letters of the cell."""
    comes: Expression
    """The share of the candidate that comes in."""
    shown: Expression | None
    """The part of h' made of a memory that is another state; of several `tracks` the part beside them."""
    held_in: str
    """The letter of the state of which the memory is made, where the memory is no state itself."""
    tracks: tuple[Track, ...]
    """The memories of a unit that has several, `memory` the first."""
    directions: Mapping[str, Direction]
    """The effect of opening each gate."""
    adds_up: bool
    """True if what is kept and what is written add up to 1."""
    remembers_by_bias: bool
    """True if the setting `forget_bias` says with which biases the gates start."""

    @property
    def state(self) -> str:
        """The letter of the state that holds the memory."""
        return self.held_in or self.memory

    @property
    def squashes(self) -> bool:
        """True if what is shown is the tanh of the memory."""
        return self.shown == Apply("tanh", (Name(f"{self.memory}'"),))

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that keep and write, that which keeps the old memory first."""
        return tuple(gate for gate in (self.keeps, self.writes) if gate is not None)

    @property
    def shut(self) -> float:
        """The value of the gate that writes at which nothing is written, where it has bounds."""
        return 1.0 if self.writes and self.directions[self.writes].written < 0 else 0.0

    def biases(self, *, keeps: float, writes: float) -> dict[str, float]:
        """The bias of each gate by its letter that opens it by so much to what is kept and to the new."""
        found = {gate: self.directions[gate].kept * keeps for gate in (self.keeps,) if gate is not None}
        if self.writes is not None:
            found[self.writes] = self.directions[self.writes].written * writes
        return found

    def kept_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that stays, given all that was computed by letter."""
        if self.adds_up and any(isinstance(one, Apply) and one.function == "/" for one in walk(self.stays)):
            return 1 - value(self.comes, gates)  # all of it, where nothing can be divided
        return value(self.stays, gates)

    def written_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the candidate that comes in, given all that was computed by letter."""
        return value(self.comes, gates)

    def dropped_share(self, gates: Mapping[str, Any]) -> Any:
        """The share of the old memory that goes, given all that was computed by letter."""
        return value(self.comes, gates) if self.adds_up else 1 - self.kept_share(gates)

    @property
    def kept(self) -> str:
        """The term of the old memory that stays, as the drawing writes it."""
        return _term(self.stays, self.memory)

    @property
    def written(self) -> str:
        """The term of the candidate that comes in, as the drawing writes it."""
        return _term(self.comes, self.candidate or "new")

    @property
    def dropped(self) -> str:
        """The term of the old memory that goes, as the drawing writes it."""
        return _term(self.comes if self.adds_up else Apply("-", (_ONE, self.stays)), self.memory)


def _term(share: Expression, letter: str) -> str:
    return letter if share == _ONE else f"{as_drawn(share, PRODUCT)} {as_drawn(Name(letter))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A gate inside the candidate, which decides how much of h reaches it."""

    gate: str
    candidate: str
    after: bool
    """True if it acts on the product h U + d, and not on h before the product."""


class Roles:
    """The roles of all quantities of a cell, found in its equations."""

    def __init__(self, equations: Equations, mean: Equation | None = None) -> None:
        """`mean` is an equation that a memory which is no state may satisfy: v' = q * v + p * g."""
        self.equations = equations
        self._found = ValueBounds(equations, mean)
        self.mean, self.bounds, self._samples = self._found.mean, self._found.of, self._found.samples
        self.lines = self._found.said
        """The right sides as they are read, by the name of what each makes."""
        self._known = {*equations.letters, *equations.constants} - {*equations.states}
        self.families: Mapping[str, Family] = families(equations)
        found = {line.name.removesuffix("'"): self._part(line) for line in equations.everything}
        self.parts = {letter: part for letter, part in found.items() if part is not None}

    def is_share(self, letter: str) -> bool:
        """True if a quantity lies between 0 and 1."""
        return self.bounds.get(letter) == SHARE

    @cached_property
    def remembering(self) -> tuple[str, ...]:
        """The states that the next time step reads."""
        read = {name for line in self.equations.everything for name in names(line.right)}
        return tuple(state for state in self.equations.states if state in read)

    def _part(self, line: Equation) -> GatePart | None:
        function, inside = "", self.lines[line.name]
        match inside:
            case Apply(function=of, arguments=(one,)) if of in FUNCTIONS and FUNCTIONS[of].is_activation:
                function, inside = of, one
        word, memory = list[tuple[int, Expression]](), list[tuple[int, Expression]]()
        reads_word, quantities = False, {*self.equations.letters} - {*self.equations.states}
        for sign, term in terms(inside):
            named = {*names(term)}
            others = named - {*self.equations.weights, *self.equations.constants, "x"}
            if "x" in named:
                if others or not _is_linear(term):
                    return None
                reads_word = True
            (memory if others else word).append((sign, term))
        used = {name for _, term in memory for name in names(term)} & quantities
        if not reads_word or (line.name.endswith("'") and not function and used):
            return None
        times = ""
        if len(memory) == 1 and memory[0][0] > 0:
            several = [*factors(memory[0][1])]
            gate = next((one.name for one in several if isinstance(one, Name) and one.name in quantities), "")
            rest = [one for one in several if one != Name(gate)]
            if gate and any(isinstance(one, Product) for factor in rest for one in walk(factor)):
                times, memory = gate, [(1, product(rest))]
        return GatePart(function, total(word), total(memory) if memory else None, times)

    @cached_property
    def reset(self) -> Reset | None:
        """The gate inside a candidate."""
        for letter, part in self.parts.items():
            if part.times in self.parts:
                return Reset(gate=part.times, candidate=letter, after=True)
            for one in walk(part.memory) if part.memory is not None else ():
                inside = [*names(one.left)] if isinstance(one, Product) else []
                for gate in inside:
                    if gate in self.parts and gate not in self.equations.states and self.is_share(gate):
                        return Reset(gate=gate, candidate=letter, after=False)
        return None

    @cached_property
    def update(self) -> Update | None:
        """The change of the memory by gates or fixed shares; None where it is nothing so simple."""
        tracks = self._tracks()
        memory, right = next(self._memories(tracks), ("", Number(0)))  # of which nothing stays
        if (taken := self._taken_apart(memory, right)) is None:
            return None
        stays, comes, candidate = taken
        directions = self._directions(stays, comes, candidate)
        are_numbers = isinstance(stays, Number) and isinstance(comes, Number)
        if not directions and not (candidate and are_numbers):
            return None
        writes, keeps = self._gates(directions)
        shown, shows = self._shown(memory)
        if tracks:
            shown = self._rest_of_shown(tracks)
        if memory != "h" and shown is None:
            return None
        made_of = names(self.lines[self.equations[memory].name])
        states_of_it = (name.removesuffix("'") for name in made_of if name.endswith("'"))
        return Update(
            memory=memory,
            candidate=candidate,
            writes=writes,
            keeps=keeps,
            shows=shows,
            stays=stays,
            comes=comes,
            shown=shown,
            held_in="" if memory in self.equations.states else next(states_of_it, ""),
            tracks=tracks,
            directions=directions,
            adds_up=self._samples.adds_up(stays, comes),
            remembers_by_bias=bool(directions) and self._can_forget(stays),
        )

    def _memories(self, tracks: Sequence[Track]) -> Iterator[tuple[str, Expression]]:
        """Memories with what makes them: tracks, a mean, then states that keep something and that h shows."""
        for track in tracks:
            yield track.state, self.lines[f"{track.state}'"]
        if self.mean is not None:
            yield self.mean.name.removesuffix("'"), self.mean.right
        for state in self.equations.states:
            right = self.lines[f"{state}'"]
            is_shown = state == "h" or f"{state}'" in names(self.lines["h'"])
            if is_shown and _split_memory(named_products(right), state):
                yield state, right

    def _taken_apart(self, memory: str, right: Expression) -> tuple[Expression, Expression, str] | None:
        """Return the factors of the old memory and of a candidate, and the candidate."""
        written_out = {
            name: expression
            for name, expression in self.lines.items()
            if name not in self.parts and not name.endswith("'")
        }
        for prepared in (lambda one: one, lambda one: inlined(one, written_out)):
            try:
                found = _split_memory(prepared(right), memory)
            except TooLargeError:
                return None
            if found is None:
                continue
            stays, new = found
            several = [
                (letter, of_letter[0])
                for letter in self.parts
                if letter != memory and (of_letter := split(new, letter)) and of_letter[1] == Number(0)
            ]
            if several:
                letter, comes = min(several, key=lambda one: self._unlike_a_candidate(one[0], stays))
                if {*names(stays), *names(comes)} <= self._known:
                    return self._numbers_put_in(stays), self._numbers_put_in(comes), letter
        return self._summed_shares(memory, named_products(right))

    def _summed_shares(self, memory: str, right: Expression) -> tuple[Expression, Expression, str] | None:
        """Returns the factors where new content has no letter or is a sum: those of its terms, added up."""
        found = _split_memory(right, memory)
        if found is None or not {*names(found[0])} <= self._known:
            return None
        shares = list[tuple[int, Expression]]()
        for _, term in terms(found[1]):
            several = [
                one for one in factors(term)
                if {*names(one)} <= self._known and interval(one, self._found.by_name)[0] >= 0
            ]  # fmt: skip
            shares.append((1, product(several)))
        return self._numbers_put_in(found[0]), self._numbers_put_in(total(shares)), ""

    def _numbers_put_in(self, expression: Expression) -> Expression:
        """An expression whose constants are numbers."""
        found = inlined(expression, {name: Number(one) for name, one in self.equations.constants.items()})
        return found if any(names(found)) else Number(float(value(found, {})))

    def _unlike_a_candidate(self, letter: str, stays: Expression) -> tuple[bool, bool, bool, int]:
        """Return a key by which the candidate comes first: one that is no share, of each unit, made last."""
        return (
            self.bounds[letter][0] >= 0,
            self.equations.widths[self.equations[letter].name] == 1,
            letter in names(stays),
            -self.equations.letters.index(letter),
        )

    def _directions(self, stays: Expression, comes: Expression, candidate: str) -> dict[str, Direction]:
        """Return the effect of opening each gate that the shares depend on."""
        depends = {*names(stays), *names(comes)}
        for line in reversed(self.equations.everything):
            if line.name in depends and line.name not in self.parts:
                depends |= {*names(self.lines[line.name])}
        found = {}
        for gate in self.parts:
            if gate in depends and gate != candidate and gate not in self.equations.states:
                kept, written = (
                    self._samples.direction(one, gate, self.bounds[gate]) for one in (stays, comes)
                )
                if kept or written:
                    found[gate] = Direction(kept, written)
        return found

    def _gates(self, directions: Mapping[str, Direction]) -> tuple[str | None, str | None]:
        """The gate that writes, and that which keeps."""
        by_writing = sorted(
            (gate for gate, way in directions.items() if way.written),
            key=lambda gate: (directions[gate].written < 0, directions[gate].kept != 0),
        )
        writes = by_writing[0] if by_writing else None
        keepers = [gate for gate, way in directions.items() if way.kept and gate != writes]
        return writes, max(keepers, key=lambda gate: directions[gate].kept) if keepers else None

    def _can_forget(self, stays: Expression) -> bool:
        """True if the gates can let all go, or no weight holds some of the memory as it begins."""
        made = {name: right for name, right in self.lines.items() if name not in self.parts}
        raw = {line.name: line.right for line in self.equations.everything}
        firsts = self.equations.firsts(is_last_layer=False)
        by_weight = {name: interval(first, {}) for name, first in firsts.items()}
        try:
            least, _ = interval(inlined(stays, raw), by_weight)
            is_by_weight = not {*self.equations.weights}.isdisjoint(names(inlined(stays, made)))
        except TooLargeError:
            return True
        return not (is_by_weight and least > 0)

    def _shown(self, memory: str) -> tuple[Expression | None, str | None]:
        """Return the part of h' made of a memory, and the gate that it is multiplied with."""
        if memory == "h":
            return None, None
        news = {f"{state}'" for state in self.equations.states}
        several = [*factors(self.lines["h'"])]
        of_memory = [one for one in several if news & {*names(one)}]
        gate: str | None = None
        match of_memory, [one for one in several if one not in of_memory]:
            case [shown], [Name(name=gate)] if gate in self.parts:
                pass
            case [shown], []:
                pass
            case _:
                return None, None
        if shown == self.lines.get(memory):
            shown = Name(f"{memory}'")
        return (shown, gate) if {*names(shown)} == {f"{memory}'"} else (None, None)

    def _rest_of_shown(self, tracks: tuple[Track, ...]) -> Expression | None:
        """Return the part of h' beside the memories; None where h' is not their sum and that."""
        rest: Expression = self.lines["h'"]
        for track in tracks:
            if (found := split(rest, f"{track.state}'")) is None:
                return None
            rest = found[1]
        return rest

    def _tracks(self) -> tuple[Track, ...]:
        found = []
        for state in self.equations.states:
            if state not in self.families:
                continue
            taken = self._taken_apart(state, self.lines[f"{state}'"])
            shown = split(self.lines["h'"], f"{state}'")
            if taken is None or shown is None:
                return ()
            stays, comes, _ = taken
            of_family = [name for name in names(comes) if name in self.families]
            match stays, shown[0], of_family:
                case Name(name=kept), Name(name=shows), [weight]:
                    found.append(Track(state, kept, weight, shows, comes))
                case _:
                    return ()
        return tuple(found)

    @cached_property
    def shares(self) -> Mapping[str, str]:
        """The quantities made of a gate that say how much is kept or written -> the gate."""
        update = self.update
        if update is None:
            return {}
        kept = {*names(update.stays), *(track.kept for track in update.tracks)}
        gates = dict.fromkeys(names(update.comes), update.writes)
        gates |= dict.fromkeys(kept, update.keeps or update.writes)
        made = (letter for letter in self.equations.letters if letter not in self.parts)
        return {letter: gate for letter in made if (gate := gates.get(letter)) is not None}

    @cached_property
    def scales(self) -> tuple[str, ...]:
        """The states that are made of gates alone: they say in what units another one is."""
        update = self.update
        if update is None:
            return ()
        content = {update.candidate, update.memory, "h", *(track.state for track in update.tracks)}
        content |= {f"{letter}'" for letter in content}
        found = []
        for line in self.equations.everything:
            letter = line.name.removesuffix("'")
            depends = {*names(line.right)} - {*self.equations.weights}
            if letter not in self.parts and depends & content:
                content |= {letter, line.name}
            elif line.name != letter and letter not in self.parts and letter not in content:
                found.append(letter)
        return tuple(found)

    @cached_property
    def is_parallel(self) -> bool:
        """True if each new state is the old one times a factor plus a summand, which read no state.

        What no later time step reads, such as an h that is shown only, may be anything.
        """
        reads = {*self.equations.states}  # and all that is made of an old state
        goes_on = self.equations.made_of(f"{state}'" for state in self.remembering)
        for line in self.equations.everything:
            if line.name in goes_on:
                right = renamed(line.right, lambda name: "an old state" if name in reads else name)
                if (found := split(right, "an old state")) is None:
                    return False
                if found[0] != Number(0):
                    reads.add(line.name)
        return True


def _split_memory(expression: Expression, memory: str) -> tuple[Expression, Expression] | None:
    """A and B of A times the memory plus B; None where it is nothing of the kind, or A is 0."""
    found = split(expression, memory)
    return found if found is not None and found[0] != Number(0) else None


def _is_linear(term: Expression) -> bool:
    """True if a term has x as the factor of a matrix, beside nothing but weights."""
    match term:
        case Product(left=Name(name="x")):
            return True
        case Product(left=left):
            return _is_linear(left)
        case Apply(function="*", arguments=(left, right)):
            one, other = ("x" in names(side) for side in (left, right))
            return one != other and _is_linear(left if one else right)
        case Apply(function="/", arguments=(left, right)):
            return "x" not in names(right) and _is_linear(left)
    return False
