"""A cell of one to three units whose every weight is set by hand, and what it does with the same input.

Its input is the number 1, so the weights W are what the word contributes. All of it is computed by the naive
form of the cell, in 64 bits. Symbols as in `rnn_core.nn.cells`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.inspection.one_step import OneStep, step_of_cell
from rnn_core.nn.cells import Cell, State
from rnn_core.symbols import CellDeclaration

Floats = NDArray[np.float64]
_MOST_ITERATIONS = 100
_STANDS = 1e-15
"""A state that a time step changes by less than this share of it, or by less than this, stands still."""
_ROUNDING = 1e-9
Values = Mapping[str, float]
"""By the name of each knob or state; what is not there is 0."""


class Knob(NamedTuple):
    """One weight of a cell."""

    name: str
    parameter: str
    """The parameter of the cell that it is in: W, U, b, or another one."""
    block: str
    """The letter of the gate, candidate or state that it is for; empty where the cell does not say."""
    source: int | None
    """The unit whose state it is multiplied with; None where that is not one unit, or not a state."""
    unit: int
    """The unit that it is a weight of."""
    place: tuple[int, ...]
    """Where it lies in its parameter."""


def knobs(cell: Cell) -> list[Knob]:
    """All weights of a cell that gets one number, parameter by parameter."""
    H, found = cell.hidden_size, []
    for parameter, weights in cell.named_parameters():
        pieces = weights.shape[-1] // H
        for place in np.ndindex(*weights.shape):
            piece, unit = divmod(place[-1], H)
            is_of_state = weights.dim() == 2 and parameter != "W"
            source = place[0] if is_of_state else None
            # One number a unit, such as the bias d of a GRU, is for no block in particular.
            block = cell.blocks[piece] if pieces > 1 or len(cell.blocks) == 1 else ""
            name = parameter + block + ("" if source is None or H == 1 else f"{source}") + of_unit(unit, H)
            found.append(Knob(name, parameter, block, source, unit, place))
    return found


def of_unit(unit: int, units: int) -> str:
    """What the name of a knob or state ends with where there is more than one unit."""
    return "" if units == 1 else f"u{unit}"


def turn(cell: Cell, values: Values) -> None:
    """Give a cell these weights, in place; those that are not named become 0."""
    parameters = dict(cell.named_parameters())
    with torch.no_grad():
        for weights in parameters.values():
            weights.zero_()
        for knob in knobs(cell):
            parameters[knob.parameter][knob.place] = values.get(knob.name, 0.0)


def limits(cell: Cell, most: float) -> dict[str, tuple[float, float]]:
    """The least and the largest value of each knob, by name: minus `most` and `most`, or what bounds it."""
    parameters, ends = dict(cell.named_parameters()), []
    for end in (-most, most):
        with torch.no_grad():
            for weights in parameters.values():
                weights.fill_(end)
        cell.constrain()
        ends.append({knob.name: parameters[knob.parameter][knob.place].item() for knob in knobs(cell)})
    low, high = ends
    return {name: (low[name], high[name]) for name in low}


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What a cell of H units computes when the same input comes N times."""

    cell: Cell
    declared: CellDeclaration
    states: dict[str, Floats]
    """(N + 1, H) by letter: each state before the first time step, then after each one."""
    computed: dict[str, Floats]
    """(N, H) by letter: all that was computed at each time step, the new states too."""

    @property
    def steps(self) -> int:
        """N."""
        return len(self.computed["h"])

    @property
    def memory(self) -> str:
        """The letter of the state in which a unit remembers."""
        return self.declared.states[0] if self.declared.update is None else self.declared.update.memory

    def one_step(self, time: int, unit: int) -> OneStep:
        """All numbers of a unit at a time step, counted from 0."""
        with torch.no_grad():
            words = self.cell.project(_input(self.cell))[0].numpy()
        return step_of_cell(
            self.cell,
            self.declared,
            words=words,
            past={letter: values[time] for letter, values in self.states.items()},
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
        letter: np.array([values.get(letter + of_unit(unit, H), 0.0) for unit in range(H)])
        for letter in declared.states
    }
    taken = list(_again_and_again(cell, before, steps))
    return Play(
        cell=cell,
        declared=declared,
        states={
            letter: np.stack([first, *(step[letter] for step in taken)]) for letter, first in before.items()
        },
        computed=declared.complete(
            {letter: np.stack([step[letter] for step in taken]) for letter in taken[0]}
        ),
    )


def _input(cell: Cell) -> torch.Tensor:
    return cell.b.new_ones(1, 1)


def _states(cell: Cell, values: Mapping[str, Floats]) -> State:
    return tuple(torch.from_numpy(of_units).unsqueeze(0) for of_units in values.values())


def _again_and_again(cell: Cell, before: Mapping[str, Floats], steps: int) -> Iterator[dict[str, Floats]]:
    state, x = _states(cell, before), _input(cell)
    with torch.inference_mode():
        for _ in range(steps):
            step = cell.naive(x, state)
            state = tuple(step[: cell.state_size])
            yield {letter: values[0].numpy() for letter, values in step._asdict().items()}


def go_on(played: Play, most: int) -> Iterator[dict[str, Floats]]:
    """Each state (H,) by letter, in the time steps after the last one that was played, at most so many."""
    last = {letter: values[-1] for letter, values in played.states.items()}
    for step in _again_and_again(played.cell, last, most):
        yield {letter: step[letter] for letter in last}


def gradient(played: Play, unit: int) -> float:
    """How many times as large a small change of what a unit remembers first is after the last time step."""
    cell, place = played.cell, played.declared.states.index(played.memory)
    first = {letter: values[0] for letter, values in played.states.items()}
    begin = tuple(part.requires_grad_() for part in _states(cell, first))
    state, x = begin, _input(cell)
    for _ in range(played.steps):
        state = tuple(cell.naive(x, state)[: cell.state_size])
    (of_memory,) = torch.autograd.grad(state[place][0, unit], begin[place])
    return float(of_memory[0, unit].abs())


def fixed_point(played: Play, near: Mapping[str, Floats]) -> dict[str, Floats] | None:
    """The states, (H,) by letter, that a time step does not change and that draw others near to them.

    They are found by Newton's method from the states `near`; None where it finds none, or one that a small
    change leads away from.
    """
    cell, x, eye = played.cell, _input(played.cell), torch.eye(len(near) * played.cell.hidden_size).double()

    def advance(states: torch.Tensor) -> torch.Tensor:
        step = cell.naive(x, tuple(states.view(cell.state_size, 1, -1)))
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
