"""Weights by hand with which a unit holds, leaks, oscillates or saturates, found for any cell.

They follow from the roles that the cell declares: a gate that writes is shut, one that keeps is open, the
candidate reads minus the memory. What comes out of that is played, and counts only if the unit then does what
is wanted. So a cell for which nothing is found is one that can't do it in this way.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rnn_core.inspection.behaviour import Kind, behaviour
from rnn_core.inspection.by_hand import Knob, knobs, of_unit, play
from rnn_core.nn.cells import Cell
from rnn_core.symbols import CellDeclaration

WANTED = (Kind.HOLDS, Kind.LEAKS, Kind.OSCILLATES, Kind.SATURATES)
STEPS = (40, 200)
"""So many time steps a preset must do for, as many as are usual and the most that can be asked for."""
_OPEN = 3.0


class _Try(NamedTuple):
    """What the gate that writes and the one that keeps get, and what the candidate gets."""

    writes: float = 0.0
    keeps: float = 0.0
    feedback: float = 0.0
    """What the candidate's part of the memory of its own unit is multiplied with."""
    bias: float = 0.0
    """The bias of the candidate."""
    from_word: bool = False
    """Whether the word brings both gates as much as their biases do."""
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

    Units don't meet: weights from another unit are 0. What is 0 is left out.
    """
    for values in _tries(cell, declared, kind):
        every = (play(cell, declared, values, steps) for steps in STEPS)
        if all(behaviour(one, unit).kind == kind for one in every for unit in range(cell.hidden_size)):
            return values
    return None


def _tries(cell: Cell, declared: CellDeclaration, kind: Kind) -> Iterator[dict[str, float]]:
    H, update = cell.hidden_size, declared.update
    for tried in (_PLAIN if update is None else _GATED)[kind]:
        values = {knob.name: _value(knob, declared, tried) for knob in knobs(cell)}
        for unit in range(H):
            for letter in declared.states:
                values[letter + of_unit(unit, H)] = tried.start
        yield {name: value for name, value in values.items() if value}


def _value(knob: Knob, declared: CellDeclaration, tried: _Try) -> float:
    update = declared.update
    if update is None or knob.block == update.candidate:
        if knob.parameter == "b":
            return tried.bias
        reads_itself = knob.source in (None, knob.unit) and knob.parameter != "W"
        return tried.feedback if reads_itself else 0.0
    gets = {update.writes: tried.writes, update.keeps: tried.keeps}
    if knob.parameter == "W" and tried.from_word:
        return gets.get(knob.block, 0.0)
    return gets.get(knob.block, _OPEN) if knob.parameter == "b" else 0.0
