"""The bounds between which each quantity stays, found by computing with intervals.

Below are the parts of a cell that have none: a memory that keeps all it was, a function without bounds.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, walk
from rnn_core.equations.functions import ALL, FUNCTIONS, INITIAL, Function, Interval, applied, hull
from rnn_core.equations.printing import printed
from rnn_core.equations.reading import Equation, Mistake
from rnn_core.equations.samples import Samples, named_products
from rnn_core.equations.sums import TooLargeError, factors, inlined, product, readable, renamed, split, terms

SHARE: Interval = (0.0, 1.0)
_ROUNDS = 4
"""Time steps after which an end that still moves is taken to move without end."""
_Intervals = Mapping[str, Interval]
_Known = Callable[[Expression], Interval | None]


class _Mean(NamedTuple):
    """A state that is `kept` times what it was, and what `comes`."""

    state: str
    kept: Expression
    comes: Expression
    shares: list[tuple[Expression, Expression]]
    """The ways to read what comes as a share of something, of those that add up to 1 with what is kept."""


class ValueBounds:
    """The least and the largest value of each quantity and state by its letter, infinite where none is known.

    A state begins at its first value, and a mean of values with weights that add up to 1 stays between them.

    >>> from rnn_core.equations.equations import read_cell
    >>> ValueBounds(read_cell('''
    ... z  = sigmoid(x @ W_z + h @ U_z)
    ... n  = tanh(x @ W_n + h @ U_n)
    ... h' = (1 - z) * h + z * n
    ... ''')).of
    {'z': (0.0, 1.0), 'n': (-1.0, 1.0), 'h': (-1.0, 1.0)}
    """

    def __init__(self, equations: Equations, mean: Equation | None = None) -> None:
        """`mean` is an equation that a memory, which is no state, may satisfy: v' = q * v + p * g."""
        self.equations, self.mean = equations, None
        self.means: Mapping[str, _Mean] = {}
        self.given = {name: (number, number) for name, number in equations.constants.items()}
        self.given |= equations.limits(is_last_layer=False)
        self.lines = {line.name: line.right for line in equations.everything}
        self._terms_of_sums: dict[tuple[Expression, Expression], list[tuple[int, Expression]]] = {}
        states = self._settled()
        news = self._positive(states)
        self.lines = {name: readable(right, news) for name, right in self.lines.items()}
        self._terms_of_sums.clear()
        self.samples = Samples(equations, tuple(state for state, (least, _) in states.items() if least >= 0))
        self.mean = mean if mean is not None and self._holds(mean, self.samples) else None
        self.means = self._means(self.samples)
        self.states = self._settled()
        olds = [name.removesuffix("'") for name in news if self._first(name.removesuffix("'"))[0] >= 0]
        self.said = {name: readable(right, olds) for name, right in self.lines.items()}
        """The right sides as they are read, but for the first time step, at which a state may be 0."""
        step = self._step(self.states)
        self.of: Mapping[str, Interval] = {
            letter: _whole(self.states.get(letter, step[line.name]))
            for letter, line in zip(equations.letters, equations.everything, strict=True)
        }
        self.by_name = {**self.given, **self.of, **{f"{state}'": self.of[state] for state in self.states}}
        """The interval of each quantity, state before or after, weight and constant."""

    def _settled(self) -> dict[str, Interval]:
        """The bounds of each state, which no time step leaves."""
        states = {state: self._first(state) for state in self.equations.states}
        for time in range(_ROUNDS + 2 * len(states)):
            step = self._step(states)
            after = {state: hull(now, step[f"{state}'"]) for state, now in states.items()}
            if after == states:
                break
            states = (
                after if time < _ROUNDS else {state: _let_go(states[state], after[state]) for state in states}
            )
        step = self._step(states)  # no end is further away than a time step from these comes to
        return {state: hull(self._first(state), step[f"{state}'"]) for state in states}

    def _holds(self, mean: Equation, samples: Samples) -> bool:
        """True if what is said of a memory that is no state is true of it, made of old and new states."""
        memory, known = mean.name.removesuffix("'"), {*self.equations.letters, *self.equations.constants}
        if memory not in {line.name for line in self.equations.shown} or not {*names(mean.right)} <= known:
            return False
        old = renamed(self.equations[memory].right, lambda name: name.removesuffix("'"))
        return samples.is_same(Name(memory), inlined(mean.right, {memory: old}))

    def _positive(self, states: Mapping[str, Interval]) -> list[str]:
        """The new states that are always above 0."""
        step = self._step(states)
        return [
            name
            for name, right in self.lines.items()
            if name.endswith("'") and step[name][0] >= 0 and _is_positive(right, step)
        ]

    def _first(self, state: str) -> Interval:
        first = self.equations.starts.get(state, 0.0)
        return ALL if isinstance(first, str) else (first, first)

    def _step(self, states: Mapping[str, Interval]) -> dict[str, Interval]:
        """All intervals by name, those of what is given and those that a time step computes of them."""
        by_name = {**self.given, **states}
        same: dict[Expression, Interval] = {}

        def known(expression: Expression) -> Interval | None:
            if same and expression in same:
                return same[expression]
            match expression:
                case Apply(function="/", arguments=(over, below)) if self._is_share(over, below, by_name):
                    return SHARE
            return None

        for name, right in self.lines.items():
            found = interval(right, by_name, known)
            if name in self.means:
                found = self._mean_bounds(self.means[name], by_name, known) or found
            by_name[name] = found
            if self.mean is not None and self.mean.name == f"{name}'":
                same[right] = found
        return by_name

    def _mean_bounds(self, mean: "_Mean", by_name: _Intervals, known: _Known) -> Interval | None:
        """The bounds of a weighted mean of the old state and another value, where it is one."""
        stays, first = interval(mean.kept, by_name, known), self._first(mean.state)
        for written, new in mean.shares if stays[0] >= 0 else ():
            if interval(written, by_name, known)[0] >= 0:
                return hull(first, interval(new, by_name, known))
        most, reach = max(map(abs, stays)), max(map(abs, interval(mean.comes, by_name, known)))
        if most < 1 and reach < math.inf:
            reach = round(max(reach / (1 - most), *map(abs, first)), 9)
            return -reach, reach
        return None

    def _means(self, samples: Samples) -> dict[str, "_Mean"]:
        """Each state that is linear in what it was, by the name of what is computed."""
        rights = {name: (name[:-1], right) for name, right in self.lines.items() if name.endswith("'")}
        if self.mean is not None:
            memory = self.mean.name.removesuffix("'")
            rights[memory] = memory, self.mean.right
        found = {}
        for name, (state, right) in rights.items():
            if (parts := split(named_products(right), state)) is not None:
                kept, comes = parts
                shares = [one for one in _products(comes) if samples.adds_up(kept, one[0])]
                found[name] = _Mean(state, kept, comes, shares)
        return found

    def _is_share(self, over: Expression, below: Expression, by_name: _Intervals) -> bool:
        """True if a quotient is one of a sum's terms, none of them negative, over the sum."""
        if (over, below) not in self._terms_of_sums:
            self._terms_of_sums[over, below] = self._terms_of_sum(over, below)
        total = self._terms_of_sums[over, below]
        return bool(total) and all(sign > 0 and interval(term, by_name)[0] >= 0 for sign, term in total)

    def _terms_of_sum(self, over: Expression, below: Expression) -> list[tuple[int, Expression]]:
        """The terms of a sum of which `over` is one; none where it is none of them."""
        try:
            one, total = inlined(over, self.lines), [*terms(inlined(below, self.lines))]
        except TooLargeError:
            return []
        return total if any(term == one for _, term in total) else []


