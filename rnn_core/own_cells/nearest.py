"""The numbers that a cell should have had, where no formula fits: those of the nearest right cell."""

import itertools
from collections.abc import Iterator

import numpy as np

from rnn_core.own_cells.assignment import Assignment, Inputs
from rnn_core.own_cells.references import ONE, ZERO, Candidate, Factor, Formula, Gate, Mix, Shown

Difference = tuple[str, int, int, tuple[float, ...], tuple[float, ...]]
"""Which state differs, its first row and unit that do, and three numbers of both from there on."""


def nearest(assignment: Assignment, inputs: Inputs, expected: str) -> Difference | None:
    """Where the new states differ from those of a right cell with the same parts; None without such parts."""
    sums = assignment.sums(inputs) if assignment.parts and not assignment.unexplained else []
    found = []
    for formula in _right(expected, len(sums)):
        computed = formula.compute(sums, inputs.states)
        error = max(
            float(np.abs(one - other).mean()) for one, other in zip(computed, inputs.new, strict=True)
        )
        found.append((error, formula))
    if not found:
        return None
    _, formula = min(found, key=lambda pair: pair[0])
    for letter, ours, yours in zip("hc", formula.compute(sums, inputs.states), inputs.new, strict=False):
        differing = np.argwhere(~np.isclose(ours, yours, rtol=1e-8, atol=1e-8))
        if len(differing):
            row, unit = (int(place) for place in differing[0])
            mine, right = (one[row, unit : unit + 3].tolist() for one in (yours, ours))
            return letter, row, unit, tuple(mine), tuple(right)
    return None


def _right(expected: str, parts: int) -> Iterator[Formula]:
    """The right cells with so many parts, in every order of them."""
    offsets = (0.0,) * parts

    def share(part: int) -> tuple[Factor, Factor]:
        return Factor(1.0, (Gate(part, "sigmoid", True),)), Factor(1.0, (Gate(part),))

    if expected == "a plain RNN" and parts == 1:
        yield Formula(mix=Mix("h", ZERO, ONE, Candidate("tanh", 0)), offsets=offsets)
    elif expected == "a GRU" and parts == 3:
        for _, update, n in itertools.permutations(range(3)):
            keep, write = share(update)
            yield Formula(mix=Mix("h", keep, write, Candidate("tanh", n)), offsets=offsets)
            yield Formula(mix=Mix("h", write, keep, Candidate("tanh", n)), offsets=offsets)
    elif expected == "a GRU" and parts == 4:
        for reset, update, of_x, of_h in itertools.permutations(range(4)):
            keep, write = share(update)
            candidate = Candidate("tanh", of_x, of_h, share(reset)[1])
            yield Formula(mix=Mix("h", keep, write, candidate), offsets=offsets)
            yield Formula(mix=Mix("h", write, keep, candidate), offsets=offsets)
    elif expected == "an LSTM" and parts == 4:
        for i, f, o, g in itertools.permutations(range(4)):
            mix = Mix("c", share(f)[1], share(i)[1], Candidate("tanh", g))
            shown = Shown(share(o)[1], "tanh", "c'")
            yield Formula(mix=mix, shown=shown, returned=("h'", "c'"), offsets=offsets)
