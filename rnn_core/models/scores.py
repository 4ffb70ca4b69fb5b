"""The scores of a model on the test reviews, as they are kept on disk."""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from rnn_core.files import FormatError, from_json
from rnn_core.shapes import Amount, Share

MOST_MISTAKES = 1_000
_ROUNDING = 1e-6

Reviews = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
_Pair = Annotated[list[Reviews], msgspec.Meta(min_length=2, max_length=2)]


class Mistake(TypedDict):
    """A review that was answered wrongly."""

    index: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    """Which one of the corpus."""
    probability: Share
    """Of a positive review, as the network said."""
    positive: bool
    """Whether it is one."""


class KeptScores(TypedDict):
    """The scores of a model on the test reviews."""

    accuracy: Share
    loss: Amount | None
    """Mean cross-entropy in nats; None where it isn't a finite number."""
    reviews: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    confusion: Annotated[list[_Pair], msgspec.Meta(min_length=2, max_length=2)]
    """[[true negatives, false positives], [false negatives, true positives]]."""
    mistakes: NotRequired[Annotated[list[Mistake], msgspec.Meta(max_length=MOST_MISTAKES)]]


def read_scores(text: bytes | str) -> Mapping[str, Any]:
    """The scores in a JSON object, empty where a model was never scored. Raises FormatError."""
    if not from_json(text, dict[str, Any]):
        return {}
    scores: KeptScores = from_json(text, KeptScores)
    (negative, _), (_, positive) = scores["confusion"]
    counted = sum(map(sum, scores["confusion"]))
    if counted != scores["reviews"]:
        raise FormatError(
            f"the confusion matrix must count all {scores['reviews']:,} reviews, got {counted:,}"
        )
    if abs((negative + positive) / counted - scores["accuracy"]) > _ROUNDING:
        raise FormatError(
            f"the accuracy must be that of the confusion matrix, {(negative + positive) / counted:.6f}, "
            f"got {scores['accuracy']:.6f}"
        )
    return scores