def _products(expression: Expression) -> Iterator[tuple[Expression, Expression]]:
    """An expression as a share of something, in each way in which it is one."""
    several = [*factors(expression)]
    for place, one in enumerate(several):
        yield product([*several[:place], *several[place + 1 :]]), one
    for name in dict.fromkeys(names(expression)):
        found = split(expression, name)
        if found is not None and found[1] == Number(0):
            yield found[0], Name(name)


def _is_positive(expression: Expression, by_name: _Intervals) -> bool:
    """True if an expression is always above 0."""
    match expression:
        case Apply(function=function) if function in FUNCTIONS and FUNCTIONS[function].is_positive:
            return True
        case Apply(function="+", arguments=arguments):
            some = [_is_positive(one, by_name) for one in arguments]
            return any(some) and all(interval(one, by_name)[0] >= 0 for one in arguments)
        case Apply(function="*" | "/", arguments=arguments):
            return all(_is_positive(one, by_name) for one in arguments)
    return interval(expression, by_name)[0] > 0


def _whole(one: Interval) -> Interval:
    """The interval to the next whole numbers."""
    low, high = (round(end, 6) if math.isfinite(end) else end for end in one)
    return (
        float(math.floor(low)) if math.isfinite(low) else low,
        float(math.ceil(high)) if math.isfinite(high) else high,
    )


