"""How well a classifier does on labelled reviews."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.batches import evaluation_batches
from rnn_core.data.encoding import EncodedReviews
from rnn_core.nn.classifier import Classifier

_BATCH_SIZE = 64  # small enough that the states of a batch stay in the cache
_MISTAKES = 50


class ScoringStoppedError(Exception):
    """The scoring was stopped before all reviews were scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The answers of a classifier to N labelled reviews, in the order of the encoded reviews."""

    loss: float
    """Mean cross-entropy in nats."""
    logits: NDArray[np.float32]
    """(N,) logit of a positive review."""
    labels: NDArray[np.int8]
    """(N,) 1 for a positive review."""
    indices: NDArray[np.int64]
    """(N,) which review of the corpus each one is."""

    @property
    def accuracy(self) -> float:
        """Share of the reviews whose label was found, 0 to 1."""
        return float(np.mean((self.logits > 0) == self.labels))

    def confusion(self) -> list[list[int]]:
        """[[true negatives, false positives], [false negatives, true positives]]."""
        found = (self.logits > 0).astype(int)
        counts = np.bincount(2 * self.labels.astype(int) + found, minlength=4)
        return [[int(n) for n in row] for row in counts.reshape(2, 2)]

    def mistakes(self, at_most: int = _MISTAKES) -> list[dict[str, Any]]:
        """The wrong answers it was surest of, surest first: index of the review, probability, label.

        The text of a review is not in there: it stays with the corpus.
        """
        wrong = np.flatnonzero((self.logits > 0) != self.labels)
        surest = wrong[np.argsort(-np.abs(self.logits[wrong]), kind="stable")][:at_most]
        return [
            {
                "index": int(self.indices[i]),
                "probability": float(probabilities_of(self.logits[i])),
                "positive": bool(self.labels[i]),
            }
            for i in surest
        ]

    def to_dict(self) -> dict[str, Any]:
        """What is kept of it as JSON."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "reviews": len(self.labels),
            "confusion": self.confusion(),
            "mistakes": self.mistakes(),
        }


def probabilities_of(logits: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """The probability of a positive review at each logit: its sigmoid, in 64 bits."""
    return 1 / (1 + np.exp(-np.asarray(logits, np.float64)))


def count_evaluations(reviews: EncodedReviews) -> int:
    """How many batches `score` makes of these reviews."""
    return -(-len(reviews) // _BATCH_SIZE)


def score(
    classifier: Classifier,
    reviews: EncodedReviews,
    device: torch.device,
    keep_going: Callable[[], bool] = lambda: True,
) -> Scores:
    """Let the classifier answer all reviews, dropout off. It is left in the mode it was in.

    `keep_going` is asked before each batch; once it says no, ScoringStoppedError is raised.
    """
    logits = np.empty(len(reviews), np.float32)
    total = 0.0
    was_training = classifier.training
    classifier.eval()
    try:
        with torch.inference_mode():
            for batch in evaluation_batches(reviews, _BATCH_SIZE):
                if not keep_going():
                    raise ScoringStoppedError
                answers = classifier(batch.ids.to(device), batch.lengths.to(device))
                total += classifier.loss(answers, batch.labels.to(device)).sum().item()
                logits[batch.rows] = classifier.positive_logit(answers).cpu().numpy()
    finally:
        classifier.train(was_training)
    return Scores(loss=total / len(reviews), logits=logits, labels=reviews.labels, indices=reviews.indices)
