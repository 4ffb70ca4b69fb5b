"""Text classification: which of K classes a text is of."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.reading import Batch
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.class_scores import WrongAnswer, balanced_accuracy, is_uneven, macro_f1, read_scores
from rnn_core.tasks.classes import compared, cross_entropies, log_odds_of, predicted_by, probabilities_of
from rnn_core.tasks.task import Asked, FurtherScore, Guess, KeepGoing, Measure, ScoreWords, Task, corpus_fact
from rnn_core.text.vocabulary import Vocabulary

_MISTAKES = 50
_NEARLY_EVEN = 0.005
"""Nats that the entropy of the class shares may lack of ln K; with more missing it is the reference."""


class TextClassification(Task):
    """One of K classes for each text, by the readout."""

    at_every_step = False
    score = Measure("accuracy", "Accuracy", ".1%", ".2%", higher_is_better=True)
    curves = (
        Measure("loss", "Loss", ".4f", ".4f", False, "cross-entropy in nats; 0.693 is the loss of a coin"),
        score,
    )
    further = (
        FurtherScore(
            Measure("balanced_accuracy", "Balanced accuracy", ".1%", ".2%", higher_is_better=True),
            lambda scores: balanced_accuracy(scores["confusion"]),
            "Balanced",
            "Balanced accuracy on all test texts: the share found of each class, averaged over the classes.",
            "The share that was found of each class, averaged over the classes: each class counts alike, "
            "however many texts it has. A network that always says the same class has 1 / K.",
        ),
        FurtherScore(
            Measure("macro_f1", "Macro F1", ".1%", ".2%", higher_is_better=True),
            lambda scores: macro_f1(scores["confusion"]),
            "Macro F1",
            "F1 of each class on all test texts, averaged over the classes.",
            "F1 of each class, averaged over the classes. F1 is high only where most texts of a class are "
            "found, and most of what the network takes for that class is of that class.",
        ),
    )
    words = ScoreWords(
        batch="**{value}** right",
        result="It is right on **{value}** of {texts}",
        best="Right on {value} of the validation {texts} at best, after epoch {epoch}{since}.",
        all_equal="At their best all are right on {value} of the validation {texts}.",
        best_and_last="At its best {first} is right most often, on {value} of the validation "
        "{texts}, and {last} least often, on {least}.",
        two_equal="{first} and {second} are right on equally many validation {texts}, {value}.",
        two="{first} is right most often, on {value} of the validation {texts}, {points} points more than "
        "{second}",
        several="accuracies",
    )
    diagnoses = Task.diagnoses | {"padding"}
    gives_verdict = can_be_read = is_code = True
    counted_by = "words"
    page_answer = "verdict"
    unpublished = frozenset({"mistakes"})

    @override
    def classes(self, config: RunConfig, vocab_size: int) -> int:
        return len(config.classes)

    @override
    def answers(self, config: RunConfig, vocabulary: Vocabulary) -> tuple[str, ...]:
        return config.classes

    @override
    def asked(self, batch: Batch) -> Asked:
        return Asked(batch.labels)

    @override
    def guess(self, config: RunConfig) -> Guess:
        balanced = config.training.class_weights == "balanced"
        return guess(len(config.classes), class_counts(config), balanced)

    @override
    def class_weights(self, config: RunConfig, training: EncodedReviews) -> Tensor | None:
        if config.training.class_weights != "balanced":
            return None
        return balanced(training.labels, len(config.classes))

    @override
    def evaluate(
        self, network: Classifier, texts: EncodedReviews, keep_going: KeepGoing = lambda share: True
    ) -> "Scores":
        logits = np.empty((len(texts), 1 if network.classes == 2 else network.classes), np.float32)
        total = 0.0
        for batch, read in self.reads(network, texts, keep_going):
            answers = network.head(read)
            total += cross_entropies(answers, batch.labels).sum().item()
            logits[batch.rows] = compared(answers).cpu().numpy()
        return Scores(loss=total / len(texts), logits=logits, labels=texts.labels, indices=texts.indices)

    @override
    def probabilities(self, network: Classifier, texts: EncodedReviews) -> NDArray[np.float64]:
        """(N,) the probability of the second class."""
        return probabilities_of(log_odds_of(self.evaluate(network, texts).logits, 1))

    @override
    def needs_further(self, scores: Mapping[str, Any]) -> bool:
        return bool(scores) and is_uneven(scores["confusion"])

    @override
    def card_rows(self, config: RunConfig, scores: Mapping[str, Any]) -> dict[str, str]:
        """The texts that were found of each class; of many classes what sums them up, too."""
        confusion, texts = scores["confusion"], config.corpus.nouns.texts.capitalize()
        if config.corpus.of_films:
            (negatives, false_positives), (false_negatives, positives) = confusion
            return {
                "Positive reviews found": f"{positives:,} of {positives + false_negatives:,}",
                "Negative reviews found": f"{negatives:,} of {negatives + false_positives:,}",
            }
        found = {
            f"{texts} of {name} found": f"{row[place]:,} of {sum(row):,}"
            for place, (name, row) in enumerate(zip(config.classes, confusion, strict=True))
        }
        return {**super().card_rows(config, scores), **found}

    @override
    def read_scores(self, text: bytes | str, config: RunConfig) -> Mapping[str, Any]:
        return read_scores(text, len(config.classes))


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
        """K, the number of classes."""
        return max(2, self.logits.shape[1])

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(N,) index of the most probable class of each."""
        return predicted_by(self.logits)

    @property
    def accuracy(self) -> float:
        """Share of the texts whose label was found, 0 to 1."""
        return float(np.mean(self.predicted == self.labels))

    @property
    def fields(self) -> dict[str, float]:
        """The numbers in a record of the evaluation."""
        return {"accuracy": self.accuracy, "loss": self.loss}

    def confusion(self) -> list[list[int]]:
        """(K, K) how many texts of each class, a row each, were taken for which, a column each.

        Of two classes [[true negatives, false positives], [false negatives, true positives]].
        """
        K = self.classes
        counts = np.bincount(K * self.labels.astype(int) + self.predicted, minlength=K * K)
        return [[int(n) for n in row] for row in counts.reshape(K, K)]

    def mistakes(self, at_most: int = _MISTAKES) -> list[WrongAnswer]:
        """The wrong answers it was surest of, surest first; of more than two classes, as many of each."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        sure = _log_odds_of_predicted(self.logits[wrong])
        order = np.argsort(-sure, kind="stable")
        if self.classes > 2:
            labels, of_each = self.labels[wrong[order]], -(-at_most // self.classes)
            places = [i for k in np.unique(labels) for i in np.flatnonzero(labels == k)[:of_each]]
            order = order[np.sort(np.array(places, np.int64))]  # an empty list alone would be of floats
        return [
            WrongAnswer(
                index=int(self.indices[wrong[i]]),
                label=int(self.labels[wrong[i]]),
                predicted=int(self.predicted[wrong[i]]),
                probability=float(probabilities_of(sure[i])),
            )
            for i in order[:at_most]
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it as JSON."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "reviews": len(self.labels),
            "confusion": self.confusion(),
            "mistakes": self.mistakes(),
        }


def _log_odds_of_predicted(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N,) log p - log(1 - p) of the most probable class, given logits (N, 1) or (N, K)."""
    if logits.shape[1] == 1:
        return np.abs(logits[:, 0].astype(np.float64))
    ordered = np.sort(logits.astype(np.float64), axis=1)
    return ordered[:, -1] - np.logaddexp.reduce(ordered[:, :-1], axis=1)


