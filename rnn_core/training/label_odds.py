"""A beginning for word vectors: what counting knows of the labels, in place of random numbers.

The first number of a vector begins at the log odds of its word, counted as naive Bayes counts: once for each
training text that has it. Of more than two classes each takes a number of its own, the log odds of that class
against the rest. Wang and Manning (2012) hand nearly the same numbers to a support vector machine; a network
is free to change them.

The odds of pairs of neighbouring words are counted for each review without itself and its neighbours: the
reviews of each label are cut, in the order of the corpus, into blocks of neighbours, which in IMDB's archive
are mostly of one film, and the blocks are dealt out to folds. While a network learns from a review of a fold,
it reads what was counted in the other folds.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.encoding import EncodedReviews, frequent_bigrams
from rnn_core.data.statistics import log_odds
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.pairs import NO_PAIR, CountedBigrams, KnownPairs
from rnn_core.text.vocabulary import PAD_ID, SPECIAL_TOKENS

FOLDS = 5
NEIGHBOURS = 25
"""Reviews of a block; fewer where the reviews of a label would not fill a block of each fold."""
IN_NO_FOLD = -1
"""The fold of a text whose words are in no counts."""
_PRIOR = 1.0  # as if each had been seen in one review more of either label


@torch.no_grad()
def begin_with_label_odds(classifier: Classifier, reviews: EncodedReviews) -> None:
    """Write the log odds of words, and of bigrams that aren't counted themselves, into their vectors."""
    ids = reviews.ids.astype(np.int64)
    K = classifier.classes
    _begin(classifier.embedding.weight, ids, reviews, K, without=range(len(SPECIAL_TOKENS)))
    if classifier.config.bigrams:
        bigrams = classifier.bigrams
        counted = classifier.counted.rows_in(bigrams).tolist() if classifier.config.counted_bigrams else []
        rows = rows_of_pairs(bigrams, reviews)
        _begin(bigrams.vectors.weight, rows, reviews, K, without=[NO_PAIR, *counted])


def rows_of_pairs(pairs: KnownPairs, reviews: EncodedReviews) -> NDArray[np.int64]:
    """(sum of T_i,) the row of the pair that ends at each time step of these reviews."""
    ids = reviews.ids.astype(np.int64)
    before = np.roll(ids, 1)
    before[reviews.offsets[:-1]] = PAD_ID  # not the last word of another review
    device = pairs.known.device
    return pairs.rows(torch.from_numpy(before).to(device), torch.from_numpy(ids).to(device)).cpu().numpy()


def count_reviews(
    rows: NDArray[np.int64], size: int, reviews: EncodedReviews, groups: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """Count the reviews of each group in which each row below `size` stands, (most, size).

    `rows[t]` stands at time step t. `groups`, (N,) and below `most`, are those of the reviews.
    """
    in_review = np.repeat(np.arange(len(reviews)), reviews.lengths())
    # Each row once a review; of IMDB NumPy's unique takes 3 s, torch's 0.14.
    once = torch.unique(torch.from_numpy(rows * len(reviews) + in_review)).numpy()
    row, review = np.divmod(once, len(reviews))
    return np.bincount(groups[review] * size + row, minlength=most * size).reshape(most, size)


def _odds_of_each(counts: NDArray[np.int64], reviews: EncodedReviews) -> Iterator[tuple[int, Tensor]]:
    """Yield the (V,) log odds of each class in float64, given in how many of its texts a word is, (K, V).

    The prior is dealt out as the texts are: a word that stands in as many texts of each class as there are
    leans to neither.
    """
    for label, of_class in enumerate(counts):
        share = float((reviews.labels == label).mean())
        # The odds of the only word have no bounds, and of the only class nothing is known.
        if len(of_class) >= 2 and 0 < share < 1:
            priors = (2 * _PRIOR * share, 2 * _PRIOR * (1 - share))
            yield label, torch.from_numpy(log_odds(of_class, counts.sum(axis=0) - of_class, priors).log_odds)


def _begin(
    vectors: Tensor, rows: NDArray[np.int64], reviews: EncodedReviews, K: int, without: Sequence[int]
) -> None:
    """Begin the vectors, (V, E), of which row `rows[t]` stands at time step t; those of `without` stay."""
    counted = np.delete(np.arange(len(vectors)), without)
    counts = count_reviews(rows, len(vectors), reviews, reviews.labels.astype(np.int64), most=K)[:, counted]
    for label, odds in _odds_of_each(counts, reviews):
        if K > 2 or label == 1:
            vectors[counted, label if K > 2 else 0] = odds.to(vectors)


def count_odds(counted: CountedBigrams, reviews: EncodedReviews) -> None:
    """Tell the network the most frequent pairs of these reviews, and their label odds."""
    pairs = frequent_bigrams(reviews, counted.vocab_size, len(counted.known))
    counted.know(torch.from_numpy(pairs).to(counted.known.device))
    K, P = counted.classes, len(pairs)

    def odds(counts: NDArray[np.int64]) -> Tensor:
        """(P,) of two classes or (P, K) of more, given (K, P)."""
        of_each = torch.zeros(P, K, dtype=torch.float64)
        for label, column in _odds_of_each(counts, reviews):
            of_each[:, label] = column
        return of_each[:, 1] if K == 2 else of_each

    groups = K * folds_of(reviews) + reviews.labels
    counts = count_reviews(rows_of_pairs(counted, reviews), 1 + P, reviews, groups, most=K * FOLDS)
    by_fold = counts[:, NO_PAIR + 1 :].reshape(FOLDS, K, P)
    all_folds = by_fold.sum(axis=0)  # (K, P)
    counted.set_odds(odds(all_folds), torch.stack([odds(all_folds - of_fold) for of_fold in by_fold]))


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
