"""A cell of one to three units whose every weight is set by hand, and what it does with the same input.

Its input is the number 1, so the weights W are what the word contributes. All of it is computed by the naive
form of the cell, in 64 bits. Symbols as in `rnn_core.nn.cells`.

m is the memory of the unit, c or h, after each of N time steps; m_0 is what it began with. The first of these
rules that is met decides:

    oscillates  m turns back `TURNS` times or more, each time by `SWING` at least
    holds       m never moves away from m_0 by more than `SWING`
    saturates   m moved away from 0 to where the tanh that bounds it, or shows it, has a slope below
                `SATURATED`; a gated h is bounded by its candidate's tanh, so both must be there
    oscillates  it turns back so often in the next `PATIENCE` time steps
    grows       it is beyond all numbers, or has no bounds and its changes do not shrink
    leaks       m comes to rest: there is a state that a time step does not change, and m came nearer to it
                in the second half of all these time steps; the half-life is the time in which half of the
                way from m_0 to there is gone, where that is a way at all and those time steps suffice for it
    moves       none of these

Presets are weights with which a unit holds, leaks, oscillates or saturates, found for any cell. They follow
from the roles that the cell declares: a gate that writes is shut, one that keeps is open, the candidate reads
minus the memory. What comes out of that is played, and counts only if the unit then does what is wanted. So a
cell for which nothing is found is one that can't do it in this way.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.config.run import RunConfig
from rnn_core.equations.expressions import names, value
from rnn_core.equations.latex import letter_in_drawing
from rnn_core.inspection.one_step import OneStep, step_of_cell
from rnn_core.nn.cells import Cell, State, Step
from rnn_core.nn.classifier import make_cell
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.nn.seeds import seeded
from rnn_core.symbols import CELLS, CellDeclaration

Floats = NDArray[np.float64]
_MOST_ITERATIONS = 100
_STANDS = 1e-15
"""A state that a time step changes by less than this share of it, or by less than this, stands still."""
_ROUNDING = 1e-9
Values = Mapping[str, float]
"""Values by the name of each knob or state; what is not there is 0."""


class Knob(NamedTuple):
    """One weight of a cell."""

    name: str
    parameter: str
    """The parameter that it is in, as the equations name it: W, U, b, or another one."""
    weight: str
    """The weight that it is a number of, such as W_z."""
    block: str
    """The letter of the gate, candidate or state that it is for; empty where the cell does not say."""
    source: int | None
    """The unit whose state it is multiplied with; None where that is not one unit, or not a state."""
    unit: int
    """The unit that it is a weight of."""
    place: tuple[int, ...]
    """Index in its weight."""
    of_word: bool = False
    """True if it is multiplied with the word."""
    is_bias: bool = False
    """True if it is added to what the word contributes."""
    which: int = 1
    """The place among several that are alike, such as two biases of one gate."""


def knobs(cell: Cell) -> list[Knob]:
    """All weights of a cell that gets one number, parameter by parameter."""
    equations, H, found = cell.equations, cell.hidden_size, list[Knob]()
    for parameter, weights in equations.parameters.items():
        alike = Counter[str]()
        for weight in weights:
            *rows, width = equations.weights[weight].sizes
            block, is_bias = _place_of(weight, cell.declared)
            alike[block] += 1
            for place in np.ndindex(*equations.shape(weight, cell.input_size, H)):
                *row, column = place
                source, unit = row[0] if rows == ["H"] else None, column if width == "H" else 0
                name = parameter + block + ("" if source is None or H == 1 else f"{source}")
                name += "" if width in ("H", 1) else f"c{column}"
                name += f"r{row[0]}" if row and rows[0] not in ("E", "H") else ""
                name += (f"n{alike[block]}" if alike[block] > 1 else "") + unit_ending(unit, H)
                is_of = rows == ["E"], is_bias, alike[block]
                found.append(Knob(name, parameter, weight, block, source, unit, place, *is_of))
    return found


def _place_of(weight: str, declared: CellDeclaration) -> tuple[str, bool]:
    """The gate, candidate or state that a weight is for, and whether it is added to what the word gives it.

    One without an index, such as the bias d of a GRU, is for none in particular where there are several.
    """
    line = next((line for line in declared.source.computed if weight in names(line.right)), None)
    if line is None:  # what a state begins with
        return "", False
    known = declared[line.name.removesuffix("'")]
    is_bias = letter_in_drawing(weight) in re.findall(r"\w+", known.of_word)
    is_for_it = bool(known.of_word) and ("_" in weight or len(declared.parts) == 1)
    return known.letter if is_for_it else "", is_bias


def unit_ending(unit: int, units: int) -> str:
    """Return the end of the name of a knob or state where there is more than one unit."""
    return "" if units == 1 else f"u{unit}"


def turn(cell: Cell, values: Values) -> None:
    """Give a cell these weights, in place; those that are not named become 0."""
    with torch.no_grad():
        weights = _weights(cell)
        for knob in knobs(cell):
            weights[knob.weight][knob.place] = values.get(knob.name, 0.0)


def first_values(cell: Cell) -> dict[str, float]:
    """The value that each knob has now, by its name."""
    weights = _weights(cell)
    return {knob.name: weights[knob.weight][knob.place].item() for knob in knobs(cell)}


def _weights(cell: Cell) -> dict[str, Tensor]:
    """Each weight by its name, as a view of the parameter that it is in."""
    return {name: cell.weight(name) for name in cell.equations.weights}


def limits(cell: Cell, most: float) -> dict[str, tuple[float, float]]:
    """The least and the largest value of each knob, by name: minus `most` and `most`, or what bounds it."""
    ends = []
    for end in (-most, most):
        with torch.no_grad():
            for weights in cell.parameters():
                weights.fill_(end)
        cell.constrain()
        ends.append(first_values(cell))
    low, high = ends
    return {name: (low[name], high[name]) for name in low}


def tiny_cell(name: str, units: int) -> Cell:
    """A cell of so many units that reads one number, with its first weights, which are always the same.

    Raises ConfigError where there is no such cell.
    """
    settings = CELLS[name].run_settings
    config = RunConfig().with_settings(**settings, hidden_size=units, embedding_size=1)
    with seeded(0):
        return make_cell(config.model, vocab_size=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Everything that a cell of H units computes when the same input comes N times."""

    cell: Cell
    declared: CellDeclaration
    states: dict[str, Floats]
    """(N + 1, H) by letter: each state before the first time step, then after each one."""
    computed: dict[str, Floats]
    """(N, H) by letter: all that was computed at each time step, the new states too."""

    @property
    def steps(self) -> int:
        """The number of time steps, N."""
        return len(self.computed["h"])

    @property
    def remembered(self) -> dict[str, Floats]:
        """(N + 1, H) by letter: the states, and the memory that is made of them."""
        return self.declared.remembered(self.states)

    def memory_in(self, states: Mapping[str, Floats], unit: int) -> float:
        """Return what a unit remembers in these states, (H,) each."""
        return float(self.declared.remembered(states)[self.memory][unit])

    @property
    def memory(self) -> str:
        """The letter of that in which a unit remembers."""
        return self.declared.states[0] if self.declared.update is None else self.declared.update.memory

    def one_step(self, time: int, unit: int) -> OneStep:
        """All numbers of a unit at a time step, counted from 0."""
        return step_of_cell(
            self.cell,
            self.declared,
            x=_inputs(1),
            past={letter: values[time] for letter, values in self.remembered.items()},
            now={letter: values[time] for letter, values in self.computed.items()},
            time=time,
            unit=unit,
        )


