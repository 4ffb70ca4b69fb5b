"""A batch without its padding.

Rows come the longest first, so those still running at time step t are the first `running[t]` ones. Packed,
time step follows time step, each with its running rows only: (N, ...) for the N tokens of the batch, where
padded it was (B, T, ...). A row that has ended is no longer there, so nothing can be computed of it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Packing:
    """The places of the tokens of a batch."""

    lengths: Tensor
    """(B,) from 1 to T, descending."""
    running: list[int]
    """(T,) how many rows are longer than t."""
    times: Tensor
    """(N,) the time step of each token."""
    rows: Tensor
    """(N,) the row of each token."""
    starts: Tensor
    """(T,) where each time step begins."""
    last: Tensor
    """(B,) where the last token of each row lies."""

    def pack(self, values: Tensor) -> Tensor:
        """Turn rows (B, T, ...) into packed ones (N, ...)."""
        return values[self.rows, self.times]

    def backwards(self) -> Tensor:
        """(N,) where the token lies that each one changes places with when its row is read from the end.

        Packed values taken at these places are packed likewise, and taken twice they are what they were.
        """
        return self.starts[self.lengths[self.rows] - 1 - self.times] + self.rows

    def sum(self, values: Tensor) -> Tensor:
        """The sum of each row over its time steps: (N, H) -> (B, H)."""
        return values.new_zeros(len(self.lengths), values.shape[1]).index_add(0, self.rows, values)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of each row over its time steps: (N, H) -> (B, H)."""
        return self.sum(values) / self.lengths.unsqueeze(1)  # (B, H) / (B, 1)

    def max(self, values: Tensor) -> Tensor:
        """The largest value of each row over its time steps: (N, H) -> (B, H)."""
        T, B, H = len(self.running), len(self.lengths), values.shape[1]
        padded = values.new_full((T, B, H), -torch.inf)
        return padded.index_put((self.times, self.rows), values).amax(dim=0)

    def softmax(self, scores: Tensor) -> Tensor:
        """Each row's softmax over its time steps: (N,) -> (N,)."""
        padded = scores.new_full((len(self.running), len(self.lengths)), -torch.inf)  # (T, B)
        return padded.index_put((self.times, self.rows), scores).softmax(dim=0)[self.times, self.rows]


def packing(lengths: Tensor) -> Packing:
    """Packs rows of these lengths, (B,) int64. Raises ValueError unless they descend to at least 1.

    >>> packing(torch.tensor([3, 1, 1])).running
    [3, 1, 1]
    """
    if not len(lengths) or lengths[-1] < 1 or (lengths.diff() > 0).any():
        raise ValueError(f"lengths must come the longest first, none below 1, got {lengths.tolist()}")
    T = int(lengths[0])
    running = torch.arange(T, device=lengths.device).unsqueeze(1) < lengths  # (T, B)
    counts = running.sum(dim=1)  # (T,)
    times, rows = running.nonzero(as_tuple=True)
    starts = counts.cumsum(0) - counts
    return Packing(
        lengths=lengths,
        running=counts.tolist(),
        times=times,
        rows=rows,
        starts=starts,
        last=starts[lengths - 1] + torch.arange(len(lengths), device=lengths.device),
    )
