"""The verdict by a layer below the top one is a head fitted on what is read of its states."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from rnn_core.errors import DataError
from rnn_core.inspection.layer_heads import PENALTY, fit_head, fit_heads, verdicts_by_layer
from rnn_core.inspection.trace import trace
from rnn_core.nn.packing import packing
from rnn_core.progress import finish
from tests.inspection.made import RECIPES, UNIFORM, make_model

TEXT = "the film was good the film was bad zither good"
make = partial(make_model, seed=7, hidden_size=5, max_length=12, **UNIFORM)
NETWORKS = {
    "last": {"layers": 2},
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
    return make_corpus(
        [
            (text, text.count("good") > text.count("bad"), "training" if n % 4 else "test")
            for n, text in enumerate(texts)
        ]
    )


def fitted(model, corpus, **most):
    return finish(fit_heads(model, corpus, **most))


def read(model, ids, layer):
    """What is read of a layer at the end of a window, (F,), computed in the other order."""
    classifier, packed = model.classifier, packing(torch.tensor([len(ids)]))
    with torch.inference_mode():
        hs = classifier.below(layer + 1, classifier.inputs(torch.tensor([ids]), packed), packed)
        has_weights = classifier.config.readout == "attention"
        return (hs.mean(dim=0) if has_weights else classifier.pool(hs, packed)[0]).numpy()


@pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)
def test_the_verdict_by_a_lower_layer_is_its_head_on_the_text_read_up_to_each_token(settings, corpus):
    model = make(**settings)
    heads, traced = fitted(model, corpus), trace(model, TEXT)
    found = verdicts_by_layer(model, traced, heads)
    for layer, (weights, bias) in enumerate(zip(heads.weights, heads.biases, strict=True), 1):
        for t in range(len(traced.logits)):
            expected = weights @ read(model, traced.review.ids[: t + 1], layer) + bias
            assert found.logits[layer - 1, t] == pytest.approx(expected[0], abs=1e-4)
    assert found.logits[-1].tolist() == traced.logits.tolist()
    assert found.predicted[-1].tolist() == traced.predicted.tolist()


@pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)
def test_each_layer_is_scored_on_the_test_texts(settings, corpus):
    model = make(**settings)
    heads = fitted(model, corpus)
    tests = corpus.indices("test")
    traces = [trace(model, corpus.text(index)) for index in tests]
    labels = corpus.labels[tests]
    by_layer = np.array([verdicts_by_layer(model, one, heads).predicted[:, -1] for one in traces])  # (N, L)
    assert heads.right == pytest.approx((by_layer == labels[:, None]).mean(axis=0))
    assert (heads.fitted_on, heads.scored_on) == (54, 20)  # a tenth is held out for validation


@pytest.mark.parametrize("classes", [2, 3])
def test_a_head_is_the_logistic_regression_of_scikit_learn_on_standardised_readouts(classes):
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
    weights = {
        name: torch.full_like(value, torch.nan) for name, value in model.classifier.state_dict().items()
    }
    model.classifier.load_state_dict(weights)
    with pytest.raises(DataError, match="diverged"):
        fitted(model, corpus)