def play(cell: Cell, declared: CellDeclaration, values: Values, steps: int) -> Play:
    """Turn a cell's knobs, put its states to their values, and let the same input come `steps` times."""
    cell = cell.double()
    turn(cell, values)
    H = cell.hidden_size
    before = {
        letter: np.array([values.get(letter + unit_ending(unit, H), 0.0) for unit in range(H)])
        for letter in declared.states
    }
    taken = list(_again_and_again(cell, before, steps))
    computed = {letter: np.stack([step[letter] for step in taken]) for letter in taken[0]}
    states = {letter: np.vstack([first, computed[letter]]) for letter, first in before.items()}
    return Play(cell=cell, declared=declared, states=states, computed=declared.complete(computed))


def sample_step(name: str) -> OneStep:
    """The first unit not at 0 of a cell before any training, at `SAMPLE_TIME`; each word is the number 1."""
    cell = tiny_cell(name, SAMPLE_UNITS)
    played = play(cell, CELLS[name], first_values(cell), SAMPLE_TIME + 1)
    unit = next((unit for unit, h in enumerate(played.computed["h"][SAMPLE_TIME]) if h), 0)
    return played.one_step(SAMPLE_TIME, unit)


SAMPLE_UNITS, SAMPLE_TIME = 3, 2
"""The units of that cell, and its time step that is drawn, counted from 0."""


