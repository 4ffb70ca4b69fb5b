"""The scores of a classifier on the test texts, as they are kept, and what a confusion matrix says."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, NotRequired, TypedDict

import msgspec
import numpy as np

from rnn_core.config.identity import MOST_CLASSES
from rnn_core.files import FormatError, from_json
from rnn_core.shapes import Amount, Share

MOST_MISTAKES = 1_000
_ROUNDING = 1e-6

Reviews = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
_Row = Annotated[list[Reviews], msgspec.Meta(min_length=2, max_length=MOST_CLASSES)]
_Class = Annotated[int, msgspec.Meta(ge=0, lt=MOST_CLASSES)]


class WrongAnswer(TypedDict):
    """A text that was answered wrongly."""

    index: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    """Index in the corpus."""
    label: _Class
    """Index of its class."""
    predicted: _Class
    """Index of the class that the network said."""
    probability: Share
    """Probability of that class by the network."""


class _KeptMistake(TypedDict):
    """A mistake as it may stand on disk; before there were more than two classes it had `positive`."""

    index: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    probability: Share
    label: NotRequired[_Class]
    predicted: NotRequired[_Class]
    positive: NotRequired[bool]
    """True for a positive review; where it is there, the probability is that of a positive review."""


class KeptScores(TypedDict):
    """The scores of a model on the test texts."""

    accuracy: Share
    loss: Amount | None
    """Mean cross-entropy in nats; None where it isn't a finite number."""
    reviews: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    confusion: Annotated[list[_Row], msgspec.Meta(min_length=2, max_length=MOST_CLASSES)]
    """(K, K) how many texts of each class, a row each, were taken for which, a column each."""
    mistakes: NotRequired[Annotated[list[_KeptMistake], msgspec.Meta(max_length=MOST_MISTAKES)]]


def read_scores(text: bytes | str, classes: int = 2) -> Mapping[str, Any]:
    """The scores in a JSON object, empty where a model of K classes was never scored. Raises FormatError."""
    if not from_json(text, dict[str, Any]):
        return {}
    scores: KeptScores = from_json(text, KeptScores)
    confusion = scores["confusion"]
    if len(confusion) != classes or any(len(row) != classes for row in confusion):
        raise FormatError(f"the confusion matrix must have {classes} rows of {classes} counts")
    counted = sum(map(sum, confusion))
    if counted != scores["reviews"]:
        raise FormatError(f"the confusion matrix must count all {scores['reviews']:,} texts, got {counted:,}")
    found = sum(row[place] for place, row in enumerate(confusion)) / counted
    if abs(found - scores["accuracy"]) > _ROUNDING:
        raise FormatError(
            f"the accuracy must be that of the confusion matrix, {found:.6f}, got {scores['accuracy']:.6f}"
        )
    if "mistakes" not in scores:
        return scores
    return {**scores, "mistakes": [_current_mistake(kept, classes) for kept in scores["mistakes"]]}


def _current_mistake(kept: _KeptMistake, classes: int) -> WrongAnswer:
    index, p = kept["index"], kept["probability"]
    if "positive" in kept:
        label = int(kept["positive"])
        return WrongAnswer(index=index, label=label, predicted=1 - label, probability=1 - p if label else p)
    label, predicted = kept.get("label", classes), kept.get("predicted", classes)
    if max(label, predicted) >= classes:
        raise FormatError(f"a mistake must have a label and a prediction, each below {classes}")
    return WrongAnswer(index=index, label=label, predicted=predicted, probability=p)


class Confused(NamedTuple):
    """Texts of one class that were taken for another one."""

    label: int
    """Index of their class."""
    predicted: int
    """Index of the class that the network said."""
    texts: int
    of: int
    """The number of texts with that label."""


def most_confused(confusion: Sequence[Sequence[int]]) -> Confused | None:
    """The class that was most often taken for another one, and for which; None where nothing was wrong.

    >>> most_confused([[8, 2, 0], [0, 9, 1], [0, 4, 6]])
    Confused(label=2, predicted=1, texts=4, of=10)
    """
    table = np.array(confusion, np.int64)
    wrong = table - np.diag(table.diagonal())
    label, predicted = map(int, np.unravel_index(wrong.argmax(), wrong.shape))
    if not wrong[label, predicted]:
        return None
    return Confused(label, predicted, int(wrong[label, predicted]), int(table[label].sum()))


def is_uneven(confusion: Sequence[Sequence[int]]) -> bool:
    """True if accuracy alone says too little: more than two classes, or one with a tenth more texts.

    >>> is_uneven([[90, 10], [5, 95]]), is_uneven([[90, 10], [5, 45]])
    (False, True)
    """
    of_class = np.array(confusion, np.int64).sum(axis=1)
    return len(of_class) > 2 or bool(of_class.max() > 1.1 * of_class.min())


def balanced_accuracy(confusion: Sequence[Sequence[int]]) -> float:
    """The mean over the classes of the share of their texts that is found, 0 to 1; without empty classes.

    >>> balanced_accuracy([[90, 0], [5, 5]])
    0.75
    """
    table = np.asarray(confusion, np.float64)
    of_class = table.sum(axis=1)
    return float((table.diagonal()[of_class > 0] / of_class[of_class > 0]).mean())


def macro_f1(confusion: Sequence[Sequence[int]]) -> float:
    """The mean over the classes of F1 = 2 tp / (2 tp + fp + fn), 0 to 1; without classes nobody has or says.

    >>> round(macro_f1([[90, 0], [5, 5]]), 4)
    0.8198
    """
    table = np.asarray(confusion, np.float64)
    both = table.sum(axis=0) + table.sum(axis=1)  # 2 tp + fp + fn
    return float((2 * table.diagonal()[both > 0] / both[both > 0]).mean())