def _let_go(before: Interval, after: Interval) -> Interval:
    return (
        before[0] if after[0] >= before[0] else -math.inf,
        before[1] if after[1] <= before[1] else math.inf,
    )


def interval(
    expression: Expression, by_name: _Intervals, known: _Known = lambda expression: None
) -> Interval:
    """The least and the largest value of an expression, given those of its names; no narrower than they are.

    `known` says that of an expression of which more is known.
    """
    if (found := known(expression)) is not None:
        return found
    match expression:
        case Number(value=value):
            return value, value
        case Name(name=name):
            return by_name.get(name, ALL)
        case Product():
            return ALL
        case Apply(function=function, arguments=arguments):
            ends = [interval(one, by_name, known) for one in arguments]
            if function in INITIAL:
                return INITIAL[function].interval(*ends)
            of_ends = applied(function).interval
            return _rising(applied(function), *ends) if of_ends is None else of_ends(*ends)


def _rising(known: Function, *arguments: Interval) -> Interval:
    """The interval of a function that rises with each of its arguments."""

    def limit(*ends: float) -> float:
        try:
            return known.number(*ends)
        except OverflowError:
            return math.inf
        except ValueError:  # of what is not above 0
            return -math.inf

    lows, highs = zip(*arguments, strict=True)
    return limit(*lows), limit(*highs)


def warnings_of(equations: Equations) -> tuple[Mistake, ...]:
    """A sentence for each state that keeps all it was and is not bounded, at its line.

    >>> from rnn_core.equations.equations import read_cell
    >>> print(*warnings_of(read_cell("h' = h + x @ W")))
    Line 1, column 1: h can grow without end: it keeps all it was at every time step. Multiply it by a gate.
    """
    bounds = ValueBounds(equations)
    found: list[Mistake] = []
    for state in equations.states:
        line = equations[state]
        if (parts := split(line.right, state)) is None or max(map(abs, bounds.of[state])) < math.inf:
            continue
        (kept, _), (least, most) = (interval(part, bounds.by_name) for part in parts)
        if kept >= 1:
            why = "it keeps all it was at every time step"
            if least >= 0 or most <= 0:
                grows, comes = ("grow", "negative") if least >= 0 else ("fall", "positive")
                said = f"{state} can only {grows}: {why}, and nothing {comes} comes in."
            else:
                said = f"{state} can grow without end: {why}."
            found.append(Mistake(line.line, 1, len(line.name), f"{said} Multiply it by a gate."))
    return tuple(found)


def unbounded_part(equations: Equations) -> str:
    """The first part of equations that can be beyond all numbers at once, as it is written; "" where none is.

    >>> from rnn_core.equations.equations import read_cell
    >>> unbounded_part(read_cell("h' = tanh(exp(x @ W + h @ U + b))"))
    'exp(x @ W + h @ U + b)'
    """
    bounds = ValueBounds(equations)
    steep = (
        part
        for line in equations.everything
        for part in walk(line.right)
        if isinstance(part, Apply)
        and part.function != "/"
        and applied(part.function).tame_at is not None
        and math.inf in map(abs, interval(part, bounds.by_name))
    )
    return next(map(printed, steep), "")
