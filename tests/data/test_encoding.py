"""Bigrams are counted within the windows that the network reads."""

import itertools

import numpy as np
import pytest

from rnn_core.config.text_settings import TextConfig
from rnn_core.data import encoding
from rnn_core.data.encoding import EncodedReviews, encode_reviews, frequent_bigrams, learn_vocabulary


def reviews(*windows):
    return EncodedReviews(
        ids=np.concatenate([np.array(window, np.int32) for window in windows]),
        offsets=np.cumsum([0, *map(len, windows)]),
        labels=np.zeros(len(windows), np.int8),
        indices=np.arange(len(windows)),
    )


def test_the_most_frequent_pairs_come_first_then_by_ids_none_of_special_tokens_nor_over_the_end_of_a_review():
    windows = reviews([1, 5, 6, 5, 6, 2, 5], [1, 6, 5, 6, 0, 0])
    assert frequent_bigrams(windows, 10, 5).tolist() == [[5, 6], [6, 5]]
    assert frequent_bigrams(windows, 10, 1).tolist() == [[5, 6]]
    assert frequent_bigrams(reviews([3, 4], [5, 6], [7]), 10, 9).tolist() == [[3, 4], [5, 6]]
    assert frequent_bigrams(reviews([9, 3, 8, 4]), 10, 2).tolist() == [[3, 8], [8, 4]]


def test_of_real_windows_they_are_what_a_count_by_hand_finds(tiny_corpus):
    indices = tiny_corpus.indices("training")
    vocabulary = learn_vocabulary(tiny_corpus, indices, 20)
    windows = encode_reviews(tiny_corpus, indices, vocabulary, TextConfig(max_length=12))
    counts = {}
    for begin, end in itertools.pairwise(windows.offsets):
        ids = windows.ids[begin:end].tolist()
        for pair in itertools.pairwise(ids):
            if min(pair) > 2:
                counts[pair] = counts.get(pair, 0) + 1
    expected = sorted(counts, key=lambda pair: (-counts[pair], pair))[:30]
    assert [tuple(pair) for pair in frequent_bigrams(windows, 20, 30).tolist()] == expected


@pytest.mark.parametrize("at_once", [1, 7, 100, 10_000])
def test_words_are_counted_in_portions_as_in_one(tiny_corpus, monkeypatch, at_once):
    monkeypatch.setattr(encoding, "_TOKENS_AT_ONCE", at_once)
    for rows in (tiny_corpus.indices("training"), np.array([3, 1, 2]), np.array([], np.int64)):
        whole = np.bincount(encoding.tokens_of(tiny_corpus, rows), minlength=len(tiny_corpus.words))
        counts = encoding.uses_of_words(tiny_corpus, rows)
        assert counts.dtype == whole.dtype
        assert np.array_equal(counts, whole)
