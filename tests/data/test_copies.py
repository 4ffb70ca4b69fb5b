"""Reviews that stand word for word among those a network learned from."""

import numpy as np

from rnn_core.data.copies import is_copy
from rnn_core.data.encoding import split_reviews
from tests.conftest import needs_imdb


def test_a_copy_is_the_same_text_to_the_letter_and_only_among_the_given_reviews(make_corpus):
    corpus = make_corpus(
        [
            ("A good film.", True, "training"),
            ("A bad film.", False, "training"),
            ("A good film.", True, "test"),
            ("a good film", True, "test"),
            ("A bad film.", False, "test"),
        ]
    )
    assert is_copy(corpus, np.arange(2, 5), np.array([0])).tolist() == [True, False, False]
    assert is_copy(corpus, np.arange(2, 5), np.array([0, 1])).tolist() == [True, False, True]
    assert is_copy(corpus, np.array([], int), np.array([0, 1])).tolist() == []


@needs_imdb
def test_imdb_has_107_test_and_21_validation_reviews_that_seed_0_learns_from(imdb):
    splits = split_reviews(imdb, 25_000, 0)
    assert is_copy(imdb, splits.test, splits.training).sum() == 107
    assert is_copy(imdb, splits.validation, splits.training).sum() == 21
