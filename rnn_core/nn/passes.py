"""One time step of each cell forwards and backwards, on memory that is given: what the sequence form repeats.

Symbols as in `rnn_core.nn.cells`; dy stands for d(loss)/dy, and the gradient of a gate is always that of what
stands inside its sigmoid or tanh. With y = sigmoid(a) the chain rule gives da = dy y (1 - y), with
y = tanh(a) it gives da = dy (1 - y^2). Of a product a = h @ U it gives dh = da @ U^T.

Going backwards, a time step gets dh', the gradient of the state it made: what the loss sees of it directly
plus what the next time step passed on. It leaves behind dh, the gradient of the state it was given, in the
same memory, and the gradients from which those of the weights follow, summed over all time steps:

    dW = sum of x^T @ da        dU = sum of h^T @ da        db = sum of da        dx = da @ W^T

so these wait until many time steps can be put into one large product (`rnn_core.nn.sequence`). What dh' is
multiplied with does not depend on dh': these factors are computed for many time steps at once, then turned
into the gradients, time step by time step, in their own place.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor
from typing_extensions import override

from rnn_core.nn.kernels import Factor, one_minus, tanh, through_sigmoid, through_tanh

State = tuple[Tensor, ...]
"""What goes from one time step to the next: (h,) or, for an LSTM, (h, c); each (B, H)."""
Tensors = tuple[Tensor, ...]


class Pass(ABC):
    """The time steps of one cell, forwards and backwards.

    The way forwards leaves for the way backwards what the letters in `kept` say, H numbers each of every
    token, side by side: (n, len(kept) * H). The way backwards has a tensor (n, width * H) for each width in
    `scratch`, for the factors and then the gradients. Those that are multiplied together lie together, since
    a product wants memory without gaps.
    """

    H: int
    kept: ClassVar[Sequence[str]]
    scratch: ClassVar[tuple[int, ...]]
    shared: ClassVar[Sequence[str]] = ()
    """The letters of what is kept that is one number for all units."""

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        """The weights are those of `Cell.recurrent_weights`: U alone, where nothing else is said."""
        (U,) = weights
        self.H, self.factor = H, factor
        self.U, self.U_T = factor(U), factor(U.t().contiguous())

    @abstractmethod
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Make memory for some time steps ready. Returned is the part, (n, G*H), where x @ W + b is to go."""

    @abstractmethod
    def cut(self, kept: Tensor) -> Tensors:
        """What is kept of some time steps, in the parts that `forward` takes."""

    @abstractmethod
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        """One time step: from x @ W + b and the state before, the gates in its place and the state after."""

    @abstractmethod
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        """Computes, of some time steps at once, all that the gradients need but that of the state after."""

    @abstractmethod
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """The scratch of some time steps, in the parts that `backward` takes."""

    @abstractmethod
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        """One time step: from the factors the gradients, in their place.

        d holds the gradient of the state after, and then that of the state before. `watched` is where d is
        copied to when it is complete, if anybody wants to see it.
        """

    @property
    def columns(self) -> int:
        """How many numbers are kept of every token."""
        return sum(self.widths)

    @property
    def widths(self) -> list[int]:
        """How many numbers each part of what is kept has."""
        return [1 if letter in self.shared else self.H for letter in self.kept]

    def named(self, kept: Tensor) -> dict[str, Tensor]:
        """What is kept by its letter, (N, H) each."""
        parts = kept.split(self.widths, dim=1)
        return {letter: part.expand(-1, self.H) for letter, part in zip(self.kept, parts, strict=True)}

    def activate(self, kept: Tensor, after: State) -> None:
        """Computes, of some time steps at once, what of x @ W + b needs no state, where there is any."""
        return

    def finish(self, kept: Tensor, after: State) -> None:
        """Computes, of some time steps at once, what of the states after them no time step reads."""
        return

    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """Add what these time steps say of the weights to the gradients; `before` are the states before them.

        Returned is the gradient of x @ W + b, (n, G*H).
        """
        (dU,), da = gradients, scratch[0]
        self.factor(da).product(before[0].t(), plus=dU, out=dU)
        return da


class ElmanPass(Pass):
    """h' = tanh(a) with a = x W + b + h U. h' is the tanh of a, and h reaches a through U:

    da = dh' (1 - h'^2)
    dh = da U^T
    """

    kept = ""
    scratch = (1,)  # da

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of h', which is all that the way back needs."""
        return after[0]

    @override
    def cut(self, kept: Tensor) -> Tensors:
        return ()

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (h,), (h_new,) = before, after
        tanh(self.U.product(h, plus=h_new, out=h_new), out=h_new)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (h_new,), (da,) = after, scratch
        one_minus(torch.mul(h_new, h_new, out=da), out=da)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        return scratch

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (da,), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        da.mul_(dh)
        self.U_T.product(da, out=dh)


