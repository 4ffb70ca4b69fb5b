"""Two passes as one writes them by hand, to compare those with that are made of equations."""

import torch
from torch import Tensor
from typing_extensions import override

from rnn_core.nn.cells import State
from rnn_core.nn.kernels import Factor, one_minus, tanh, through_sigmoid, through_tanh
from rnn_core.nn.passes import Pass, Tensors


class GRUBeforePass(Pass):
    """h' = h + z (n - h), where n = tanh(x W_n + b_n + q U_n) and q = r h.

    h' changes with z by n - h, with n by z, and with h itself by 1 - z. n changes with q, all that it sees of
    the past, through U_n; q with r by h, and with h by r. r and z change with h through U_rz. So

    dz = dh' (n - h) z (1 - z)
    dn = dh' z (1 - n^2)
    dq = dn U_n^T
    dr = dq h r (1 - r)
    dh = dh' (1 - z) + dq r + [dr dz] U_rz^T
    """

    kept = "rzn"
    scratch = (2, 1, 1, 1, 1)  # dr dz, dn, 1 - z, r, dq

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        (U,), self.H, self.factor = weights, H, factor  # not the products of all of U that others make
        U_rz, U_n = U.split([2 * H, H], dim=1)
        self.U_rz, self.U_n = factor(U_rz), factor(U_n)
        self.U_rz_T, self.U_n_T = factor(U_rz.t().contiguous()), factor(U_n.t().contiguous())

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of r, z and n."""
        return kept

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """r and z together, then r, z and n."""
        return kept[:, : 2 * self.H], *kept.chunk(3, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (rz, r, z, n), (h,), (h_new,) = kept, before, after
        self.U_rz.product(h, plus=rz, out=rz).sigmoid_()
        q = torch.mul(r, h, out=h_new)  # where h' will stand, which is not needed yet
        tanh(self.U_n.product(q, plus=n, out=n), out=n)
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (r, z, n), (h,), (drz, dn, stays, of_q, _) = kept.chunk(3, dim=1), before, scratch
        dr, dz = drz.chunk(2, dim=1)
        through_sigmoid(torch.sub(n, h, out=dz), z, out=dz)
        through_tanh(z, n, out=dn)
        through_sigmoid(h, r, out=dr)
        one_minus(z, out=stays)
        of_q.copy_(r)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """dr and dz together, then each of them, and the rest."""
        drz, *rest = scratch
        return drz, *drz.chunk(2, dim=1), *rest

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (drz, dr, dz, dn, stays, r, dq), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        dz.mul_(dh)
        dn.mul_(dh)
        dr.mul_(self.U_n_T.product(dn, out=dq))
        dh.mul_(stays).addcmul_(dq, r)
        self.U_rz_T.product(drz, plus=dh, out=dh)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """The candidate's part of U was multiplied with q."""
        (dU,), (h,), (drz, dn, _, r, _) = gradients, before, scratch
        dU_rz, dU_n = dU.split([2 * self.H, self.H], dim=1)
        self.factor(drz).product(h.t(), plus=dU_rz, out=dU_rz)
        self.factor(dn).product((r * h).t(), plus=dU_n, out=dU_n)
        return torch.cat([drz, dn], dim=1)


class LSTMPass(Pass):
    """c' = f c + i g and h' = o s, where s = tanh(c').

    h' changes with o by s, and with c' by o (1 - s^2); c' is also what the next time step was given. c'
    changes with i by g, with f by c, with g by i, and with c by f. All four gates change with h through U. So

    do  = dh' s o (1 - o)
    dc' = what came from the next time step + dh' o (1 - s^2)
    di  = dc' g i (1 - i)
    df  = dc' c f (1 - f)
    dg  = dc' i (1 - g^2)
    dc  = dc' f
    dh  = [di df do dg] U^T
    """

    kept = "ifogs"
    scratch = (4, 1, 1)  # di df do dg, o (1 - s^2), f

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of i, f, o and g."""
        return kept[:, : 4 * self.H]

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """All four together, the three gates together, then i, f, o, g and s."""
        return kept[:, : 4 * self.H], kept[:, : 3 * self.H], *kept.chunk(5, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (ifog, ifo, i, f, o, g, s), (h, c), (h_new, c_new) = kept, before, after
        self.U.product(h, plus=ifog, out=ifog)
        ifo.sigmoid_()
        tanh(g, out=g)
        torch.mul(f, c, out=c_new).addcmul_(i, g)
        tanh(c_new, out=s)
        torch.mul(o, s, out=h_new)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (i, f, o, g, s), (_, c), (difog, to_c, stays) = kept.chunk(5, dim=1), before, scratch
        di, df, do, dg = difog.chunk(4, dim=1)
        through_sigmoid(g, i, out=di)
        through_sigmoid(c, f, out=df)
        through_sigmoid(s, o, out=do)
        through_tanh(i, g, out=dg)
        through_tanh(o, s, out=to_c)
        stays.copy_(f)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """All four together, di and df as (n, 2, H), do, dg, and the rest."""
        difog, *rest = scratch
        _, _, do, dg = difog.chunk(4, dim=1)
        return difog, difog.view(-1, 4, self.H)[:, :2], do, dg, *rest

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (difog, each_of_dif, do, dg, to_c, stays), (dh, dc) = scratch, d
        do.mul_(dh)
        dc.addcmul_(dh, to_c)
        if watched:
            watched[0].copy_(dh)
            watched[1].copy_(dc)
        each_of_dif.mul_(dc.unsqueeze(1))
        dg.mul_(dc)
        dc.mul_(stays)
        self.U_T.product(difog, out=dh)
