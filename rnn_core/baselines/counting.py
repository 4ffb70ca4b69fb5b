"""Classifiers that count words: a bag of words, and NB-SVM on words and pairs.

A gram is a word, or a pair of words that follow each other in one review. Grams are counted from the word
numbers of a corpus, so that they are of the tokens that a network reads.

    f (N, F)  counts of the grams in each review; in NB-SVM 1 where a gram occurs
    y (N,)    1 for a positive review
    r (F,)    log-count ratio of each gram
    w (F,)    weight of each gram; b the bias: a review is positive where f w + b > 0

Of K > 2 classes there is such a model for each against the rest; the class with the largest value is said.

NB-SVM: Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012.
This file alone knows scikit-learn and SciPy, and imports them when it counts: nothing else needs them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import tokens_of
from rnn_core.errors import BaselineError
from rnn_core.text.tokenizer import tokenize

Matrix = Any
"""A sparse matrix of SciPy, (reviews, grams)."""

BETA = 0.25
"""The weight of the support vector machine in NB-SVM; the rest is naive Bayes (the paper's choice)."""

_TOLERANCE = 0.01  # of LinearSVC; 1e-4 takes 2 to 42 times as long and gives the same accuracy on IMDB
_MOST_ROUNDS = 10_000
_MISSING = (
    "Counting words needs scikit-learn, which is not installed here. Install it with "
    "`python -m pip install -r requirements-baselines.txt`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grams:
    """The columns of a matrix: every gram that occurs in some reviews."""

    codes: NDArray[np.int64]
    """(F,) ascending; of V words, word number w is w, and the pair of u and w is (u + 1) V + w."""
    longest: int
    """The words of the longest gram: 1, words; 2, pairs, too; 0, no gram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """A linear classifier that was learned by counting."""

    weights: NDArray[np.float64]
    """(F,) w, one of each gram."""
    bias: float
    presence: bool = False
    """True if a gram that occurs counts once, however often it does."""
    gives_probability: bool = False
    """True if the sigmoid of its value is meant as the probability of a positive review."""

    def values(self, counts: Matrix) -> NDArray[np.float64]:
        """(N,) f w + b of each review."""
        features = present(counts) if self.presence else counts
        return np.asarray(features @ self.weights + self.bias)

    def accuracy(self, counts: Matrix, labels: NDArray[np.int8]) -> float:
        """Share of the reviews whose label it says."""
        return float(((self.values(counts) > 0) == labels).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAgainstRest:
    """A linear model for each of K > 2 classes, which sets it apart from all others."""

    models: tuple[LinearModel, ...]

    def values(self, counts: Matrix) -> NDArray[np.float64]:
        """(N, K) f w + b of each review and class."""
        return np.stack([model.values(counts) for model in self.models], axis=1)

    def accuracy(self, counts: Matrix, labels: NDArray[np.int8]) -> float:
        """Share of the reviews whose label it says."""
        return float((self.values(counts).argmax(axis=1) == labels).mean())


Model = LinearModel | OneAgainstRest


def fit_classes(
    fit: Callable[..., LinearModel],
    counts: Matrix,
    labels: NDArray[np.int8],
    classes: int,
    seed: int,
    **settings: Any,
) -> Model:
    """A model of two classes, or one of each of more against the rest."""
    if classes == 2:
        return fit(counts, labels, seed, **settings)
    return OneAgainstRest(
        models=tuple(
            fit(counts, (labels == label).astype(np.int8), seed, **settings)
            if (labels == label).any()
            else LinearModel(weights=np.zeros(counts.shape[1]), bias=-np.inf)  # no review has it
            for label in range(classes)
        )
    )


def need_scikit_learn() -> str:
    """Its version. Raises BaselineError where it is not installed."""
    try:
        import sklearn
        import sklearn.linear_model
        import sklearn.svm
    except ImportError as error:
        raise BaselineError(_MISSING) from error
    return str(sklearn.__version__)


def why_not() -> str:
    """Why words can't be counted here, in sentences; empty where they can; imports nothing for it."""
    return "" if find_spec("sklearn") else _MISSING


class _Words(NamedTuple):
    """The words of texts, one text after another."""

    numbers: NDArray[np.int64]
    """(words,) of each its number in the corpus; -1 for a word that no review has."""
    rows: NDArray[np.int64]
    """(words,) which text each stands in; -1 for one that is not asked for."""


def learn_grams(corpus: Corpus, reviews: NDArray[np.int64], longest: int) -> Grams:
    """Every gram of these reviews."""
    codes, _ = _grams(_words_of_reviews(corpus, reviews), len(corpus.words), longest)
    return Grams(codes=np.unique(codes), longest=longest)


def count_grams(corpus: Corpus, reviews: NDArray[np.int64], grams: Grams) -> Matrix:
    """Count each gram in each review, (len(reviews), F); other grams are left out."""
    return _count(_words_of_reviews(corpus, reviews), len(corpus.words), len(reviews), grams)


def count_in_texts(corpus: Corpus, texts: Sequence[str], grams: Grams) -> Matrix:
    """Returns what `count_grams` does, of texts that are none of its reviews, (len(texts), F)."""
    number_of = {word: number for number, word in enumerate(corpus.words)}
    tokens = [tokenize(text, corpus.tokens) for text in texts]
    words = _Words(
        np.array([number_of.get(token, -1) for text in tokens for token in text], np.int64),
        np.repeat(np.arange(len(texts)), [len(text) for text in tokens]),
    )
    return _count(words, len(corpus.words), len(texts), grams)


def _words_of_reviews(corpus: Corpus, reviews: NDArray[np.int64]) -> _Words:
    rows = np.repeat(np.arange(len(reviews)), corpus.lengths()[reviews])
    return _Words(tokens_of(corpus, reviews).astype(np.int64), rows)


def _count(words: _Words, vocabulary: int, texts: int, grams: Grams) -> Matrix:
    from scipy.sparse import csr_matrix

    codes, rows = _grams(words, vocabulary, grams.longest)
    columns = np.searchsorted(grams.codes, codes)
    known = columns < len(grams.codes)
    known[known] = grams.codes[columns[known]] == codes[known]
    counts = csr_matrix(
        (np.ones(known.sum()), (rows[known], columns[known])), shape=(texts, len(grams.codes))
    )
    counts.sum_duplicates()
    return counts


def _grams(words: _Words, vocabulary: int, longest: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Code of every gram at every place of these texts, and which of them it stands in."""
    if longest == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    numbers, rows = words
    wanted = (rows >= 0) & (numbers >= 0)
    if longest == 1:
        return numbers[wanted], rows[wanted]
    together = wanted[:-1] & wanted[1:] & (rows[:-1] == rows[1:])  # both in one text
    pairs = (numbers[:-1][together] + 1) * vocabulary + numbers[1:][together]
    return np.concatenate([numbers[wanted], pairs]), np.concatenate([rows[wanted], rows[1:][together]])


def stacked(counts: Matrix, more: Matrix) -> Matrix:
    """Return the rows of both, those of `more` last; their columns are the same grams."""
    from scipy.sparse import vstack

    return vstack([counts, more]).tocsr()


def present(counts: Matrix) -> Matrix:
    """1 for every gram that occurs."""
    once = counts.copy()
    once.data[:] = 1
    return once


def fit_majority(counts: Matrix, labels: NDArray[np.int8], seed: int) -> LinearModel:
    """The commoner label for every review; negative where both are as common."""
    return LinearModel(weights=np.zeros(counts.shape[1]), bias=float(labels.mean()) - 0.5)


def fit_bag_of_words(
    counts: Matrix, labels: NDArray[np.int8], seed: int, *, weighting: str, C: float
) -> LinearModel:
    """Logistic regression on "counts" or "presence"; a larger C follows the training reviews closer."""
    from sklearn.linear_model import LogisticRegression

    presence = weighting == "presence"
    fitted = LogisticRegression(C=C, solver="liblinear", random_state=seed, max_iter=_MOST_ROUNDS).fit(
        present(counts) if presence else counts, labels
    )
    return LinearModel(
        weights=fitted.coef_[0], bias=float(fitted.intercept_[0]), presence=presence, gives_probability=True
    )


def fit_nb_svm(counts: Matrix, labels: NDArray[np.int8], seed: int, *, alpha: float, C: float) -> LinearModel:
    """A support vector machine with squared hinge loss on f * r, mixed with naive Bayes.

    w' = (1 - beta) mean|w| + beta w. The bias is mixed in the same way, with that of naive Bayes, so
    that both halves are whole classifiers; the paper does not say. With the machine's own bias beside mixed
    weights it was right on 87 to 92 % of the validation reviews of IMDB, now on 92 to 93 % (seed 0,
    alpha 0.1 to 1).
    """
    from scipy.sparse import diags
    from sklearn.svm import LinearSVC

    f = present(counts)
    r = log_count_ratio(f, labels, alpha)
    svm = LinearSVC(C=C, dual=True, tol=_TOLERANCE, max_iter=_MOST_ROUNDS, random_state=seed)
    svm.fit((f @ diags(r)).tocsr(), labels)
    w, b = svm.coef_[0], float(svm.intercept_[0])
    mean = np.abs(w).mean()
    positive = labels.sum()
    mixed = (1 - BETA) * mean + BETA * w
    bias = (1 - BETA) * mean * np.log(positive / (len(labels) - positive)) + BETA * b
    return LinearModel(weights=r * mixed, bias=float(bias), presence=True)


def log_count_ratio(f: Matrix, labels: NDArray[np.int8], alpha: float) -> NDArray[np.float64]:
    """r = log((p / |p|) / (q / |q|)), with p = alpha + sum of f over positive reviews, q over negative."""
    p = alpha + f.T @ (labels == 1)
    q = alpha + f.T @ (labels == 0)
    return np.asarray(np.log((p / p.sum()) / (q / q.sum())))
