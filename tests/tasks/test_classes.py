"""Losses, log odds and predictions, from logits."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnn_core.tasks.classes import cross_entropies, log_odds, log_odds_of_each, most_probable
from rnn_core.tasks.classification import Scores, TextClassification


def logits_of(K, outputs=None):
    torch.manual_seed(5)
    return torch.randn(4, outputs or K).double()


@pytest.mark.parametrize(("K", "outputs"), [(2, 1), (2, 2), (3, 3), (50, 50)])
def test_log_odds_of_each_class_are_those_of_its_probability(K, outputs):
    logits = logits_of(K, outputs)
    of_first = torch.zeros(4, K - outputs).double()  # softmax of 0 and z is the sigmoid of z
    p = torch.softmax(torch.cat([of_first, logits], dim=1), dim=1)
    for k in range(K):
        torch.testing.assert_close(log_odds(logits, k), torch.log(p[:, k] / (1 - p[:, k])))
    assert torch.equal(most_probable(logits), p.argmax(dim=1))
    labels = torch.tensor([0, 1, 1, 0])
    of_each = torch.stack([log_odds(row, label) for row, label in zip(logits, labels.tolist(), strict=True)])
    assert torch.equal(log_odds_of_each(logits, labels), of_each)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_many_classes_is_cross_entropy_written_out(smoothing):
    labels, logits = torch.tensor([3, 0, 2, 1]), logits_of(4)
    p = torch.softmax(logits, dim=1)
    q = torch.full((4, 4), smoothing / 4).double()
    q[range(4), labels] += 1 - smoothing
    torch.testing.assert_close(cross_entropies(logits, labels, smoothing), -(q * p.log()).sum(dim=1))
    torch.testing.assert_close(cross_entropies(logits, q), -(q * p.log()).sum(dim=1))


def test_the_loss_of_one_logit_is_the_surprise_in_nats_and_of_two_that_of_their_softmax():
    one = torch.tensor([[0.7]], dtype=torch.float64)
    torch.testing.assert_close(cross_entropies(one, torch.tensor([1.0])), -torch.log(torch.sigmoid(one[0])))
    two, labels = logits_of(2), torch.tensor([1.0, 0.0, 1.0, 1.0])
    torch.testing.assert_close(cross_entropies(two, labels).mean(), cross_entropy(two, labels.long()))


@pytest.mark.parametrize("outputs", [1, 2])
def test_labels_of_two_classes_may_be_indices_or_probabilities(outputs):
    logits, labels = logits_of(2, outputs), torch.tensor([1, 0, 1, 1])
    assert torch.equal(cross_entropies(logits, labels, 0.1), cross_entropies(logits, labels.double(), 0.1))


@pytest.mark.parametrize("K", [2, 3])
def test_the_probability_by_which_two_forms_of_a_network_are_compared_is_that_of_its_second_class(
    K, monkeypatch
):
    logits = torch.tensor([[0.3], [-2.0]] if K == 2 else [[0.3, 1.0, -1.0], [2.0, 0.0, 0.5]])
    labels = indices = np.arange(2)
    scores = Scores(loss=0.0, logits=logits.numpy(), labels=labels, indices=indices)
    monkeypatch.setattr(TextClassification, "evaluate", lambda *_: scores)
    found = TextClassification().probabilities(None, None, torch.device("cpu"))
    expected = logits[:, 0].sigmoid() if K == 2 else logits.softmax(dim=1)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
