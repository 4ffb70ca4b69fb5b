"""The pass of an sLSTM (Beck et al., 2024) by hand: made of its equations it takes 1.15 times as long.

Symbols as in `rnn_core.nn.cells` and `rnn_core.nn.passes`. What the paper calls z and n is g and d
here: the candidate, and the normaliser by which c is divided. i is the exponent of the input gate. m is the
stabiliser: c and d stand there divided by e^m, so that no exponential is larger than 1.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.nn.cells import State
from rnn_core.nn.kernels import one_minus, tanh, through_sigmoid, through_tanh
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
        (fiog, ab, f, i, o, g, a, b), (h, m, c, d) = kept, before
        h_new, m_new, c_new, d_new = after
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
        (f, _, o, g, a, b), (_, _, c, d), (_, _, c_new, d_new) = kept.chunk(6, dim=1), before, after
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
        (dfiog, df, do, dg, dfi, of_dd, of_dm, to_c, v, stays, rest), (dh, dm, dc, dd) = scratch, d
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
