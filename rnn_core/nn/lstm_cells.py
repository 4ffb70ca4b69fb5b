"""The variants of an LSTM: coupled gates (Greff et al., 2017) and peepholes (Gers and Schmidhuber, 2000).

Symbols and forms as in `rnn_core.nn.cells` and `rnn_core.nn.passes`, s = tanh(c'); p are the peepholes, one
number a unit and gate.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, LSTMCell, LSTMStep, State, Values, as_computed
from rnn_core.nn.kernels import Factor, one_minus, tanh, through_sigmoid, through_tanh
from rnn_core.nn.passes import LSTMPass, Pass, Tensors


class CoupledLSTMPass(Pass):
    """c' = c + i (g - c) and h' = o s. But c' changes with i by g - c, and with c by 1 - i:

    do  = dh' s o (1 - o)
    dc' = what came from the next time step + dh' o (1 - s^2)
    di  = dc' (g - c) i (1 - i)
    dg  = dc' i (1 - g^2)
    dc  = dc' (1 - i)
    dh  = [di do dg] U^T
    """

    kept = "iogs"
    scratch = (3, 1, 1)  # di do dg, o (1 - s^2), 1 - i

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of i, o and g."""
        return kept[:, : 3 * self.H]

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """All three together, then i, o, g and s."""
        return kept[:, : 3 * self.H], *kept.chunk(4, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (iog, i, o, g, s), (h, c), (h_new, c_new) = kept, before, after
        self.U.product(h, plus=iog, out=iog)
        i.sigmoid_()
        o.sigmoid_()
        tanh(g, out=g)
        torch.lerp(c, g, i, out=c_new)  # c + i (g - c)
        tanh(c_new, out=s)
        torch.mul(o, s, out=h_new)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (i, o, g, s), (_, c), (diog, to_c, stays) = kept.chunk(4, dim=1), before, scratch
        di, do, dg = diog.chunk(3, dim=1)
        through_sigmoid(torch.sub(g, c, out=di), i, out=di)
        through_sigmoid(s, o, out=do)
        through_tanh(i, g, out=dg)
        through_tanh(o, s, out=to_c)
        one_minus(i, out=stays)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """All three together, then each of them, and the rest."""
        diog, *rest = scratch
        return diog, *diog.chunk(3, dim=1), *rest

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (diog, di, do, dg, to_c, stays), (dh, dc) = scratch, d
        do.mul_(dh)
        dc.addcmul_(dh, to_c)
        if watched:
            watched[0].copy_(dh)
            watched[1].copy_(dc)
        di.mul_(dc)
        dg.mul_(dc)
        dc.mul_(stays)
        self.U_T.product(diog, out=dh)


class PeepholeLSTMPass(LSTMPass):
    """An LSTM whose i and f also get p_i c and p_f c, and whose o gets p_o c'. So what changes is

    dc' = what came from the next time step + dh' o (1 - s^2) + do p_o
    dc  = dc' f + di p_i + df p_f
    dp_i = sum of di c        dp_f = sum of df c        dp_o = sum of do c'
    """

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        U, p = weights
        super().__init__((U,), H, factor)
        self.p_i, self.p_f, self.p_o = p.chunk(3)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (ifog, _, i, f, o, g, s), (h, c), (h_new, c_new) = kept, before, after
        self.U.product(h, plus=ifog, out=ifog)
        i.addcmul_(c, self.p_i).sigmoid_()
        f.addcmul_(c, self.p_f).sigmoid_()
        tanh(g, out=g)
        torch.mul(f, c, out=c_new).addcmul_(i, g)
        o.addcmul_(c_new, self.p_o).sigmoid_()
        tanh(c_new, out=s)
        torch.mul(o, s, out=h_new)

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (difog, each_of_dif, do, dg, to_c, stays), (dh, dc) = scratch, d
        do.mul_(dh)
        dc.addcmul_(dh, to_c).addcmul_(do, self.p_o)
        if watched:
            watched[0].copy_(dh)
            watched[1].copy_(dc)
        each_of_dif.mul_(dc.unsqueeze(1))
        dg.mul_(dc)
        dc.mul_(stays)
        dc.addcmul_(each_of_dif[:, 0], self.p_i).addcmul_(each_of_dif[:, 1], self.p_f)
        self.U_T.product(difog, out=dh)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        (dU, dp), (_, c) = gradients, before
        i, f, _, g, _ = kept.chunk(5, dim=1)
        di, df, do, _ = scratch[0].chunk(4, dim=1)
        c_new = torch.addcmul(f * c, i, g)
        dp.add_(torch.cat([di * c, df * c, do * c_new], dim=1).sum(dim=0))
        return super().add_to((dU,), before, after, kept, scratch)


class CoupledPeepholeLSTMPass(CoupledLSTMPass):
    """A coupled LSTM whose i also gets p_i c, and whose o gets p_o c'. So what changes is

    dc' = what came from the next time step + dh' o (1 - s^2) + do p_o
    dc  = dc' (1 - i) + di p_i
    dp_i = sum of di c        dp_o = sum of do c'
    """

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        U, p = weights
        super().__init__((U,), H, factor)
        self.p_i, self.p_o = p.chunk(2)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (iog, i, o, g, s), (h, c), (h_new, c_new) = kept, before, after
        self.U.product(h, plus=iog, out=iog)
        i.addcmul_(c, self.p_i).sigmoid_()
        tanh(g, out=g)
        torch.lerp(c, g, i, out=c_new)  # c + i (g - c)
        o.addcmul_(c_new, self.p_o).sigmoid_()
        tanh(c_new, out=s)
        torch.mul(o, s, out=h_new)

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (diog, di, do, dg, to_c, stays), (dh, dc) = scratch, d
        do.mul_(dh)
        dc.addcmul_(dh, to_c).addcmul_(do, self.p_o)
        if watched:
            watched[0].copy_(dh)
            watched[1].copy_(dc)
        di.mul_(dc)
        dg.mul_(dc)
        dc.mul_(stays).addcmul_(di, self.p_i)
        self.U_T.product(diog, out=dh)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        (dU, dp), (_, c) = gradients, before
        i, _, g, _ = kept.chunk(4, dim=1)
        di, do, _ = scratch[0].chunk(3, dim=1)
        dp.add_(torch.cat([di * c, do * torch.lerp(c, g, i)], dim=1).sum(dim=0))
        return super().add_to((dU,), before, after, kept, scratch)


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
