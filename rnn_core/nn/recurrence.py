"""A cell run over a whole sequence.

Rows come the longest first and left-aligned, so the rows still running at time step t are the first
`running[t]` ones: a row that has ended is no longer computed.
"""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad

from rnn_core.nn.cells import Cell, Step


def running_rows(lengths: Tensor) -> list[int]:
    """How many rows are longer than t, for t = 0 ... T - 1. `lengths` is (B,), descending.

    >>> running_rows(torch.tensor([3, 1, 1]))
    [3, 1, 1]
    """
    ended = torch.bincount(lengths)[:-1].cumsum(0)  # ended[t] rows have length <= t
    return (len(lengths) - ended).tolist()


def unroll(cell: Cell, xs: Tensor, lengths: Tensor, *, naive: bool = False) -> Iterator[Step]:
    """The step of each time step; that at t holds the `running_rows(lengths)[t]` rows still running.

    xs is (B, T, E), or (B, T) word ids with one-hot input; lengths (B,) from 1 to T, descending. Steps
    come one by one, so that whoever keeps only a part of them lets the memory of the rest be used again.
    """
    xs = xs.transpose(0, 1)  # (T, B, ...): what belongs to one time step lies together
    if not naive:
        xs = cell.project(xs)  # (T, B, G*H): one product for all time steps
    advance = cell.naive if naive else cell.update
    state = cell.initial_state(len(lengths))
    # unbind, not xs[t]: the gradient of an index is as large as all of xs, once for every time step.
    for x, rows in zip(xs.unbind(), running_rows(lengths), strict=False):
        step = advance(x[:rows], tuple(part[:rows] for part in state))
        state = step[: cell.state_size]
        yield step


def last_states(steps: Iterable[Step]) -> Tensor:
    """h of each row at its last time step, (B, H)."""
    steps = iter(steps)
    h = next(steps).h
    ended = []
    for step in steps:
        if len(step.h) < len(h):
            ended.append(h[len(step.h) :])  # the rows that end here stand behind those that go on
        h = step.h
    return torch.cat([h, *ended[::-1]])  # the last to end come first


def mean_states(steps: Iterable[Step], lengths: Tensor) -> Tensor:
    """Mean of h over the time steps of each row, (B, H)."""
    return _padded(steps, 0.0).sum(dim=0) / lengths.unsqueeze(-1)  # (B, H) / (B, 1)


def max_states(steps: Iterable[Step]) -> Tensor:
    """Largest h of each unit over the time steps of each row, (B, H)."""
    return _padded(steps, -torch.inf).amax(dim=0)


def _padded(steps: Iterable[Step], filler: float) -> Tensor:
    """h of every time step, (T, B, H), with `filler` where a row has ended."""
    hs = [step.h for step in steps]
    rows = len(hs[0])
    return torch.stack([pad(h, (0, 0, 0, rows - len(h)), value=filler) for h in hs])
