"""Class weights: how much the loss of a text counts, by its class."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def balanced(labels: NDArray[np.int8], classes: int) -> Tensor:
    """(K,) float32: N / (K n) for a class of n of the N texts, so that all classes count alike together.

    Their mean over the texts is 1 where each class has some. A class without a text, whose weight counts for
    nothing, gets 1.

    >>> balanced(np.array([0, 0, 0, 1], np.int8), 2)
    tensor([0.6667, 2.0000])
    """
    counts = np.bincount(labels, minlength=classes)
    weights = np.divide(len(labels), classes * counts, out=np.ones(classes), where=counts > 0)
    return torch.from_numpy(weights).float()
