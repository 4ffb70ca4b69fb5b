"""The objective of an optimizer step, and its gradient.

The loss of a batch; with an adversarial perturbation (Miyato, Dai and Goodfellow, 2017) the mean of that loss
and of the loss on the same batch whose word vectors x were pushed, all those of a review together, by

    r = e g / |g|        where g = dL/dx

the direction that makes the loss grow fastest, of length e. r counts as a constant. Only labels that are
known are used. Unlike in the paper the vectors are not normalised first.

The target of a text is its label; with teachers (`rnn_core.training.teachers`) it lies between the label and
their answer.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor

from rnn_core.config.run import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import Packing, packing
from rnn_core.training.teachers import Teachers


class Learned(NamedTuple):
    """The result of a batch before anything was pushed; both without a gradient."""

    loss: Tensor
    """() mean cross-entropy of the labels in nats, without smoothing or teachers, so that it compares with an
    evaluation."""
    logits: Tensor
    """(B, 1) or (B, 2)"""


def back_propagate(
    classifier: Classifier,
    batch: Batch,
    settings: TrainingConfig,
    device: torch.device,
    teachers: Teachers | None = None,
) -> Learned:
    """Add the gradient of the objective to that of every weight."""
    ids, lengths, labels = (part.to(device) for part in (batch.ids, batch.lengths, batch.labels))
    folds = None if batch.folds is None else batch.folds.to(device)
    targets, smoothing = labels, settings.label_smoothing
    if teachers is not None:
        targets = torch.lerp(labels, teachers.answer(ids, lengths, folds), settings.teachers_share)
    if settings.adversarial:
        logits = _pushed(classifier, ids, lengths, folds, targets, settings)
    else:
        logits = classifier(ids, lengths, folds)
        classifier.loss(logits, targets, smoothing).mean().backward()
    logits = logits.detach()
    return Learned(classifier.loss(logits, labels).mean(), logits)


def _pushed(
    classifier: Classifier,
    ids: Tensor,
    lengths: Tensor,
    folds: Tensor | None,
    targets: Tensor,
    settings: TrainingConfig,
) -> Tensor:
    """The same with an adversarial perturbation; the logits before it."""
    packed = packing(lengths)
    xs = classifier.inputs(ids, packed, folds)  # (N, E), with one dropout for both passes
    logits, gradient = _half(classifier, xs, packed, targets, settings.label_smoothing)
    push = settings.adversarial * _directions(gradient, packed)
    _, of_pushed = _half(classifier, xs + push, packed, targets, settings.label_smoothing)
    xs.backward(gradient + of_pushed)
    return logits


def _half(
    classifier: Classifier, xs: Tensor, packed: Packing, targets: Tensor, smoothing: float
) -> tuple[Tensor, Tensor]:
    """The logits of packed xs, and the gradient of half their loss at xs. That of the weights is added up."""
    leaf = xs.detach().requires_grad_()
    logits = classifier.answer(leaf, packed)
    (classifier.loss(logits, targets, smoothing).mean() / 2).backward()
    return logits, cast(Tensor, leaf.grad)


def _directions(gradient: Tensor, packed: Packing) -> Tensor:
    """A packed gradient, (N, E), with that of each row, over all its time steps, made of length 1 at most."""
    squares = gradient.new_zeros(len(packed.lengths))
    squares.index_add_(0, packed.rows, gradient.square().sum(dim=1))
    tiny = torch.finfo(gradient.dtype).tiny  # one too small to be squared comes out shorter than 1
    return gradient / squares.clamp(min=tiny).sqrt()[packed.rows].unsqueeze(1)
