"""What is held out: a share of each class, and of groups all or none; and copies of what was learned."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rnn_core.config.tokens import WORDS
from rnn_core.data.corpus import Text, open_corpus, write_corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.data.held_out import held_out, is_copy
from rnn_core.errors import DataError
from tests.conftest import needs_imdb

NAMES = ("a", "b", "c", "d")


def shuffled(size, seed=0):
    return np.random.default_rng(seed).permutation(size)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), st.floats(0.05, 0.6), st.integers(0, 9))
def test_every_class_of_two_texts_or_more_has_its_share_on_both_sides(labels, share, seed):
    labels = np.array(labels, np.int8)
    held = held_out(shuffled(len(labels), seed), labels, share, NAMES)
    assert held.tolist() == sorted(set(held.tolist()))
    for label in range(4):
        texts, out = int((labels == label).sum()), int((labels[held] == label).sum())
        if texts < 2:
            assert out == 0
        else:
            assert 1 <= out <= texts - 1
            assert out in (1, texts - 1) or abs(out - share * texts) <= 0.5


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=200),
    st.floats(0.05, 0.6),
    st.integers(0, 9),
)
def test_no_group_is_on_both_sides_and_every_class_is_or_it_is_said(rows, share, seed):
    labels, groups = np.array([row[0] for row in rows], np.int8), np.array([row[1] for row in rows])
    spread = all(len(set(groups[labels == label])) != 1 for label in range(3))
    try:
        held = held_out(shuffled(len(rows), seed), labels, share, NAMES, groups)
    except DataError:
        # With three classes that share groups it may fail for others, too; never where each group is of one.
        assert not spread or any(len(set(labels[groups == group])) > 1 for group in groups)
        return
    learned = np.setdiff1d(np.arange(len(rows)), held)
    assert not set(groups[held]) & set(groups[learned])
    for label in range(3):
        if (labels == label).sum() >= 2:
            assert (labels[held] == label).any()
            assert (labels[learned] == label).any()


def test_groups_of_a_few_texts_come_as_near_to_the_share_as_texts_alone_and_groups_of_one_are_texts():
    groups = np.arange(3_000) // 3
    labels = (groups % 5 == 0).astype(np.int8)
    held = held_out(shuffled(3_000), labels, 0.1, NAMES[:2], groups)
    assert [(labels[held] == label).sum() for label in (0, 1)] == pytest.approx([240, 60], abs=3)
    order = shuffled(3_000)
    alone = held_out(order, labels, 0.2, NAMES[:2])
    assert np.array_equal(held_out(order, labels, 0.2, NAMES[:2], np.arange(3_000)), alone)


def test_a_class_whose_texts_are_all_in_one_group_is_named():
    labels, groups = np.array([0, 0, 0, 1, 1], np.int8), np.array([1, 2, 3, 4, 4])
    with pytest.raises(DataError, match=r"The 2 texts of the class 'b' are in groups that can't be split"):
        held_out(shuffled(5), labels, 0.2, NAMES[:2], groups)


def test_two_classes_without_groups_are_held_out_to_the_bit_as_before(make_corpus):
    """The rule that runs before this version followed, written out."""
    corpus = make_corpus([(f"w{i}", i % 3 == 0, "training") for i in range(500)])
    order = np.random.default_rng(7).permutation(500)
    before = [
        rows[: round(0.1 * len(rows))] for label in (0, 1) for rows in [order[corpus.labels[order] == label]]
    ]
    assert np.array_equal(split_reviews(corpus, 500, 7).validation, np.sort(np.concatenate(before)))


def test_a_corpus_of_four_texts_has_one_of_each_class_for_validation_and_one_of_two_is_too_small(make_corpus):
    corpus = make_corpus(
        [(text, label, "training") for text, label in zip("abcd", (0, 0, 1, 1), strict=True)]
    )
    splits = split_reviews(corpus, 4, seed=0)
    assert sorted(corpus.labels[splits.validation]) == sorted(corpus.labels[splits.training]) == [0, 1]
    with pytest.raises(DataError, match="No text of made can be held out for validation"):
        split_reviews(make_corpus([("a", 0, "training"), ("b", 1, "training")]), 2, seed=0)


def test_validation_texts_of_a_corpus_with_groups_share_none_with_training(tmp_path):
    texts = [Text(f"w{i}", i % 2, "training", i // 8) for i in range(400)]
    list(write_corpus("own", texts, tmp_path, 400, ("a", "b"), WORDS, with_groups=True))
    corpus = open_corpus(tmp_path)
    assert corpus.groups.tolist() == [text.group for text in texts]
    for seed in range(5):
        splits = split_reviews(corpus, 400, seed)
        assert not set(corpus.groups[splits.validation]) & set(corpus.groups[splits.training])
        assert 36 <= len(splits.validation) <= 44


@pytest.mark.parametrize("seed", range(8))
def test_a_large_group_is_held_out_only_where_all_are_and_then_the_one_that_comes_nearest(seed):
    labels = (np.arange(1_000) % 2).astype(np.int8)
    one_large, all_large = np.array([0] * 390 + list(range(1, 611))), np.repeat([0, 1, 2], [400, 350, 250])
    held = held_out(shuffled(1_000, seed), labels, 0.2, NAMES[:2], one_large)
    assert [(labels[held] == label).sum() for label in (0, 1)] == [100, 100]
    assert set(all_large[held_out(shuffled(1_000, seed), labels, 0.2, NAMES[:2], all_large)]) == {2}


def test_groups_that_one_shuffle_can_not_part_are_parted_as_the_texts_in_order():
    labels, groups = np.array([2, 2, 1, 1, 0], np.int8), np.array([1, 5, 2, 5, 1])
    held = [held_out(shuffled(5, seed), labels, 0.1, NAMES[:3], groups) for seed in range(5)]
    assert [set(groups[rows]) for rows in held].count({5}) >= 4
    assert set(groups[held_out(np.arange(5), labels, 0.1, NAMES[:3], groups)]) == {5}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), min_size=4, max_size=30))
def test_groups_that_can_be_parted_when_a_corpus_is_added_can_be_parted_by_every_run(rows):
    labels, groups = np.array([row[0] for row in rows], np.int8), np.array([row[1] for row in rows])
    try:
        held_out(np.arange(len(rows)), labels, 0.1, NAMES[:3], groups)
    except DataError:
        assume(False)
    for seed in range(6):
        held = held_out(shuffled(len(rows), seed), labels, 0.1, NAMES[:3], groups)
        assert not set(groups[held]) & set(np.delete(groups, held))
        for label in set(labels.tolist()):
            assert (labels[held] == label).sum() < (labels == label).sum()


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
