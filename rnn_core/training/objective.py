"""The objective of an optimizer step, and its gradient.

The loss of a batch; with an adversarial perturbation (Miyato, Dai and Goodfellow, 2017) the mean of that loss
and of the loss on the same batch whose word vectors x were pushed, all those of a review together, by

    r = e g / |g|        where g = dL/dx

the direction that makes the loss grow fastest, of length e. r counts as a constant. Only labels that are
known are used. Unlike in the paper the vectors are not normalised first.

The target of a text is its label; with teachers (`rnn_core.training.teachers`) it lies between the label and
their answer. With class weights the loss of a text counts as much as its class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.reading import Batch
from rnn_core.nn.classifier import Classifier, Left
from rnn_core.nn.packing import Packing, packing
from rnn_core.tasks.task import Judged, Task
from rnn_core.training.teachers import Teachers


@dataclass(frozen=True, slots=True)
class Objective:
    """The loss that a network learns by, with all that decides it but the batch."""

    task: Task
    classifier: Classifier
    settings: TrainingConfig
    teachers: Teachers | None = None
    class_weights: Tensor | None = None
    """(K,), those of `Task.class_weights`."""

    def back_propagate(self, batch: Batch) -> Judged:
        """Add the gradient of a batch; how that was answered before a perturbation."""
        return self.back_propagate_on(batch, None)[0]

    def back_propagate_on(self, batch: Batch, left: Left | None) -> tuple[Judged, Left | None]:
        """Add the gradient of a batch that goes on from what the one before left, where a state is carried.

        Returns how it was answered before a perturbation, and what it leaves. No gradient goes back into
        `left`.
        """
        batch = batch.to(self.classifier.device)
        lengths, folds = self.task.steps(batch.lengths), batch.folds
        judge = self._judge(batch, lengths)
        continues = batch.continues
        if not self.settings.adversarial and continues is None:
            judged, loss = judge(self.classifier.head_inputs(batch.ids, lengths, folds))
            loss.backward()
            return judged, None
        packed = packing(lengths)
        last = None if continues is None else self.classifier.begin(continues, left).last
        xs = self.classifier.inputs(batch.ids, packed, folds, last)  # (N, E), one dropout for both passes

        def answered(xs: Tensor) -> tuple[Tensor, Left | None]:
            """Return what the head reads, and what is left."""
            if continues is None:
                return self.classifier.packed_head_inputs(xs, packed), None
            begin = self.classifier.begin(continues, left)  # a first value that is learned has a gradient
            read, leaves = self.classifier.read_on(xs, packed, begin, batch.ids)
            return read, leaves.detached()

        def half(xs: Tensor) -> tuple[Judged, Tensor, Left | None]:
            """The answers to packed xs, the gradient of half their loss at xs, and what is left; of the
            weights the gradient is added up.
            """
            leaf = xs.detach().requires_grad_()
            read, leaves = answered(leaf)
            judged, loss = judge(read)
            (loss / 2).backward()
            return judged, cast(Tensor, leaf.grad), leaves

        if not self.settings.adversarial:
            read, leaves = answered(xs)
            judged, loss = judge(read)
            loss.backward()
            return judged, leaves
        judged, gradient, leaves = half(xs)
        _, of_pushed, _ = half(xs + self.settings.adversarial * _directions(gradient, packed))
        xs.backward(gradient + of_pushed)
        return judged, leaves

    def _judge(self, batch: Batch, lengths: Tensor) -> Callable[[Tensor], tuple[Judged, Tensor]]:
        """Return what judges a batch by what the head reads: the answers, and () the mean loss."""
        asked, learned, weights = self.task.asked(batch), None, None
        if self.teachers is not None:
            taught = self.teachers.answer(batch.ids, lengths, batch.folds)
            of_labels = asked.targets if taught.dim() == 1 else one_hot(asked.targets, taught.shape[-1])
            learned = torch.lerp(of_labels.to(taught), taught, self.settings.teachers_share)  # (B,) or (B, K)
        if self.class_weights is not None:
            weights = self.class_weights.to(self.classifier.device)[asked.targets]  # (R,)

        def judge(read: Tensor) -> tuple[Judged, Tensor]:
            smoothing = self.settings.label_smoothing
            judged = self.task.judge(self.classifier.head, read, asked, learned, smoothing)
            return judged, (judged.objective if weights is None else weights * judged.objective).mean()

        return judge


def _directions(gradient: Tensor, packed: Packing) -> Tensor:
    """A packed gradient, (N, E), with that of each row, over all its time steps, made of length 1 at most."""
    squares = gradient.new_zeros(len(packed.lengths))
    squares.index_add_(0, packed.rows, gradient.square().sum(dim=1))
    tiny = torch.finfo(gradient.dtype).tiny  # one too small to be squared comes out shorter than 1
    return gradient / squares.clamp(min=tiny).sqrt()[packed.rows].unsqueeze(1)
