"""The matrix product, by the faster of torch's ways that give the same result."""

import time
from functools import cache

import torch
from torch import Tensor
from typing_extensions import override

_WORTH_IT = 2**20  # multiplications from which oneDNN's start-up costs less than it saves
_CLEARLY = 1.2  # how many times faster oneDNN must be: where it gains, it gains 1.7, and elsewhere 0.9


class Factor:
    """The right side W (k, m) of many products. Nothing here is differentiated by autograd.

    torch multiplies float32 matrices with MKL, which on processors of other makers stops at AVX2. oneDNN,
    which torch carries for its convolutions, goes on to AVX-512; it is used where that is faster.
    """

    def __init__(self, W: Tensor) -> None:
        self._W, self._rows = W, _WORTH_IT / W.numel()
        self._by_onednn = W.dtype == torch.float32 and W.is_cpu and prefers_onednn()
        if self._by_onednn:
            # Without gaps: on any other W, oneDNN falls back to a loop a thousand times slower.
            self._W_t = W.contiguous().t()

    def product(self, x: Tensor, *, plus: Tensor | None = None, out: Tensor | None = None) -> Tensor:
        """`x @ W`, (n, m), or `plus + x @ W` with plus (m,) or (n, m), which may be the same as out."""
        if self._by_onednn and len(x) >= self._rows:
            b, more = (plus, None) if plus is None or plus.dim() == 1 else (None, plus)
            result = _onednn(x, self._W_t, b)
            if more is not None:
                return torch.add(result, more, out=result if out is None else out)
            return result if out is None else out.copy_(result)
        if plus is None:
            return torch.mm(x, self._W, out=out)
        return torch.addmm(plus, x, self._W, out=out)


class BFloat16Factor(Factor):
    """A product of float32 matrices, both rounded to bfloat16 if it is large enough to gain by that.

    The processor sums in float32, and torch rounds the sum to bfloat16: on a processor it offers no other
    result. What that is added to, and what is returned, is float32.
    """

    def __init__(self, W: Tensor) -> None:
        super().__init__(W)
        # Without gaps, as oneDNN wants it.
        self._W16 = W.to(torch.bfloat16, memory_format=torch.contiguous_format)

    @override
    def product(self, x: Tensor, *, plus: Tensor | None = None, out: Tensor | None = None) -> Tensor:
        if len(x) < self._rows:
            return super().product(x, plus=plus, out=out)
        rounded = torch.mm(x.bfloat16(), self._W16)
        if plus is None:
            return rounded.float() if out is None else out.copy_(rounded)
        return torch.add(plus, rounded, out=out)


def _onednn(x: Tensor, W_t: Tensor, b: Tensor | None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise.default(x, W_t, b, "none", [], "")


@cache
def prefers_onednn() -> bool:
    """Whether oneDNN's products are right, and on this processor clearly faster than torch's own."""
    if not has_onednn():
        return False
    x, W = torch.ones(64, 128), torch.ones(128, 384)
    by_torch, by_onednn = [], []
    for _ in range(20):
        began = time.perf_counter()
        torch.mm(x, W)
        between = time.perf_counter()
        _onednn(x, W.t(), None)
        by_torch.append(between - began)
        by_onednn.append(time.perf_counter() - between)
    return min(by_torch) > _CLEARLY * min(by_onednn)


@cache
def has_onednn() -> bool:
    """Whether this torch offers oneDNN's product, and it is one: the operator is not a promised one."""
    if not torch.backends.mkldnn.is_available():
        return False
    x, W, b = torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([5.0, 6.0])
    try:
        result = _onednn(x, W.t(), b)
    except (AttributeError, RuntimeError, TypeError):
        return False
    return torch.equal(result, W + b)
