"""The readout of what was read so far: after each time step, and with one time step more."""

import torch
from torch import Tensor

from rnn_core.nn.classifier import Classifier

_AT_ONCE = 512
"""Time steps whose weights are computed together: what bounds the memory of a long window."""

Running = tuple[Tensor, ...]
"""The readout, (..., H), from which the next one follows; with attention also the logarithm of the sum of
exp(score), (..., 1)."""


def read_so_far(classifier: Classifier, hs: Tensor) -> Running:
    """The readout of the first t states, for every t: each (T, ...), given the states, (T, H)."""
    readout = classifier.config.readout
    if readout == "attention":
        scores = classifier.attention.scores(hs)  # (T,)
        return _weighted(scores, hs), scores.logcumsumexp(dim=0).unsqueeze(1)
    if readout == "mean":
        return (mean_so_far(hs),)
    return (hs.cummax(dim=0).values if readout == "max" else hs,)


def mean_so_far(hs: Tensor) -> Tensor:
    """The mean of the first t states, for every t: (T, H) -> (T, H)."""
    return hs.cumsum(dim=0) / torch.arange(1, len(hs) + 1).unsqueeze(-1)  # (T, H) / (T, 1)


def read_on(classifier: Classifier, before: Running, h: Tensor, t: int) -> Running:
    """The readout up to time step t of some rows, from that before and the state of t, (rows, H)."""
    readout, read = classifier.config.readout, before[0]
    if readout == "attention":
        score = classifier.attention.scores(h).unsqueeze(1)  # (rows, 1)
        total = torch.logaddexp(before[1], score) if t else score
        return torch.lerp(read, h, torch.exp(score - total)), total
    if readout == "last" or t == 0:
        return (h,)
    return (torch.maximum(read, h) if readout == "max" else torch.lerp(read, h, 1 / (t + 1)),)


def _weighted(scores: Tensor, hs: Tensor) -> Tensor:
    """The mean of the first t states with their softmax as weights, for every t: (T,), (T, H) -> (T, H)."""
    times, read = torch.arange(len(hs)), []
    for some in times.split(_AT_ONCE):
        later = times > some.unsqueeze(1)  # (some, T)
        read.append(scores.expand(len(some), -1).masked_fill(later, -torch.inf).softmax(dim=1) @ hs)
    return torch.cat(read)
