"""Which number of a student's weights does what, found from what the cell computes, however it is written.

Nothing is read from names or shapes. A weight that multiplies the number s of x, of a state or of a constant
before it reaches the inside of unit u of a gate changes the new states by s * K, where K, the slope of the
new states by what the gate sums up, is the same for all weights of this unit and gate. So numbers whose
slopes, each divided by some source s, are equal belong to one sum: `a = x W + h U + b` of one unit. These
sums, gathered over all units, are the `Part`s: the gates and candidates before their functions, in no order.

A weight that acts on r * h is found once the sum of r is known, and one that several gates share is found as
a sum of their slopes.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_EQUAL = 1e-7
"""Slopes that differ by less are the same: differences of float64 are right to about 1e-9."""
_NOTHING = 1e-8
_MOST_LEFT = 120
"""Where more numbers than these do something else, they are no multiples of what is known."""


def sigmoid(a: Numbers) -> Numbers:
    """1 / (1 + exp(-a)), for every a."""
    return 0.5 * (1 + np.tanh(0.5 * a))


FUNCTIONS: Mapping[str, Callable[[Numbers], Numbers]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "nothing": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "softmax": lambda a: (
        np.exp(a - a.max(1, keepdims=True)) / np.exp(a - a.max(1, keepdims=True)).sum(1, keepdims=True)
    ),
    "hardsigmoid": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "hardtanh": lambda a: np.clip(a, -1, 1),
    "softplus": lambda a: np.logaddexp(0, a),
    "exp": lambda a: np.exp(np.minimum(a, 80)),
    "sin": np.sin,
    "1 more": lambda a: a + 1,
    "leaky relu": lambda a: np.where(a > 0, a, 0.01 * a),
    "elu": lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
    "softsign": lambda a: a / (1 + np.abs(a)),
    "silu": lambda a: a * sigmoid(a),
    "tanh of tanh": lambda a: np.tanh(np.tanh(a)),
    "sigmoid of sigmoid": lambda a: sigmoid(sigmoid(a)),
    "tanh of sigmoid": lambda a: np.tanh(sigmoid(a)),
    "sigmoid of tanh": lambda a: sigmoid(np.tanh(a)),
}
"""What may be applied to a sum, by its name in a sentence."""


class Source(NamedTuple):
    """What weights multiply: x, h, c, 1, the new states h' and c', or a gate times one of these."""

    of: str
    part: int = -1
    """The part that makes the gate, where there is one."""
    function: str = ""
    is_complement: bool = False
    """Whether it is 1 - gate that multiplies."""


class Term(NamedTuple):
    """One number of the weights that acts inside one unit of a part."""

    number: int
    """The place of the number among all numbers of the weights."""
    source: Source
    place: int
    factor: float


@dataclass(slots=True)
class Part:
    """One gate or candidate before its function: the terms of each unit."""

    units: list[list[Term]]
    slopes: Numbers = field(repr=False)
    """(H, N, columns): of the new states by the sum of each unit."""
    is_mixed: bool = False
    """Whether what a unit sums up changes other units of the new states."""

    def sees(self, source: Source) -> list[set[int]]:
        """The numbers of a source that each unit gets."""
        return [{term.place for term in unit if term.source == source} for unit in self.units]

    @property
    def sources(self) -> set[Source]:
        """All that the part multiplies with weights."""
        return {term.source for unit in self.units for term in unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """One batch and the weights it was computed with, and what came out."""

    weights: Numbers
    """All numbers one after the other."""
    x: Numbers
    states: tuple[Numbers, ...]
    new: tuple[Numbers, ...]

    def plain_sources(self) -> dict[Source, Numbers]:
        """What there is to multiply, beside what gates make."""
        names = ("h", "c", *(f"s{place}" for place in range(2, len(self.states))))
        found = {Source("x"): self.x, Source("1"): np.ones((len(self.x), 1))}
        found |= {Source(name): state for name, state in zip(names, self.states, strict=False)}
        both = min(self.x.shape[1], self.states[0].shape[1])
        found[Source("x + h")] = self.x[:, :both] + self.states[0][:, :both]
        return found

    def new_sources(self) -> dict[Source, Numbers]:
        """The new states, which an output gate may see."""
        names = ("h'", "c'")
        return {Source(name): new for name, new in zip(names, self.new, strict=False)}


@dataclass(slots=True)
class Assignment:
    """What is known of the weights of a cell."""

    parts: list[Part]
    unused: set[int]
    """The numbers of which no new state depends."""
    unexplained: set[int]
    """The numbers that do something else than to be multiplied and summed up in a part."""
    why_not: str = ""
    """Why there are no parts, where there are none."""

    def sums(self, inputs: Inputs) -> list[Numbers]:
        """Each part before its function, (N, H), for any weights and inputs."""
        sums: dict[int, Numbers] = {}
        plain = inputs.plain_sources() | inputs.new_sources()

        def total(place: int, begun: tuple[int, ...] = ()) -> Numbers:
            if place not in sums:
                part = self.parts[place]
                a = np.zeros((len(inputs.x), len(part.units)))
                for source in part.sources:
                    if source.part in (*begun, place):
                        raise ValueError("A gate that acts on what it sees itself.")
                    values = (
                        gated(source, total(source.part, (*begun, place)), plain)
                        if source.part >= 0
                        else plain[source]
                    )
                    for unit, terms in enumerate(part.units):
                        own = [term for term in terms if term.source == source]
                        if own:
                            weights = inputs.weights[[term.number for term in own]] * [t.factor for t in own]
                            a[:, unit] += values[:, [term.place for term in own]] @ weights
                sums[place] = a
            return sums[place]

        return [total(place) for place in range(len(self.parts))]


def gated(source: Source, a: Numbers, plain: Mapping[Source, Numbers]) -> Numbers:
    """What a source that a gate makes is, given the sum of that gate."""
    gate = FUNCTIONS[source.function](a)
    return (1 - gate if source.is_complement else gate) * plain[Source(source.of)]


def assign(inputs: Inputs, slopes: Numbers) -> Assignment:
    """The parts of a cell, from the slopes (numbers, N, columns) of its new states by each weight."""
    return _Search(inputs, slopes).result()


@dataclass(slots=True)
class _Cluster:
    """Numbers of the weights that act in one sum of one unit."""

    slope: Numbers
    terms: list[Term]

    @property
    def place(self) -> int:
        return min(term.number for term in self.terms)


class _Search:
    def __init__(self, inputs: Inputs, slopes: Numbers) -> None:
        self.inputs, self.slopes = inputs, slopes
        self.H = inputs.states[0].shape[1]
        largest = np.abs(slopes).max(axis=(1, 2), initial=0)
        self.unused = set(np.flatnonzero(largest < _NOTHING).tolist())
        self.left = set(range(len(slopes))) - self.unused
        random = np.random.default_rng(1)
        self.looks = random.uniform(0.5, 1.5, (2, *slopes.shape[1:])) * random.choice(
            (-1, 1), (2, *slopes.shape[1:])
        )
        """Two random projections of a slope, by which many are compared at once."""
        self.plain = inputs.plain_sources()

    def result(self) -> Assignment:
        clusters = self._clusters()
        self._add_multiples(clusters, self.plain)
        clusters = self._without_multiples(clusters)
        self._add_multiples(clusters, self.inputs.new_sources())
        parts, why_not = self._parts(clusters)
        if parts or not clusters:
            parts = _without_sums(parts)
            self._add_shared_biases(parts)
            self._add_gated(parts)
            self._add_shared(parts)
            alone = [self._alone(number) for number in self._alone_numbers()]
            more, _ = self._parts(alone)
            parts += more
            why_not = "" if parts else why_not
        return Assignment(parts, self.unused, set(self.left), why_not)

    def _projections(self, slopes: Numbers) -> Numbers:
        """(2, .., N) of slopes (.., N, columns): each row's share of both projections."""
        return np.stack([np.einsum("...no,no->...n", slopes, look) for look in self.looks])

    def _clusters(self) -> list[_Cluster]:
        """The largest groups of numbers whose slopes, each by some source, are equal, with two sources or "
        "more."""
        numbers = np.array(sorted(self.left), dtype=int)
        if not len(numbers):
            return []
        sources = [
            (source, index) for source, values in self.plain.items() for index in range(values.shape[1])
        ]
        values = np.concatenate(list(self.plain.values()), axis=1)  # (N, sources)
        first, second = (rows @ (1 / values) for rows in self._projections(self.slopes[numbers]))
        order = np.lexsort((second.ravel(), first.ravel()))
        starts = np.flatnonzero(np.diff(first.ravel()[order], prepend=-np.inf) > _EQUAL)
        groups: list[list[tuple[int, int]]] = []
        for run in np.split(order, starts[1:]):
            if len(run) > 1:
                run = run[np.argsort(second.ravel()[run], kind="stable")]
                ends = np.flatnonzero(np.diff(second.ravel()[run], prepend=-np.inf) > _EQUAL)
                pairs = [
                    [divmod(int(one), len(sources)) for one in group] for group in np.split(run, ends[1:])
                ]
                groups += [group for group in pairs if len({column for _, column in group}) > 1]
        found = []
        for group in sorted(groups, key=lambda pairs: -len({number for number, _ in pairs})):
            free = {int(numbers[row]): column for row, column in group if int(numbers[row]) in self.left}
            if len(set(free.values())) > 1:
                divided = {
                    number: self.slopes[number] / values[:, [column]] for number, column in free.items()
                }
                slope = next(iter(divided.values()))
                terms = [
                    Term(number, *sources[free[number]], 1.0)
                    for number, one in divided.items()
                    if np.allclose(one, slope, rtol=1e-4, atol=_EQUAL)
                ]
                found.append(_Cluster(slope, terms))
                self.left -= {term.number for term in terms}
        return found

    def _add_multiples(self, clusters: Sequence[_Cluster], sources: Mapping[Source, Numbers]) -> None:
        """Adds numbers left over whose slope is a source times a multiple of a cluster's, such as 2 * b."""
        if len(self.left) > _MOST_LEFT:
            return
        for number in sorted(self.left):
            units = self._units(self.slopes[number])
            likely = [cluster for cluster in clusters if self._units(cluster.slope) == units]
            for source, values in sources.items() if likely else ():
                ratios = self.slopes[number][None] / values.T[:, :, None]  # (sources, N, columns)
                match = next(
                    (
                        (cluster, index, factor)
                        for cluster in likely
                        for index, ratio in enumerate(ratios)
                        if (factor := _multiple(ratio, cluster.slope)) is not None
                    ),
                    None,
                )
                if match:
                    cluster, index, factor = match
                    cluster.terms.append(Term(number, source, index, factor))
                    self.left.discard(number)
                    break

    def _without_multiples(self, clusters: Sequence[_Cluster]) -> list[_Cluster]:
        """Clusters of which none has a fixed multiple of another one's slope, such as -x W and h U."""
        found: list[_Cluster] = []
        for cluster in sorted(clusters, key=lambda one: -len(one.terms)):
            for other in found:
                factor = _multiple(cluster.slope, other.slope)
                if factor is not None:
                    other.terms += [term._replace(factor=term.factor * factor) for term in cluster.terms]
                    break
            else:
                found.append(cluster)
        return found

    def _alone_numbers(self) -> list[int]:
        """The numbers that change one unit only, which no other number that is left does."""
        if len(self.left) > _MOST_LEFT:
            return []
        units = {number: self._units(self.slopes[number]) for number in sorted(self.left)}
        changed = Counter(unit for several in units.values() for unit in several)
        return [
            number
            for number, several in units.items()
            if len(several) == 1 and all(changed[unit] == 1 for unit in several)
        ]

    def _alone(self, number: int) -> _Cluster:
        self.left.discard(number)
        return _Cluster(self.slopes[number], [Term(number, Source("1"), 0, 1.0)])

    def _units(self, slope: Numbers) -> set[int]:
        """The units of the new states that change."""
        largest = np.abs(slope).max(axis=0)
        columns = np.flatnonzero(largest > max(_NOTHING, 1e-6 * largest.max(initial=0)))
        return {int(column) % self.H for column in columns}

    def _parts(self, clusters: Sequence[_Cluster]) -> tuple[list[Part], str]:
        """Gathers the clusters of all units by gates, which lie in the same order in the weights of each "
        "unit."""
        of_unit: dict[int, list[_Cluster]] = defaultdict(list)
        mixed = []
        for cluster in sorted(clusters, key=lambda one: one.place):
            units = self._units(cluster.slope)
            if len(units) == 1:
                of_unit[units.pop()].append(cluster)
            else:
                mixed.append(cluster)
        counts = {len(of_unit[unit]) for unit in range(self.H)}
        if len(counts) > 1 or len(mixed) % self.H:
            return [], "its units are not made alike"
        rows = [[of_unit[unit][place] for unit in range(self.H)] for place in range(counts.pop())]
        parts = [(row, False) for row in rows]
        for block in range(len(mixed) // self.H):
            parts.append((mixed[block * self.H : (block + 1) * self.H], True))
        return [
            Part([one.terms for one in row], np.stack([one.slope for one in row]), is_mixed)
            for row, is_mixed in parts
        ], "" if parts else "no new state depends on a weight"

    def _add_shared_biases(self, parts: list[Part]) -> None:
        """Adds numbers that are added in several parts, or in all units of some: one bias for all."""
        if len(self.left) > _MOST_LEFT:
            return
        several = [
            places
            for size in range(1, len(parts) + 1)
            for places in itertools.combinations(range(len(parts)), size)
        ]
        units = [(unit,) for unit in range(self.H)] + [tuple(range(self.H))]
        choices = [(places, own) for places in several for own in units if len(places) * len(own) > 1]
        if not choices:
            return
        by_part = np.stack([self._projections(part.slopes).sum(-1) for part in parts])  # (parts, 2, H)
        looked = np.stack([by_part[list(places)][..., list(own)].sum((0, 2)) for places, own in choices])
        for number in sorted(self.left):
            wanted = self._projections(self.slopes[number]).sum(-1)
            for choice in np.flatnonzero(np.abs(looked - wanted).max(1) < 100 * _EQUAL):
                places, own = choices[choice]
                total = sum(parts[place].slopes[list(own)].sum(0) for place in places)
                if np.allclose(self.slopes[number], total, rtol=1e-4, atol=_EQUAL):
                    for place, unit in itertools.product(places, own):
                        parts[place].units[unit].append(Term(number, Source("1"), 0, 1.0))
                    self.left.discard(number)
                    break

    def _add_gated(self, parts: list[Part]) -> None:
        """Numbers left over that multiply a gate times a state, such as r * h, or a new state."""
        while self.left:
            empty = Assignment(parts, set(), set())
            sums = empty.sums(self.inputs)
            found = False
            for source, values in _gated_sources(sums, self.plain, self.inputs.new_sources()):
                if self._add_where_equal(parts, source, values):
                    found = True
                    break
            if not found:
                return

    def _add_where_equal(self, parts: list[Part], source: Source, values: Numbers) -> bool:
        """Adds numbers left over whose slope is a number of this source times the slope of a part's unit."""
        numbers = np.array(sorted(self.left), dtype=int)
        if not len(numbers):
            return False
        looked = self._projections(self.slopes[numbers]).sum(-1)  # (2, numbers)
        added = 0
        for place, part in enumerate(parts):
            if source.part == place:
                continue
            rows = self._projections(part.slopes)  # (2, H, N)
            expected = rows @ values  # (2, H, indices)
            scale = np.maximum(np.abs(expected), 1e-3)
            near = (np.abs(looked[:, :, None, None] - expected[:, None]) < _EQUAL * (1 + scale[:, None])).all(
                0
            )
            for row, unit, index in np.argwhere(near):
                number = int(numbers[row])
                exact = values[:, [index]] * part.slopes[unit]
                if number in self.left and np.allclose(self.slopes[number], exact, rtol=1e-4, atol=_EQUAL):
                    part.units[unit].append(Term(number, source, int(index), 1.0))
                    self.left.discard(number)
                    added += 1
        return added > 0

    def _add_shared(self, parts: list[Part]) -> None:
        """Adds numbers that act in several parts at once, such as one U for all gates."""
        for guess in self._shared_guesses():
            if self._try_shared(parts, guess):
                return
        for part in [one for one in parts if one.sources == {Source("h")}]:
            guess = [(term.number, term.place, unit) for unit, own in enumerate(part.units) for term in own]
            others = [one for one in parts if one is not part]
            if self._try_shared(others, guess):
                parts[:] = others
                return

    def _shared_guesses(self) -> Iterator[list[tuple[int, int, int]]]:
        """What left-over numbers may be, as one matrix, the usual order first: (number, index, unit) of "
        "each."""
        numbers = sorted(self.left)
        if len(numbers) != self.H * self.H:
            return
        table = np.array(numbers).reshape(self.H, self.H)
        for matrix in (table, table.T):
            yield [(int(matrix[i, u]), i, u) for i in range(self.H) for u in range(self.H)]

    def _try_shared(self, parts: list[Part], guess: list[tuple[int, int, int]]) -> bool:
        """Whether the numbers are one U of several parts, plain or through gates; then they are added."""
        h = Source("h")
        without = [place for place, part in enumerate(parts) if h not in part.sources]
        for size in range(len(without), 0, -1):
            for plain in itertools.combinations(without, size):
                trial = [Part([[*unit] for unit in part.units], part.slopes, part.is_mixed) for part in parts]
                _add(trial, plain, guess, h)
                rest = [place for place in without if place not in plain]
                known = {place: [(self.plain[h], parts[place].slopes)] for place in plain}
                if not rest and self._explains(guess, known):
                    parts[:] = trial
                    self.left.clear()
                    return True
                sums = Assignment(trial, set(), set()).sums(self.inputs)
                for source, values in _gated_sources(sums, self.plain, {}) if rest else ():
                    if source.part not in plain or source.of != "h":
                        continue
                    before = {place: [(values, parts[place].slopes)] for place in rest}
                    if self._explains(guess, known | before):
                        _add(trial, rest, guess, source)
                        parts[:] = trial
                        self.left.clear()
                        return True
                    gate = gated(source._replace(of="1"), sums[source.part], self.plain)  # (N, H)
                    after = {place: parts[place].slopes * gate.T[:, :, None] for place in rest}
                    if self._explains(
                        guess, known | {one: [(self.plain[h], slope)] for one, slope in after.items()}
                    ):
                        new = [Part([[] for _ in range(self.H)], slope) for slope in after.values()]
                        _add(new, range(len(new)), guess, h)
                        parts[:] = [*trial, *new]
                        self.left.clear()
                        return True
        return False

    def _explains(
        self, guess: list[tuple[int, int, int]], by_part: Mapping[int, list[tuple[Numbers, Numbers]]]
    ) -> bool:
        """Whether each number's slope is the sum over parts of what it multiplies times the part's slope."""
        for number, index, unit in guess:
            pairs = [pair for several in by_part.values() for pair in several]
            expected = sum(values[:, [index]] * slopes[unit] for values, slopes in pairs)
            if not np.allclose(self.slopes[number], expected, rtol=1e-4, atol=_EQUAL):
                return False
        return True


def _add(
    parts: Sequence[Part], places: Iterable[int], guess: Iterable[tuple[int, int, int]], source: Source
) -> None:
    for place in places:
        for number, index, unit in guess:
            parts[place].units[unit].append(Term(number, source, index, 1.0))


def _multiple(one: Numbers, other: Numbers) -> float | None:
    """The fixed number that one is of the other, or None."""
    square = float((other * other).sum())
    if square < _NOTHING**2:
        return None
    factor = float((one * other).sum()) / square
    if not 1e-3 < abs(factor) < math.inf:
        return None
    multiple = factor * other
    near = _EQUAL * max(1, abs(factor)) + 1e-4 * np.abs(multiple)  # np.allclose takes twice as long
    if not (np.abs(one - multiple) <= near).all():
        return None
    return round(factor) if abs(factor - round(factor)) < 1e-5 and round(factor) else factor


def _without_sums(parts: list[Part]) -> list[Part]:
    """Parts of which none is the sum of others: the weights of such a one act in each of these."""
    for place, part in enumerate(parts):
        others = [other for other in parts if other is not part]
        for size in range(2, len(others) + 1):
            for several in itertools.combinations(others, size):
                total = sum(one.slopes for one in several)
                if np.allclose(part.slopes, total, rtol=1e-4, atol=_EQUAL):
                    for one in several:
                        for unit, terms in zip(one.units, part.units, strict=True):
                            unit += terms
                    return _without_sums(parts[:place] + parts[place + 1 :])
    return parts


def _gated_sources(
    sums: Sequence[Numbers], plain: Mapping[Source, Numbers], new: Mapping[Source, Numbers]
) -> Iterator[tuple[Source, Numbers]]:
    """What weights may multiply once the sums of gates are known, the likeliest first."""
    yield from new.items()
    for function in ("sigmoid", "tanh", "nothing", "hardsigmoid", "relu", "softmax"):
        for place, a in enumerate(sums):
            for name in ("h", "c"):
                for is_complement in (False, True):
                    source = Source(name, place, function, is_complement)
                    if Source(name) in plain:
                        yield source, gated(source, a, plain)
