"""The roles of quantities, as the equations say them: what is kept of a memory, what is written and shown.

The sum that makes a memory is taken apart into what has the old memory in it and what has not. Which gate
keeps and which writes follows from what happens when it opens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rnn_core.equations.bounds import ALL, Bounds, Interval, at_first, interval
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, walk
from rnn_core.equations.families import Family, families
from rnn_core.equations.latex import PRODUCT, as_drawn
from rnn_core.equations.reading import Equation
from rnn_core.equations.samples import without_products
from rnn_core.equations.sums import TooLargeError, factors, in_full, product, split, terms, total
from rnn_core.equations.values import value

_APPLIED = ("sigmoid", "tanh", "relu", "softplus")
_ONE = Number(1)
_SHARE: Interval = (0.0, 1.0)


class Part(NamedTuple):
    """A gate or candidate: a function of the sum of what the word and what the memory contribute."""

    function: str
    """The name of the function in the equations; empty where the part is the sum itself."""
    word: Expression
    """With the biases."""
    memory: Expression | None
    """None where the word alone decides."""
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
    writes: str | None = None
    """The gate that writes; where `keeps` is None it keeps as well."""
    keeps: str | None = None
    shows: str | None = None
    """The gate that what is `shown` is multiplied with in h'."""
    stays: Expression = _ONE
    """The share of the old memory that stays, of letters of the cell; else `keeps`, or 1 - `writes`."""
    comes: Expression = _ONE
    """The share of the candidate that comes in; else `writes`."""
    shown: Expression | None = None
    """The part of h' made of a memory that is another state; of several `tracks` the part beside them."""
    held_in: str = ""
    """The letter of the state of which the memory is made, where the memory is no state itself."""
    tracks: tuple[Track, ...] = ()
    """Where a unit has several memories, each of them, `memory` the first."""
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """The effect of opening each gate."""
    adds_up: bool = False
    """True if what is kept and what is written add up to 1."""
    remembers_by_bias: bool = True
    """True if the setting `forget_bias` says with which biases the gates start."""

    def __post_init__(self) -> None:
        if self.directions or not self.gates:
            return
        gates = {gate: Direction(1, -1) for gate in (self.keeps,) if gate}
        if self.writes:
            gates[self.writes] = Direction(0 if self.keeps else -1, 1)
        put = object.__setattr__
        put(self, "directions", gates)
        put(self, "adds_up", self.keeps is None)
        if self.writes:
            stays = Name(self.keeps) if self.keeps else Apply("-", (_ONE, Name(self.writes)))
            put(self, "stays", stays)
            put(self, "comes", Name(self.writes))
        if self.memory != "h" and self.shown is None:
            put(self, "shown", Apply("tanh", (Name(f"{self.memory}'"),)))

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
        self._found = Bounds(equations, mean)
        self.mean = self._found.mean
        self.bounds = self._found.of
        self.lines = self._found.said
        """The right sides as they are read, by the name of what each makes."""
        self.families: Mapping[str, Family] = families(equations)
        self.parts = dict(self._all_parts())

    def is_share(self, letter: str) -> bool:
        """True if a quantity lies between 0 and 1."""
        return self.bounds.get(letter) == _SHARE

    @cached_property
    def remembering(self) -> tuple[str, ...]:
        """The states that the next time step reads."""
        read = {name for line in self.equations.everything for name in names(line.right)}
        return tuple(state for state in self.equations.states if state in read)

    def _all_parts(self) -> Iterator[tuple[str, Part]]:
        for line in self.equations.everything:
            part = self._part(self.lines[line.name], is_state=line.name.endswith("'"))
            if part is not None:
                yield line.name.removesuffix("'"), part

    def _part(self, right: Expression, *, is_state: bool) -> Part | None:
        function, inside = "", right
        match right:
            case Apply(function=applied, arguments=(one,)) if applied in _APPLIED:
                function, inside = applied, one
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
        if not reads_word or (is_state and not function and used):
            return None
        times = ""
        if len(memory) == 1 and memory[0][0] > 0:
            several = [*factors(memory[0][1])]
            gate = next((one.name for one in several if isinstance(one, Name) and one.name in quantities), "")
            rest = [one for one in several if one != Name(gate)]
            if gate and any(isinstance(one, Product) for factor in rest for one in walk(factor)):
                times, memory = gate, [(1, product(rest))]
        return Part(function, total(word), total(memory) if memory else None, times)

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
        if self.mean is not None:
            memory, right = self.mean.name.removesuffix("'"), self.mean.right
        else:
            found = next(self._memories(), None)
            if found is None:
                return None
            memory, right = found
        if tracks:
            memory = tracks[0].state
            right = self.lines[f"{memory}'"]
        taken = self._taken_apart(memory, right)
        if taken is None:
            return None
        stays, comes, candidate = taken
        directions = self._directions(stays, comes, candidate)
        are_numbers = isinstance(stays, Number) and isinstance(comes, Number)
        if not directions and not (candidate and are_numbers):
            return None
        writes, keeps = self._gates(directions)
        shown, shows = self._shown(memory)
        if tracks:
            shown = self._beside(tracks)
        if memory != "h" and shown is None:
            return None
        samples = self._samples
        return Update(
            memory=memory,
            candidate=candidate,
            writes=writes,
            keeps=keeps,
            shows=shows,
            stays=stays,
            comes=comes,
            shown=shown,
            held_in="" if memory in self.equations.states else self._holder(memory),
            tracks=tracks,
            directions=directions,
            adds_up=samples.adds_up(stays, comes),
            remembers_by_bias=bool(directions) and self._can_forget(stays),
        )

    @property
    def _samples(self) -> Any:
        return self._found.samples

    def _memories(self) -> Iterator[tuple[str, Expression]]:
        """The states that keep something of themselves, h first, then those that h shows."""
        for state in self.equations.states:
            right = self.lines[f"{state}'"]
            parts = split(without_products(right), state)
            is_shown = state == "h" or f"{state}'" in names(self.lines["h'"])
            if parts is not None and parts[0] != Number(0) and is_shown:
                yield state, right

    def _taken_apart(self, memory: str, right: Expression) -> tuple[Expression, Expression, str] | None:
        """Return the factors of the old memory and of a candidate, and the candidate."""
        written_out = {
            name: expression
            for name, expression in self.lines.items()
            if name not in self.parts and not name.endswith("'")
        }
        for prepared in (lambda one: one, lambda one: in_full(one, written_out)):
            try:
                found = split(prepared(right), memory)
            except TooLargeError:
                return None
            if found is None or found[0] == Number(0):
                continue
            stays, new = found
            several = [
                (letter, of_letter[0])
                for letter in self.parts
                if letter != memory and (of_letter := split(new, letter)) and of_letter[1] == Number(0)
            ]
            if several:
                letter, comes = min(several, key=lambda one: self._unlike_a_candidate(one[0], stays))
                known = {*self.equations.letters, *self.equations.constants} - {*self.equations.states}
                if {*names(stays), *names(comes)} <= known:
                    return self._with_numbers(stays), self._with_numbers(comes), letter
        return self._without_candidate(memory, without_products(right))

    def _without_candidate(self, memory: str, right: Expression) -> tuple[Expression, Expression, str] | None:
        """Returns the factors where new content has no letter or is a sum: those of its terms, added up."""
        known = {*self.equations.letters, *self.equations.constants} - {*self.equations.states}
        found = split(right, memory)
        if found is None or found[0] == Number(0) or not {*names(found[0])} <= known:
            return None
        shares = list[tuple[int, Expression]]()
        for _, term in terms(found[1]):
            several = [one for one in factors(term) if {*names(one)} <= known and self._at_least(one) >= 0]
            shares.append((1, product(several)))
        return self._with_numbers(found[0]), self._with_numbers(total(shares)), ""

    def _at_least(self, expression: Expression) -> float:
        constants = self.equations.constants
        given = {name: (number, number) for name, number in constants.items()}
        return interval(expression, lambda name: self.bounds.get(name) or given.get(name, ALL))[0]

    def _with_numbers(self, expression: Expression) -> Expression:
        """With constants as numbers."""
        found = in_full(expression, {name: Number(one) for name, one in self.equations.constants.items()})
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
        firsts = at_first(self.equations)
        made = {name: right for name, right in self.lines.items() if name not in self.parts}
        raw = {line.name: line.right for line in self.equations.everything}
        try:
            least, _ = interval(in_full(stays, raw), lambda name: firsts.get(name, ALL))
            by_weight = not {*self.equations.weights}.isdisjoint(names(in_full(stays, made)))
        except TooLargeError:
            return True
        return not (by_weight and least > 0)

    def _shown(self, memory: str) -> tuple[Expression | None, str | None]:
        """Return the part of h' made of a memory, and the gate that it is multiplied with."""
        if memory == "h":
            return None, None
        news = {f"{state}'" for state in self.equations.states}
        several = [*factors(self.lines["h'"])]
        of_memory = [one for one in several if news & {*names(one)}]
        gates = [one.name for one in several if one not in of_memory and isinstance(one, Name)]
        if len(of_memory) != 1 or len(gates) + 1 != len(several) or len(gates) > 1:
            return None, None
        if any(gate not in self.parts for gate in gates):
            return None, None
        shown = of_memory[0]
        if memory in self.equations.letters and shown == self.lines.get(memory):
            shown = Name(f"{memory}'")
        if {*names(shown)} != {f"{memory}'"}:
            return None, None
        return shown, gates[0] if gates else None

    def _beside(self, tracks: tuple[Track, ...]) -> Expression | None:
        """Return the part of h' beside the memories; None where h' is not their sum and that."""
        rest: Expression = self.lines["h'"]
        for track in tracks:
            if (found := split(rest, f"{track.state}'")) is None:
                return None
            rest = found[1]
        return rest

    def _holder(self, memory: str) -> str:
        """The first state of which a memory is made that is none."""
        found = (name.removesuffix("'") for name in names(self.lines[memory]) if name.endswith("'"))
        return next(found, "")

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
        found: dict[str, str] = {}
        kept = {*names(update.stays), *(track.kept for track in update.tracks)}
        for some, gate in ((kept, update.keeps or update.writes), ({*names(update.comes)}, update.writes)):
            for letter in self.equations.letters:
                if letter in some and letter not in self.parts and gate is not None:
                    found.setdefault(letter, gate)
        return found

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
        reads: dict[str, bool] = {}  # whether what is computed depends on an old state, by name
        states, goes_on = {*self.equations.states}, {f"{state}'" for state in self.remembering}
        for line in reversed(self.equations.everything):
            goes_on |= {*names(line.right)} if line.name in goes_on else set()
        for line in self.equations.everything:
            if line.name not in goes_on:
                continue
            linear = self._is_linear_in_states(line.right, states, reads)
            if linear is None:
                return False
            reads[line.name] = linear
        return True

    def _is_linear_in_states(
        self, expression: Expression, states: set[str], reads: Mapping[str, bool]
    ) -> bool | None:
        """True if an expression reads a state; None where it is not linear in it."""
        match expression:
            case Number():
                return False
            case Name(name=name):
                return name in states or reads.get(name, False)
            case Product(left=left):
                return None if self._is_linear_in_states(left, states, reads) is not False else False
            case Apply(function=function, arguments=arguments):
                found = [self._is_linear_in_states(one, states, reads) for one in arguments]
                if None in found:
                    return None
                if function in ("+", "-") or not any(found):
                    return any(found)
                if function == "*" and not all(found):
                    return True
                return True if function == "/" and not found[1] else None


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
