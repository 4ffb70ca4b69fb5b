"""Cells whose time steps need no product with the state: minGRU, minLSTM and IndRNN.

Symbols and forms as in `rnn_core.nn.cells`.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, PlainStep, State, UpdateStep, Values, as_computed
from rnn_core.nn.scans import IndRNNPass, MinGRUPass, MinLSTMPass


class MinLSTMStep(NamedTuple):
    """What a minLSTM computed at one time step; each (B, H)."""

    h: Tensor
    f: Tensor
    i: Tensor
    n: Tensor


class MinGRUCell(Cell):
    """minGRU (Feng et al., 2024): the gate sees the word alone, and the candidate is linear.

    z  = sigmoid(x W_z + b_z)
    n  = x W_n + b_n
    h' = (1 - z) * h + z * n
    """

    kind = "mingru"
    blocks = ("z", "n")
    step_type = UpdateStep
    one_pass = MinGRUPass
    mixes_units = False

    @override
    def update(self, projected: Tensor, state: State) -> UpdateStep:
        (h,) = state
        a_z, n = projected.chunk(2, dim=1)
        z = torch.sigmoid(a_z)
        return UpdateStep(h=h + z * (n - h), z=z, n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> UpdateStep:
        (h,) = state
        (W_z, W_n), (b_z, b_n) = self.W.chunk(2, dim=1), self.b.chunk(2)
        z = hold("z", torch.sigmoid(self._times(x, W_z) + b_z))
        n = hold("n", self._times(x, W_n) + b_n)
        return UpdateStep(h=hold("h", (1 - z) * h + z * n), z=z, n=n)


class MinLSTMCell(Cell):
    """minLSTM (Feng et al., 2024): two gates that see the word alone, divided by their sum.

    f  = sigmoid(x W_f + b_f)
    i  = sigmoid(x W_i + b_i)
    n  = x W_n + b_n
    h' = f / (f + i) * h + i / (f + i) * n

    The shares are computed from the logarithms of the gates: these are numbers where the gates themselves are
    too small for one, so both shares always add up to 1. With both gates held at 0 the old state stays.
    """

    kind = "minlstm"
    blocks = ("f", "i", "n")
    step_type = MinLSTMStep
    one_pass = MinLSTMPass
    mixes_units = False

    @override
    def update(self, projected: Tensor, state: State) -> MinLSTMStep:
        (h,) = state
        a_f, a_i, n = projected.chunk(3, dim=1)
        written = _share(logsigmoid(a_i), logsigmoid(a_f))
        return MinLSTMStep(h=h + written * (n - h), f=torch.sigmoid(a_f), i=torch.sigmoid(a_i), n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> MinLSTMStep:
        (h,) = state
        (W_f, W_i, W_n), (b_f, b_i, b_n) = self.W.chunk(3, dim=1), self.b.chunk(3)
        log_f = logsigmoid(self._times(x, W_f) + b_f)
        log_i = logsigmoid(self._times(x, W_i) + b_i)
        f, i = hold("f", log_f.exp()), hold("i", log_i.exp())
        n = hold("n", self._times(x, W_n) + b_n)
        written = _share(_log(i, log_i), _log(f, log_f))  # i / (f + i)
        return MinLSTMStep(h=hold("h", (1 - written) * h + written * n), f=f, i=i, n=n)


def _share(log_i: Tensor, log_f: Tensor) -> Tensor:
    """i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is."""
    return torch.where(log_i.isneginf(), 0, torch.sigmoid(log_i - log_f))


def _log(gate: Tensor, computed: Tensor) -> Tensor:
    """The logarithm of a gate: as computed, or that of what is held in its place."""
    is_held = gate != computed.exp()
    return torch.where(is_held, torch.where(is_held, gate, 1).log(), computed)


class IndRNNCell(Cell):
    """The independently recurrent network (Li et al., 2018): h' = relu(x W + u * h + b).

    u has one number a unit, so each unit remembers by itself: what it holds falls to 1/e in -1 / ln u time
    steps, and is gone at once where u is not positive. As in the paper |u| is bounded, here by 1, so that no
    time step multiplies a state by more.
    """

    kind = "indrnn"
    blocks = ("h",)
    step_type = PlainStep
    one_pass = IndRNNPass
    mixes_units = False

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        self.u = nn.Parameter(torch.empty(hidden_size))

    @override
    def update(self, projected: Tensor, state: State) -> PlainStep:
        (h,) = state
        return PlainStep(h=torch.relu(projected + self.u * h))

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> PlainStep:
        """An IndRNN has one product and so nothing to join."""
        (h,) = state
        return PlainStep(h=hold("h", torch.relu(self._times(x, self.W) + self.u * h + self.b)))

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        return self.u.detach().to(before["h"]) * before["h"]

    @override
    def time_constants(self) -> Tensor:
        return (1 / self.u.detach().double().clamp(min=0).log()).abs()  # without end where u is 1

    @override
    def initialise_extra(self) -> None:
        nn.init.uniform_(self.u, 0, 1)  # as in the paper: units that forget at once beside such that never do

    @override
    def constrain(self) -> None:
        with torch.no_grad():
            self.u.clamp_(-1, 1)
