"""A cell run over a whole sequence, one time step after another, as one would write it first.

Autograd remembers every operation and goes back through them. For the form that does without, see
`rnn_core.nn.sequence`.
"""

from collections.abc import Iterator
from typing import TypedDict

import torch
from torch import Tensor
from typing_extensions import Unpack

from rnn_core.nn.cells import Cell, State, Step
from rnn_core.nn.holds import NOTHING_HELD, Holds
from rnn_core.nn.packing import Packing


class _How(TypedDict, total=False):
    """Options of `unroll`."""

    naive: bool
    state: State | None
    holds: Holds


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
    state, hold = state or cell.initial_state(packing.running[0]), holds.over(packing.running)
    # split, not an index: the gradient of an index is as large as all of xs, once for every time step.
    for t, x in enumerate(xs.split(packing.running)):
        before = tuple(part[: len(x)] for part in state)
        step = cell.naive(x, before, hold(t)) if naive else cell.update(x, before)
        state = step[: cell.state_size]
        yield step


def packed_steps(cell: Cell, xs: Tensor, packing: Packing, **how: Unpack[_How]) -> Step:
    """All that `unroll` returns, as one step whose fields are packed, (N, H) each."""
    steps = [*unroll(cell, xs, packing, **how)]
    return type(steps[0])(*map(torch.cat, zip(*steps, strict=True)))


def packed_states(cell: Cell, xs: Tensor, packing: Packing, *, count: int, **how: Unpack[_How]) -> State:
    """The first `count` states of `packed_steps` alone."""
    steps = unroll(cell, xs, packing, **how)
    return tuple(map(torch.cat, zip(*(step[:count] for step in steps), strict=True)))
