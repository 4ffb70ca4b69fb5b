"""How well a classifier does on labelled reviews."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.batches import evaluation_batches
from rnn_core.data.encoding import EncodedReviews
from rnn_core.models.overflow import check_texts
from rnn_core.models.scores import Mistake
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import (
    compared,
    cross_entropies,
    log_odds_of_predicted,
    predicted_by,
    probabilities_of,
)

_BATCH_SIZE = 64  # small enough that the states of a batch stay in the cache
_MISTAKES = 50


KeepGoing = Callable[[float], bool]
"""Whether to go on, given the share that is done."""


class ScoringStoppedError(Exception):
    """The scoring was stopped before all reviews were scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The answers of a classifier to N labelled texts of K classes, in the order of the encoded texts."""

    loss: float
    """Mean cross-entropy in nats."""
    logits: NDArray[np.float32]
    """(N, 1) the logit of the second of two classes; (N, K) those of more."""
    labels: NDArray[np.int8]
    """(N,) index of the class of each."""
    indices: NDArray[np.int64]
    """(N,) which text of the corpus each one is."""

    @property
    def classes(self) -> int:
        """K."""
        return max(2, self.logits.shape[1])

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(N,) index of the most probable class of each."""
        return predicted_by(self.logits)

    @property
    def accuracy(self) -> float:
        """Share of the texts whose label was found, 0 to 1."""
        return float(np.mean(self.predicted == self.labels))

    def confusion(self) -> list[list[int]]:
        """(K, K) how many texts of each class, a row each, were taken for which, a column each.

        Of two classes [[true negatives, false positives], [false negatives, true positives]].
        """
        K = self.classes
        counts = np.bincount(K * self.labels.astype(int) + self.predicted, minlength=K * K)
        return [[int(n) for n in row] for row in counts.reshape(K, K)]

    def mistakes(self, at_most: int = _MISTAKES) -> list[Mistake]:
        """The wrong answers it was surest of, surest first; of more than two classes, as many of each.

        The text itself is not in there: it stays with the corpus.
        """
        wrong = np.flatnonzero(self.predicted != self.labels)
        sure = log_odds_of_predicted(self.logits[wrong])
        order = np.argsort(-sure, kind="stable")
        if self.classes > 2:
            labels, of_each = self.labels[wrong[order]], -(-at_most // self.classes)
            places = [i for k in np.unique(labels) for i in np.flatnonzero(labels == k)[:of_each]]
            order = order[np.sort(np.array(places, np.int64))]  # an empty list alone would be of floats
        return [
            Mistake(
                index=int(self.indices[wrong[i]]),
                label=int(self.labels[wrong[i]]),
                predicted=int(self.predicted[wrong[i]]),
                probability=float(probabilities_of(sure[i])),
            )
            for i in order[:at_most]
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


def score_trained(
    classifier: Classifier,
    reviews: EncodedReviews,
    device: torch.device,
    keep_going: KeepGoing = lambda share: True,
) -> Scores:
    """What `score` returns, of a trained network. Raises OverflowedError where a logit is no number."""
    scores = score(classifier, reviews, device, keep_going)
    check_texts("The network", scores.logits)
    return scores


def score(
    classifier: Classifier,
    reviews: EncodedReviews,
    device: torch.device,
    keep_going: KeepGoing = lambda share: True,
) -> Scores:
    """Let the classifier answer all reviews, dropout off. It is left in the mode it was in.

    `keep_going` is asked before each batch, given the share of all tokens that were read so far; once it says
    no, ScoringStoppedError is raised.
    """
    logits = np.empty((len(reviews), 1 if classifier.classes == 2 else classifier.classes), np.float32)
    total, read, all_tokens = 0.0, 0, max(len(reviews.ids), 1)
    was_training = classifier.training
    classifier.eval()
    try:
        with torch.inference_mode():
            for batch in evaluation_batches(reviews, _BATCH_SIZE):
                if not keep_going(read / all_tokens):
                    raise ScoringStoppedError
                read += int(batch.lengths.sum())
                answers = classifier(batch.ids.to(device), batch.lengths.to(device))
                total += cross_entropies(answers, batch.labels.to(device)).sum().item()
                logits[batch.rows] = compared(answers).cpu().numpy()
    finally:
        classifier.train(was_training)
    return Scores(loss=total / len(reviews), logits=logits, labels=reviews.labels, indices=reviews.indices)
