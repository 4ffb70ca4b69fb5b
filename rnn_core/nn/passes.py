"""One time step of each cell forwards and backwards, on memory that is given: what the sequence form repeats.

Symbols as in `rnn_core.nn.cells`; dy stands for d(loss)/dy, and the gradient of a gate is always that of what
stands inside its sigmoid or tanh. With y = sigmoid(a) the chain rule gives da = dy y (1 - y), with
y = tanh(a) it gives da = dy (1 - y^2). Of a product a = h @ U it gives dh = da @ U^T.

Going backwards, a time step gets dh', the gradient of the state it made: what the loss sees of it directly
plus what the next time step passed on. It leaves behind dh, the gradient of the state it was given, in the
same memory, and the gradients from which those of the weights follow, summed over all time steps:

    dW = sum of x^T @ da        dU = sum of h^T @ da        db = sum of da        dx = da @ W^T

so these wait until many time steps can be put into one large product (`rnn_core.nn.sequence`).
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from rnn_core.nn.cells import Cell, GRUCell, LSTMCell, State
from rnn_core.nn.products import product, tanh, through_sigmoid, through_tanh

Parts = tuple[Tensor, ...]


class Pass(ABC):
    """Both directions of one cell.

    Of n tokens, `kept * H` numbers each are what the way forwards leaves for the way backwards: one tensor,
    (n, kept * H). The way backwards leaves gradients for the weights: a tensor (n, width * H) for each width
    in `scratch`. Those that are multiplied together lie together, since a product wants memory without gaps.
    """

    kept: ClassVar[int]
    scratch: ClassVar[tuple[int, ...]]

    def __init__(self, U: Tensor) -> None:
        self.H = len(U)
        self.U = U
        self.U_T = U.t().contiguous()

    @abstractmethod
    def cut(self, kept: Tensor) -> Parts:
        """What is kept of some time steps, (n, kept * H), in parts. The first are x @ W + b of the gates."""

    @abstractmethod
    def forward(self, parts: Parts, before: State, after: State) -> None:
        """From the projections and the state before, the gates in their place and the state after."""

    def cut_gradients(self, scratch: Parts) -> Parts:
        """The gradients of some time steps, in parts; unless said otherwise, as they are."""
        return scratch

    @abstractmethod
    def backward(
        self, parts: Parts, gradients: Parts, before: State, after: State, d: State, watched: State | None
    ) -> None:
        """d holds the gradient of the state after, and then that of the state before.

        `watched` is where d is copied to when it is complete, if anybody wants to see it.
        """

    def of_input(self, scratch: Parts) -> list[tuple[slice, Tensor]]:
        """The gradient of x @ W + b, (n, G*H), in pieces: some columns and what they hold."""
        return [(slice(None), scratch[0])]

    def add_to(self, dU: Tensor, dd: Tensor | None, h: Tensor, kept: Tensor, scratch: Parts) -> None:
        """Add what these time steps say of U and d; h (n, H) are the states before them."""
        dU.add_(product(h.t(), scratch[0]))


class ElmanPass(Pass):
    """h' = tanh(a) with a = x W + b + h U."""

    kept = 1  # a
    scratch = (1,)  # da

    def cut(self, kept: Tensor) -> Parts:
        """See Pass.cut: a."""
        return (kept,)

    def forward(self, parts: Parts, before: State, after: State) -> None:
        """See Pass.forward."""
        (a,), (h,), (h_new,) = parts, before, after
        a.add_(product(h, self.U))
        tanh(a, out=h_new)

    def backward(
        self, parts: Parts, gradients: Parts, before: State, after: State, d: State, watched: State | None
    ) -> None:
        """See Pass.backward. h' is the tanh of a, and h reaches a through U:

        da = dh' (1 - h'^2)
        dh = da U^T
        """
        (da,), (h_new,), (dh,) = gradients, after, d
        if watched:
            watched[0].copy_(dh)
        through_tanh(dh, h_new, out=da)
        dh.copy_(product(da, self.U_T))


