"""Logits of K classes, of which one is followed along a text.

Logits (..., O) are as the head gives them: 1 or 2 of two classes, K of more. Compared they are (..., 1), that
of the second of two classes, or (..., K).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


def compared(logits: Tensor) -> Tensor:
    """Logits (..., O) as they are compared: (..., 1) of two classes, else (..., K).

    Of two logits it is the difference, since softmax sees no more of them.
    """
    return logits[..., 1:] - logits[..., :1] if logits.shape[-1] == 2 else logits


def log_odds(logits: Tensor, followed: int) -> Tensor:
    """log p - log(1 - p) of the class that is followed, (...), given logits (..., O).

    Of two classes it is the logit, with the other sign for the first one.
    """
    by_class = compared(logits)
    if by_class.shape[-1] == 1:
        of_second = by_class.squeeze(-1)
        return of_second if followed else -of_second
    others = torch.cat([by_class[..., :followed], by_class[..., followed + 1 :]], dim=-1)
    return by_class[..., followed] - torch.logsumexp(others, dim=-1)


def log_odds_of_each(logits: Tensor, labels: Tensor) -> Tensor:
    """(B,) log odds of the class (B,) that each row is given, from logits (B, O)."""
    every = torch.stack([log_odds(logits, k) for k in range(max(2, logits.shape[-1]))], dim=1)  # (B, K)
    return every.gather(1, labels.unsqueeze(1)).squeeze(1)


def most_probable(logits: Tensor) -> Tensor:
    """The index of the most probable class, (...), given logits (..., O)."""
    by_class = compared(logits)
    return (by_class.squeeze(-1) > 0).long() if by_class.shape[-1] == 1 else by_class.argmax(dim=-1)


def cross_entropies(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of each row in nats, (B,), of logits (B, O).

    `labels` (B,) are indices of classes; or, with two classes, probabilities of the second one (B,), and
    with more, probabilities of all, (B, K). With smoothing e the target is (1 - e) label + e / K
    (Szegedy et al., 2016).
    """
    if logits.shape[-1] == 1:
        targets = (1 - smoothing) * labels.to(logits.dtype) + smoothing / 2
        return binary_cross_entropy_with_logits(logits.squeeze(-1), targets, reduction="none")
    if logits.shape[-1] == 2:
        labels = torch.stack([1 - labels, labels], dim=1).to(logits.dtype)  # (B, 2)
    return cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)


def probabilities_of(logits: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """The probability at each log odds, its sigmoid, in 64 bits."""
    with np.errstate(over="ignore"):  # 1 / infinity is the 0 that it comes to
        return 1 / (1 + np.exp(-np.asarray(logits, np.float64)))


def probabilities_of_classes(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """(N, K) probability of each class, given logits (N, 1) of two classes or (N, K) of more."""
    if logits.shape[1] == 1:
        second = probabilities_of(logits)
        return np.hstack([1 - second, second]).astype(np.float32)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)


def predicted_by(logits: NDArray[np.floating]) -> NDArray[np.int64]:
    """(N,) index of the most probable class, given logits (N, 1) of two classes or (N, K) of more."""
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0).astype(np.int64)
    return logits.argmax(axis=1)


def log_odds_of(logits: NDArray[np.floating], followed: int) -> NDArray[np.float32]:
    """(N,) log p - log(1 - p) of one class, given logits (N, 1) of two classes or (N, K) of more.

    >>> log_odds_of(np.array([[2.0]]), 0).tolist(), log_odds_of(np.array([[5.0, 5.0]]), 1).tolist()
    ([-2.0], [0.0])
    """
    if logits.shape[1] == 1:
        return (logits[:, 0] if followed else -logits[:, 0]).astype(np.float32)
    others = np.delete(logits.astype(np.float64), followed, axis=1)
    return (logits[:, followed] - np.logaddexp.reduce(others, axis=1)).astype(np.float32)
