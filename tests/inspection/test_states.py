"""States on the plane of their principal components, and heads that are fitted on those of a layer."""

import itertools
from functools import partial

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from rnn_core.errors import DataError
from rnn_core.inspection.layer_heads import PENALTY, fit_head, fit_heads, verdicts_by_layer
from rnn_core.inspection.plane import state_plane
from rnn_core.inspection.trace import trace
from rnn_core.nn.packing import packing
from rnn_core.progress import finish
from tests.inspection.made import RECIPES, UNIFORM, WORDS, inputs, make_model, read_slowly
from tests.untrained import encoded

LENGTHS = [3, 1, 9, 6, 6, 2] * 15  # more than a batch
H = 6
make = partial(make_model, seed=11, hidden_size=H, **UNIFORM)


def drawn(lengths=LENGTHS):
    rng = np.random.default_rng(1)
    return encoded([rng.integers(2, len(WORDS), length) for length in lengths])


def read_alone(classifier, reviews):
    """Run the naive cell, one review after another: every state, (N, H), and the last of each."""
    with torch.no_grad():
        alone = [
            read_slowly(classifier, inputs(classifier, reviews.ids[begin:end].tolist()))[1].numpy()
            for begin, end in itertools.pairwise(reviews.offsets)
        ]
    return np.concatenate(alone), np.stack([hs[-1] for hs in alone])


@pytest.mark.parametrize("input", [{}, {"input": "one-hot"}, RECIPES["all bigrams"]], ids=str)
@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_the_axes_are_the_principal_components(cell, input):
    model, reviews = make(cell=cell, **input), drawn()
    plane = state_plane(model.classifier, reviews, 10_000)
    hs, _ = read_alone(model.classifier, reviews)
    values, vectors = np.linalg.eigh(np.cov(hs.T.astype(np.float64)))
    np.testing.assert_allclose(plane.shares, values[::-1] / values.sum(), atol=1e-5)
    for axis, vector in zip(plane.axes, vectors.T[::-1], strict=False):
        assert abs(axis @ vector) == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(plane.mean, hs.mean(axis=0), atol=1e-5)
    ours, theirs = (one.round(3) for one in (plane.points, (hs - plane.mean) @ plane.axes.T))
    np.testing.assert_allclose(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)], atol=2e-3)
    share = plane.points.var(axis=0).sum() / hs.var(axis=0).sum()
    assert share == pytest.approx(plane.shares[:2].sum(), abs=1e-4)


def test_a_sample_holds_each_last_state_and_others():
    model, reviews = make(), drawn()
    plane = state_plane(model.classifier, reviews, 200)
    assert plane.points.shape == (200, 2)
    assert plane.final.sum() == len(reviews)
    hs, final = read_alone(model.classifier, reviews)
    np.testing.assert_allclose(plane.points, (hs[plane.places] - plane.mean) @ plane.axes.T, atol=1e-5)
    ours, theirs = plane.points[plane.final], (final - plane.mean) @ plane.axes.T
    np.testing.assert_allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), atol=1e-5)
    assert len(state_plane(model.classifier, reviews, 5).points) == len(reviews)
    same, other = (state_plane(model.classifier, reviews, 200, seed).points for seed in (0, 1))
    np.testing.assert_array_equal(plane.points, same)
    assert not np.array_equal(plane.points, other)


@pytest.mark.parametrize("head", ["one-logit", "two-logit"])
def test_logits_grow_along_the_readout(head):
    model, reviews = make(head=head), drawn()
    plane = state_plane(model.classifier, reviews, 10_000)
    head_of = model.classifier.head
    weights, bias = (part.detach().numpy() for part in (head_of.weight, head_of.bias))
    weights, bias = (part[0] if head == "one-logit" else part[1] - part[0] for part in (weights, bias))
    direction = weights / np.linalg.norm(weights)
    np.testing.assert_allclose(plane.readout, plane.axes @ direction, atol=1e-6)
    assert (plane.readout >= 0).all()
    assert plane.readout_share == pytest.approx(float(((plane.axes @ direction) ** 2).sum()), abs=1e-6)
    assert plane.readout_share <= 1
    hs, _ = read_alone(model.classifier, reviews)
    np.testing.assert_allclose(np.sort(plane.logits), np.sort(hs @ weights + bias), atol=1e-5)


