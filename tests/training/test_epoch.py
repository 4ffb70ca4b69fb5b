"""The texts of an epoch: reviews, parts of them, and composed sentences beside them."""

import numpy as np
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.encoding import encode_reviews, learn_vocabulary
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError
from rnn_core.training import epoch
from tests.refusals import refusals
from tests.training.made import rows


def epochs(corpus, **settings):
    config = RunConfig().with_settings(max_length=400, **settings)
    indices = corpus.indices("training")
    vocabulary = learn_vocabulary(corpus, indices, 1_000)
    return epoch.Epochs(config, corpus, vocabulary, encode_reviews(corpus, indices, vocabulary, config.text))


def test_an_excerpt_is_a_part_of_any_length():
    lengths = np.full(20_000, 96)
    first, length = epoch.excerpts(lengths, 1.0, np.random.default_rng(0))
    assert (length.min(), length.max()) == (epoch.SHORTEST_EXCERPT, 96)
    assert (first >= 0).all()
    assert (first + length <= lengths).all()
    doublings = [((length >= low) & (length < 2 * low)).mean() for low in (6, 12, 24, 48)]
    assert np.allclose(doublings, 0.25, atol=0.03)  # log-uniform


def test_the_asked_share_is_cut_but_no_short_review():
    lengths = np.where(np.arange(10_000) % 2, 500, 4)
    first, length = epoch.excerpts(lengths, 0.3, np.random.default_rng(0))
    cut = length < lengths
    assert cut[lengths == 500].mean() == pytest.approx(0.3, abs=0.03)
    assert not cut[lengths == 4].any()
    assert (first[~cut] == 0).all()


def test_an_epoch_has_the_training_reviews_or_parts(tiny_corpus):
    """Each epoch has the same ones, and with excerpts other parts of them, by the seed of the run."""
    plain, cut = epochs(tiny_corpus), epochs(tiny_corpus, excerpts=1.0)
    whole = rows(plain.texts(0))
    assert rows(plain.texts(1)) == whole
    assert len(plain) == 60
    for number in (0, 1):
        for part, review in zip(rows(cut.texts(number)), whole, strict=True):
            assert " ".join(map(str, part[1:])) in " ".join(map(str, review[1:]))
            assert part[0] == review[0]  # <start>
    assert rows(cut.texts(0)) != rows(cut.texts(1)) != whole
    assert rows(cut.texts(1)) == rows(epochs(tiny_corpus, excerpts=1.0).texts(1))


def test_composed_sentences_stand_beside_the_reviews(tiny_corpus):
    both = epochs(tiny_corpus, composed=30)
    first, second = both.texts(0), both.texts(1)
    assert len(both) == len(first) == 90
    assert rows(first)[:60] == rows(epochs(tiny_corpus).texts(0))
    assert rows(first)[60:] != rows(second)[60:]
    assert first.labels[60:].mean() == 0.5
    assert set(first.indices[60:]) == {epoch.OF_NO_REVIEW}
    assert rows(first) != rows(epochs(tiny_corpus, composed=30, seed=1).texts(0))


def test_a_snippet_is_a_short_part_of_its_review():
    lengths = np.array([3, 30, 500] * 5_000)
    first, length = epoch.snippets(lengths, np.random.default_rng(0))
    assert (length[lengths == 3] == 3).all()
    assert length[lengths > 3].min() == epoch.SHORTEST_SNIPPET
    assert [length[lengths == of].max() for of in (30, 500)] == [30, epoch.LONGEST_SNIPPET]
    assert (first + length <= lengths).all()
    assert first.max() > 400


def test_snippets_have_the_labels_of_their_reviews(tiny_corpus):
    whole, read = epochs(tiny_corpus).texts(0), epochs(tiny_corpus, snippets=200).texts(0)
    assert len(read) == 260
    of_review = {index: row for row, index in enumerate(whole.indices)}
    for part, index, label in list(zip(rows(read), read.indices, read.labels, strict=True))[60:]:
        review = of_review[index]
        assert label == whole.labels[review]
        assert " ".join(map(str, part[1:])) in " ".join(map(str, rows(whole)[review]))


def verdicts(**settings):
    return recommended_config("verdict").with_settings(**settings)


test_a_part_of_a_verdict_review_has_no_label = refusals(
    ConfigError,
    {
        "excerpts": (lambda: verdicts(excerpts=0.5), "Excerpts must be 0 for the verdict corpus"),
        "snippets": (lambda: verdicts(snippets=10), "Short parts of reviews must be 0 for the verdict"),
    },
)
