from collections import Counter

import pytest

from rnn_core.data.probes.pairs import (
    HALVES,
    OTHER_PHENOMENA,
    PHENOMENA,
    THIRD,
    Pair,
    pairs,
    texts_without_opinion,
)
from rnn_core.data.probes.pattern import pattern_of
from rnn_core.text.tokenizer import tokenize


def sentences(half):
    return [sentence for pair in pairs(half) for sentence in (pair.positive, pair.negative)]


def test_the_reported_half_has_25_pairs_of_each_phenomenon():
    assert Counter(pair.phenomenon for pair in pairs("reported")) == dict.fromkeys(PHENOMENA, 25)


def test_the_development_half_has_20_pairs_of_each_phenomenon_at_least():
    counts = Counter(pair.phenomenon for pair in pairs("development"))
    assert set(counts) == set(PHENOMENA)
    assert min(counts.values()) >= 20


@pytest.mark.parametrize("half", [*HALVES, THIRD])
def test_no_sentence_of_a_half_comes_twice_and_the_two_of_a_pair_differ_by_few_words(half):
    found = [tuple(tokenize(sentence)) for sentence in sentences(half)]
    assert len(set(found)) == len(found)
    for pair in pairs(half):
        first, second = tokenize(pair.positive), tokenize(pair.negative)
        assert abs(len(first) - len(second)) <= 4
        assert 2 <= len(first) <= 20


def test_the_halves_share_no_sentence_and_no_pattern():
    of_halves = [{pattern_of(sentence) for sentence in sentences(half)} for half in HALVES]
    assert not set.intersection(*of_halves)


@pytest.mark.parametrize("half", HALVES)
def test_a_half_has_a_hundred_texts_without_an_opinion(half):
    assert len(set(texts_without_opinion(half))) == 100


def test_the_third_set_has_60_pairs_over_eight_phenomena_that_no_half_has():
    counts = Counter(pair.phenomenon for pair in pairs(THIRD))
    assert list(counts) == list(OTHER_PHENOMENA)
    assert not set(OTHER_PHENOMENA) & set(PHENOMENA)
    assert sum(counts.values()) == 60
    assert min(counts.values()) >= 7
    of_halves = {sentence for half in HALVES for sentence in sentences(half)}
    assert not of_halves & set(sentences(THIRD))


def test_another_half_is_refused():
    with pytest.raises(ValueError, match="must be one of development, reported"):
        pairs("test")


def test_a_pattern_keeps_what_connects_and_nothing_else():
    assert pattern_of("This film is not bad.") == ("this", "_", "is", "not", "_")
    assert pattern_of("This long film is not good!") == ("this", "_", "is", "not", "_")
    assert pattern_of("It's no bad film.") != pattern_of("It's a bad film.")


def test_a_pair_differs_in_order_alone_where_each_word_is_in_both_sentences_as_often():
    assert Pair("but", "Slow, but good.", "Good, but slow.").differs_in_order_alone
    assert not Pair("but", "Slow, but good.", "Good, but dull.").differs_in_order_alone
    assert not Pair("but", "Good, good, but slow.", "Good, but slow, slow.").differs_in_order_alone