@pytest.mark.parametrize("letter", ["h", "c"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_review_of_a_plane_runs_through_its_points(layers, letter):
    """The plane of another state than h has no readout, and the same answers."""
    model = make(cell="lstm", layers=layers)
    read = trace(model, "the film was good but bad")
    plane = state_plane(model.classifier, encoded([read.review.ids]), 100, letter=letter)
    np.testing.assert_allclose(plane.project(read), plane.points, atol=1e-5)
    np.testing.assert_allclose(plane.mean, read.arrays[letter].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(plane.logits, read.logits, atol=1e-5)
    assert plane.final.tolist() == [False] * (len(read.review.ids) - 1) + [True]
    assert (plane.readout is None) == (plane.readout_share is None) == (letter == "c")


TEXT = "the film was good the film was bad zither good"
of_five = partial(make_model, seed=7, hidden_size=5, max_length=12, **UNIFORM)
NETWORKS = {
    "mean": {"layers": 3, "readout": "mean"},
    "max": {"layers": 2, "readout": "max", "cell": "lstm"},
    "attention": {"layers": 2, "readout": "attention"},
    "three layers, both directions": RECIPES["three layers, both directions"],
    "both directions, attention": {"layers": 2, "bidirectional": True, "readout": "attention"},
}


@pytest.fixture
def corpus(make_corpus):
    rng = np.random.default_rng(3)
    words = ["the", "film", "was", "good", "bad"]
    texts = [" ".join(rng.choice(words, 1 + number % 9)) for number in range(80)]
    splits = ["test", "training", "training", "training"] * 20
    labels = [text.count("good") > text.count("bad") for text in texts]
    return make_corpus(list(zip(texts, labels, splits, strict=True)))


def fitted(model, corpus, **most):
    return finish(fit_heads(model, corpus, **most))


def read(model, ids, layer):
    """The readout of a layer at the end of a window, (F,), computed in the other order."""
    classifier, packed = model.classifier, packing(torch.tensor([len(ids)]))
    with torch.inference_mode():
        hs = classifier.below(layer + 1, classifier.inputs(torch.tensor([ids]), packed), packed)
        has_weights = classifier.config.readout == "attention"
        return (hs.mean(dim=0) if has_weights else classifier.pool(hs, packed)[0]).numpy()


@pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)
def test_the_verdict_by_a_layer_is_that_of_its_head(settings, corpus):
    """The score is that on the test texts."""
    model = of_five(**settings)
    heads, traced = fitted(model, corpus), trace(model, TEXT)
    found = verdicts_by_layer(model, traced, heads)
    for layer, (weights, bias) in enumerate(zip(heads.weights, heads.biases, strict=True), 1):
        for t in range(len(traced.logits)):
            expected = weights @ read(model, traced.review.ids[: t + 1], layer) + bias
            assert found[layer - 1, t] == pytest.approx(expected[0], abs=1e-4)
    assert found[-1].tolist() == traced.logits.tolist()
    tests = corpus.indices("test")
    ends = [verdicts_by_layer(model, trace(model, corpus.text(i)), heads)[:, -1] > 0 for i in tests]
    assert heads.right == pytest.approx((np.array(ends) == corpus.labels[tests, None]).mean(axis=0))
    assert (heads.fitted_on, heads.scored_on) == (54, 20)  # a tenth is held out for validation


@pytest.mark.parametrize("classes", [2, 3])
def test_a_head_is_the_regression_of_scikit_learn(classes):
    rng = np.random.default_rng(1)
    spread, mean = [1, 5, 0.1, 0], [0, 3, -1, 2]  # the last unit never moves
    x = (rng.normal(size=(60, 4)) * spread + mean).astype(np.float32)
    labels = (x[:, 1] + rng.normal(size=60) > 3).astype(np.int8)
    labels[x[:, 0] > 1] = classes - 1
    weights, bias = fit_head(x, labels, classes)
    z = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    theirs = LogisticRegression(C=1 / (PENALTY * len(x)), tol=1e-9, max_iter=10_000).fit(z, labels)
    ours = x @ weights.T + bias
    if classes == 2:
        np.testing.assert_allclose(ours[:, 0], theirs.decision_function(z), atol=1e-3)
    else:
        shifted = ours - ours.max(axis=1, keepdims=True)
        p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(p, theirs.predict_proba(z), atol=1e-3)


def test_a_network_that_diverged_has_no_heads(corpus):
    model = make(layers=2)
    for weights in model.classifier.parameters():
        torch.nn.init.constant_(weights, torch.nan)
    with pytest.raises(DataError, match="diverged"):
        fitted(model, corpus)
