"""Cells whose time steps need no product with the state: minGRU, minLSTM, IndRNN and RG-LRU.

Symbols and forms as in `rnn_core.nn.cells` and `rnn_core.nn.passes`. The sequence form is one product for all
time steps, then a scan of a few operations each: what stands inside the gates is known before the first time
step, so the gates of many time steps are computed at once, and so are their gradients. dh' of each time step
is put down on the way back, and what follows from it waits for the others.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.nn.cells import State
from rnn_core.nn.kernels import Factor, one_minus, share_of_sigmoids, square_root_beside, through_sigmoid
from rnn_core.nn.passes import ElmanPass, Pass, Tensors

_POWER = 8
"""The power of RG-LRU's sigmoid(Lambda) with the recurrence gate wide open, as in the paper."""
_LEAST = 0.9, 0.999
"""Between them lies what of a state stays then at least when training begins, as in the paper."""


class _Scan(Pass):
    """h' = h + z (n - h), where z and n see the word alone. h' changes with h by 1 - z and nothing else:

    dh = dh' (1 - z)
    """

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        self.H, self.factor = H, factor  # there is no product with the state

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        return scratch[1:]

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (z, n), (h,), (h_new,) = kept, before, after
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (stays, dh_new), (dh,) = scratch, d
        dh_new.copy_(dh)
        if watched:
            watched[0].copy_(dh)
        dh.mul_(stays)


class MinGRUPass(_Scan):
    """h' = h + z (n - h), where z = sigmoid(x W_z + b_z) and n = x W_n + b_n. So

    dz = dh' (n - h) z (1 - z)
    dn = dh' z
    dh = dh' (1 - z)
    """

    kept = "zn"
    scratch = (2, 1, 1)  # dz dn, 1 - z, dh'

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of z and n."""
        return kept

    @override
    def activate(self, kept: Tensor, after: State) -> None:
        kept[:, : self.H].sigmoid_()

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """z and n."""
        return kept.chunk(2, dim=1)

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (z, n), (h,), (dzn, stays, _) = kept.chunk(2, dim=1), before, scratch
        one_minus(z, out=stays)
        torch.sub(n, h, out=dzn[:, : self.H])

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """No weight is multiplied with the state."""
        (z, _), (dzn, _, dh) = kept.chunk(2, dim=1), scratch
        dz, dn = dzn.chunk(2, dim=1)
        through_sigmoid(dz.mul_(dh), z, out=dz)
        torch.mul(dh, z, out=dn)
        return dzn


class MinLSTMPass(_Scan):
    """h' = h + z (n - h), where z = i / (f + i), with f and i sigmoids of the word alone and n = x W_n + b_n.

    z changes with i by f / (f + i)^2, and with f by -i / (f + i)^2. With di = i (1 - i) and z (1 - z) =
    f i / (f + i)^2 that leaves

    df = -dh' (n - h) z (1 - z) (1 - f)
    di = dh' (n - h) z (1 - z) (1 - i)
    dn = dh' z
    dh = dh' (1 - z)
    """

    kept = "finz"
    scratch = (3, 1, 1)  # df di dn, 1 - z, dh'

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of f, i and n."""
        return kept[:, : 3 * self.H]

    @override
    def activate(self, kept: Tensor, after: State) -> None:
        share_of_sigmoids(kept[:, : 2 * self.H], out=kept[:, 3 * self.H :])

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """z and n."""
        _, _, n, z = kept.chunk(4, dim=1)
        return z, n

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (f, i, n, z), (h,), (dfin, stays, _) = kept.chunk(4, dim=1), before, scratch
        df, di, dn = dfin.chunk(3, dim=1)
        one_minus(z, out=stays)
        through_sigmoid(torch.sub(n, h, out=dn), z, out=dn)
        torch.addcmul(dn, dn, i, value=-1, out=di)
        torch.addcmul(dn.neg_(), dn, f, value=-1, out=df)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """No weight is multiplied with the state."""
        dfin, _, dh = scratch
        df, di, dn = dfin.chunk(3, dim=1)
        df.mul_(dh)
        di.mul_(dh)
        torch.mul(dh, kept[:, 3 * self.H :], out=dn)
        return dfin


class IndRNNPass(ElmanPass):
    """h' = relu(a) with a = x W + b + u * h. h' changes with a by 1 where it is above zero, else by nothing:

    da = dh' (h' > 0)
    dh = da u
    du = sum of da h
    """

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        (self.u,), self.H, self.factor = weights, H, factor

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (h,), (h_new,) = before, after
        h_new.addcmul_(h, self.u).relu_()

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        torch.gt(after[0], 0, out=scratch[0])

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (da,), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        da.mul_(dh)
        torch.mul(da, self.u, out=dh)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """Each unit has one number of its own."""
        (du,), (h,), (da,) = gradients, before, scratch
        du.add_((da * h).sum(dim=0))
        return da


class RGLRUPass(_Scan):
    """h' = a h + s i n, where a = e^L, s = sqrt(1 - a^2) and L = 8 r ln sigmoid(Lambda). r and i are sigmoids
    of the word alone, and n = x W_n + b_n. s changes with L by -a^2 / s, so

    dL = dh' (a h - i n a^2 / s)
    dr = dL 8 ln sigmoid(Lambda) r (1 - r)
    di = dh' s n i (1 - i)
    dn = dh' s i
    dh = dh' a
    dLambda = sum of dL 8 r sigmoid(-Lambda)
    """

    kept = "rinasv"  # v = s i n
    scratch = (3, 1, 1, 1)  # dr di dn, dL, a, dh'

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        (Lambda,), self.H, self.factor = weights, H, factor
        self.log_least = _POWER * logsigmoid(Lambda)
        self.of_Lambda = _POWER * torch.sigmoid(-Lambda)

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of r, i and n."""
        return kept[:, : 3 * self.H]

    @override
    def activate(self, kept: Tensor, after: State) -> None:
        r, i, n, a, s, v = kept.chunk(6, dim=1)
        kept[:, : 2 * self.H].sigmoid_()
        torch.mul(r, self.log_least, out=a)  # L
        square_root_beside(a, out=s)
        a.exp_()
        torch.mul(s, i, out=v).mul_(n)

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """a and v."""
        return kept[:, 3 * self.H : 4 * self.H], kept[:, 5 * self.H :]

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (a, v), (h,), (h_new,) = kept, before, after
        torch.addcmul(v, a, h, out=h_new)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        return scratch[2:]

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        (r, i, n, a, s, _), (h,) = kept.chunk(6, dim=1), before
        drin, dL, stays, _ = scratch
        dr, di, dn = drin.chunk(3, dim=1)
        stays.copy_(a)
        torch.mul(s, n, out=di)
        through_sigmoid(di, i, out=di)
        torch.mul(s, i, out=dn)
        torch.mul(a, a, out=dL).div_(s).mul_(i).mul_(n)
        torch.addcmul(dL.neg_(), a, h, out=dL)
        torch.mul(dL, self.log_least, out=dr)
        through_sigmoid(dr, r, out=dr)

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """No weight is multiplied with the state; Lambda is in L."""
        (dLambda,), (drin, dL, _, dh) = gradients, scratch
        drin.view(-1, 3, self.H).mul_(dh.unsqueeze(1))
        dLambda.addcmul_(dL.mul_(dh).mul_(kept[:, : self.H]).sum(dim=0), self.of_Lambda)
        return drin