def _inputs(steps: int) -> Tensor:
    return torch.ones(steps, 1, dtype=torch.float64)


def _unrolled(cell: Cell, state: State, steps: int) -> Iterator[Step]:
    """The time steps from a state on, the same input at each."""
    return unroll(cell, _inputs(steps), packing(torch.tensor([steps])), naive=True, state=state)


def _states(cell: Cell, values: Mapping[str, Floats]) -> State:
    return tuple(torch.from_numpy(of_units).unsqueeze(0) for of_units in values.values())


def _again_and_again(cell: Cell, before: Mapping[str, Floats], steps: int) -> Iterator[dict[str, Floats]]:
    with torch.no_grad():
        for step in _unrolled(cell, _states(cell, before), steps):
            yield {letter: values[0].numpy() for letter, values in step._asdict().items()}


def go_on(played: Play, most: int) -> Iterator[dict[str, Floats]]:
    """Each state (H,) by letter, in the time steps after the last one that was played, at most so many."""
    last = {letter: values[-1] for letter, values in played.states.items()}
    for step in _again_and_again(played.cell, last, most):
        yield {letter: step[letter] for letter in last}


def gradient(played: Play, unit: int) -> float:
    """Return how many times as large a small change of the first memory is after the last time step."""
    cell, declared, update = played.cell, played.declared, played.declared.update
    place = declared.states.index(played.memory if update is None else update.state)
    first = {letter: values[0] for letter, values in played.states.items()}
    begin = tuple(part.requires_grad_() for part in _states(cell, first))
    *_, last = _unrolled(cell, begin, played.steps)

    def change(states: State) -> Tensor:
        memory = declared.remembered(dict(zip(declared.states, states, strict=True)))[played.memory]
        return torch.autograd.grad(memory[0, unit], begin[place])[0][0, unit]

    return float((change(last[: cell.state_size]) / change(begin)).abs())


def fixed_point(played: Play, near: Mapping[str, Floats]) -> dict[str, Floats] | None:
    """The states, (H,) by letter, that a time step does not change and that draw others near to them.

    They are found by Newton's method from the states `near`; None where it finds none, or one that a small
    change leads away from.
    """
    cell, eye = played.cell, torch.eye(len(near) * played.cell.hidden_size).double()

    def advance(states: Tensor) -> Tensor:
        (step,) = _unrolled(cell, tuple(states.view(cell.state_size, 1, -1)), 1)
        return torch.cat(step[: cell.state_size]).flatten()

    states = torch.cat(_states(cell, near)).flatten()
    for _ in range(_MOST_ITERATIONS):
        jacobian = torch.autograd.functional.jacobian(advance, states)
        moves = advance(states).detach() - states
        if (moves.abs() <= _STANDS * (1 + states.abs())).all():
            draws_near = torch.linalg.eigvals(jacobian).abs().max() <= 1 + _ROUNDING
            found = states.view(cell.state_size, -1).numpy()
            return dict(zip(near, found, strict=True)) if draws_near else None
        try:
            states = states + torch.linalg.solve(eye - jacobian, moves)
        except RuntimeError:  # torch's: there is no single step to take
            return None
        if not states.isfinite().all():
            return None
    return None


