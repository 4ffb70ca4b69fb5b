"""The variants of an LSTM: coupled gates (Greff et al., 2017) and peepholes (Gers and Schmidhuber, 2000).

Symbols and forms as in `rnn_core.nn.cells`; p are the peepholes, one number a unit and gate.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, LSTMCell, LSTMStep, State, Values, as_computed
from rnn_core.nn.lstm_passes import CoupledLSTMPass, CoupledPeepholeLSTMPass, PeepholeLSTMPass


class CoupledLSTMStep(NamedTuple):
    """What an LSTM with coupled gates computed at one time step; each (B, H)."""

    h: Tensor
    c: Tensor
    i: Tensor
    o: Tensor
    g: Tensor


class CoupledLSTMCell(Cell):
    """An LSTM in which as much is forgotten as is written: f = 1 - i.

    i  = sigmoid(x W_i + h U_i + b_i)
    o  = sigmoid(x W_o + h U_o + b_o)
    g  = tanh(x W_g + h U_g + b_g)
    c' = (1 - i) * c + i * g
    h' = o * tanh(c')
    """

    kind = "lstm"
    blocks = ("i", "o", "g")
    step_type = CoupledLSTMStep
    one_pass = CoupledLSTMPass
    state_size = 2

    @override
    def update(self, projected: Tensor, state: State) -> CoupledLSTMStep:
        h, c = state
        H = self.hidden_size
        a_io, a_g = (projected + h @ self.U).split([2 * H, H], dim=1)
        i, o = torch.sigmoid(a_io).chunk(2, dim=1)
        g = torch.tanh(a_g)
        c = c + i * (g - c)  # (1 - i) * c + i * g, one product less
        return CoupledLSTMStep(h=o * torch.tanh(c), c=c, i=i, o=o, g=g)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> CoupledLSTMStep:
        h, c = state
        (W_i, W_o, W_g), (U_i, U_o, U_g), (b_i, b_o, b_g) = self._per_block()
        i = hold("i", torch.sigmoid(self._times(x, W_i) + h @ U_i + b_i))
        o = hold("o", torch.sigmoid(self._times(x, W_o) + h @ U_o + b_o))
        g = hold("g", torch.tanh(self._times(x, W_g) + h @ U_g + b_g))
        c = hold("c", (1 - i) * c + i * g)
        return CoupledLSTMStep(h=hold("h", o * torch.tanh(c)), c=c, i=i, o=o, g=g)


class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates also see the cell state.

    i  = sigmoid(x W_i + h U_i + p_i * c + b_i)
    f  = sigmoid(x W_f + h U_f + p_f * c + b_f)
    g  = tanh(x W_g + h U_g + b_g)
    c' = f * c + i * g
    o  = sigmoid(x W_o + h U_o + p_o * c' + b_o)
    h' = o * tanh(c')
    """

    one_pass = PeepholeLSTMPass

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        self.p = nn.Parameter(torch.zeros(3 * hidden_size))

    @override
    def update(self, projected: Tensor, state: State) -> LSTMStep:
        h, c = state
        a_i, a_f, a_o, a_g = (projected + h @ self.U).chunk(4, dim=1)
        p_i, p_f, p_o = self.p.chunk(3)
        i, f, g = torch.sigmoid(a_i + p_i * c), torch.sigmoid(a_f + p_f * c), torch.tanh(a_g)
        c = f * c + i * g
        o = torch.sigmoid(a_o + p_o * c)
        return LSTMStep(h=o * torch.tanh(c), c=c, i=i, f=f, o=o, g=g)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> LSTMStep:
        h, c = state
        (W_i, W_f, W_o, W_g), (U_i, U_f, U_o, U_g), (b_i, b_f, b_o, b_g) = self._per_block()
        p_i, p_f, p_o = self.p.chunk(3)
        i = hold("i", torch.sigmoid(self._times(x, W_i) + h @ U_i + p_i * c + b_i))
        f = hold("f", torch.sigmoid(self._times(x, W_f) + h @ U_f + p_f * c + b_f))
        g = hold("g", torch.tanh(self._times(x, W_g) + h @ U_g + b_g))
        c = hold("c", f * c + i * g)
        o = hold("o", torch.sigmoid(self._times(x, W_o) + h @ U_o + p_o * c + b_o))
        return LSTMStep(h=hold("h", o * torch.tanh(c)), c=c, i=i, f=f, o=o, g=g)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        of_h = super().from_memory(letter, before, after)
        return of_h + _through_peephole(self, self.p, letter, before, after)


class CoupledPeepholeLSTMCell(CoupledLSTMCell):
    """An LSTM with coupled gates that also see the cell state.

    i  = sigmoid(x W_i + h U_i + p_i * c + b_i)
    g  = tanh(x W_g + h U_g + b_g)
    c' = (1 - i) * c + i * g
    o  = sigmoid(x W_o + h U_o + p_o * c' + b_o)
    h' = o * tanh(c')
    """

    one_pass = CoupledPeepholeLSTMPass

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        self.p = nn.Parameter(torch.zeros(2 * hidden_size))

    @override
    def update(self, projected: Tensor, state: State) -> CoupledLSTMStep:
        h, c = state
        a_i, a_o, a_g = (projected + h @ self.U).chunk(3, dim=1)
        p_i, p_o = self.p.chunk(2)
        i, g = torch.sigmoid(a_i + p_i * c), torch.tanh(a_g)
        c = c + i * (g - c)  # (1 - i) * c + i * g, one product less
        o = torch.sigmoid(a_o + p_o * c)
        return CoupledLSTMStep(h=o * torch.tanh(c), c=c, i=i, o=o, g=g)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> CoupledLSTMStep:
        h, c = state
        (W_i, W_o, W_g), (U_i, U_o, U_g), (b_i, b_o, b_g) = self._per_block()
        p_i, p_o = self.p.chunk(2)
        i = hold("i", torch.sigmoid(self._times(x, W_i) + h @ U_i + p_i * c + b_i))
        g = hold("g", torch.tanh(self._times(x, W_g) + h @ U_g + b_g))
        c = hold("c", (1 - i) * c + i * g)
        o = hold("o", torch.sigmoid(self._times(x, W_o) + h @ U_o + p_o * c + b_o))
        return CoupledLSTMStep(h=hold("h", o * torch.tanh(c)), c=c, i=i, o=o, g=g)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        of_h = super().from_memory(letter, before, after)
        return of_h + _through_peephole(self, self.p, letter, before, after)


def _through_peephole(cell: Cell, p: Tensor, letter: str, before: Values, after: Values) -> Tensor:
    """What a gate sees of the cell state, (H,): the output gate of the new one; a candidate nothing."""
    seen = (after if letter == "o" else before)["c"]
    if letter == "g":
        return torch.zeros_like(seen)
    return p.detach().chunk(len(cell.blocks) - 1)[cell.blocks.index(letter)].to(seen) * seen
