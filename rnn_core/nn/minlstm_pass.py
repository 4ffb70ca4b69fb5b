"""The pass of a minLSTM by hand: made of its equations it takes 1.3 times as long.

Its share i / (f + i) is computed at once, and from logarithms where both gates are too small for a quotient.
"""

import torch
from torch import Tensor
from typing_extensions import override

from rnn_core.nn.cells import State
from rnn_core.nn.kernels import Factor, one_minus, share_of_sigmoids, through_sigmoid
from rnn_core.nn.passes import Pass, Tensors


class MinLSTMPass(Pass):
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

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        self.H, self.factor = H, factor  # there is no product with the state

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
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        (z, n), (h,), (h_new,) = kept, before, after
        torch.lerp(h, n, z, out=h_new)  # h + z (n - h)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """1 - z and dh'."""
        return scratch[1:]

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (stays, dh_new), (dh,) = scratch, d
        dh_new.copy_(dh)
        if watched:
            watched[0].copy_(dh)
        dh.mul_(stays)

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
