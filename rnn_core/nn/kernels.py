"""Products, tanh, sigmoid and their gradients: each by the fastest of torch's ways that give the same result.

Four of its operators are not promised by torch: where one is missing, a slower way is gone.
"""

import operator
import time
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from typing_extensions import override

_MANY = 2**10  # elements from which three quick passes are faster than one slow
_NORMAL = -60.0  # sigmoids from here on are numbers of full precision, also in float32
_ONE, _MINUS_ONE = torch.tensor(1.0), torch.tensor(-1.0)
_WORTH_IT = 2**20  # multiplications from which oneDNN's start-up costs less than it saves
_CLEARLY = 1.2  # how many times faster oneDNN must be: where it gains, it gains 1.7, and elsewhere 0.9


def _operator(path: str) -> Any:
    """An operator of torch by its path from `torch.ops`; None where this torch has none of that name."""
    try:
        return operator.attrgetter(path)(torch.ops)
    except (AttributeError, RuntimeError):
        return None


# Looked up once: torch searches for the overload at every call otherwise, longer than the operation takes.
_sigmoid_backward = _operator("aten.sigmoid_backward.grad_input")
_tanh_backward = _operator("aten.tanh_backward.grad_input")
_threshold_backward = _operator("aten.threshold_backward.grad_input")
_linear = _operator("mkldnn._linear_pointwise.default")


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
    product: Tensor = _linear(x, W_t, b, "none", [], "")
    return product


@cache
def prefers_onednn() -> bool:
    """True if oneDNN's products are right, and on this processor clearly faster than torch's own."""
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
    """True if this torch offers oneDNN's product, and it is one."""
    if _linear is None or not torch.backends.mkldnn.is_available():
        return False
    x, W, b = torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([5.0, 6.0])
    try:
        result = _onednn(x, W.t(), b)
    except (RuntimeError, TypeError):
        return False
    return torch.equal(result, W + b)


def tanh(a: Tensor, out: Tensor) -> Tensor:
    """tanh of a: 2 sigmoid(2a) - 1 where a is large, since torch's tanh takes several times longer."""
    if a.numel() < _MANY:
        return torch.tanh(a, out=out)
    torch.add(a, a, out=out).sigmoid_()
    return torch.add(_MINUS_ONE, out, alpha=2, out=out)


def share_of_sigmoids(f: Tensor, i: Tensor, out: Tensor) -> Tensor:
    """i / (f + i) of two sigmoids f and i, which take the place of what stands inside them.

    Where both are too small for their quotient, it is computed from their logarithms, which takes longer.
    """
    if torch.maximum(f, i, out=out).min() >= _NORMAL:
        f.sigmoid_()
        i.sigmoid_()
        return torch.div(i, torch.add(f, i, out=out), out=out)
    torch.sub(logsigmoid(i), logsigmoid(f), out=out).sigmoid_()
    f.sigmoid_()
    i.sigmoid_()
    return out


def one_minus(y: Tensor, out: Tensor) -> Tensor:
    """Return the difference 1 - y."""
    return torch.add(_ONE, y, alpha=-1, out=out)


def logarithm_of(gate: Tensor, computed: Tensor, logarithm: Tensor) -> Tensor:
    """The logarithm of a gate: as computed, or that of what is held in its place."""
    is_held = gate != computed
    return torch.where(is_held, torch.where(is_held, gate, 1).log(), logarithm)


def square_root_beside(log: Tensor, out: Tensor | None = None) -> Tensor:
    """sqrt(1 - a^2), given the logarithm of a, with a finite slope also where a is 1."""
    rest = torch.mul(log, 2, out=out)
    rest = rest.expm1().neg() if out is None else rest.expm1_().neg_()
    least = torch.finfo(log.dtype).tiny
    return rest.clamp_min(least).sqrt() if out is None else rest.clamp_min_(least).sqrt_()


def where_above(q: Tensor, a: Tensor, out: Tensor) -> Tensor:
    """a where q is above 0, and 0 elsewhere, whatever a is there."""
    if _threshold_backward is None:
        return torch.where(q > 0, a, torch.zeros_like(a), out=out)
    _threshold_backward(a, q, 0, grad_input=out)
    return out


def sigmoid_gradient(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * y * (1 - y): from the gradient of y, a sigmoid, to that of its argument."""
    if _sigmoid_backward is None:
        return torch.mul(d * (1 - y), y, out=out)
    _sigmoid_backward(d, y, grad_input=out)
    return out


def tanh_gradient(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * (1 - y^2): from the gradient of y, a tanh, to that of its argument."""
    if _tanh_backward is None:
        return torch.mul(d, 1 - y * y, out=out)
    _tanh_backward(d, y, grad_input=out)
    return out
