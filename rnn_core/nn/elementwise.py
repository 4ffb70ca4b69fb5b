"""tanh, sigmoid and their gradients, each by the fastest of torch's ways that gives the same result."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

_MANY = 2**10  # elements from which three quick passes are faster than one slow
_NORMAL = -60.0  # sigmoids from here on are numbers of full precision, also in float32
_ONE, _MINUS_ONE = torch.tensor(1.0), torch.tensor(-1.0)

# Looked up once: torch searches for the overload at every call otherwise, longer than the operation takes.
_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


def tanh(a: Tensor, out: Tensor) -> Tensor:
    """tanh of a: 2 sigmoid(2a) - 1 where a is large, since torch's tanh takes several times longer."""
    if a.numel() < _MANY:
        return torch.tanh(a, out=out)
    torch.add(a, a, out=out).sigmoid_()
    return torch.add(_MINUS_ONE, out, alpha=2, out=out)


def share_of_sigmoids(a: Tensor, out: Tensor) -> Tensor:
    """i / (f + i) of two sigmoids f and i, (n, H) each, side by side: a (n, 2 * H) becomes [f i], in place.

    Where both are too small for their quotient, it is computed from their logarithms, which takes longer.
    """
    f, i = a.chunk(2, dim=1)  # what stands inside them, until the sigmoid is taken
    if torch.maximum(f, i, out=out).min() >= _NORMAL:
        a.sigmoid_()
        return torch.div(i, torch.add(f, i, out=out), out=out)
    torch.sub(logsigmoid(i), logsigmoid(f), out=out).sigmoid_()
    a.sigmoid_()
    return out


def one_minus(y: Tensor, out: Tensor) -> Tensor:
    """1 - y."""
    return torch.add(_ONE, y, alpha=-1, out=out)


def through_sigmoid(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * y * (1 - y): from the gradient of y, a sigmoid, to that of its argument."""
    return _sigmoid_backward(d, y, grad_input=out)


def through_tanh(d: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """d * (1 - y^2): from the gradient of y, a tanh, to that of its argument."""
    return _tanh_backward(d, y, grad_input=out)
