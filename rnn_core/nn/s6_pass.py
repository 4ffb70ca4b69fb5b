"""The pass of the selective state space, S6 (Gu and Dao, 2023), by hand: the compiler knows units alone.

Symbols as in `rnn_core.nn.cells` and `rnn_core.nn.passes`. A unit is what the paper calls a
channel, n is its input, and s1 to s4 are its states; B and C are four numbers each that all units share.
Nothing that is computed from the word needs a state, so it is computed for many time steps at once; so is h,
which no time step reads.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus
from typing_extensions import override

from rnn_core.nn.cells import State
from rnn_core.nn.kernels import Factor
from rnn_core.nn.passes import Pass, Tensors

_STATES = 4


class S6Pass(Pass):
    """s_j' = a_j s_j + t B_j n with a_j = e^(t A_j), and h' = sum of C_j s_j' + D n; t = softplus(q).

    t is the step. B_j and C_j are one number for all units, A_j is one of each unit, minus the exponential of
    its parameter. With r = sum of dS_j B_j, where dS_j is the whole gradient of s_j':

    dS_j = what came from the next time step + dh' C_j
    dn   = t r + dh' D
    dt   = n r + sum of dS_j a_j s_j A_j          dq = dt (1 - e^-t)
    dB_j = sum over units of dS_j t n             dC_j = sum over units of dh' s_j'
    dA_j = sum of dS_j a_j s_j t, times A_j       dD = sum of dh' n
    ds_j = dS_j a_j
    dh   = 0
    """

    kept = "nt"  # beside B and C, and each a_j
    scratch = (_STATES, _STATES, _STATES, 1)  # dS, a, C, dh'

    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        *logs, self.D = weights
        self.A, self.H, self.factor = [-log.exp() for log in logs], H, factor

    @property
    @override
    def columns(self) -> int:
        return (2 + _STATES) * self.H + 2 * _STATES

    @override
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Returns the place of n, t, B and C."""
        return kept[:, : 2 * self.H + 2 * _STATES]

    def _pieces(self, kept: Tensor) -> tuple[Tensor, Tensor, Tensors, Tensors, Tensors]:
        """n and t, and four of each: B_j and C_j, (n, 1), and a_j."""
        n, t, B, C, a = kept.split([self.H, self.H, _STATES, _STATES, _STATES * self.H], dim=1)
        return n, t, B.split(1, dim=1), C.split(1, dim=1), a.chunk(_STATES, dim=1)

    @override
    def activate(self, kept: Tensor, after: State) -> None:
        n, t, B, _, a = self._pieces(kept)
        t.copy_(softplus(t))
        written = t * n
        for a_j, A_j, B_j, s_new in zip(a, self.A, B, after[1:], strict=True):
            torch.mul(t, A_j, out=a_j).exp_()
            torch.mul(written, B_j, out=s_new)

    @override
    def cut(self, kept: Tensor) -> Tensors:
        """Each a_j."""
        return self._pieces(kept)[-1]

    @override
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        for a_j, s, s_new in zip(kept, before[1:], after[1:], strict=True):
            s_new.addcmul_(a_j, s)

    @override
    def finish(self, kept: Tensor, after: State) -> None:
        (n, _, _, C, _), (h, *states) = self._pieces(kept), after
        torch.mul(n, self.D, out=h)
        for C_j, s in zip(C, states, strict=True):
            h.addcmul_(C_j, s)

    @override
    def named(self, kept: Tensor) -> dict[str, Tensor]:
        n, t, B, C, a = self._pieces(kept)
        of_units = {"n": n, "Δ": t, **{f"a{j}": a_j for j, a_j in enumerate(a, 1)}}
        shared = {f"{of}{j}": one for of, some in (("B", B), ("C", C)) for j, one in enumerate(some, 1)}
        return {**of_units, **{letter: value.expand(-1, self.H) for letter, value in shared.items()}}

    @override
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        _, _, _, C, _ = self._pieces(kept)
        scratch[1].copy_(kept[:, -_STATES * self.H :])
        for C_j, place in zip(C, scratch[2].chunk(_STATES, dim=1), strict=True):
            place.copy_(C_j)

    @override
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """Each dS_j, each a_j, each C_j, and dh'."""
        *fours, dh = scratch
        return (*(one for four in fours for one in four.chunk(_STATES, dim=1)), dh)

    @override
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        (*parts, dh_new), (dh, *ds) = scratch, d
        dS, a, C = (parts[first : first + _STATES] for first in range(0, 3 * _STATES, _STATES))
        for dS_j, a_j, C_j, ds_j in zip(dS, a, C, ds, strict=True):
            torch.addcmul(ds_j, dh, C_j, out=dS_j)
            torch.mul(dS_j, a_j, out=ds_j)
        if watched:
            for seen, whole in zip(watched, (dh, *dS), strict=True):
                seen.copy_(whole)
        dh_new.copy_(dh)
        dh.zero_()

    @override
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """No weight is multiplied with the state; each A_j is in a_j."""
        *d_logs, dD = gradients
        (n, t, each_B, _, a), (all_dS, *_, dh) = self._pieces(kept), scratch
        dS, B, written = all_dS.view(-1, _STATES, self.H), torch.stack(each_B, dim=1), t * n  # B is (n, 4, 1)
        stays = torch.stack([a_j * s for a_j, s in zip(a, before[1:], strict=True)], dim=1)
        dB = dS @ written.unsqueeze(2)
        of_written = (dh * written).sum(dim=1).view(-1, 1, 1)
        dC = stays @ dh.unsqueeze(2) + B * of_written  # s' = stays + B written
        r = (B.transpose(1, 2) @ dS).squeeze(1)
        stays.mul_(dS)
        dt = n * r
        for j, A_j in enumerate(self.A):
            of_log = stays[:, j].mul_(A_j)
            dt.add_(of_log)
            d_logs[j].add_(of_log.mul_(t).sum(dim=0))
        dD.add_((dh * n).sum(dim=0))
        dq = dt.mul_(torch.expm1(-t).neg_())
        dn = r.mul_(t).addcmul_(dh, self.D)
        return torch.cat([dn, dq, dB.squeeze(2), dC.squeeze(2)], dim=1)
