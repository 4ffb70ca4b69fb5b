"""The update of one time step in numbers, over all units: what stayed, what came in, and which units moved.

Symbols as in `rnn_core.nn.cells`: h and c are the states that came in, h' and c' those that went on. For one
unit with all that its gates computed, see `rnn_core.inspection.one_step`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.inspection.trace import Trace, layer_inputs, norms
from rnn_core.models.model import Model

MOST_MOVED = 5

Values = dict[str, NDArray[np.float32]]
"""(H,) by letter."""


class GatedUpdate(NamedTuple):
    """The norms of three vectors; kept + written is the new memory: h' of a GRU, c' of an LSTM."""

    kept: float
    written: float
    dropped: float


class PlainUpdate(NamedTuple):
    """The update of a cell without gates: h' = tanh(word + memory), or the relu of it."""

    word: float
    """The norm of x W + b."""
    memory: float
    """The norm of what h contributes."""
    slope: float | None
    """The mean over the units of how much of a small change passes through; None where it is not declared."""


class Move(NamedTuple):
    """One unit of a state."""

    unit: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The update at one time step."""

    time: int
    update: GatedUpdate | PlainUpdate
    moved: dict[str, tuple[Move, ...]]
    """By the letter of each state: the units that moved most, the one that moved most first."""


def at_cursor(model: Model, trace: Trace, time: int) -> Cursor:
    """The update at one time step of a review that this model has read.

    Raises IndexError where the trace has no such time step.
    """
    T = len(trace.logits)
    if not 0 <= time < T:
        raise IndexError(f"there are {T} time steps, counted from 0; got time step {time}")
    after = {letter: values[time] for letter, values in trace.arrays.items()}
    before = trace.states_before(time)
    return Cursor(
        time=time,
        update=_update(model, trace, time, before, after),
        moved={letter: _moved(state, after[letter]) for letter, state in before.items()},
    )


def _update(
    model: Model, trace: Trace, time: int, before: Values, after: Values
) -> GatedUpdate | PlainUpdate:
    update = trace.declared.update
    if update is not None:
        old = before[update.memory]
        return GatedUpdate(
            kept=_norm(update.kept_share(after) * old),
            written=_norm(update.written_share(after) * after[update.candidate]),
            dropped=_norm(update.dropped_share(after) * old),
        )
    cell = model.classifier.layers[trace.layer - 1]
    with torch.inference_mode():
        xs, _ = layer_inputs(model.classifier, trace.review.ids, trace.layer)
        word = cell.project(xs[time : time + 1])  # (1, G*H)
        tensors = ({key: torch.from_numpy(values) for key, values in one.items()} for one in (before, after))
        letter = trace.declared.parts[0]
        memory = cell.from_memory(letter, *tensors)  # (H,)
    return PlainUpdate(
        word=_norm(word.numpy()),
        memory=_norm(memory.numpy()),
        slope=float(after["slope"].mean()) if "slope" in after else None,
    )


def _norm(values: NDArray[np.float32]) -> float:
    return float(norms(values.reshape(1, -1))[0])


def _moved(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[Move, ...]:
    most = np.argsort(-np.abs(after - before), kind="stable")[:MOST_MOVED]
    return tuple(Move(int(unit), float(before[unit]), float(after[unit])) for unit in most)
