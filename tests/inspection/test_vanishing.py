"""How far back a verdict reaches, against products of the Jacobians of the naive cell."""

import numpy as np
import pytest
import torch

from rnn_core.data.encoding import split_reviews
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.trace import trace
from rnn_core.inspection.vanishing import Reach, long_reviews, reach_of_text, reach_over_reviews
from rnn_core.symbols import CELLS
from tests.data.own.made import finish
from tests.inspection.made import VARIANTS, make_model

TEXT = "The film was good, but the zither was bad"


def by_jacobians(model, ids):
    """|dy/ds_t| of all states s at each distance from the end: w J J J ..., each J of one naive step.

    A state behind h changes h in its own time step as well, which the last product counts.
    """
    classifier = model.classifier.double()
    cell, H = classifier.cell, classifier.config.hidden_size
    letters = CELLS[classifier.config.variant].states
    xs = classifier.embed(torch.tensor(ids)).detach()
    state = torch.zeros(len(letters) * H, dtype=torch.float64)

    def step(flat, x):
        return torch.cat(cell.naive(x.unsqueeze(0), tuple(flat.view(len(letters), 1, H)))[: len(letters)], 1)[
            0
        ]

    jacobians = []
    for x in xs:
        jacobians.append(torch.autograd.functional.jacobian(lambda flat, x=x: step(flat, x), state))
        state = step(state, x).detach()
    d = torch.zeros(len(letters) * H, dtype=torch.float64)
    d[:H] = classifier.head.weight.detach()[0]
    found = []
    for jacobian in reversed(jacobians):
        found.append(d.view(len(letters), H))
        d = d @ jacobian
    return {letter: np.array([part[i].norm().item() for part in found]) for i, letter in enumerate(letters)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_norms_are_those_of_products_of_jacobians_and_on_a_text_the_connectivity_of_read_from_the_end(
    variant,
):
    model = make_model(seed=6, hidden_size=4, **VARIANTS[variant])
    found, read = reach_of_text(model, TEXT), trace(model, TEXT)
    assert (found.texts, found.distances) == (1, len(read.review.ids))
    for letter, norms in attribute(model, read).connectivity.items():
        np.testing.assert_allclose(found.norms[letter][0], norms[::-1], rtol=1e-4)
    np.testing.assert_allclose(found.norms["h"][0], by_jacobians(model, read.review.ids)["h"], rtol=1e-10)


def test_what_32_bits_would_lose_is_there_down_to_the_least_number_of_64_bits_and_below_it_is_zero():
    """With U = 1e-3 times an orthogonal matrix and h near 0, the norm falls a thousandfold a token."""
    model = make_model(seed=1, cell="elman", hidden_size=4)
    with torch.no_grad():
        model.classifier.cell.W.zero_()
        model.classifier.cell.U.mul_(1e-3)
    found = reach_of_text(model, "film " * 130).norms["h"][0]
    head = model.classifier.head.weight.detach().double().norm().item()
    np.testing.assert_allclose(found[:91], head * 1e-3 ** np.arange(91), rtol=1e-4)
    assert 0 < found[90] < 1e-260
    assert (found[115:] == 0).all()


def test_a_text_without_a_word_reaches_nowhere_and_of_more_than_two_classes_it_is_the_predicted_one():
    assert reach_of_text(make_model(seed=1), "...") is None
    model = make_model(seed=3, classes=4)
    read = trace(model, TEXT)
    assert read.followed == read.predicted[-1]
    expected = attribute(model, read).connectivity["h"][::-1]
    np.testing.assert_allclose(reach_of_text(model, TEXT).norms["h"][0], expected, rtol=1e-4)


def test_over_reviews_each_row_is_what_the_review_gives_as_a_text(tiny_corpus):
    model = make_model(seed=2, cell="lstm")
    said, found = finish(reach_over_reviews(model, tiny_corpus))
    texts = [tiny_corpus.text(i) for i in split_reviews(tiny_corpus, 25_000, 0).validation]
    alone = [reach_of_text(model, text) for text in texts]
    shortest = min(reach.distances for reach in alone)
    assert found.distances == shortest
    for letter in "hc":
        expected = np.array([reach.norms[letter][0][:shortest] for reach in alone])
        np.testing.assert_allclose(
            np.sort(found.norms[letter], axis=0), np.sort(expected, axis=0), rtol=1e-10
        )
        np.testing.assert_allclose(found.mean(letter), expected.mean(axis=0))
        np.testing.assert_allclose(found.middle(letter), np.median(expected, axis=0))
    assert said[0].done == 0
    assert said[0].total == len(texts)


def test_reviews_are_long_validation_reviews_in_the_windows_of_the_network(make_corpus):
    reviews = [("film " * length, length % 2 == 0, "validation") for length in range(1, 41)]
    corpus = make_corpus([("good", True, "training"), ("bad", False, "training"), *reviews])
    model = make_model(seed=2, max_length=35, start_token=False)
    chosen = long_reviews(model, corpus, 5)
    lengths = [len(corpus.text(i).split()) for i in chosen.indices]
    assert len(lengths) == 5
    assert min(lengths) >= 31  # the longest quarter of 1 ... 40
    assert list(chosen.lengths()) == [min(length, 35) for length in lengths]
    lengths = [len(corpus.text(i).split()) for i in long_reviews(model, corpus, 15).indices]
    assert sorted(lengths) == [*range(26, 41)]  # a quarter has only 10, so the longest 15


def test_the_median_is_not_carried_away_by_one_review():
    reach = Reach(norms={"h": np.array([[1e-17], [2e-17], [1.0]])})
    assert reach.middle("h") == pytest.approx([2e-17])
    assert reach.mean("h") == pytest.approx([1 / 3])
    assert reach.quarters("h") == (pytest.approx([1.5e-17]), pytest.approx([0.5]))
