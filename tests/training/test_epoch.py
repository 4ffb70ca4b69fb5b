import numpy as np
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError
from rnn_core.training.epoch import (
    LONGEST_SNIPPET,
    OF_NO_REVIEW,
    SHORTEST_EXCERPT,
    SHORTEST_SNIPPET,
    Epochs,
    excerpts,
    snippets,
)
from rnn_core.training.estimate import estimate
from rnn_core.training.trainer import Trainer
from tests.training.made import rows


def epochs(corpus, **settings):
    config = RunConfig().with_settings(max_length=400, **settings)
    indices = corpus.indices("training")
    vocabulary = learn_vocabulary(corpus, indices, 1_000)
    return Epochs(config, corpus, vocabulary, encode_reviews(corpus, indices, vocabulary, config.text))


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
    assert rows(plain.texts(0)) == rows(plain.texts(1))
    assert len(plain) == 60


def test_with_excerpts_an_epoch_has_the_same_reviews_in_part_and_the_next_one_other_parts(tiny_corpus):
    whole, cut = epochs(tiny_corpus).texts(0), epochs(tiny_corpus, excerpts=1.0)
    for epoch in (0, 1):
        for part, review in zip(rows(cut.texts(epoch)), rows(whole), strict=True):
            assert " ".join(map(str, part[1:])) in " ".join(map(str, review[1:]))
            assert part[0] == review[0]  # <start>
    assert rows(cut.texts(0)) != rows(cut.texts(1)) != rows(whole)
    assert rows(cut.texts(1)) == rows(epochs(tiny_corpus, excerpts=1.0).texts(1))


def test_composed_sentences_stand_beside_the_reviews(tiny_corpus):
    both = epochs(tiny_corpus, composed=30)
    first, second = both.texts(0), both.texts(1)
    assert len(both) == len(first) == 90
    assert rows(first)[:60] == rows(epochs(tiny_corpus).texts(0))
    assert rows(first)[60:] != rows(second)[60:]
    assert first.labels[60:].mean() == 0.5
    assert set(first.indices[60:]) == {OF_NO_REVIEW}


def test_a_snippet_is_a_short_part_of_its_review():
    lengths = np.array([3, 30, 500] * 5_000)
    first, length = snippets(lengths, np.random.default_rng(0))
    assert (length[lengths == 3] == 3).all()
    assert length[lengths > 3].min() == SHORTEST_SNIPPET
    assert [length[lengths == of].max() for of in (30, 500)] == [30, LONGEST_SNIPPET]
    assert (first + length <= lengths).all()
    assert first.max() > 400


def test_snippets_are_parts_of_training_reviews_with_their_labels(tiny_corpus):
    whole, read = epochs(tiny_corpus).texts(0), epochs(tiny_corpus, snippets=200).texts(0)
    assert len(read) == 260
    of_review = {index: row for row, index in enumerate(whole.indices)}
    for part, index, label in list(zip(rows(read), read.indices, read.labels, strict=True))[60:]:
        review = of_review[index]
        assert label == whole.labels[review]
        assert " ".join(map(str, part[1:])) in " ".join(map(str, rows(whole)[review]))


def test_the_seed_of_a_run_decides_its_sentences(tiny_corpus):
    one, two = (rows(epochs(tiny_corpus, composed=9, seed=seed).texts(0)) for seed in (1, 2))
    assert one != two


def test_the_estimate_counts_all_texts_of_an_epoch(tiny_corpus):
    config = RunConfig().with_settings(hidden_size=2, snippets=100, composed=70, excerpts=0.5, batch_size=16)
    assert estimate(config, tiny_corpus).optimizer_steps == Trainer(config, tiny_corpus).total_steps


@pytest.mark.parametrize(
    ("name", "value", "label"), [("excerpts", 0.5, "Excerpts"), ("snippets", 10, "Short parts of reviews")]
)
def test_a_part_of_a_review_of_the_verdict_corpus_has_no_label(name, value, label):
    with pytest.raises(ConfigError, match=f"{label} must be 0 for the verdict corpus"):
        recommended_config("verdict").with_settings(**{name: value})