SWING = 0.02
TURNS = 3
SATURATED = 0.1
PATIENCE = 1_000
_SETTLES = 200
"""Time steps after which the swings of what oscillates are looked at again."""
_AT_REST = 1e-9
_SHRINKS = 1 - 1e-6
"""A change that is a larger share of the one before it does not shrink."""


class Kind(StrEnum):
    """The kinds of behaviour of a unit, each as a word."""

    HOLDS = "holds"
    LEAKS = "leaks"
    OSCILLATES = "oscillates"
    SATURATES = "saturates"
    GROWS = "grows"
    MOVES = "moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The behaviour of a unit."""

    kind: Kind
    memory: Floats
    """(N + 1,) m; of one that oscillates only later, with the time steps until then."""
    half_life: float | None = None
    """Time steps, where it leaks, does not come back to where it began, and gets so far in `later`."""
    rest: float = math.nan
    """The value at which it comes to rest, where it leaks."""
    later: Floats = field(default_factory=lambda: np.empty(0))
    """m until it rests, for `PATIENCE` more time steps at most, where it leaks."""
    turns: tuple[int, ...] = ()
    """The time steps after which it turns back, where it oscillates."""
    swings: tuple[float, ...] = ()
    """Distances from each turn to the next, where it oscillates, also in the time steps to come."""
    slope: float = math.nan
    """The slope of the tanh where it ends, where it saturates."""

    @property
    def moved(self) -> float:
        """Return the largest distance from where it began."""
        return float(np.abs(self.memory - self.memory[0]).max())


def behaviour(played: Play, unit: int) -> Behaviour:
    """Return the behaviour of a unit, by the rules above."""
    m = played.remembered[played.memory][:, unit]
    if not np.isfinite(m).all():
        return Behaviour(kind=Kind.GROWS, memory=m)
    turns = turns_of(m)
    if len(turns) >= TURNS:
        on = [played.memory_in(states, unit) for states in go_on(played, _SETTLES)]
        return _oscillates(m, turns, np.concatenate([m, on]))
    if np.abs(m - m[0]).max() <= SWING:
        return Behaviour(kind=Kind.HOLDS, memory=m)
    slope = _slope(played, unit)
    if slope is not None and slope < SATURATED and abs(m[-1]) > abs(m[0]):
        return Behaviour(kind=Kind.SATURATES, memory=m, slope=slope)
    later, states = _played_on(played, unit)
    if not np.isfinite(later).all():
        return Behaviour(kind=Kind.GROWS, memory=m)
    turns = turns_of(later)
    if len(turns) >= TURNS:
        return _oscillates(later, turns, later)
    before, last = later[-2] - later[-3], later[-1] - later[-2]
    if played.declared[played.memory].bounds is None and before and last / before > _SHRINKS:
        return Behaviour(kind=Kind.GROWS, memory=m)
    rest = _rest(played, unit, later, states)
    if rest is None:
        return Behaviour(kind=Kind.MOVES, memory=m)
    half = None if abs(m[0] - rest) <= SWING else half_life(later, rest)
    return Behaviour(kind=Kind.LEAKS, memory=m, later=later, rest=rest, half_life=half)


def _oscillates(m: Floats, turns: tuple[int, ...], longer: Floats) -> Behaviour:
    """`longer` is m and what comes after it, to see what becomes of its swings."""
    swings = np.abs(np.diff(longer[list(turns_of(longer))]))
    return Behaviour(kind=Kind.OSCILLATES, memory=m, turns=turns, swings=tuple(swings.tolist()))


def turns_of(m: Floats) -> tuple[int, ...]:
    """The time steps after which a curve turns back by `SWING` or more."""
    turns: list[int] = []
    extreme, direction = 0, 0
    for time in range(1, len(m)):
        away = m[time] - m[extreme]
        if direction * away > 0 or (direction == 0 and abs(away) >= SWING):
            direction, extreme = int(np.sign(away)), time
        elif direction and abs(away) >= SWING:
            turns.append(extreme)
            direction, extreme = -direction, time
    return tuple(turns)


