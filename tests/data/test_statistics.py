"""Coverage, cuts, telling words and padding, by cases worked by hand."""

import math

import numpy as np
import pytest

from rnn_core.config.text_settings import TextConfig
from rnn_core.data import statistics
from rnn_core.data.batch_rows import training_rows
from rnn_core.data.encoding import encode_reviews, encode_words, learn_vocabulary, split_reviews
from rnn_core.text.vocabulary import END, PAD_ID, SPECIAL_TOKENS, UNK_ID

REVIEWS = [
    ("the the film good", True, "training"),
    ("the film bad bad", False, "training"),
    ("", False, "validation"),
    ("the good zebra", True, "test"),
]


@pytest.fixture
def corpus(make_corpus):
    return make_corpus(REVIEWS)


@pytest.fixture
def counts(corpus):
    return statistics.count_words(corpus, split_reviews(corpus, 10, 0))


def test_words_are_counted_by_part_and_label(corpus, counts):
    number_of = {word: number for number, word in enumerate(corpus.words)}
    assert counts.by_class[1][number_of["the"]] == 2
    assert counts.by_class[0][number_of["bad"]] == 2
    assert counts.test[number_of["zebra"]] == 1
    assert counts.texts[:, number_of["the"]].tolist() == counts.texts[:, number_of["film"]].tolist() == [1, 1]
    assert counts.texts[:, number_of["bad"]].tolist() == [1, 0]
    assert [corpus.words[number] for number in counts.ranking] == ["the", "bad", "film", "good"]


@pytest.mark.parametrize("size", [3, 4, 6, 100])
def test_a_vocabulary_is_the_one_that_a_run_learns(tiny_corpus, size):
    splits = split_reviews(tiny_corpus, 1_000, 0)
    counts = statistics.count_words(tiny_corpus, splits)
    learned = learn_vocabulary(tiny_corpus, splits.training, size)
    assert statistics.vocabulary_of(tiny_corpus, counts, size).words == learned.words
    config = TextConfig(vocab_size=max(size, 4), max_length=5)
    by_vocabulary = encode_reviews(tiny_corpus, splits.test, learned, config)
    by_table = encode_words(tiny_corpus, splits.test, statistics.word_ids(counts, size), config)
    assert by_table.ids.tolist() == by_vocabulary.ids.tolist()


def test_coverage_counts_running_and_different_words_of_training_and_test(counts, make_corpus):
    now = statistics.coverage(counts).at(5)  # three special tokens, "the" and "bad"
    assert now.running_training == 5 / 8
    assert now.running_test == 1 / 3
    assert now.distinct_training == 2 / 4
    assert now.distinct_test == 1 / 3
    assert statistics.coverage(counts).at(3).running_training == 0
    everything = statistics.coverage(counts).at(1_000)
    assert (everything.running_training, everything.running_test) == (1, 2 / 3)
    without = make_corpus(REVIEWS[:3])
    shares = statistics.coverage(statistics.count_words(without, split_reviews(without, 10, 0))).at(5)
    assert shares.running_training == 5 / 8
    assert math.isnan(shares.running_test)


def test_a_cut_costs_the_words_beyond_it_and_the_last_bin_has_all_longer_reviews():
    cost = statistics.cut_cost(np.array([2, 6, 4]), np.array([0, 3, 4, 6, 9]))
    assert cost.reviews.tolist() == [1, 2 / 3, 1 / 3, 0, 0]
    assert cost.words.tolist() == [1, 4 / 12, 2 / 12, 0, 0]
    assert statistics.length_histogram(np.array([0, 1, 2, 3, 9, 50]), 2, 3).tolist() == [2, 2, 2]


def test_log_odds_are_those_of_the_formula_and_turn_around_with_the_labels():
    positive, negative = np.array([8, 2]), np.array([2, 8])
    odds = statistics.log_odds(positive, negative, priors=(1, 1))
    assert odds.log_odds[0] == pytest.approx(math.log(9 / 3) - math.log(3 / 9))
    assert odds.z[0] == pytest.approx(odds.log_odds[0] / math.sqrt(1 / 9 + 1 / 3))
    assert statistics.log_odds(negative, positive, priors=(1, 1)).log_odds == pytest.approx(-odds.log_odds)
    # A prior draws a rare word to zero, and a frequent one hardly.
    odds = statistics.log_odds(np.array([2, 2_000, 5_000]), np.array([0, 500, 6_502]), priors=(100, 100))
    rare, frequent, _ = odds.log_odds
    assert 0 < rare < 0.1 < 1 < frequent
    some, none = np.array([3, 0, 5]), np.zeros(3, np.int64)
    for inside, outside in ((some, none), (none, some), (none, none)):
        odds = statistics.odds_against_rest(inside, outside, 2.0)  # no word leans to a side without any
        assert not np.any(odds)


