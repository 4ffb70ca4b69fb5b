"""The matrix product and the tanh, each by the fastest of torch's ways that gives the same result."""

from functools import cache

import torch
from torch import Tensor

_WORTH_IT = 2**20  # multiplications from which oneDNN's start-up costs less than it saves
_MANY = 2**10  # elements from which three quick passes are faster than one slow
_MINUS_ONE = torch.tensor(-1.0)

# Looked up once: torch searches for the overload at every call otherwise, longer than the operation takes.
_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


def product(x: Tensor, W: Tensor) -> Tensor:
    """`x @ W`, (n, k) times (k, m). Not differentiated by autograd.

    torch multiplies float32 matrices with MKL, which on processors of other makers leaves half of their
    speed unused (AVX2 in place of AVX-512). oneDNN, which torch carries for its convolutions, does not.
    """
    if len(x) * W.numel() >= _WORTH_IT and x.dtype == torch.float32 and x.is_cpu and has_onednn():
        # W without gaps: on any other, oneDNN falls back to a loop a thousand times slower.
        return torch.ops.mkldnn._linear_pointwise.default(x, W.contiguous().t(), None, "none", [], "")
    return torch.mm(x, W)


@cache
def has_onednn() -> bool:
    """Whether this torch offers oneDNN's product, and it is one: the operator is not a promised one."""
    if not torch.backends.mkldnn.is_available():
        return False
    x, W = torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    try:
        result = torch.ops.mkldnn._linear_pointwise(x, W.t(), None, "none", [], "")
    except (AttributeError, RuntimeError, TypeError):
        return False
    return torch.equal(result, W)


def tanh(a: Tensor, out: Tensor) -> Tensor:
    """tanh of a: 2 sigmoid(2a) - 1 where a is large, since torch's tanh takes several times longer."""
    if a.numel() < _MANY:
        return torch.tanh(a, out=out)
    torch.mul(a, 2, out=out).sigmoid_()
    return torch.add(_MINUS_ONE, out, alpha=2, out=out)


def through_sigmoid(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * y * (1 - y): from the gradient of y, a sigmoid, to that of its argument."""
    return _sigmoid_backward(d, y, grad_input=out)


def through_tanh(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * (1 - y^2): from the gradient of y, a tanh, to that of its argument."""
    return _tanh_backward(d, y, grad_input=out)
