"""Weights in 16 bits, and what that does to a network's answers."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews
from rnn_core.models.model import Model
from rnn_core.models.overflow import score_trained
from rnn_core.tasks.classes import probabilities_of

Weights = Mapping[str, torch.Tensor]

_PROBED = 8
_CPU = torch.device("cpu")


class Rounded(NamedTuple):
    """What a network says of all test reviews before and after its weights were rounded."""

    reviews: int
    accuracy_before: float
    accuracy: float
    largest_change: float
    """Of the probability of any review, 0 to 1."""
    probe: dict[str, float]
    """Number of a test review in its corpus -> the probability before, of the first few."""


def in_half(weights: Weights) -> dict[str, torch.Tensor]:
    """The same with every number in 16 bits; whole numbers stay what they are.

    Raises ValueError where one is too large for that.
    """
    halved = {name: w.half() if w.is_floating_point() else w for name, w in weights.items()}
    for name, weight in halved.items():
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise ValueError(f"{name} has numbers that 16 bits can't hold")
    return halved


def compare(model: Model, corpus: Corpus) -> Rounded:
    """Let a network answer all test reviews of the corpus twice; it is left with the rounded weights."""
    reviews = encode_reviews(corpus, corpus.indices("test"), model.vocabulary, model.config.text)
    before = score_trained(model.classifier, reviews, _CPU)
    model.classifier.load_state_dict(in_half(model.classifier.state_dict()))
    after = score_trained(model.classifier, reviews, _CPU)
    was, now = probabilities_of(before.logits[:, 0]), probabilities_of(after.logits[:, 0])
    return Rounded(
        reviews=len(reviews),
        accuracy_before=before.accuracy,
        accuracy=after.accuracy,
        largest_change=float(np.abs(now - was).max()),
        probe={str(number): float(p) for number, p in zip(before.indices[:_PROBED], was, strict=False)},
    )
