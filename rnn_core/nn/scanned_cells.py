"""Cells whose time steps need no product with the state: minGRU, minLSTM, IndRNN and RG-LRU.

Symbols and forms as in `rnn_core.nn.cells` and `rnn_core.nn.passes`. The sequence form is one product for all
time steps, then a scan of a few operations each: what stands inside the gates is known before the first time
step, so the gates of many time steps are computed at once, and so are their gradients. dh' of each time step
is put down on the way back, and what follows from it waits for the others.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, PlainStep, State, UpdateStep, Values, as_computed
from rnn_core.nn.kernels import (
    Factor,
    logarithm_of,
    one_minus,
    share_of_sigmoids,
    square_root_beside,
    through_sigmoid,
)
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
    def add_to(self, gradients: Tensors, before: State, kept: Tensor, scratch: Tensors) -> Tensor:
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
    def add_to(self, gradients: Tensors, before: State, kept: Tensor, scratch: Tensors) -> Tensor:
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
    def add_to(self, gradients: Tensors, before: State, kept: Tensor, scratch: Tensors) -> Tensor:
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
    def add_to(self, gradients: Tensors, before: State, kept: Tensor, scratch: Tensors) -> Tensor:
        """No weight is multiplied with the state; Lambda is in L."""
        (dLambda,), (drin, dL, _, dh) = gradients, scratch
        drin.view(-1, 3, self.H).mul_(dh.unsqueeze(1))
        dLambda.addcmul_(dL.mul_(dh).mul_(kept[:, : self.H]).sum(dim=0), self.of_Lambda)
        return drin


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
        written = _share(logarithm_of(i, log_i), logarithm_of(f, log_f))  # i / (f + i)
        return MinLSTMStep(h=hold("h", (1 - written) * h + written * n), f=f, i=i, n=n)


def _share(log_i: Tensor, log_f: Tensor) -> Tensor:
    """i / (f + i), given the logarithms of both; 0 where i is 0, whatever f is."""
    return torch.where(log_i.isneginf(), 0, torch.sigmoid(log_i - log_f))


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
    def initialise_extra(self, manner: str) -> None:
        if manner == "uniform":
            return
        nn.init.uniform_(self.u, 0, 1)  # as in the paper: units that forget at once beside such that never do

    @override
    def constrain(self) -> None:
        with torch.no_grad():
            self.u.clamp_(-1, 1)


class RGLRUStep(NamedTuple):
    """What an RG-LRU computed at one time step; each (B, H)."""

    h: Tensor
    r: Tensor
    i: Tensor
    n: Tensor
    a: Tensor


class RGLRUCell(Cell):
    """The real-gated linear recurrent unit (De et al., 2024): the gates see the word alone.

    r  = sigmoid(x W_r + b_r)
    i  = sigmoid(x W_i + b_i)
    n  = x W_n + b_n
    a  = sigmoid(Lambda)^(8 r)
    h' = a * h + sqrt(1 - a^2) * (i * n)

    Lambda is one number a unit. a is computed as e^L with L = 8 r ln sigmoid(Lambda), and 1 - a^2 as
    -expm1(2 L), which is exact also where a is next to 1.
    """

    kind = "rglru"
    blocks = ("r", "i", "n")
    step_type = RGLRUStep
    one_pass = RGLRUPass
    mixes_units = False

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        self.Lambda = nn.Parameter(torch.empty(hidden_size))

    @override
    def update(self, projected: Tensor, state: State) -> RGLRUStep:
        (h,) = state
        a_ri, n = projected.split([2 * self.hidden_size, self.hidden_size], dim=1)
        r, i = torch.sigmoid(a_ri).chunk(2, dim=1)
        L = r * (_POWER * logsigmoid(self.Lambda))
        a = L.exp()
        return RGLRUStep(h=a * h + square_root_beside(L) * (i * n), r=r, i=i, n=n, a=a)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> RGLRUStep:
        (h,) = state
        (W_r, W_i, W_n), (b_r, b_i, b_n) = self.W.chunk(3, dim=1), self.b.chunk(3)
        r = hold("r", torch.sigmoid(self._times(x, W_r) + b_r))
        i = hold("i", torch.sigmoid(self._times(x, W_i) + b_i))
        n = hold("n", self._times(x, W_n) + b_n)
        L = _POWER * r * logsigmoid(self.Lambda)
        a = hold("a", L.exp())
        s = square_root_beside(logarithm_of(a, L))  # sqrt(1 - a^2)
        return RGLRUStep(h=hold("h", a * h + s * (i * n)), r=r, i=i, n=n, a=a)

    @override
    def initialise_extra(self, manner: str) -> None:
        if manner == "uniform":
            return
        with torch.no_grad():
            least = torch.empty_like(self.Lambda).uniform_(*_LEAST)
            self.Lambda.copy_(torch.logit(least ** (1 / _POWER)))