def half_life(m: Floats, rest: float) -> float | None:
    """Return the time steps after which half of the way from the first value to `rest` is gone.

    Between two time steps it is taken to fall by the same factor in each moment. None where it never is.

    >>> round(half_life(0.9 ** np.arange(40.0), 0.0), 3)  # ln(1/2) / ln(0.9)
    6.579
    """
    left = np.abs(m - rest) / abs(m[0] - rest)
    gone = np.flatnonzero(left <= 0.5)
    if not len(gone):
        return None
    after = int(gone[0])
    if left[after] == 0:
        return float(after)
    return after - 1 + float(np.log(left[after - 1] / 0.5) / np.log(left[after - 1] / left[after]))


def _slope(played: Play, unit: int) -> float | None:
    """The slope, in the end, of the tanh that shows the memory or bounds it; None without either."""
    update, m = played.declared.update, float(played.remembered[played.memory][-1, unit])
    if update is not None and update.shown is not None and update.squashes:
        return 1 - float(value(update.shown, {f"{update.memory}'": m})) ** 2
    if played.declared[played.memory].bounds != (-1.0, 1.0) or not played.declared.parts:
        return None
    if update is None:
        return 1 - m**2
    return 1 - min(m**2, float(played.computed[update.candidate][-1, unit]) ** 2)


def _played_on(played: Play, unit: int) -> tuple[Floats, dict[str, Floats]]:
    """The memory from the first value until it rests, `PATIENCE` more time steps at most; the last states."""
    m = played.remembered[played.memory][:, unit].tolist()
    states = {letter: values[-1] for letter, values in played.states.items()}
    for states in go_on(played, PATIENCE):
        m.append(played.memory_in(states, unit))
        if not abs(m[-1] - m[-2]) > _AT_REST:
            break
    return np.array(m), states


