"""What a cell computes, as a formula over its parts: the right cells and the mistaken ones alike.

A one-state cell is h' = F(A * h + B * n), one with two states c' = A * c + B * n and h' = C * D(c'). A, B and
C are products of gates, of 1 - gates and of constants, n is a candidate. All cells that can be written so are
compared with what the student's computes, the simplest first; which of them are right, `equations` says.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnn_core.own_cells.assignment import FUNCTIONS, Assignment, Inputs, Numbers

_GATES = (
    "sigmoid",
    "tanh",
    "nothing",
    "relu",
    "softmax",
    "hardsigmoid",
    "exp",
    "softplus",
    "sigmoid of sigmoid",
)
_CONSTANTS = (0.0, 1.0, -1.0, 0.5, 2.0)
_FIRST_LOOK = 1e-7
_EXACT = 1e-8


class Gate(NamedTuple):
    """A part behind a function, or 1 minus that."""

    part: int
    function: str = "sigmoid"
    is_complement: bool = False

    def of(self, sums: Sequence[Numbers]) -> Numbers:
        """The values, (N, H)."""
        values = FUNCTIONS[self.function](sums[self.part])
        return 1 - values if self.is_complement else values


class Factor(NamedTuple):
    """A constant times gates."""

    constant: float = 1.0
    gates: tuple[Gate, ...] = ()

    def of(self, sums: Sequence[Numbers]) -> Numbers | float:
        """The values, (N, H), or one number."""
        values: Numbers | float = self.constant
        for gate in self.gates:
            values = values * gate.of(sums)
        return values

    @property
    def cost(self) -> float:
        """How far it is from a single gate with a sigmoid, or from 1."""
        strange = sum(gate.function != "sigmoid" for gate in self.gates)
        is_odd = self.constant not in (0.0, 1.0)
        return 0.4 * len(self.gates) + strange + is_odd + 0.2 * (self.constant == 0)


ZERO, ONE = Factor(0.0), Factor()


class Candidate(NamedTuple):
    """function(inner * (a + gate * b)) * outer, where a and b are parts; b, the gates may be missing."""

    function: str
    part: int
    gated: int | None = None
    gate: Factor = ONE
    inner: Factor = ONE
    outer: Factor = ONE
    added: str = ""
    """The state that is added inside of the function, where there is one."""

    def of(self, sums: Sequence[Numbers], states: Mapping[str, Numbers]) -> Numbers:
        """The values, (N, H)."""
        a = sums[self.part]
        if self.gated is not None:
            a = a + self.gate.of(sums) * sums[self.gated]
        if self.added:
            a = a + states[self.added]
        values: Numbers = self.outer.of(sums) * FUNCTIONS[self.function](self.inner.of(sums) * a)
        return values

    @property
    def parts(self) -> set[int]:
        """The parts that it is made of, without its gates."""
        return {self.part} | ({self.gated} if self.gated is not None else set())

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates in it."""
        return self.gate.gates + self.inner.gates + self.outer.gates

    @property
    def cost(self) -> float:
        """How far it is from the tanh of one part."""
        return (
            (self.function != "tanh")
            + 0.5 * bool(self.added)
            + 0.3 * (self.gated is not None)
            + 0.5 * self.gate.cost
            + 1.5 * (self.inner.cost + self.outer.cost)
        )


