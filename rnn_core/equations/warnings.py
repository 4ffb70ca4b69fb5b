"""Warnings of a cell that can be computed and will hardly learn: a memory that can only grow."""

import math

from rnn_core.equations.bounds import Bounds, interval
from rnn_core.equations.equations import Equations
from rnn_core.equations.reading import Mistake
from rnn_core.equations.sums import split


def warnings_of(equations: Equations) -> tuple[Mistake, ...]:
    """A sentence for each state that keeps all it was and is not bounded, at its line.

    >>> from rnn_core.equations.equations import read_cell
    >>> print(*warnings_of(read_cell("h' = h + x @ W")))
    Line 1, column 1: h can grow without end: it keeps all it was at every time step. Multiply it by a gate.
    """
    bounds = Bounds(equations)
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
