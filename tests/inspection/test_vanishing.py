"""The reach of a verdict, beside what `test_second_way` says of every network."""

import numpy as np
import pytest
import torch

from rnn_core.data.encoding import split_reviews
from rnn_core.inspection.vanishing import Reach, long_reviews, reach_of_text, reach_over_reviews
from tests.data.own.made import finish
from tests.inspection.made import make_model


def test_reach_goes_down_to_the_least_64_bit_number():
    """U is 1e-3 times an orthogonal matrix and h near 0: the norm falls a thousandfold a token."""
    model = make_model(seed=1, cell="elman", hidden_size=4)
    with torch.no_grad():
        model.classifier.cell.W.zero_()
        model.classifier.cell.U.mul_(1e-3)
    found = reach_of_text(model, "film " * 130).norms["h"][0]
    head = model.classifier.head.weight.detach().double().norm().item()
    np.testing.assert_allclose(found[:91], head * 1e-3 ** np.arange(91), rtol=1e-4)
    assert 0 < found[90] < 1e-260
    assert (found[115:] == 0).all()
    assert reach_of_text(model, "...") is None


def test_the_reach_over_reviews_is_that_of_each(tiny_corpus):
    model = make_model(seed=2, cell="lstm")
    said, found = finish(reach_over_reviews(model, tiny_corpus))
    texts = [tiny_corpus.text(i) for i in split_reviews(tiny_corpus, 25_000, 0).validation]
    alone = [reach_of_text(model, text) for text in texts]
    shortest = min(reach.distances for reach in alone)
    assert (found.texts, found.distances) == (len(texts), shortest)
    for letter in "hc":
        expected = np.sort([reach.norms[letter][0][:shortest] for reach in alone], axis=0)
        np.testing.assert_allclose(np.sort(found.norms[letter], axis=0), expected, rtol=1e-10)
    assert (said[0].done, said[0].total) == (0, len(texts))


def test_reviews_are_drawn_from_the_longest_quarter(make_corpus):
    reviews = [("film " * length, length % 2 == 0, "validation") for length in range(1, 41)]
    corpus = make_corpus([("good", True, "training"), ("bad", False, "training"), *reviews])
    model = make_model(seed=2, max_length=35, start_token=False)
    chosen = long_reviews(model, corpus, 5)
    lengths = [len(corpus.text(i).split()) for i in chosen.indices]
    assert len(lengths) == 5
    assert min(lengths) >= 31
    assert list(chosen.lengths()) == [min(length, 35) for length in lengths]
    lengths = [len(corpus.text(i).split()) for i in long_reviews(model, corpus, 15).indices]
    assert sorted(lengths) == [*range(26, 41)]  # a quarter has only 10, so the longest 15


def test_one_review_does_not_carry_the_median_away():
    reach = Reach(norms={"h": np.array([[1e-17], [2e-17], [1.0]])})
    assert reach.middle("h") == pytest.approx([2e-17])
    assert reach.mean("h") == pytest.approx([1 / 3])
    assert reach.quarters("h") == (pytest.approx([1.5e-17]), pytest.approx([0.5]))
