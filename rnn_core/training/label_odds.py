"""A beginning for word vectors: what counting knows of the labels, in place of random numbers.

The first number of a vector begins at the log odds of its word, counted as naive Bayes counts: once for each
training review that has it. Wang and Manning (2012) hand nearly the same numbers to a support vector machine;
a network is free to change them.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.statistics.words import log_odds
from rnn_core.nn.bigrams import NO_PAIR
from rnn_core.nn.classifier import Classifier
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS

_PRIOR = 1.0  # as if each had been seen in one review more of either label


@torch.no_grad()
def begin_with_label_odds(classifier: Classifier, reviews: EncodedReviews) -> None:
    """Write the log odds of the words in these reviews, and of their bigrams, into the vectors."""
    ids = reviews.ids.astype(np.int64)
    _begin(classifier.embedding.weight, ids, reviews, without=range(len(SPECIAL_TOKENS)))
    if classifier.config.bigrams:
        before = np.roll(ids, 1)
        before[reviews.offsets[:-1]] = PAD_ID  # not the last word of another review
        vectors = classifier.bigrams.vectors.weight
        pairs = (torch.from_numpy(side).to(vectors.device) for side in (before, ids))
        _begin(vectors, classifier.bigrams.rows(*pairs).cpu().numpy(), reviews, without=[NO_PAIR])


def _begin(vectors: Tensor, rows: NDArray[np.int64], reviews: EncodedReviews, without: Sequence[int]) -> None:
    """Begin the vectors, (V, E), of which row `rows[t]` stands at time step t; those of `without` stay."""
    counted = np.delete(np.arange(len(vectors)), without)
    if len(counted) < 2:  # the odds of the only one there is are without bounds
        return
    in_review = np.repeat(np.arange(len(reviews)), reviews.lengths())
    # Each row once a review; of IMDB NumPy's unique takes 3 s, torch's 0.14.
    once = torch.unique(torch.from_numpy(rows * len(reviews) + in_review)).numpy()
    row, review = np.divmod(once, len(reviews))
    positive, negative = (
        np.bincount(row[reviews.labels[review] == label], minlength=len(vectors))[counted] for label in (1, 0)
    )
    vectors[counted, 0] = torch.from_numpy(log_odds(positive, negative, _PRIOR).log_odds).to(vectors)
