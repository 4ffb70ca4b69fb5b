"""Readouts: what of a layer's hidden states the head gets to see.

Each is computed in three ways, which agree: of whole texts (`pool`), of what was read up to each token of
one text (`so_far`), and a time step on from what was read before (`go_on`). The words for each are in
`rnn_core.config.readouts`, under the same name.
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.config.readouts import READOUTS
from rnn_core.nn.cells import Cell
from rnn_core.nn.packing import Packing
from rnn_core.nn.sequence import run

_AT_ONCE = 512
"""Time steps whose weights are computed together: what bounds the memory of a long window."""

Running = tuple[Tensor, ...]
"""The readout of what was read so far, (..., D), and behind it what else the next one follows from."""


class Readout(nn.Module, ABC):
    """A reading of states of D numbers each. Its weights are kept under its name, as attention.W."""

    mixes_units = False
    """True if the reading of a unit depends on other units.

    Where it does, a network that reads in both directions gives it the states of both, side by side at each
    token. Else each direction is read on its own, in the order in which it reads.
    """

    def __init__(self, width: int, hidden_size: int) -> None:
        """`width` is D: the `hidden_size` of one direction, or of both together."""
        super().__init__()

    @abstractmethod
    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        """Reads each row, (B, D), given packed states, (N, D)."""

    @abstractmethod
    def go_on(self, before: Running, h: Tensor, t: int) -> Running:
        """Reads some rows up to time step t, given what was read before and the state of t, (rows, D).

        `before` counts only from the second time step on.
        """

    def so_far(self, hs: Tensor) -> Running:
        """Reads up to each time step of one text, (T, ...) each, given its states, (T, D)."""
        read: list[Running] = []
        for t, h in enumerate(hs.split(1)):
            read.append(self.go_on(read[-1] if read else (), h, t))
        return tuple(map(torch.cat, zip(*read, strict=True)))

    def read(self, cell: Cell, xs: Tensor, packed: Packing) -> Tensor:
        """Reads the states of a cell, (B, D), given what the cell reads, packed."""
        return self.pool(run(cell, xs, packed, every=True), packed)

    def weights(self, hs: Tensor, packed: Packing) -> Tensor | None:
        """(N,) the weight of each state, where what is read is a mean of states with weights; else None."""
        return None


class Last(Readout):
    """The last state."""

    @override
    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        return hs[packed.last]

    @override
    def go_on(self, before: Running, h: Tensor, t: int) -> Running:
        return (h,)

    @override
    def so_far(self, hs: Tensor) -> Running:
        return (hs,)

    @override
    def read(self, cell: Cell, xs: Tensor, packed: Packing) -> Tensor:
        return run(cell, xs, packed)  # no other state is copied


class Mean(Readout):
    """The mean of all states."""

    @override
    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        return packed.mean(hs)

    @override
    def go_on(self, before: Running, h: Tensor, t: int) -> Running:
        return (torch.lerp(before[0], h, 1 / (t + 1)) if t else h,)

    @override
    def so_far(self, hs: Tensor) -> Running:
        return (hs.cumsum(dim=0) / torch.arange(1, len(hs) + 1).unsqueeze(-1),)  # (T, D) / (T, 1)


class Max(Readout):
    """The largest value of each unit."""

    @override
    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        return packed.max(hs)

    @override
    def go_on(self, before: Running, h: Tensor, t: int) -> Running:
        return (torch.maximum(before[0], h) if t else h,)

    @override
    def so_far(self, hs: Tensor) -> Running:
        return (hs.cummax(dim=0).values,)


class Attention(Readout):
    """A mean of the states with weights that the states decide.

    Additive attention (Bahdanau, Cho and Bengio, 2015) with a hidden layer of as many units as the network
    has, and a single query v, which is learned:

        score_t  = v . tanh(h_t W + b)
        weight_t = exp(score_t) / sum over s of exp(score_s)        over the time steps that were read
        readout  = sum over t of weight_t h_t

    The derivative by the query is that of a softmax, with a_t = tanh(h_t W + b):

        d weight_t / d v = weight_t (a_t - sum over s of weight_s a_s)

    What was read so far has the logarithm of the sum of exp(score) behind it, (..., 1).
    """

    mixes_units = True

    def __init__(self, width: int, hidden_size: int) -> None:
        super().__init__(width, hidden_size)
        self.W = nn.Parameter(torch.empty(width, hidden_size))
        self.b = nn.Parameter(torch.zeros(hidden_size))
        self.v = nn.Parameter(torch.empty(hidden_size))
        nn.init.xavier_uniform_(self.W)
        nn.init.uniform_(self.v, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def scores(self, hs: Tensor) -> Tensor:
        """Return a score (...) for each state (..., D)."""
        return torch.tanh(hs @ self.W + self.b) @ self.v

    @override
    def weights(self, hs: Tensor, packed: Packing) -> Tensor:
        return packed.softmax(self.scores(hs))

    @override
    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        return packed.sum(hs * self.weights(hs, packed).unsqueeze(1))  # (N, D) * (N, 1)

    @override
    def go_on(self, before: Running, h: Tensor, t: int) -> Running:
        score = self.scores(h).unsqueeze(1)  # (rows, 1)
        if not t:
            return h, score
        total = torch.logaddexp(before[1], score)
        return torch.lerp(before[0], h, torch.exp(score - total)), total

    @override
    def so_far(self, hs: Tensor) -> Running:
        scores, times, read = self.scores(hs), torch.arange(len(hs)), []
        for some in times.split(_AT_ONCE):
            later = times > some.unsqueeze(1)  # (some, T)
            read.append(scores.expand(len(some), -1).masked_fill(later, -torch.inf).softmax(dim=1) @ hs)
        return torch.cat(read), scores.logcumsumexp(dim=0).unsqueeze(1)


for _name, _class in {"last": Last, "mean": Mean, "max": Max, "attention": Attention}.items():
    READOUTS.complete(_name, made_by=_class)