class GRUBeforePass(Pass):
    """h' = h + z (n - h), where n = tanh(x W_n + b_n + (r h) U_n)."""

    kept = 3  # r z n
    scratch = (2, 1)  # dr dz, dn

    def __init__(self, U: Tensor) -> None:
        super().__init__(U)
        U_rz, U_n = U.split([2 * self.H, self.H], dim=1)
        self.U_rz, self.U_n = U_rz.contiguous(), U_n.contiguous()
        self.U_rz_T, self.U_n_T = self.U_T.split([2 * self.H, self.H])

    def cut(self, kept: Tensor) -> Parts:
        """See Pass.cut: r and z together, then r, z and n."""
        return kept[:, : 2 * self.H], *kept.chunk(3, dim=1)

    def forward(self, parts: Parts, before: State, after: State) -> None:
        """See Pass.forward."""
        (rz, r, z, n), (h,), (h_new,) = parts, before, after
        rz.add_(product(h, self.U_rz)).sigmoid_()
        tanh(n.add_(product(r * h, self.U_n)), out=n)
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    def cut_gradients(self, scratch: Parts) -> Parts:
        """See Pass.cut_gradients: dr and dz together, then dr, dz and dn."""
        drz, dn = scratch
        return drz, *drz.chunk(2, dim=1), dn

    def backward(
        self, parts: Parts, gradients: Parts, before: State, after: State, d: State, watched: State | None
    ) -> None:
        """See Pass.backward.

        h' = h + z (n - h) changes with z by n - h, with n by z, and with h itself by 1 - z. n changes with
        q = r h, all that it sees of the past, through U_n; q with r by h, and with h by r. r and z change
        with h through U_rz. So

        dz = dh' (n - h) z (1 - z)
        dn = dh' z (1 - n^2)
        dq = dn U_n^T
        dr = dq h r (1 - r)
        dh = dh' (1 - z) + dq r + [dr dz] U_rz^T
        """
        (_, r, z, n), (drz, dr, dz, dn), (h,), (dh,) = parts, gradients, before, d
        if watched:
            watched[0].copy_(dh)
        through_sigmoid(torch.sub(n, h, out=dz).mul_(dh), z, out=dz)
        dh.sub_(torch.mul(dh, z, out=dn))
        through_tanh(dn, n, out=dn)
        dq = product(dn, self.U_n_T)
        through_sigmoid(torch.mul(dq, h, out=dr), r, out=dr)
        dh.addcmul_(dq, r).add_(product(drz, self.U_rz_T))

    def of_input(self, scratch: Parts) -> list[tuple[slice, Tensor]]:
        """See Pass.of_input."""
        drz, dn = scratch
        return [(slice(2 * self.H), drz), (slice(2 * self.H, None), dn)]

    def add_to(self, dU: Tensor, dd: Tensor | None, h: Tensor, kept: Tensor, scratch: Parts) -> None:
        """See Pass.add_to: the candidate's part of U was multiplied with r h."""
        drz, dn = scratch
        dU[:, : 2 * self.H].add_(product(h.t(), drz))
        dU[:, 2 * self.H :].add_(product((kept[:, : self.H] * h).t(), dn))


class GRUAfterPass(Pass):
    """h' = h + z (n - h), where n = tanh(x W_n + b_n + r m) and m = h U_n + d."""

    kept = 4  # r z n m
    scratch = (3, 1)  # dr dz dm, dn

    def __init__(self, U: Tensor, d: Tensor) -> None:
        super().__init__(U)
        self.d = d

    def cut(self, kept: Tensor) -> Parts:
        """See Pass.cut: r and z together, then r, z, n and m."""
        return kept[:, : 2 * self.H], *kept.chunk(4, dim=1)

    def forward(self, parts: Parts, before: State, after: State) -> None:
        """See Pass.forward."""
        (rz, r, z, n, m), (h,), (h_new,) = parts, before, after
        h_rz, h_n = product(h, self.U).split_with_sizes([2 * self.H, self.H], dim=1)
        rz.add_(h_rz).sigmoid_()
        torch.add(h_n, self.d, out=m)
        tanh(n.addcmul_(r, m), out=n)
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    def cut_gradients(self, scratch: Parts) -> Parts:
        """See Pass.cut_gradients: dr, dz and dm together, then dr, dz, dm and dn."""
        drzm, dn = scratch
        return drzm, *drzm.chunk(3, dim=1), dn

    def backward(
        self, parts: Parts, gradients: Parts, before: State, after: State, d: State, watched: State | None
    ) -> None:
        """See Pass.backward.

        h' = h + z (n - h) changes with z by n - h, with n by z, and with h itself by 1 - z. n changes with
        r by m, and with m by r. r, z and m change with h through U. So

        dz = dh' (n - h) z (1 - z)
        dn = dh' z (1 - n^2)
        dr = dn m r (1 - r)
        dm = dn r
        dh = dh' (1 - z) + [dr dz dm] U^T
        """
        (_, r, z, n, m), (drzm, dr, dz, dm, dn), (h,), (dh,) = parts, gradients, before, d
        if watched:
            watched[0].copy_(dh)
        through_sigmoid(torch.sub(n, h, out=dz).mul_(dh), z, out=dz)
        dh.sub_(torch.mul(dh, z, out=dn))
        through_tanh(dn, n, out=dn)
        through_sigmoid(torch.mul(dn, m, out=dr), r, out=dr)
        torch.mul(dn, r, out=dm)
        dh.add_(product(drzm, self.U_T))

    def of_input(self, scratch: Parts) -> list[tuple[slice, Tensor]]:
        """See Pass.of_input: the candidate's input stands outside r (..), its gradient is dn."""
        drzm, dn = scratch
        return [(slice(2 * self.H), drzm[:, : 2 * self.H]), (slice(2 * self.H, None), dn)]

    def add_to(self, dU: Tensor, dd: Tensor | None, h: Tensor, kept: Tensor, scratch: Parts) -> None:
        """See Pass.add_to: the candidate's part of U, and d, stand inside r (..), their gradient is dm."""
        drzm, _ = scratch
        dU.add_(product(h.t(), drzm))
        if dd is not None:
            dd.add_(drzm[:, 2 * self.H :].sum(dim=0))


