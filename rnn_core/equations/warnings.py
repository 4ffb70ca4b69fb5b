"""Parts of a cell that can grow without end: a memory that keeps all it was, a function without bounds."""

import math

from rnn_core.equations.bounds import Bounds, interval
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, walk
from rnn_core.equations.functions import applied
from rnn_core.equations.printing import printed
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


def without_end(equations: Equations) -> str:
    """The first part of equations that can be beyond all numbers at once, as it is written; "" where none is.

    >>> from rnn_core.equations.equations import read_cell
    >>> without_end(read_cell("h' = tanh(exp(x @ W + h @ U + b))"))
    'exp(x @ W + h @ U + b)'
    """
    bounds = Bounds(equations)
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