class Mix(NamedTuple):
    """function((keep * memory + write * candidate) * outer)."""

    memory: str
    keep: Factor
    write: Factor
    candidate: Candidate | None
    """None where a second part is added instead, see `plus`."""
    function: str = "nothing"
    outer: Factor = ONE
    plus: Candidate | None = None

    def of(self, sums: Sequence[Numbers], states: Mapping[str, Numbers]) -> Numbers:
        """The values, (N, H)."""
        values = self.keep.of(sums) * states[self.memory]
        for candidate in (self.candidate, self.plus):
            if candidate is not None:
                values = values + self.write.of(sums) * candidate.of(sums, states)
        mixed: Numbers = FUNCTIONS[self.function](values) * self.outer.of(sums)
        return mixed

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates in it."""
        inside = self.candidate.gates if self.candidate else ()
        return self.keep.gates + self.write.gates + self.outer.gates + inside

    @property
    def parts(self) -> set[int]:
        """All parts in it."""
        candidates = [one for one in (self.candidate, self.plus) if one is not None]
        return {gate.part for gate in self.gates} | {part for one in candidates for part in one.parts}

    @property
    def is_balanced(self) -> bool:
        """Whether one gate keeps and the rest of 1 writes, or the other way round."""
        keep, write = self.keep, self.write
        return (
            len(keep.gates) == len(write.gates) == 1
            and keep.constant == write.constant == 1
            and keep.gates[0]._replace(is_complement=not keep.gates[0].is_complement) == write.gates[0]
        )

    @property
    def cost(self) -> float:
        """How far it is from what cells do."""
        return (
            self.keep.cost
            + self.write.cost
            + (self.candidate.cost if self.candidate else 0)
            + (self.plus.cost + 0.5 if self.plus else 0)
            + 2 * (self.function != "nothing")
            + 2 * self.outer.cost
            - 0.5 * self.is_balanced
        )


class Shown(NamedTuple):
    """factor * function(of): how h' is made where there is a cell state."""

    factor: Factor
    function: str
    of: str
    """ "c'", "c", or "n" for the candidate."""

    @property
    def cost(self) -> float:
        """How far it is from o * tanh(c')."""
        return self.factor.cost + (self.function != "tanh") + (self.of != "c'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """All that a cell computes."""

    mix: Mix
    """What makes the new memory: h', or c' where there are two states."""
    shown: Shown | None = None
    returned: tuple[str, ...] = ("h'",)
    """What stands at each place of what is returned."""
    offsets: tuple[float, ...] = ()
    """What is added to each part before its function, beside its own bias."""

    def moved(self, sums: Sequence[Numbers]) -> list[Numbers]:
        """The parts with their offsets."""
        return [a + offset for a, offset in zip(sums, self.offsets, strict=True)]

    def quantities(self, sums: Sequence[Numbers], states: Sequence[Numbers]) -> dict[str, Numbers]:
        """All that it computes by a name of ours: h', c', n, keep, write, shows."""
        sums = self.moved(sums)
        named = dict(zip(("h", "c"), states, strict=False))
        found = {"n": self.mix.candidate.of(sums, named)} if self.mix.candidate else {}
        for name, factor in (("keep", self.mix.keep), ("write", self.mix.write)):
            if factor.gates:
                found[name] = np.asarray(factor.of(sums))
        memory = self.mix.of(sums, named)
        if self.shown is None:
            return found | {"h'": memory}
        found |= named | {"c'": memory}
        seen = FUNCTIONS[self.shown.function](found[self.shown.of])
        if self.shown.factor.gates:
            found["shows"] = np.asarray(self.shown.factor.of(sums))
        return found | {"h'": self.shown.factor.of(sums) * seen}

    def compute(self, sums: Sequence[Numbers], states: Sequence[Numbers]) -> tuple[Numbers, ...]:
        """What is returned, each (N, H)."""
        values = self.quantities(sums, states) | dict(zip(("h", "c"), states, strict=False))
        return tuple(values[name] for name in self.returned)

    @property
    def parts(self) -> set[int]:
        """All parts in it."""
        return self.mix.parts | ({gate.part for gate in self.shown.factor.gates} if self.shown else set())

    @property
    def cost(self) -> float:
        """How far it is from what cells do."""
        return self.mix.cost + (self.shown.cost if self.shown else 0)


def formulas(assignment: Assignment, inputs: Inputs) -> Iterator[Formula]:
    """The formulas that compute what came out, in which every part has its place; the simplest first."""
    sums = assignment.sums(inputs)
    if not sums or len(inputs.states) > 2:
        return
    # A part that acts inside another one's sum has its place there.
    gating = {source.part for part in assignment.parts for source in part.sources if source.part >= 0}
    needed = set(range(len(sums))) - gating
    for offsets, is_wide in _tries(len(sums)):
        moved = [a + offset for a, offset in zip(sums, offsets, strict=True)]
        space = _Space(moved, inputs, is_wide)
        found = [
            Formula(mix=mix, shown=shown, returned=returned, offsets=offsets)
            for mix, shown, returned in space.found()
        ]
        fitting = [one for one in found if needed <= one.parts]
        if fitting:
            yield from sorted(fitting, key=lambda one: one.cost)
            return


def agrees(formula: Formula, assignment: Assignment, inputs: Inputs) -> bool:
    """Whether a formula computes what came out."""
    computed = formula.compute(assignment.sums(inputs), inputs.states)
    return all(
        one.shape == other.shape and bool(np.allclose(one, other, rtol=_EXACT, atol=_EXACT))
        for one, other in zip(computed, inputs.new, strict=False)
    )


def _tries(parts: int) -> Iterator[tuple[tuple[float, ...], bool]]:
    """Offsets of the parts, and whether odd formulas are looked at.

    An offset is a constant that is written into the code, such as sigmoid(a + 1) for a forget gate.
    """
    none = (0.0,) * parts
    yield none, False
    for size in (1.0, -1.0, 2.0, 3.0, -2.0, 0.5, -0.5, -3.0, 5.0, -5.0, 4.0, 10.0):
        for place in range(parts):
            yield tuple(size if other == place else 0.0 for other in range(parts)), False
    yield none, True


Found = tuple[Mix, Shown | None, tuple[str, ...]]


class _Space:
    """All formulas over these parts: the usual ones, or, where it is wide, odd ones as well."""

    def __init__(self, sums: Sequence[Numbers], inputs: Inputs, is_wide: bool) -> None:
        self.sums, self.inputs, self.is_wide = sums, inputs, is_wide
        self.states = dict(zip(("h", "c"), inputs.states, strict=False))
        self.places = np.random.default_rng(2).permutation(inputs.new[0].size)[:3]
        """Where values are compared first."""
        self.factors = _factors(len(sums), is_wide)
        self.candidates = list(_candidates(len(sums), self.states, is_wide))
        with np.errstate(all="ignore"):
            self.of_factors = np.stack([self._looked(one.of(sums)) for one in self.factors])  # (F, 3)
            looked = np.stack([self._looked(one.of(sums, self.states)) for one in self.candidates])  # (K, 3)
            written = (self.of_factors[:, None] * looked).reshape(-1, 3)  # (F * K, 3)
        self.order = np.argsort(written[:, 0])
        self.written = written[self.order]

    def found(self) -> Iterator[Found]:
        """What computes the new states."""
        if len(self.inputs.states) == 1:
            for mix in self._mixes(self.inputs.new[0], "h"):
                yield mix, None, ("h'",)
            return
        for place, memory in ((1, "c"), (0, "c"), (1, "h"), (0, "h")):
            names = ("h'", "c'") if place == 1 else ("c'", "h'")
            some = False
            for mix in self._mixes(self.inputs.new[place], memory)[:3]:
                for shown in self._shown(self.inputs.new[1 - place], mix, self.inputs.new[place]):
                    yield mix, shown, names
                    some = True
            if some:
                return
        yield from self._without_memory()

    def _without_memory(self) -> Iterator[Found]:
        """Cells that keep their new cell state for themselves: h' twice, or an old state in its place."""
        first, second = self.inputs.new
        for name, values in (("h'", first), ("c", self.states["c"]), ("h", self.states["h"])):
            if np.allclose(second, values):
                for factor in (ONE, *(Factor(1.0, (Gate(part),)) for part in range(len(self.sums)))):
                    share = first / factor.of(self.sums)
                    if (np.abs(share) < 1 - 1e-6).all():
                        for mix in self._mixes(np.arctanh(share), "c")[:1]:
                            yield mix, Shown(factor, "tanh", "c'"), ("h'", name)

    def _shown(self, hidden: Numbers, mix: Mix, cell: Numbers) -> list[Shown]:
        candidate = mix.candidate.of(self.sums, self.states) if mix.candidate else cell
        names = {"c'": cell, "c": self.states["c"], "h": self.states["h"], "n": candidate}
        wanted, found = self._looked(hidden), []
        for name, of in names.items():
            for function in ("tanh", "nothing", "sigmoid", "relu", "tanh of tanh", "hardtanh", "softsign"):
                values = FUNCTIONS[function](of)
                near = np.abs(self.of_factors * self._looked(values) - wanted).max(1) < _FIRST_LOOK
                for factor in (self.factors[place] for place in np.flatnonzero(near)):
                    if factor.constant and np.allclose(
                        hidden, factor.of(self.sums) * values, rtol=_EXACT, atol=_EXACT
                    ):
                        found.append(Shown(factor, function, name))
        return sorted(found, key=lambda one: one.cost)

    def _mixes(self, target: Numbers, memory: str) -> list[Mix]:
        """All that makes the target of a memory, the simplest first."""
        found = self._linear(target, memory, "nothing", ONE)
        if len(self.sums) == 2 and not found:
            found = self._two_candidates(target, memory)
        if not found and self.is_wide:
            for function, inverse in _INVERSES.items():
                with np.errstate(all="ignore"):
                    before = inverse(target)
                if np.isfinite(before).all():
                    found += self._linear(before, memory, function, ONE)
            for part in range(len(self.sums)):
                for flip in (False, True):
                    outer = Factor(1.0, (Gate(part, "sigmoid", flip),))
                    found += self._linear(target / outer.of(self.sums), memory, "nothing", outer)
        return sorted(found, key=lambda mix: mix.cost)

    def _linear(self, target: Numbers, memory: str, function: str, outer: Factor) -> list[Mix]:
        """All of keep * memory + write * candidate = target: compared at three numbers, then at all."""
        wanted, old = self._looked(target), self._looked(self.states[memory])
        found = []
        for keep, share in zip(self.factors, self.of_factors, strict=True):
            rest = wanted - share * old
            first, last = np.searchsorted(self.written[:, 0], (rest[0] - _FIRST_LOOK, rest[0] + _FIRST_LOOK))
            near = np.abs(self.written[first:last] - rest).max(1, initial=0) < _FIRST_LOOK
            for pair in self.order[first:last][near]:
                factor, candidate = divmod(int(pair), len(self.candidates))
                if self.factors[factor].constant:
                    mix = Mix(memory, keep, self.factors[factor], self.candidates[candidate])
                    if np.allclose(mix.of(self.sums, self.states), target, rtol=_EXACT, atol=_EXACT):
                        found.append(mix._replace(function=function, outer=outer))
        return found

    def _two_candidates(self, target: Numbers, memory: str) -> list[Mix]:
        """A sum of two parts, each behind a function of its own, such as tanh(x W + b) + h U."""
        mixes = (
            Mix(memory, ZERO, ONE, Candidate(one, 0), plus=Candidate(other, 1))
            for one, other in itertools.product(FUNCTIONS, FUNCTIONS)
        )
        return [
            mix
            for mix in mixes
            if np.allclose(mix.of(self.sums, self.states), target, rtol=_EXACT, atol=_EXACT)
        ]

    def _looked(self, values: Numbers | float) -> Numbers:
        shape = self.inputs.new[0].shape
        return np.broadcast_to(np.asarray(values, dtype=float), shape).ravel()[self.places]


_INVERSES: Mapping[str, Callable[[Numbers], Numbers]] = {
    "tanh": np.arctanh,
    "sigmoid": lambda y: np.log(y) - np.log1p(-y),
    "1 more": lambda y: y - 1,
}
"""What was there before a function that is applied to the whole new state."""


def _factors(parts: int, is_wide: bool) -> list[Factor]:
    """Constants and gates; where it is wide also products of two gates, and gates of odd functions."""
    functions = _GATES if is_wide else _GATES[:1]
    gates = [
        Gate(part, function, is_complement)
        for part in range(parts)
        for function in functions
        for is_complement in (False, True)
    ]
    plain = [gate for gate in gates if gate.function == "sigmoid"]
    pairs = [pair for pair in itertools.combinations(plain, 2) if pair[0].part != pair[1].part]
    return [
        *map(Factor, _CONSTANTS),
        *(Factor(1.0, (gate,)) for gate in gates),
        *(Factor(-1.0, (gate,)) for gate in plain if is_wide),
        *(Factor(1.0, pair) for pair in pairs if is_wide),
    ]


def _candidates(parts: int, states: Iterable[str], is_wide: bool) -> Iterator[Candidate]:
    places = range(parts)
    functions = _GATES[1:6] if is_wide else ()
    gates = [Factor(1.0, (Gate(part, "sigmoid", flip),)) for part in places for flip in (False, True)]
    odd = [Factor(1.0, (Gate(part, function),)) for part in places for function in functions]
    for part in places:
        for function in FUNCTIONS:
            yield Candidate(function, part)
        if is_wide:
            for function, name in itertools.product(("tanh", "sigmoid", "nothing", "relu"), states):
                yield Candidate(function, part, added=name)
            for function, gate in itertools.product(("tanh", "sigmoid", "nothing", "relu"), gates):
                if gate.gates[0].part != part:
                    yield Candidate(function, part, outer=gate)
                    yield Candidate(function, part, inner=gate)
    for part, gated in itertools.permutations(places, 2):
        for function in FUNCTIONS if is_wide else ("tanh",):
            yield Candidate(function, part, gated)
            for gate in gates:
                if gate.gates[0].part not in (part, gated):
                    yield Candidate(function, part, gated, gate)
        for gate in odd:
            if gate.gates[0].part not in (part, gated):
                yield Candidate("tanh", part, gated, gate)