def _rest(played: Play, unit: int, later: Floats, states: dict[str, Floats]) -> float | None:
    """Return the value at which the memory comes to rest; None where it does not."""
    if abs(later[-1] - later[-2]) <= _AT_REST:
        return float(later[-1])
    found = fixed_point(played, states)
    if found is None:
        return None
    rest = played.memory_in(found, unit)
    return rest if abs(later[-1] - rest) < abs(later[len(later) // 2] - rest) else None


WANTED = (Kind.HOLDS, Kind.LEAKS, Kind.OSCILLATES, Kind.SATURATES)
STEPS = (5, 40, 200)
"""The least time steps, the usual ones and the most; a preset must do for the last two."""
_OPEN = 3.0


class _Try(NamedTuple):
    """Biases of the gate that writes and of the one that keeps, and weights of the candidate."""

    writes: float = 0.0
    keeps: float = 0.0
    feedback: float = 0.0
    """Factor of the candidate's part of the memory of its own unit."""
    bias: float = 0.0
    """The bias of the candidate."""
    from_word: bool = False
    """True if the word brings both gates as much as their biases do."""
    start: float = 0.8


_GATED = {
    Kind.HOLDS: (_Try(writes=-8, keeps=8, from_word=True),),
    Kind.LEAKS: (_Try(writes=-8, keeps=2.2), _Try(writes=-2.2, keeps=2.2)),
    Kind.OSCILLATES: (_Try(writes=3, keeps=-3, feedback=-4, start=0.5),),
    Kind.SATURATES: (_Try(writes=0, keeps=8, bias=4, start=0.0),),
}
_PLAIN = {
    Kind.HOLDS: (_Try(feedback=1.0), _Try(feedback=1.35)),  # tanh(1.35 h) = h at 0.79
    Kind.LEAKS: (_Try(feedback=0.9),),
    Kind.OSCILLATES: (_Try(feedback=-1.5, start=0.5), _Try(feedback=-1.0, bias=1.0, start=0.2)),
    Kind.SATURATES: (_Try(feedback=2.0, bias=0.5, start=0.0),),
}


def preset(cell: Cell, declared: CellDeclaration, kind: Kind) -> dict[str, float] | None:
    """Values of knobs and states with which every unit of a cell is of this kind; None where none is found.

    Units don't meet: weights from another unit are 0. What is 0 is left out. None are found where the cell
    does not say what its gates do.
    """
    if not declared.parts:
        return None
    H = cell.hidden_size
    for tried in (_PLAIN if declared.update is None else _GATED)[kind]:
        values = {knob.name: _value(knob, declared, tried) for knob in knobs(cell)}
        values |= {name + unit_ending(unit, H): tried.start for name in declared.states for unit in range(H)}
        values = {name: value for name, value in values.items() if value}
        every = (play(cell, declared, values, steps) for steps in STEPS[1:])
        if all(behaviour(one, unit).kind == kind for one in every for unit in range(H)):
            return values
    return None


def _value(knob: Knob, declared: CellDeclaration, tried: _Try) -> float:
    update = declared.update
    if update is None or knob.block == update.candidate:
        if knob.is_bias:
            return tried.bias
        reads_itself = knob.source in (None, knob.unit) and not knob.of_word
        return tried.feedback if reads_itself else 0.0
    gets = update.biases(keeps=tried.keeps, writes=tried.writes)
    if knob.of_word and tried.from_word:
        return gets.get(knob.block, 0.0)
    return gets.get(knob.block, _OPEN) if knob.is_bias else 0.0


MOST_UNITS = 3
MOST_KNOBS = 60
"""A cell with more weights, of one unit, is not set by hand."""
WEIGHTS = 8.0
"""A weight or bias lies between minus this and this, as a sigmoid has 0.0003 and 0.9997 there."""
_UNBOUNDED = 3.0


class PlayedUnit(NamedTuple):
    """All that is shown of a unit that was played."""

    played: Play
    behaviour: Behaviour
    gradient: float
    """The factor by which a small change of its first memory has grown after the last time step."""


class Bench:
    """A cell of so many units that reads one number, on which every weight can be set.

    Raises ConfigError where there is no such cell.
    """

    def __init__(self, name: str, units: int = 1) -> None:
        self.name, self.units, self.declared = name, units, CELLS[name]
        self.most_units = MOST_UNITS if self.declared.parts else 1
        """One where it is not known which weight is of which unit."""
        self.cell = tiny_cell(name, units)
        self.knobs, self.reach = knobs(self.cell), limits(self.cell, WEIGHTS)
        """The least and the most that each knob and state can be set to."""
        for letter in self.declared.states:
            low, high = self.declared[letter].bounds or (-math.inf, math.inf)
            for unit in range(units):
                self.reach[letter + unit_ending(unit, units)] = max(low, -_UNBOUNDED), min(high, _UNBOUNDED)

    @property
    def presets(self) -> Mapping[Kind, Values | None]:
        """The values with which this cell does what is wanted; None where none are found."""
        return _presets(self.name, self.units)

    @property
    def usual(self) -> Values:
        """The values to begin with: a unit that leaks, else the first preset, else the first weights."""
        found = (self.presets[kind] for kind in (Kind.LEAKS, *WANTED))
        return next((values for values in found if values is not None), _first_weights(self.name, self.units))

    def inside(self, values: Values) -> dict[str, float]:
        """Return values within their reach, without those of other names."""
        return {
            name: min(max(value, self.reach[name][0]), self.reach[name][1])
            for name, value in values.items()
            if name in self.reach
        }

    def show(self, values: Values, steps: int, unit: int) -> PlayedUnit:
        """Play the cell with these values, and look at one unit."""
        played = play(self.cell, self.declared, values, steps)
        return PlayedUnit(played, behaviour(played, unit), gradient(played, unit))


@cache
def _presets(name: str, units: int) -> Mapping[Kind, Values | None]:
    cell = tiny_cell(name, units)
    return {kind: preset(cell, CELLS[name], kind) for kind in WANTED}


@cache
def _first_weights(name: str, units: int) -> Values:
    """The weights that a cell begins with, and a hidden state for them to act on."""
    values = {knob: round(value, 2) for knob, value in first_values(tiny_cell(name, units)).items()}
    return {**values, **{f"h{unit_ending(unit, units)}": 0.8 for unit in range(units)}}
