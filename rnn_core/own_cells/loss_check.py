"""The check of a loss: what it makes of given logits and targets, compared with losses that are known."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnn_core.own_cells.report import Remark, error_remark, remark
from rnn_core.own_cells.source_lines import SourceLines
from rnn_core.own_cells.subject import Subject
from rnn_core.progress import Progress

_TARGETS = torch.tensor([1, 0, 1, 1, 0, 1])
_FAR = 60.0 * torch.tensor([1, 1, -1, 1, -1, -1], dtype=torch.float64)
"""Logits of a network that is very sure, rightly and wrongly; of two, their difference."""
_CLOSE = 1e-4
"""A loss may add a small number inside of a logarithm."""
Loss = Callable[[Tensor, Tensor], Tensor]
"""A function of the numbers (N, 1 or 2) and targets (N,) of reviews: losses (N,), or of all pairs (N*N,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives:
    """The kind of numbers that a network returns for each review."""

    shape: tuple[int, ...]
    """Shape of the numbers of one review: (), (1,) or (2,)."""
    are_probabilities: bool
    are_logs: bool
    """True if they are logarithms of probabilities."""

    @property
    def are_logits(self) -> bool:
        """True if the numbers are neither probabilities nor their logarithms."""
        return not self.are_probabilities and not self.are_logs

    def probabilities(self, z: Tensor) -> Tensor:
        """Probabilities of what a network gives, (N, 1 or 2)."""
        if self.are_logs:
            return z.exp()
        return z if self.are_probabilities else _probabilities(z)

    def logits(self, z: Tensor) -> Tensor:
        """Logits that have these probabilities, (N, 1 or 2)."""
        if self.are_logits or (self.are_logs and z.shape[1] > 1):
            return z
        p = self.probabilities(z)
        return p.log() - (1 - p).log() if z.shape[1] == 1 else p.log()


def check_loss(subject: Subject, gives: Gives) -> Generator[Progress, None, list[Remark]]:
    """The remarks on the loss of a file, whose network gives logits or probabilities."""
    generator = torch.Generator().manual_seed(subject.case.seed)
    width = gives.shape[0] if gives.shape else 1
    logits = 2.5 * torch.randn(len(_TARGETS), width, generator=generator, dtype=torch.float64)
    far = _FAR.unsqueeze(1) if width == 1 else torch.stack([-_FAR / 2, _FAR / 2], dim=1)
    z = _given(logits, gives)
    arrays = {"z": z, "far": _given(far, gives)}
    arrays = {name: one.reshape(-1, *gives.shape).float() for name, one in arrays.items()}
    answer = yield from subject.ask("Computing the loss", "loss", {}, arrays | {"targets": _TARGETS})
    said, value = answer.said, answer.arrays.get("value")
    wrong = _answer_mistake(said, value, subject.file.source)
    if wrong is not None or value is None:
        return [wrong] if wrong else []
    if not said["requires_grad"]:
        return [_no_gradient(said)]
    found = _judged(value.reshape(()).double(), z, answer.arrays["gradient"].double(), gives)
    far_value = answer.arrays.get("far")
    if far_value is not None and not far_value.isfinite().all() and not any(one.is_wrong for one in found):
        return [_infinite(float(far_value), gives)]
    return found


def _given(logits: Tensor, gives: Gives) -> Tensor:
    """The logits (N, 1 or 2), their probabilities or the logarithms of these, as the network returns them."""
    if gives.are_logs:
        return functional.logsigmoid(logits) if logits.shape[1] == 1 else logits.log_softmax(dim=1)
    return _probabilities(logits) if gives.are_probabilities else logits


def _infinite(value: float, gives: Gives) -> Remark:
    size, takes = (30, "cross_entropy") if gives.shape == (2,) else (60, "binary_cross_entropy_with_logits")
    return remark("loss-infinite", size=size, value=value, are_logits=gives.are_logits, function=takes)


def _answer_mistake(said: Mapping[str, Any], value: Tensor | None, source: str) -> Remark | None:
    """The remark on a loss that is no number."""
    if (error := said["error"]) is not None:
        sentence = error["sentence"].removesuffix(".")
        if SourceLines(source).exchanges("loss"):
            return remark("loss-arguments-exchanged", "with an error", line=error["line"], error=sentence)
        if "between 0 and 1" in sentence:
            return remark("loss-of-probabilities", line=error["line"], error=sentence)
        return error_remark(sentence, error["line"])
    if value is None:
        is_number = said["returned"] in ("a float", "an int")
        return _no_gradient(said) if is_number else remark("loss-shape", returned=said["returned"])
    if value.numel() != 1:
        return remark("loss-shape", "many", shape=tuple(value.shape), wanted=(), returned=said["returned"])
    return None


def _no_gradient(said: Mapping[str, Any]) -> Remark:
    return remark("loss-without-gradient", returned=said["returned"])


def _judged(value: Tensor, z: Tensor, gradient: Tensor, gives: Gives) -> list[Remark]:
    """The remarks on a loss by its value, and where that is right by its gradient."""
    known = _known(gives, z.shape[1])
    _, right = known[0]
    yours, ours = (float(value),), (float(right(z, _TARGETS).mean()),)
    for found, loss in known:
        each = z.detach().clone().requires_grad_()
        losses = loss(each, _TARGETS)
        if not losses.isfinite().all():
            continue
        mean, total = losses.mean(), losses.sum()
        divided = total / len(_TARGETS)  # other than the mean where there are more losses than reviews
        for expected in (mean, divided, total):
            if (value - expected).abs() > _CLOSE * (1 + expected.abs()):
                continue
            if found is not None:
                return [replace(found, yours=yours, ours=ours)]
            if expected is total:
                return [*_probabilities_note(gives), remark("loss-sum")]
            (d,) = torch.autograd.grad(expected, each)
            if gives.are_logits and not torch.allclose(gradient.reshape(d.shape), d, atol=10 * _CLOSE):
                return [remark("wrong-gradient", "of a loss")]
            return _probabilities_note(gives)
    return [remark("loss-other", yours=yours, ours=ours)]


def _probabilities_note(gives: Gives) -> list[Remark]:
    return [] if gives.are_logits else [remark("returns-probabilities")]


def _probabilities(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits) if logits.shape[1] == 1 else torch.softmax(logits, dim=1)


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        logits.squeeze(1), targets.to(logits), reduction="none"
    )


