"""Numbers that grow too large: a network whose weights are finite can still compute what no number holds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.encoding import EncodedReviews
from rnn_core.errors import OverflowedError
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classification import Scores, TextClassification

LARGEST = 1e34
"""Sums, differences and norms of thousands of numbers as large as this still fit in 32 bits."""

_ADVICE = "Its weights are too large; choose another network."


def check_text(what: str, tokens: Sequence[str], *values: NDArray[np.floating[Any]]) -> None:
    """Raise OverflowedError, of which `what` is the subject, where a value, (T, ...) each, does not fit."""
    if all(map(fits, values)):
        return
    first = next(t for t in range(len(tokens)) if not all(fits(of_each[t]) for of_each in values))
    raise OverflowedError(
        f"{what} overflows at token {first + 1:,} of {len(tokens):,}, “{tokens[first]}”: its numbers grow "
        f"too large to compute with. {_ADVICE}"
    )


def check_texts(what: str, *values: NDArray[np.floating[Any]]) -> None:
    """Raise OverflowedError where one of the values that `what` computed of many texts does not fit."""
    if not all(map(fits, values)):
        raise OverflowedError(
            f"{what} overflows on some of these texts: its numbers grow too large to compute with. {_ADVICE}"
        )


def score_trained(classifier: Classifier, texts: EncodedReviews) -> Scores:
    """Score a trained classifier on texts. Raises OverflowedError where a logit is no number."""
    scores = TextClassification().evaluate(classifier, texts)
    check_texts("The network", scores.logits)
    return scores


def fits(values: NDArray[np.floating[Any]]) -> bool:
    """True if all of the values are numbers of at most `LARGEST`."""
    return bool((np.abs(values) <= LARGEST).all())