def guess(classes: int, counts: Sequence[int] | None = None, balanced: bool = False) -> Guess:
    """The guess among K classes; `counts` (K,) are the texts of each where they are known.

    The loss is the entropy of the class shares; ln K where they are unknown or equal, and where the loss of
    each class counts alike, so that all are guessed alike.

    >>> guess(2).what, round(guess(2).loss, 3)
    ('a coin', 0.693)
    >>> guess(3, [80, 10, 10]).accuracy, round(guess(3, [80, 10, 10]).loss, 3)
    (0.8, 0.639)
    """
    even = math.log(classes)
    known = counts if counts and sum(counts) else [1] * classes
    shares = np.array(known) / sum(known)
    entropy = float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    most = float(shares.max())
    if balanced or even - entropy < _NEARLY_EVEN or not entropy:
        return Guess.among(classes)._replace(accuracy=most)
    return Guess(entropy, most, "always answering with the class shares")


def class_counts(config: RunConfig) -> tuple[int, ...] | None:
    """(K,) how many training texts of a corpus have each class.

    None where all have equally many, and for a corpus that is gone or has other classes by now.
    """
    corpus = config.corpus
    if corpus.is_even:
        return None
    classes, counts = _counted(corpus) or ((), None)
    return counts if classes == config.classes else None


@corpus_fact
def _counted(ref: CorpusRef) -> tuple[tuple[str, ...], tuple[int, ...]]:
    corpus = ref.load()
    labels = corpus.labels[corpus.indices("training")]
    return corpus.classes, tuple(np.bincount(labels, minlength=len(corpus.classes)).tolist())


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


TASKS.complete(CLASSIFICATION, implementation=TextClassification)
