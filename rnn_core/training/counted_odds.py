"""The label odds of pairs of neighbouring words, counted for each review without itself and its neighbours.

The reviews of each label are cut, in the order of the corpus, into blocks of neighbours, which in IMDB's
archive are mostly of one film, and the blocks are dealt out to folds. While a network learns from a review of
a fold, it reads what was counted in the other folds.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.encoding import EncodedReviews, frequent_bigrams
from rnn_core.nn.pairs import NO_PAIR, CountedBigrams
from rnn_core.training.label_odds import count_reviews, odds_of, rows_of_pairs, share_of

FOLDS = 5
NEIGHBOURS = 25
"""Reviews of a block; fewer where the reviews of a label would not fill a block of each fold."""
IN_NO_FOLD = -1
"""Of a text whose words are in no counts."""


def count_odds(counted: CountedBigrams, reviews: EncodedReviews) -> None:
    """Tell the network the most frequent pairs of these reviews, and their label odds."""
    pairs = frequent_bigrams(reviews, counted.vocab_size, len(counted.known))
    counted.know(torch.from_numpy(pairs).to(counted.known.device))
    K, P = counted.classes, len(pairs)
    groups = K * folds_of(reviews) + reviews.labels
    counts = count_reviews(rows_of_pairs(counted, reviews), 1 + P, reviews, groups, most=K * FOLDS)
    by_fold = counts[:, NO_PAIR + 1 :].reshape(FOLDS, K, P)
    all_folds = by_fold.sum(axis=0)  # (K, P)
    shares = [share_of(label, reviews) for label in range(K)]
    without_each = torch.stack([_odds(all_folds - of_fold, shares) for of_fold in by_fold])
    counted.set_odds(_odds(all_folds, shares), without_each)


def _odds(counts: NDArray[np.int64], shares: list[float]) -> Tensor:
    """Label odds, (P,) of two classes or (P, K) of more, given in how many texts of each class (K, P)."""
    K, P = counts.shape
    odds = torch.zeros(P, K, dtype=torch.float64)
    for label, share in enumerate(shares):
        if P >= 2 and 0 < share < 1:  # the odds of the only pair, or of the only class, have no bounds
            both = np.stack([counts.sum(axis=0) - counts[label], counts[label]])
            odds[:, label] = odds_of(both, share)
    return odds[:, 1] if K == 2 else odds


def folds_of(reviews: EncodedReviews) -> NDArray[np.int64]:
    """(N,) the fold of each of these reviews, which come in the order of their corpus."""
    folds = np.empty(len(reviews), np.int64)
    for label in np.unique(reviews.labels):
        of_label = np.flatnonzero(reviews.labels == label)
        in_block = max(1, min(NEIGHBOURS, len(of_label) // FOLDS))
        folds[of_label] = np.arange(len(of_label)) // in_block % FOLDS
    return folds


def folds_by_index(reviews: EncodedReviews) -> NDArray[np.int64]:
    """The fold of each of these reviews at its index in the corpus; IN_NO_FOLD between them."""
    folds = np.full(reviews.indices.max() + 1, IN_NO_FOLD)
    folds[reviews.indices] = folds_of(reviews)
    return folds
