"""Passes as one writes them by hand, to compare those with that are made of equations; dy is d(loss)/dy."""

import torch

from rnn_core.nn.passes import Pass


class GRUPass(Pass):
    """n reads q = r h, which is all that it sees of the past:

    dz = dh' (n - h) z (1 - z)
    dn = dh' z (1 - n^2)
    dq = dn U_n^T
    dr = dq h r (1 - r)
    dh = dh' (1 - z) + dq r + [dr dz] U_rz^T
    """

    kept = "rzn"
    scratch = (3, 1, 1)  # dr dz dn, 1 - z, r

    def __init__(self, weights, H, factor):
        (self.U_rz, self.U_n), self.H = weights, H

    def prepare(self, kept, after):
        return kept

    def cut(self, kept):
        return kept[:, : 2 * self.H], *kept.chunk(3, dim=1)

    def forward(self, kept, before, after):
        (rz, r, z, n), (h,), (h_new,) = kept, before, after
        rz.addmm_(h, self.U_rz).sigmoid_()
        n.addmm_(r * h, self.U_n).tanh_()
        h_new.copy_((1 - z) * h + z * n)

    def factors(self, kept, before, after, scratch):
        (r, z, n), (h,), (d, stays, of_q) = kept.chunk(3, dim=1), before, scratch
        torch.cat([h * r * (1 - r), (n - h) * z * (1 - z), z * (1 - n**2)], dim=1, out=d)
        stays.copy_(1 - z)
        of_q.copy_(r)

    def cut_scratch(self, scratch):
        d, *rest = scratch
        return d[:, : 2 * self.H], *d.chunk(3, dim=1), *rest

    def backward(self, scratch, d, watched):
        (drz, dr, dz, dn, stays, r), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        dz.mul_(dh)
        dn.mul_(dh)
        dq = dn @ self.U_n.T
        dr.mul_(dq)
        dh.mul_(stays).add_(dq * r).addmm_(drz, self.U_rz.T)

    def add_to(self, gradients, before, after, kept, scratch):
        (dU_rz, dU_n), (h,), (d, _, r) = gradients, before, scratch
        dU_rz.addmm_(h.T, d[:, : 2 * self.H])
        dU_n.addmm_((r * h).T, d[:, 2 * self.H :])
        return d


class MinGRUPass(Pass):
    """Nothing but h itself reads h, so that a time step is one statement each way: dh = dh' (1 - z)."""

    kept = "zn"
    scratch = (2, 1)  # dz dn, 1 - z

    def __init__(self, weights, H, factor):
        self.H = H

    def prepare(self, kept, after):
        return kept

    def activate(self, kept, after):
        kept[:, : self.H].sigmoid_()

    def cut(self, kept):
        return kept.chunk(2, dim=1)

    def forward(self, kept, before, after):
        (z, n), (h,), (h_new,) = kept, before, after
        torch.lerp(h, n, z, out=h_new)

    def factors(self, kept, before, after, scratch):
        (z, n), (h,), (d, stays) = kept.chunk(2, dim=1), before, scratch
        torch.cat([(n - h) * z * (1 - z), z], dim=1, out=d)
        stays.copy_(1 - z)

    def cut_scratch(self, scratch):
        d, stays = scratch
        return d.view(-1, 2, self.H), stays

    def backward(self, scratch, d, watched):
        (each, stays), (dh,) = scratch, d
        if watched:
            watched[0].copy_(dh)
        each.mul_(dh.unsqueeze(1))
        dh.mul_(stays)

    def add_to(self, gradients, before, after, kept, scratch):
        return scratch[0]
