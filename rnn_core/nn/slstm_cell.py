"""sLSTM (Beck et al., 2024): an LSTM whose input gate is an exponential, and whose memory is a weighted mean.

Symbols and forms as in `rnn_core.nn.cells` and `rnn_core.nn.passes`. What the paper calls z and n is g and d
here: the candidate, and the normaliser by which c is divided. i is the exponent of the input gate. m is the
stabiliser: c and d stand there divided by e^m, so that no exponential is larger than 1.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, State, as_computed
from rnn_core.nn.kernels import logarithm_of, one_minus, tanh, through_sigmoid, through_tanh
from rnn_core.nn.passes import Pass, Tensors


class SLSTMPass(Pass):
    """h' = o v, where v = c' / d', c' = a c + b g, d' = a d + b, a = e^(ln f + m - m') and b = e^(i - m').

    m' is the larger one of ln f + m and i, at the first time step i, so one of a and b is 1. h' changes with
    c' by o / d' and with d' by -o v / d'; m' changes a and b by minus themselves. w is 1 where m' is i, else
    0; l stands for ln f. So

    do  = dh' v o (1 - o)
    dc' = what came from the next time step + dh' o / d'
    dd' = what came from the next time step - dh' o v / d'
    dm' = what came from the next time step - dc' c' - dd' d'
    dl  = a (dc' c + dd' d) + (1 - w) dm'
    di  = b (dc' g + dd') + w dm'
    df  = dl (1 - f)
    dg  = dc' b (1 - g^2)
    dc  = dc' a
    dd  = dd' a
    dm  = dl
    dh  = [df di do dg] U^T
    """

    kept = "fiogab"
    scratch = (4, 2, 2, 1, 1, 1, 1)  # df di do dg, [a d, b], [1 - w, w], o / d', v, a, 1 - f

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of f, i, o and g."""
        return kept[:, : 4 * self.H]

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """The first four together, a and b together, then f, i, o, g, a and b."""
        return kept[:, : 4 * self.H], kept[:, 4 * self.H :], *kept.chunk(6, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (fiog, ab, f, i, o, g, a, b), (h, c, d, m) = kept, before
        h_new, c_new, d_new, m_new = after
        self.U.product(h, plus=fiog, out=fiog)
        torch.add(logsigmoid(f), m, out=a)
        f.sigmoid_()
        o.sigmoid_()
        tanh(g, out=g)
        torch.where(d == 0, i, torch.maximum(a, i, out=m_new), out=m_new)
        torch.sub(a, m_new, out=a)
        torch.sub(i, m_new, out=b)
        ab.clamp_max_(0).exp_()  # at the first time step nothing is there that a could keep
        torch.mul(a, c, out=c_new).addcmul_(b, g)
        torch.addcmul(b, a, d, out=d_new)
        torch.div(c_new, d_new, out=h_new).mul_(o)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (f, _, o, g, a, b), (_, c, d, _), (_, c_new, d_new, _) = kept.chunk(6, dim=1), before, after
        dfiog, of_dd, of_dm, to_c, v, stays, rest = scratch
        df, di, do, dg = dfiog.chunk(4, dim=1)
        torch.mul(a, c, out=df)
        torch.mul(b, g, out=di)
        torch.mul(a, d, out=of_dd[:, : self.H])
        of_dd[:, self.H :] = b
        torch.eq(b, 1, out=of_dm[:, self.H :])
        one_minus(of_dm[:, self.H :], out=of_dm[:, : self.H])
        torch.div(c_new, d_new, out=v)
        torch.div(o, d_new, out=to_c)
        through_sigmoid(v, o, out=do)
        through_tanh(b, g, out=dg)
        stays.copy_(a)
        one_minus(f, out=rest)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """All four together, df, do and dg, df and di as (n, 2, H), then the two pairs like it, the rest."""
        dfiog, of_dd, of_dm, *rest = scratch
        df, _, do, dg = dfiog.chunk(4, dim=1)
        pairs = (dfiog.view(-1, 4, self.H)[:, :2], *(pair.view(-1, 2, self.H) for pair in (of_dd, of_dm)))
        return dfiog, df, do, dg, *pairs, *rest

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (dfiog, df, do, dg, dfi, of_dd, of_dm, to_c, v, stays, rest), (dh, dc, dd, dm) = scratch, d
        do.mul_(dh)
        to_c.mul_(dh)
        dc.add_(to_c)
        dd.addcmul_(to_c, v, value=-1)
        dfi.mul_(dc.unsqueeze(1)).addcmul_(of_dd, dd.unsqueeze(1))
        dm.sub_(dfi.sum(dim=1))
        if watched:
            for seen, whole in zip(watched, d, strict=True):
                seen.copy_(whole)
        dfi.addcmul_(of_dm, dm.unsqueeze(1))
        dm.copy_(df)
        df.mul_(rest)
        dg.mul_(dc)
        dc.mul_(stays)
        dd.mul_(stays)
        self.U_T.product(dfiog, out=dh)


class SLSTMStep(NamedTuple):
    """What an sLSTM computed at one time step; each (B, H)."""

    h: Tensor
    c: Tensor
    d: Tensor
    m: Tensor
    f: Tensor
    i: Tensor
    o: Tensor
    g: Tensor


class SLSTMCell(Cell):
    """The scalar LSTM of xLSTM (Beck et al., 2024), with recurrent weights and a sigmoid as its forget gate.

    f  = sigmoid(x W_f + h U_f + b_f)
    i  = x W_i + h U_i + b_i
    o  = sigmoid(x W_o + h U_o + b_o)
    g  = tanh(x W_g + h U_g + b_g)
    m' = max(ln f + m, i)                           i alone where d is 0: nothing was written yet
    c' = f e^(m - m') * c + e^(i - m') * g
    d' = f e^(m - m') * d + e^(i - m')
    h' = o * c' / d'
    """

    kind = "slstm"
    blocks = ("f", "i", "o", "g")
    step_type = SLSTMStep
    one_pass = SLSTMPass
    state_size = 4

    @override
    def update(self, projected: Tensor, state: State) -> SLSTMStep:
        h, c, d, m = state
        a_f, i, a_o, a_g = (projected + h @ self.U).chunk(4, dim=1)
        o, g = torch.sigmoid(a_o), torch.tanh(a_g)
        is_first = d == 0
        kept = logsigmoid(a_f) + m
        m = torch.where(is_first, i, torch.maximum(kept, i))
        a, b = torch.where(is_first, 0, kept - m).exp(), (i - m).exp()
        c, d = a * c + b * g, a * d + b
        return SLSTMStep(h=o * c / d, c=c, d=d, m=m, f=torch.sigmoid(a_f), i=i, o=o, g=g)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> SLSTMStep:
        h, c, d, m = state
        (W_f, W_i, W_o, W_g), (U_f, U_i, U_o, U_g), (b_f, b_i, b_o, b_g) = self._per_block()
        log_f = logsigmoid(self._times(x, W_f) + h @ U_f + b_f)
        f = hold("f", log_f.exp())
        i = hold("i", self._times(x, W_i) + h @ U_i + b_i)
        o = hold("o", torch.sigmoid(self._times(x, W_o) + h @ U_o + b_o))
        g = hold("g", torch.tanh(self._times(x, W_g) + h @ U_g + b_g))
        kept, is_first = logarithm_of(f, log_f) + m, d == 0
        m = hold("m", torch.where(is_first, i, torch.maximum(kept, i)))
        a, b = torch.where(is_first, 0, kept - m).exp(), (i - m).exp()
        c = hold("c", a * c + b * g)
        d = hold("d", a * d + b)
        return SLSTMStep(h=hold("h", o * c / torch.where(d == 0, 1, d)), c=c, d=d, m=m, f=f, i=i, o=o, g=g)