def _known(gives: Gives, width: int) -> list[tuple[Remark | None, Loss]]:
    """The losses that are known with the remark on each, the right one first, on which there is none."""
    base: Loss = _binary if width == 1 else partial(functional.cross_entropy, reduction="none")
    function = "sigmoid" if width == 1 else "softmax"

    def right(z: Tensor, t: Tensor) -> Tensor:
        return base(gives.logits(z), t)

    def squared(z: Tensor, t: Tensor) -> Tensor:
        return _squared(gives.probabilities(z), t)

    twice: Loss = base if gives.are_probabilities else lambda z, t: base(_probabilities(z), t)
    of_width: list[tuple[Remark | None, Loss]] = [
        (remark("loss-without-softmax"), lambda z, t: -z.gather(1, t.unsqueeze(1)).squeeze(1)),
        (remark("loss-other", "of two sigmoids"), _two_sigmoids),
    ]
    if width == 1:
        of_width = [
            (remark("loss-arguments-exchanged"), lambda z, t: _binary(t.to(z).unsqueeze(1), z.squeeze(1)))
        ]
    broadcast = remark("loss-broadcast", "of a column" if gives.shape == (1,) else "")
    return [
        (None, right),
        (
            remark(
                "softmax-before-loss", "in both" if gives.are_probabilities else "twice", function=function
            ),
            twice,
        ),
        (remark("loss-targets-reversed"), lambda z, t: right(z, 1 - t)),
        (remark("loss-sign"), lambda z, t: -right(z, t)),
        (remark("loss-squared"), squared),
        (remark("loss-squared", "of logits"), _squared),
        *of_width,
        (broadcast, _pair_losses(right)),
        (broadcast, _pair_losses(squared)),
        (remark("loss-other", "of positive reviews"), lambda z, t: t * right(z, t)),
        (remark("loss-other", "of probabilities"), lambda z, t: -torch.exp(-right(z, t))),
        (remark("loss-other", "of distances"), lambda z, t: 1 - torch.exp(-right(z, t))),
    ]


def _two_sigmoids(z: Tensor, targets: Tensor) -> Tensor:
    aims = functional.one_hot(targets, 2).to(z)
    return functional.binary_cross_entropy_with_logits(z, aims, reduction="none").mean(dim=1)


def _pair_losses(loss: Loss) -> Loss:
    """The losses of all pairs of a review and a target, (N * N,)."""
    return lambda z, t: loss(z.repeat_interleave(len(t), dim=0), t.repeat(len(t)))


def _squared(values: Tensor, targets: Tensor) -> Tensor:
    aims = targets.unsqueeze(1) if values.shape[1] == 1 else functional.one_hot(targets, 2)
    return (values - aims).square().mean(dim=1)
