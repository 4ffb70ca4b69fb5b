"""The gradient of the objective is that of the loss as one would write it down."""

import math

import numpy as np
import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.tasks.classes import cross_entropies, log_odds, most_probable
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.objective import back_propagate

TASK = TextClassification()

V = 12
BATCH = Batch(
    ids=torch.tensor([[3, 4, 5, 6], [7, 8, 9, 0], [11, 0, 0, 0]]),
    lengths=torch.tensor([4, 3, 1]),
    labels=torch.tensor([1, 0, 1]),
    rows=np.arange(3),
)
CPU = torch.device("cpu")
NETWORKS = {
    "last": {},
    "mean of both directions": {"readout": "mean", "bidirectional": True},
    "two logits": {"head": "two-logit"},
    "bigrams": {"bigrams": 20},
    "attention": {"readout": "attention"},
    "two layers": {"layers": 2, "cell": "lstm"},
}
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def make(**settings):
    torch.manual_seed(4)
    classifier = Classifier(ModelConfig(hidden_size=5, embedding_size=3, **settings), V).double()
    if classifier.config.bigrams:
        classifier.bigrams.know(torch.tensor([[3, 4], [7, 8]]))
        torch.nn.init.normal_(classifier.bigrams.vectors.weight[1:])
    return classifier


def gradients(classifier):
    return {name: weights.grad for name, weights in classifier.named_parameters()}


def smoothed(classifier, logits, smoothing):
    """Cross-entropy against targets that were moved towards a half, written out."""
    p = torch.sigmoid(log_odds(logits, followed=1))
    q = BATCH.labels.double() * (1 - smoothing) + smoothing / 2
    return -(q * p.log() + (1 - q) * (1 - p).log()).mean()


@pytest.mark.parametrize("adversarial", [0.0, 0.3])
def test_bigrams_are_counted_without_the_folds_of_the_batch(adversarial):
    settings, found = TrainingConfig(adversarial=adversarial), []
    for without, folds in ((3.0, [1, 1, 1]), (3.0, [-1, -1, -1]), (0.5, [1, 1, 1]), (0.5, None)):
        classifier = make(counted_bigrams=20)
        classifier.counted.know(torch.tensor([[3, 4], [7, 8]]))
        classifier.counted.set_odds(torch.full((2,), 0.5), torch.tensor([[9.0, 9.0], [without, without]]))
        batch = BATCH._replace(folds=None if folds is None else torch.tensor(folds))
        found.append((back_propagate(TASK, classifier, batch, settings, CPU), gradients(classifier)))
    torch.testing.assert_close(found[1], found[2])
    torch.testing.assert_close(found[1], found[3])
    assert abs(found[0][0].losses.mean() - found[1][0].losses.mean()) > 1e-3


@every_network
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_it_is_the_cross_entropy_of_smoothed_labels(network, smoothing):
    one, other = make(**network), make(**network)
    learned = back_propagate(TASK, one, BATCH, TrainingConfig(label_smoothing=smoothing), CPU)
    logits = other(BATCH.ids, BATCH.lengths)
    smoothed(other, logits, smoothing).backward()
    torch.testing.assert_close(gradients(one), gradients(other))
    assert torch.equal(learned.right, most_probable(logits) == BATCH.labels)
    torch.testing.assert_close(learned.losses.mean(), smoothed(other, logits, 0.0).detach())


@every_network
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_with_a_perturbation_it_is_the_mean_of_the_loss_before_and_after_the_push(network, smoothing):
    one, other, push = make(**network), make(**network), 0.3
    settings = TrainingConfig(label_smoothing=smoothing, adversarial=push)
    learned = back_propagate(TASK, one, BATCH, settings, CPU)
    packed = packing(BATCH.lengths)
    xs = other.inputs(BATCH.ids, packed)
    before = other.answer(xs, packed)
    (g,) = torch.autograd.grad(smoothed(other, before, smoothing), xs, retain_graph=True)
    of_rows = torch.stack([g[packed.rows == row].norm() for row in packed.rows]).unsqueeze(1)
    rs = push * g / of_rows
    after = other.answer(xs + rs, packed)
    ((smoothed(other, before, smoothing) + smoothed(other, after, smoothing)) / 2).backward()
    torch.testing.assert_close(gradients(one), gradients(other))
    torch.testing.assert_close(learned.losses.mean(), smoothed(other, before, 0.0).detach())


def test_the_push_makes_the_loss_grow():
    classifier, packed = make(), packing(BATCH.lengths)
    xs = classifier.inputs(BATCH.ids, packed).detach().requires_grad_()
    loss = cross_entropies(classifier.answer(xs, packed), BATCH.labels).mean()
    (g,) = torch.autograd.grad(loss, xs)
    pushed = back_propagate(TASK, classifier, BATCH, TrainingConfig(adversarial=0.5), CPU)
    assert pushed.losses.mean() == pytest.approx(loss.item())
    norms = torch.stack([g[packed.rows == row].norm() for row in range(3)])[packed.rows].unsqueeze(1)
    worse = cross_entropies(classifier.answer(xs + 0.5 * g / norms, packed), BATCH.labels).mean()
    assert worse > loss


def test_a_review_that_tells_the_loss_nothing_is_not_pushed():
    classifier = make()
    with torch.no_grad():
        classifier.head.weight.zero_()
    learned = back_propagate(TASK, classifier, BATCH, TrainingConfig(adversarial=1.0), CPU)
    assert learned.losses.mean() == pytest.approx(
        -np.mean([math.log(1 / (1 + math.exp(sign * -classifier.head.bias.item()))) for sign in (1, -1, 1)])
    )
    assert all(torch.isfinite(weights.grad).all() for weights in classifier.parameters())


def test_a_review_whose_gradient_is_too_small_to_be_squared_is_not_pushed_out_of_the_world():
    classifier = make()
    with torch.no_grad():
        classifier.head.weight.mul_(1e-25)
    back_propagate(TASK, classifier, BATCH, TrainingConfig(adversarial=1.0), CPU)
    assert max(weights.grad.abs().max() for weights in classifier.parameters()) < 1


MANY = BATCH._replace(labels=torch.tensor([4, 0, 2]))


def of_five_classes():
    torch.manual_seed(4)
    return Classifier(ModelConfig(hidden_size=5, embedding_size=3), V, 5).double()


def test_with_class_weights_each_text_counts_as_much_as_its_class():
    weights = torch.tensor([0.5, 1.0, 3.0, 1.0, 2.0])
    found, by_hand = of_five_classes(), of_five_classes()
    learned = back_propagate(TASK, found, MANY, TrainingConfig(), CPU, class_weights=weights)
    losses = cross_entropies(by_hand(MANY.ids, MANY.lengths), MANY.labels)
    ((losses[0] * 2 + losses[1] * 0.5 + losses[2] * 3) / 3).backward()
    torch.testing.assert_close(gradients(found), gradients(by_hand))
    # What is recorded is without the weights.
    torch.testing.assert_close(learned.losses.mean(), losses.mean().detach())


def test_teachers_of_many_classes_are_mixed_with_the_labels():
    class Taught:
        def answer(self, ids, lengths, folds):
            return torch.full((3, 5), 0.2).double()

    found, by_hand = of_five_classes(), of_five_classes()
    back_propagate(TASK, found, MANY, TrainingConfig(teachers_share=0.25), CPU, Taught())
    targets = torch.full((3, 5), 0.05).double()
    targets[range(3), MANY.labels] += 0.75
    cross_entropies(by_hand(MANY.ids, MANY.lengths), targets).mean().backward()
    torch.testing.assert_close(gradients(found), gradients(by_hand))
