"""A cell run over a whole sequence, one time step after another, as one would write it first.

Autograd remembers every operation and goes back through them. For the form that does without, see
`rnn_core.nn.sequence`.
"""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from rnn_core.nn.cells import Cell, State, Step
from rnn_core.nn.holds import NOTHING_HELD, Holds
from rnn_core.nn.packing import Packing


def unroll(
    cell: Cell,
    xs: Tensor,
    packing: Packing,
    *,
    naive: bool = False,
    state: State | None = None,
    holds: Holds = NOTHING_HELD,
) -> Iterator[Step]:
    """The step of each time step t, of the `running[t]` rows still running: the fused form, or the naive.

    xs is packed: (N, E), or (N,) word ids with one-hot input. The steps' tensors one after the other are
    packed likewise. The rows begin with `state`, or with the cell's first one, zeros for most. `holds` is
    what the naive form puts in the place of its results.
    """
    if not naive:
        xs = cell.project(xs)  # (N, G*H): one product for all time steps
    state, hold = state or cell.initial_state(packing.running[0]), holds.step_holds(packing.running)
    # split, not an index: the gradient of an index is as large as all of xs, once for every time step.
    for t, x in enumerate(xs.split(packing.running)):
        before = tuple(part[: len(x)] for part in state)
        step = cell.naive(x, before, hold(t)) if naive else cell.update(x, before)
        state = step[: cell.state_size]
        yield step


def packed_steps(steps: Iterable[Step]) -> Step:
    """All steps that `unroll` returned as one, whose fields are packed, (N, H) each."""
    first, *others = steps
    return type(first)(*map(torch.cat, zip(first, *others, strict=True)))