class LSTMPass(Pass):
    """c' = f c + i g and h' = o s, where s = tanh(c')."""

    kept = 5  # i f o g s
    scratch = (4,)  # di df do dg

    def cut(self, kept: Tensor) -> Parts:
        """See Pass.cut: all four together, the three gates together, then i, f, o, g and s."""
        return kept[:, : 4 * self.H], kept[:, : 3 * self.H], *kept.chunk(5, dim=1)

    def forward(self, parts: Parts, before: State, after: State) -> None:
        """See Pass.forward."""
        (ifog, ifo, i, f, o, g, s), (h, c), (h_new, c_new) = parts, before, after
        ifog.add_(product(h, self.U))
        ifo.sigmoid_()
        tanh(g, out=g)
        torch.mul(f, c, out=c_new).addcmul_(i, g)
        tanh(c_new, out=s)
        torch.mul(o, s, out=h_new)

    def cut_gradients(self, scratch: Parts) -> Parts:
        """See Pass.cut_gradients: all four together, then di, df, do and dg."""
        return *scratch, *scratch[0].chunk(4, dim=1)

    def backward(
        self, parts: Parts, gradients: Parts, before: State, after: State, d: State, watched: State | None
    ) -> None:
        """See Pass.backward.

        h' = o s changes with o by s, and with c' by o (1 - s^2), since s = tanh(c'); c' is also what the next
        time step was given. c' = f c + i g changes with i by g, with f by c, with g by i, and with c by f.
        All four gates change with h through U. So

        do  = dh' s o (1 - o)
        dc' = what came from the next time step + dh' o (1 - s^2)
        di  = dc' g i (1 - i)
        df  = dc' c f (1 - f)
        dg  = dc' i (1 - g^2)
        dc  = dc' f
        dh  = [di df do dg] U^T
        """
        (_, _, i, f, o, g, s), (difog, di, df, do, dg), (_, c), (dh, dc) = parts, gradients, before, d
        through_sigmoid(torch.mul(dh, s, out=do), o, out=do)
        dc.add_(through_tanh(torch.mul(dh, o, out=dg), s, out=dg))  # dg has not been needed yet
        if watched:
            watched[0].copy_(dh)
            watched[1].copy_(dc)
        through_sigmoid(torch.mul(dc, g, out=di), i, out=di)
        through_sigmoid(torch.mul(dc, c, out=df), f, out=df)
        through_tanh(torch.mul(dc, i, out=dg), g, out=dg)
        dc.mul_(f)
        dh.copy_(product(difog, self.U_T))


def pass_of(cell: Cell, U: Tensor, d: Tensor | None) -> Pass:
    """Both directions of this cell, with these weights."""
    if d is not None:
        return GRUAfterPass(U, d)
    if isinstance(cell, GRUCell):
        return GRUBeforePass(U)
    return LSTMPass(U) if isinstance(cell, LSTMCell) else ElmanPass(U)