class UGRNNPass(Pass):
    """h' = h + z (n - h), where n = tanh(x W_n + h U_n + b_n).

    h' changes with z by n - h, with n by z, and with h itself by 1 - z. z and n change with h through U. So

    dz = dh' (n - h) z (1 - z)
    dn = dh' z (1 - n^2)
    dh = dh' (1 - z) + [dz dn] U^T
    """

    kept = "zn"
    scratch = (2, 1)  # dz dn, 1 - z

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of z and n."""
        return kept

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """z and n together, then each of them."""
        return kept, *kept.chunk(2, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (zn, z, n), (h,), (h_new,) = kept, before, after
        self.U.product(h, plus=zn, out=zn)
        z.sigmoid_()
        tanh(n, out=n)
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (z, n), (h,), (dzn, stays) = kept.chunk(2, dim=1), before, scratch
        dz, dn = dzn.chunk(2, dim=1)
        through_sigmoid(torch.sub(n, h, out=dz), z, out=dz)
        through_tanh(z, n, out=dn)
        one_minus(z, out=stays)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """dz and dn together, as (n, 2 * H) and as (n, 2, H), and the rest."""
        dzn, stays = scratch
        return dzn, dzn.view(-1, 2, self.H), stays

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (dzn, each_of_dzn, stays), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        each_of_dzn.mul_(dh.unsqueeze(1))
        dh.mul_(stays)
        self.U_T.product(dzn, plus=dh, out=dh)


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


class GRUAfterPass(Pass):
    """h' = h + z (n - h), where n = tanh(x W_n + b_n + r m) and m = h U_n + d.

    h' changes with z by n - h, with n by z, and with h itself by 1 - z. n changes with r by m, and with m by
    r. r, z and m change with h through U. So

    dz = dh' (n - h) z (1 - z)
    dn = dh' z (1 - n^2)
    dr = dn m r (1 - r)
    dm = dn r
    dh = dh' (1 - z) + [dr dz dm] U^T
    """

    kept = "mrzn"
    scratch = (3, 1, 1)  # dr dz dm, dn, 1 - z

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        U, d = weights
        super().__init__((U,), H, factor)
        U_rz, U_n = U.split([2 * H, H], dim=1)
        self.U_mrz, self.d = factor(torch.cat([U_n, U_rz], dim=1)), d

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of r, z and n; m begins as d."""
        kept[:, : self.H] = self.d
        return kept[:, self.H :]

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """m, r and z together, r and z together, then m, r, z and n."""
        return kept[:, : 3 * self.H], kept[:, self.H : 3 * self.H], *kept.chunk(4, dim=1)

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (mrz, rz, m, r, z, n), (h,), (h_new,) = kept, before, after
        self.U_mrz.product(h, plus=mrz, out=mrz)
        rz.sigmoid_()
        tanh(n.addcmul_(r, m), out=n)
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (m, r, z, n), (h,), (drzm, dn, stays) = kept.chunk(4, dim=1), before, scratch
        dr, dz, dm = drzm.chunk(3, dim=1)
        through_sigmoid(torch.sub(n, h, out=dz), z, out=dz)
        through_tanh(z, n, out=dn)
        through_sigmoid(m, r, out=dr).mul_(dn)
        torch.mul(dn, r, out=dm)
        one_minus(z, out=stays)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """dr, dz and dm together, as (n, 3 * H) and as (n, 3, H), and the rest."""
        drzm, *rest = scratch
        return drzm, drzm.view(-1, 3, self.H), *rest

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (drzm, each_of_drzm, dn, stays), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        each_of_drzm.mul_(dh.unsqueeze(1))
        dn.mul_(dh)
        dh.mul_(stays)
        self.U_T.product(drzm, plus=dh, out=dh)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """The candidate's part of U, and d, stand inside r (..), its input outside.

        So the gradient of the former is dm, that of the latter dn, which takes the place of dm.
        """
        (dU, dd), (h,), (drzm, dn, _) = gradients, before, scratch
        dm = drzm[:, 2 * self.H :]
        self.factor(drzm).product(h.t(), plus=dU, out=dU)
        dd.add_(dm.sum(dim=0))
        dm.copy_(dn)
        return drzm


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