def test_a_word_in_few_texts_leans_to_neither_of_two_sides_of_different_size(make_corpus):
    """It would lean to the small side if a large one had the same made-up texts."""
    words = ("rare", "filler", "filler")
    corpus = make_corpus([(f"common {words[n % 3]}", n % 12 == 0, "training") for n in range(600)])
    counts = statistics.count_words(corpus, split_reviews(corpus, 1_000, 0))
    against, towards = statistics.telling_words(corpus, counts, 100, 9)
    odds = {one.word: one.log_odds for one in (*against, *towards)}
    assert abs(odds.get("common", 0.0)) < 0.1
    assert odds["rare"] > 1 > -1 > odds["filler"]


def test_the_odds_by_counts_are_those_a_hand_takes_from_the_texts_with_a_word(make_corpus):
    often = make_corpus(REVIEWS * statistics.FEWEST_TEXTS)  # each text so often that its words may tell
    counts = statistics.count_words(often, split_reviews(often, 100, 0))
    negative, positive = counts.texts[:, statistics.known_words(counts, 100)].sum(axis=1)
    found = [one for side in statistics.telling_words(often, counts, 100, 9) for one in side]
    assert found
    for telling in found:
        here, there = telling.inside, telling.outside
        ours, theirs = here * (negative - there), there * (positive - here)
        larger, smaller = (ours, theirs) if telling.log_odds > 0 else (theirs, ours)
        by_hand = larger / smaller if smaller else math.inf
        assert telling.times_by_counts == pytest.approx(by_hand)
    negative, positive = statistics.telling_words(often, counts, 100, 2)
    assert (negative[0].word, positive[0].word) == ("bad", "good")
    assert all(telling.log_odds > 0 for telling in positive)
    negative, positive = statistics.telling_words(often, counts, 5, 9)  # those of the vocabulary only
    assert {telling.word for telling in (*negative, *positive)} <= {"bad", "the"}
    assert statistics.telling_words(often, counts, 4, 9) == ([], [])


def test_a_word_that_stands_many_times_in_few_texts_does_not_tell_of_a_class(make_corpus):
    texts = [("a film with few words", label, "training") for label in (False, True) * 20]
    once = [(f"{'president ' * 30} film", True, "training")] * (statistics.FEWEST_TEXTS - 1)
    often = [("a mongol film", True, "training")] * statistics.FEWEST_TEXTS
    corpus = make_corpus([*texts, *once, *often])
    counts = statistics.count_words(corpus, split_reviews(corpus, 100, 0))
    _, towards = statistics.telling_words(corpus, counts, 100, 9)
    words = {one.word: one.inside for one in towards}
    assert words["mongol"] == statistics.FEWEST_TEXTS
    assert "president" not in words


def test_padding_is_what_no_token_fills_and_no_review_has_no_share():
    lengths = np.array([1, 2, 9, 9])
    config = TextConfig(max_length=5, start_token=False)
    assert statistics.filled_lengths(lengths, config).tolist() == [1, 2, 5, 5]
    shares = statistics.padding_shares(lengths, config, 2, 0)
    assert shares[statistics.TO_MAXIMUM] == pytest.approx(7 / 20)
    assert shares[statistics.ALIKE] == pytest.approx(1 / 14)  # (5, 5) and (2, 1)
    assert shares[statistics.ALIKE] <= shares[statistics.RANDOM] <= shares[statistics.TO_MAXIMUM]
    assert statistics.filled_lengths(lengths, TextConfig(max_length=5)).tolist() == [2, 3, 5, 5]
    assert statistics.padding_shares(lengths, config, 1, 0)[statistics.RANDOM] == 0
    nothing = statistics.padding_shares(np.empty(0, np.int64), config, 8, 0)
    assert all(map(math.isnan, nothing.values()))


