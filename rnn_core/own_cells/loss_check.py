"""The check of a loss: what it makes of given logits and targets, compared with losses that are known."""

import ast
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rnn_core.own_cells.report import Remark, of_error, remark
from rnn_core.own_cells.subject import Subject
from rnn_core.progress import Progress

_TARGETS = torch.tensor([1, 0, 1, 1, 0, 1])
_FAR = 60.0 * torch.tensor([1, 1, -1, 1, -1, -1], dtype=torch.float64)
"""How sure a network may be, rightly and wrongly: the logit of what is positive, or the difference of two."""
_CLOSE = 1e-4
"""A loss may add a small number inside of a logarithm."""
Loss = Callable[[Tensor, Tensor], Tensor]
"""A function of the numbers (N, 1 or 2) and targets (N,) of reviews: losses (N,), or of all pairs (N*N,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives:
    """What a network returns for each review."""

    shape: tuple[int, ...]
    """(), (1,) or (2,)."""
    are_probabilities: bool
    are_logs: bool
    """Whether they are logarithms of probabilities."""

    @property
    def are_logits(self) -> bool:
        """True if the numbers are neither probabilities nor their logarithms."""
        return not self.are_probabilities and not self.are_logs


class _Known(NamedTuple):
    """A loss that is known, by its name in a sentence; `code` is empty where it is the right one."""

    code: str
    sentence: str
    loss: Loss


def check_loss(subject: Subject, progress: Progress, gives: Gives) -> Generator[Progress, None, list[Remark]]:
    """The remarks on the loss of a file, whose network gives logits or probabilities."""
    generator = torch.Generator().manual_seed(subject.case.seed)
    width = gives.shape[0] if gives.shape else 1
    logits = 2.5 * torch.randn(len(_TARGETS), width, generator=generator, dtype=torch.float64)
    far = _FAR.unsqueeze(1) if width == 1 else torch.stack([-_FAR / 2, _FAR / 2], dim=1)
    z = _given(logits, gives)
    arrays = {"z": z, "far": _given(far, gives)}
    arrays = {name: one.reshape(-1, *gives.shape).float() for name, one in arrays.items()}
    answer = yield from subject.ask(progress, "loss", {}, arrays | {"targets": _TARGETS})
    said, value = answer.said, answer.arrays.get("value")
    wrong = _of_answer(said, value, subject.file.source)
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
    advice = f"{'Take' if gives.are_logits else 'Return the logits and take'} {takes}"
    sentence = f"With logits of ±{size} the loss is {value:g}. {advice}, which needs no probability."
    return remark("loss-infinite", sentence)


def _of_answer(said: Mapping[str, Any], value: Tensor | None, source: str) -> Remark | None:
    """The remark on a loss that is no number."""
    if (error := said["error"]) is not None:
        sentence = error["sentence"].removesuffix(".")
        if _exchanges(source):
            sentence = f"The logits come first, then the targets ({sentence})."
            return remark("loss-arguments-exchanged", sentence, line=error["line"])
        if "between 0 and 1" in sentence:
            sentence = (
                f"{sentence}. This loss is for probabilities, and the network returns logits: take the one "
                "with logits, such as binary_cross_entropy_with_logits."
            )
            return remark("loss-of-probabilities", sentence, line=error["line"])
        return of_error(sentence, error["line"])
    if value is None:
        if said["returned"] in ("a float", "an int"):
            return _no_gradient(said)
        return remark("loss-shape", f"`loss` returns {said['returned']}. Return one number, a tensor ().")
    if value.numel() != 1:
        sentence = f"`loss` returns {said['returned']}. Return one number: the mean over the reviews."
        return remark("loss-shape", sentence, shapes=f"yours {tuple(value.shape)}, expected ()")
    return None


def _no_gradient(said: Mapping[str, Any]) -> Remark:
    sentence = (
        f"`loss` returns {said['returned']} without a gradient, so nothing is learned. Counting what is "
        "right has none: take the mean of -log of the probability."
    )
    return remark("loss-without-gradient", sentence)


def _judged(value: Tensor, z: Tensor, gradient: Tensor, gives: Gives) -> list[Remark]:
    """The remarks on a loss by its value, and where that is right by its gradient."""
    for known in _known(gives, z.shape[1]):
        each = z.detach().clone().requires_grad_()
        losses = known.loss(each, _TARGETS)
        if not losses.isfinite().all():
            continue
        mean, total = losses.mean(), losses.sum()
        divided = total / len(_TARGETS)  # other than the mean where there are more losses than reviews
        for expected, code in ((mean, known.code), (divided, known.code), (total, known.code or "loss-sum")):
            if not _agrees(value, expected):
                continue
            if code == "":
                (d,) = torch.autograd.grad(expected, each)
                if gives.are_logits and not torch.allclose(gradient.reshape(d.shape), d, atol=10 * _CLOSE):
                    sentence = "The value of the loss is right, and its gradient is not."
                    return [remark("wrong-gradient", sentence)]
                return _of_probabilities(gives)
            if code == "loss-sum":
                sentence = (
                    "The loss is the sum over the reviews, not their mean: the learning rate then depends "
                    "on the batch size."
                )
                return [*_of_probabilities(gives), remark(code, sentence)]
            return [remark(code, known.sentence, yours=(float(value),), ours=(_right(gives, z),))]
    sentence = "The loss is another number than the mean of -log of the probability of what is right."
    return [remark("loss-other", sentence, yours=(float(value),), ours=(_right(gives, z),))]


def _agrees(value: Tensor, expected: Tensor) -> bool:
    return bool((value - expected).abs() <= _CLOSE * (1 + expected.abs()))


def _of_probabilities(gives: Gives) -> list[Remark]:
    if gives.are_logits:
        return []
    sentence = (
        "The network returns probabilities, or their logarithms, and the loss goes with them. With logits "
        "the numbers are exact where a probability is near 0 or 1."
    )
    return [remark("returns-probabilities", sentence)]


def _probabilities(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits) if logits.shape[1] == 1 else torch.softmax(logits, dim=1)


def _of_target(values: Tensor, targets: Tensor) -> Tensor:
    """The value of what is right, of logarithms or probabilities (N, 2) -> (N,)."""
    return values.gather(1, targets.unsqueeze(1)).squeeze(1)


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        logits.squeeze(1), targets.to(logits), reduction="none"
    )


def _of_classes(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(logits, targets, reduction="none")


def _right(gives: Gives, z: Tensor) -> float:
    return float(_known(gives, z.shape[1])[0].loss(z, _TARGETS).mean())


def _known(gives: Gives, width: int) -> list[_Known]:
    """The losses that are known, the right one first."""
    base: Loss = _binary if width == 1 else _of_classes
    if gives.are_logs:
        right: Loss = (lambda z, t: base(_logit(z.exp()), t)) if width == 1 else base
    elif gives.are_probabilities:
        right = lambda z, t: base(_logit(z) if width == 1 else z.log(), t)  # noqa: E731
    else:
        right = base
    twice = "sigmoid" if width == 1 else "softmax"
    where = (
        "The network returns probabilities, and the loss applies" if gives.are_probabilities else "The loss"
    )
    what = f"{where} a {twice} once more" if gives.are_probabilities else f"{where} applies {twice} twice"
    found = [
        _Known("", "", right),
        _Known(
            "softmax-before-loss",
            f"{what}: a loss with logits has the {twice} built in. Give it the logits.",
            base if gives.are_probabilities else lambda z, t: base(_probabilities(z), t),
        ),
        _Known(
            "loss-targets-reversed",
            "The loss is that of the other class: a positive review has target 1, and a large logit.",
            lambda z, t: right(z, 1 - t),
        ),
        _Known(
            "loss-sign", "The sign of the loss is the other one: it must be -log.", lambda z, t: -right(z, t)
        ),
        _Known(
            "loss-squared",
            "The loss is a squared error. Asked is the mean of -log of the probability of what is right.",
            lambda z, t: _squared(_as_probabilities(z, gives), t),
        ),
        _Known(
            "loss-squared",
            "The loss is a squared error of the logits. Asked is the mean of -log of the probability.",
            _squared,
        ),
    ]
    if width == 1:
        found.append(
            _Known(
                "loss-arguments-exchanged",
                "Logits and targets are exchanged: the logits come first.",
                lambda z, t: functional.binary_cross_entropy_with_logits(
                    t.to(z), z.squeeze(1), reduction="none"
                ),
            )
        )
    else:
        found += [
            _Known(
                "loss-without-softmax",
                "The loss takes logits for logarithms of probabilities, as nll_loss does: take "
                "cross_entropy.",
                lambda z, t: -_of_target(z, t),
            ),
            _Known(
                "loss-other",
                "The loss takes each of the two logits for itself, with a sigmoid. Two logits belong to one "
                "softmax: cross_entropy.",
                lambda z, t: functional.binary_cross_entropy_with_logits(
                    z, functional.one_hot(t, 2).to(z), reduction="none"
                ).mean(dim=1),
            ),
        ]
    all_pairs = "Each review is compared with the targets of all reviews: " + (
        "logits (B, 1) and targets (B,) make (B, B) losses. `squeeze(1)` makes the logits (B,)."
        if gives.shape == (1,)
        else "(B, B) losses. Row b of the logits belongs to target b alone."
    )
    return [
        *found,
        _Known("loss-broadcast", all_pairs, _of_pairs(right)),
        _Known("loss-broadcast", all_pairs, _of_pairs(lambda z, t: _squared(_as_probabilities(z, gives), t))),
        _Known(
            "loss-other",
            "The loss counts positive reviews alone: the negative ones have -log(1 - p).",
            lambda z, t: t * right(z, t),
        ),
        _Known(
            "loss-other",
            "The logarithm is missing: the loss is a mean of probabilities, not of -log of them.",
            lambda z, t: -torch.exp(-right(z, t)),
        ),
        _Known(
            "loss-other",
            "The logarithm is missing: the loss is how far the probability is from the target.",
            lambda z, t: 1 - torch.exp(-right(z, t)),
        ),
    ]


def _of_pairs(loss: Loss) -> Loss:
    """The losses of all pairs of a review and a target, (N * N,)."""
    return lambda z, t: loss(z.repeat_interleave(len(t), dim=0), t.repeat(len(t)))


def _logit(probabilities: Tensor) -> Tensor:
    return probabilities.log() - (1 - probabilities).log()


def _as_probabilities(z: Tensor, gives: Gives) -> Tensor:
    if gives.are_logs:
        return z.exp()
    return z if gives.are_probabilities else _probabilities(z)


def _squared(values: Tensor, targets: Tensor) -> Tensor:
    aims = targets.unsqueeze(1) if values.shape[1] == 1 else functional.one_hot(targets, 2)
    return (values - aims).square().mean(dim=1)


def _exchanges(source: str) -> bool:
    """Whether `loss` calls something with its second argument first, and its first one second."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == "loss" and len(node.args.args) > 1:
            logits, targets = (argument.arg for argument in node.args.args[:2])
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and len(call.args) > 1:
                    first, second = (_names(argument) & {logits, targets} for argument in call.args[:2])
                    if first == {targets} and second == {logits}:
                        return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
