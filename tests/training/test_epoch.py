import numpy as np
import pytest

from rnn_core.config.run import RunConfig, default_config
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.errors import ConfigError
from rnn_core.training.epoch import SHORTEST_EXCERPT, Epochs, excerpts


def epochs(corpus, **settings):
    config = RunConfig().with_settings(max_length=400, **settings)
    rows = corpus.indices("training")
    vocabulary = learn_vocabulary(corpus, rows, 1_000)
    return Epochs(config, corpus, vocabulary, encode_reviews(corpus, rows, vocabulary, config.text))


def rows(reviews):
    return [reviews.ids[a:b].tolist() for a, b in zip(reviews.offsets, reviews.offsets[1:], strict=False)]


def test_an_excerpt_is_a_part_of_its_review_of_any_length_from_the_shortest_to_all():
    lengths = np.full(20_000, 96)
    first, length = excerpts(lengths, 1.0, np.random.default_rng(0))
    assert length.min() == SHORTEST_EXCERPT
    assert length.max() == 96
    assert (first >= 0).all()
    assert (first + length <= lengths).all()
    doublings = [((length >= low) & (length < 2 * low)).mean() for low in (6, 12, 24, 48)]
    assert np.allclose(doublings, 0.25, atol=0.03)  # log-uniform


def test_only_the_asked_share_is_cut_and_a_short_review_stays_whole():
    lengths = np.where(np.arange(10_000) % 2, 500, 4)
    first, length = excerpts(lengths, 0.3, np.random.default_rng(0))
    cut = length < lengths
    assert cut[lengths == 500].mean() == pytest.approx(0.3, abs=0.03)
    assert not cut[lengths == 4].any()
    assert (first[~cut] == 0).all()


def test_without_ingredients_an_epoch_is_the_training_reviews(tiny_corpus):
    plain = epochs(tiny_corpus)
    assert rows(plain.reviews(0)) == rows(plain.reviews(1))
    assert len(plain) == 60


def test_with_excerpts_an_epoch_has_the_same_reviews_in_part_and_the_next_one_other_parts(tiny_corpus):
    whole, cut = epochs(tiny_corpus).reviews(0), epochs(tiny_corpus, excerpts=1.0)
    for epoch in (0, 1):
        for part, review in zip(rows(cut.reviews(epoch)), rows(whole), strict=True):
            assert " ".join(map(str, part[1:])) in " ".join(map(str, review[1:]))
            assert part[0] == review[0]  # <start>
    assert rows(cut.reviews(0)) != rows(cut.reviews(1)) != rows(whole)
    assert rows(cut.reviews(1)) == rows(epochs(tiny_corpus, excerpts=1.0).reviews(1))


def test_composed_sentences_stand_beside_the_reviews(tiny_corpus):
    both = epochs(tiny_corpus, composed=30)
    first, second = both.reviews(0), both.reviews(1)
    assert len(both) == len(first) == 90
    assert rows(first)[:60] == rows(epochs(tiny_corpus).reviews(0))
    assert rows(first)[60:] != rows(second)[60:]
    assert first.labels[60:].mean() == 0.5


def test_the_seed_of_a_run_decides_its_sentences(tiny_corpus):
    assert rows(epochs(tiny_corpus, composed=9, seed=1).reviews(0)) != rows(
        epochs(tiny_corpus, composed=9, seed=2).reviews(0)
    )


def test_a_part_of_a_review_of_the_verdict_corpus_has_no_label():
    with pytest.raises(ConfigError, match="Excerpts must be 0 for the verdict corpus"):
        default_config("verdict").with_settings(excerpts=0.5)