@pytest.mark.parametrize("filling", statistics.FILLINGS)
def test_every_review_is_in_one_batch(filling):
    batches = statistics.batch_rows(np.arange(1, 24), 4, filling, seed=3)
    assert sorted(np.concatenate(batches).tolist()) == list(range(23))
    assert max(map(len, batches)) == 4


def test_like_lengths_are_batched_as_a_training_does(tiny_corpus):
    splits = split_reviews(tiny_corpus, 1_000, 0)
    vocabulary = learn_vocabulary(tiny_corpus, splits.training, 20)
    encoded = encode_reviews(tiny_corpus, splits.training, vocabulary, TextConfig())
    trained = [rows.tolist() for rows in training_rows(encoded.lengths(), 8, np.random.default_rng(5))]
    batches = statistics.batch_rows(encoded.lengths(), 8, statistics.ALIKE, seed=5)
    assert [rows.tolist() for rows in batches] == trained


@pytest.mark.parametrize(
    ("side", "picture"), [("pre", [[1, 3, 4], [0, 1, 5]]), ("post", [[1, 3, 4], [1, 5, 0]])]
)
def test_a_batch_is_filled_up_at_the_side_that_was_chosen(make_corpus, side, picture):
    corpus = make_corpus([("the the film", True, "training"), ("good", True, "training")])
    table = statistics.word_ids(statistics.count_words(corpus, split_reviews(corpus, 10, 0)), 10)
    encoded = encode_words(corpus, np.arange(2), table, TextConfig(max_length=3, truncation="pre"))
    ids = statistics.batch_picture(encoded, 3, side, PAD_ID)
    assert (ids == 0).tolist() == [[number == 0 for number in row] for row in picture]
    assert ids[0, 0] == 1


def test_of_very_many_texts_the_padding_to_the_longest_is_near_to_that_of_all():
    lengths = np.random.default_rng(1).integers(1, 60, 3 * statistics.MOST_BATCHED)
    config = TextConfig(max_length=64)
    found = statistics.padding_shares(lengths, config, 64, seed=0)
    for filling in statistics.FILLINGS:
        whole = statistics.padding_share(lengths, config, 64, filling, seed=0)
        assert found[filling] == pytest.approx(whole, abs=0 if filling == statistics.TO_MAXIMUM else 0.005)
    assert len(statistics.some_lengths(lengths, seed=0)) == statistics.MOST_BATCHED


@pytest.mark.parametrize("filling", statistics.FILLINGS)
@pytest.mark.parametrize("reviews", [3, 500, 9_000])
def test_one_batch_is_as_those_that_an_epoch_makes(filling, reviews):
    steps = np.random.default_rng(2).integers(1, 60, reviews)
    rows = statistics.one_batch(steps, 8, filling, seed=4)
    assert len(set(rows.tolist())) == len(rows)
    assert np.all(np.diff(steps[rows]) <= 0)
    sizes = {len(batch) for batch in statistics.batch_rows(steps, 8, filling, seed=4)}
    assert len(rows) in sizes


def test_a_batch_of_like_lengths_has_less_padding_than_a_random_one():
    steps = np.random.default_rng(2).integers(1, 60, 9_000)

    def spread(filling):
        batches = [steps[statistics.one_batch(steps, 8, filling, seed)] for seed in range(50)]
        return np.mean([batch[0] - batch.mean() for batch in batches])

    batches = statistics.batch_rows(steps, 8, statistics.ALIKE, seed=1)
    alike = np.mean([steps[rows].max() - steps[rows].mean() for rows in batches])
    assert spread(statistics.ALIKE) == pytest.approx(alike, abs=0.5)
    assert spread(statistics.RANDOM) > 5 * alike


def test_with_an_end_the_ids_of_words_begin_after_four_special_tokens(corpus):
    counts = statistics.count_words(corpus, split_reviews(corpus, 10, 0), (*SPECIAL_TOKENS, END))
    ids = dict(zip(corpus.words, statistics.word_ids(counts, 6).tolist(), strict=True))
    assert ids == {"the": 4, "bad": 5, "film": UNK_ID, "good": UNK_ID, "zebra": UNK_ID}
    assert statistics.vocabulary_of(corpus, counts, 6).words == (*SPECIAL_TOKENS, END, "the", "bad")
