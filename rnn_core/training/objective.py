"""The objective of an optimizer step, and its gradient.

The loss of a batch; with an adversarial perturbation (Miyato, Dai and Goodfellow, 2017) the mean of that loss
and of the loss on the same batch whose word vectors x were pushed, all those of a review together, by

    r = e g / |g|        where g = dL/dx

the direction that makes the loss grow fastest, of length e. r counts as a constant. Only labels that are
known are used. Unlike in the paper the vectors are not normalised first.

The target of a text is its label; with teachers (`rnn_core.training.teachers`) it lies between the label and
their answer. With class weights the loss of a text counts as much as its class.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import Packing, packing
from rnn_core.tasks.classes import cross_entropies
from rnn_core.training.teachers import Teachers


class Learned(NamedTuple):
    """The result of a batch before anything was pushed; both without a gradient."""

    loss: Tensor
    """() mean cross-entropy of the labels in nats, without smoothing or teachers, so that it compares with an
    evaluation."""
    logits: Tensor
    """(B, O)"""


def back_propagate(
    classifier: Classifier,
    batch: Batch,
    settings: TrainingConfig,
    device: torch.device,
    teachers: Teachers | None = None,
    class_weights: Tensor | None = None,
) -> Learned:
    """Add the gradient of the objective to that of every weight. `class_weights` (K,)."""
    ids, lengths, labels = (part.to(device) for part in (batch.ids, batch.lengths, batch.labels))
    folds = None if batch.folds is None else batch.folds.to(device)
    targets = labels
    if teachers is not None:
        targets = _between(labels, teachers.answer(ids, lengths, folds), settings.teachers_share)
    weights = None if class_weights is None else class_weights.to(device)[labels]  # (B,)
    objective = _Objective(classifier, targets, settings.label_smoothing, weights)
    if settings.adversarial:
        logits = _pushed(objective, ids, lengths, folds, settings.adversarial)
    else:
        logits = classifier(ids, lengths, folds)
        objective.of(logits).backward()
    logits = logits.detach()
    return Learned(cross_entropies(logits, labels).mean(), logits)


class _Objective(NamedTuple):
    """What the logits of a batch are held against."""

    classifier: Classifier
    targets: Tensor
    """As `Classifier.loss` takes its labels."""
    smoothing: float
    weights: Tensor | None
    """(B,)"""

    def of(self, logits: Tensor) -> Tensor:
        """() the mean of the losses of logits (B, O)."""
        losses = cross_entropies(logits, self.targets, self.smoothing)
        return (losses if self.weights is None else self.weights * losses).mean()


def _between(labels: Tensor, answer: Tensor, share: float) -> Tensor:
    """Targets between labels (B,) and the answer of teachers: (B,) of two classes, else (B, K)."""
    of_labels = labels if answer.dim() == 1 else one_hot(labels, answer.shape[-1])
    return torch.lerp(of_labels.to(answer), answer, share)


def _pushed(
    objective: _Objective, ids: Tensor, lengths: Tensor, folds: Tensor | None, length: float
) -> Tensor:
    """The same with an adversarial perturbation of this length; the logits before it."""
    packed = packing(lengths)
    xs = objective.classifier.inputs(ids, packed, folds)  # (N, E), with one dropout for both passes
    logits, gradient = _half(objective, xs, packed)
    push = length * _directions(gradient, packed)
    _, of_pushed = _half(objective, xs + push, packed)
    xs.backward(gradient + of_pushed)
    return logits


def _half(objective: _Objective, xs: Tensor, packed: Packing) -> tuple[Tensor, Tensor]:
    """The logits of packed xs, and the gradient of half their loss at xs. That of the weights is added up."""
    leaf = xs.detach().requires_grad_()
    logits = objective.classifier.answer(leaf, packed)
    (objective.of(logits) / 2).backward()
    return logits, cast(Tensor, leaf.grad)


def _directions(gradient: Tensor, packed: Packing) -> Tensor:
    """A packed gradient, (N, E), with that of each row, over all its time steps, made of length 1 at most."""
    squares = gradient.new_zeros(len(packed.lengths))
    squares.index_add_(0, packed.rows, gradient.square().sum(dim=1))
    tiny = torch.finfo(gradient.dtype).tiny  # one too small to be squared comes out shorter than 1
    return gradient / squares.clamp(min=tiny).sqrt()[packed.rows].unsqueeze(1)
