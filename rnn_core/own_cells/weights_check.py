"""Remarks on the weights of a cell: those that nothing trains, and first ones that can't learn."""

from collections.abc import Iterator

import numpy as np
import torch

from rnn_core.own_cells.checked_cell import CheckedCell
from rnn_core.own_cells.family_mistakes import Reading
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import CodeAnswer
from rnn_core.own_cells.report import Remark, remark

FIRST_SIZE = 32
"""E and H of the cell whose first weights are looked at."""
_LARGEST_SUM = 5.0
"""The deviation of a sum before its function beyond which first weights saturate."""
_LARGEST_BIAS = 8.0


def unregistered(cell: CheckedCell) -> Remark | None:
    """The remark on tensors in attributes where torch does not find them, where one has a number a unit."""
    shapes = {name: shape for name, shape in cell.made.said["unregistered"].items() if shape}
    if all(np.prod(shape) < min(cell.E, cell.H) for shape in shapes.values()):
        return None
    names = [f"self.{name}" for name in shapes]
    line = cell.lines.assignment(next(iter(shapes)).partition(".")[0])
    return remark("unregistered", "in a cell", line=line, names=names)


def untrained(cell: CheckedCell) -> Remark | None:
    """The remark on weights that no optimizer changes, and that are no constant."""
    if found := unregistered(cell):
        return found
    names = [
        name.removeprefix(WEIGHT)
        for name, one in cell.weights.items()
        if one.size >= min(cell.E, cell.H)
        and np.ptp(one) > 0
        and name.removeprefix(WEIGHT) not in cell.trained
    ]
    if not names:
        return None
    line = cell.lines.assignment(names[0].partition(".")[0])
    return remark("unregistered", "not trained", line=line, names=names)


def check_first_weights(cell: CheckedCell, reading: Reading, begun: CodeAnswer) -> Remark | None:
    """The remark on a cell that begins so that it can't learn."""
    first = {name.removeprefix(WEIGHT): one.double().numpy() for name, one in begun.arrays.items()}
    line = cell.lines.method("__init__")
    sources = {name: of for name, of in reading.sources.items() if name in first}
    empty = [name for name in sources if not np.isfinite(first[name]).all()]
    if empty:
        return remark("uninitialised", line=line, names=sorted(empty))
    matrices = [first[name] for name, of in sources.items() if of & {"x", "h", "c"}]
    if matrices and all(np.ptp(one) == 0 for one in matrices):
        return remark("units-alike", line=line, value=float(matrices[0].flat[0]))
    for place in range(len(reading.parts)):
        names = [name for name in reading.parameters_of(place) if name in first]
        square = FIRST_SIZE * sum(
            float((first[name] ** 2).mean()) * sum(1.0 if of == "x" else 0.5 for of in sources[name] - {"1"})
            for name in names
        )
        biases = [float(np.abs(first[name]).mean()) for name in names if sources[name] == {"1"}]
        if square > _LARGEST_SUM**2 or max(biases, default=0.0) > _LARGEST_BIAS:
            return remark("saturates", line=line, size=FIRST_SIZE, sum=max(square**0.5, *biases, 0.0))
    return None


def notes_on_weights(cell: CheckedCell, reading: Reading, begun: CodeAnswer) -> Iterator[Remark]:
    """Remarks on what is right in another way, seen in the shapes and first values of the weights."""
    if reading.unused and not cell.made.said["has_initial_state"]:
        yield remark("unused-weights", names=reading.unused)
    sources = reading.sources
    if any(of >= {"x", "h"} for of in sources.values()):
        yield remark("joined-input")
    if any(
        of == {"x"} and cell.made.arrays[WEIGHT + name].shape[-1] == cell.E for name, of in sources.items()
    ):
        yield remark("transposed-weights")
    for name, of in sources.items():
        first = begun.arrays[WEIGHT + name].double()
        is_square = first.ndim == 2 and first.shape[0] == first.shape[1] and of == {"h"}
        if is_square and torch.allclose(first @ first.T, torch.eye(len(first)).double(), atol=1e-4):
            yield remark("orthogonal", name=name)
            return
