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
from rnn_core.tasks.task import Asked, Judged, Task
from rnn_core.training.teachers import Teachers


def back_propagate(
    task: Task,
    classifier: Classifier,
    batch: Batch,
    settings: TrainingConfig,
    device: torch.device,
    teachers: Teachers | None = None,
    class_weights: Tensor | None = None,
) -> Judged:
    """Add the gradient of the objective, by `class_weights` (K,); how the batch was answered before that."""
    batch = batch.to(device)
    ids, lengths, folds = batch.ids, task.steps(batch.lengths), batch.folds
    asked, learned = task.asked(batch), None
    if teachers is not None:
        taught = teachers.answer(ids, lengths, folds)
        of_labels = asked.targets if taught.dim() == 1 else one_hot(asked.targets, taught.shape[-1])
        learned = torch.lerp(of_labels.to(taught), taught, settings.teachers_share)  # (B,) or (B, K)
    weights = None if class_weights is None else class_weights.to(device)[asked.targets]  # (R,)
    objective = _Objective(task, classifier, asked, learned, settings.label_smoothing, weights)
    if settings.adversarial:
        return _push(objective, ids, lengths, folds, settings.adversarial)
    judged = objective.judge(classifier.head_inputs(ids, lengths, folds))
    objective.of(judged).backward()
    return judged


class _Objective(NamedTuple):
    """The targets that the answers to a batch are held against."""

    task: Task
    classifier: Classifier
    asked: Asked
    learned: Tensor | None
    """The targets with teachers, as `Task.judge` takes them."""
    smoothing: float
    weights: Tensor | None
    """(R,)"""

    def judge(self, read: Tensor) -> Judged:
        """The answers to what the head reads."""
        return self.task.judge(self.classifier.head, read, self.asked, self.learned, self.smoothing)

    def of(self, judged: Judged) -> Tensor:
        """() the mean of the losses."""
        losses = judged.objective
        return (losses if self.weights is None else self.weights * losses).mean()


def _push(objective: _Objective, ids: Tensor, lengths: Tensor, folds: Tensor | None, length: float) -> Judged:
    """Back-propagate with an adversarial perturbation of this length; the answers before it."""
    packed = packing(lengths)
    xs = objective.classifier.inputs(ids, packed, folds)  # (N, E), with one dropout for both passes
    judged, gradient = _half(objective, xs, packed)
    push = length * _directions(gradient, packed)
    _, of_pushed = _half(objective, xs + push, packed)
    xs.backward(gradient + of_pushed)
    return judged


def _half(objective: _Objective, xs: Tensor, packed: Packing) -> tuple[Judged, Tensor]:
    """The answers to packed xs, and the gradient of half their loss at xs; of the weights it is added up."""
    leaf = xs.detach().requires_grad_()
    judged = objective.judge(objective.classifier.before_head(leaf, packed))
    (objective.of(judged) / 2).backward()
    return judged, cast(Tensor, leaf.grad)


def _directions(gradient: Tensor, packed: Packing) -> Tensor:
    """A packed gradient, (N, E), with that of each row, over all its time steps, made of length 1 at most."""
    squares = gradient.new_zeros(len(packed.lengths))
    squares.index_add_(0, packed.rows, gradient.square().sum(dim=1))
    tiny = torch.finfo(gradient.dtype).tiny  # one too small to be squared comes out shorter than 1
    return gradient / squares.clamp(min=tiny).sqrt()[packed.rows].unsqueeze(1)
