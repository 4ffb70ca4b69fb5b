"""A student's `Classifier(cell, vocab_size, embedding_size, hidden_size)` and `loss(logits, targets)`."""

import inspect
from typing import Any

import torch
from torch import Tensor, nn

from rnn_core.own_cells.child import Tensors
from rnn_core.own_cells.operations.basic import unregistered
from rnn_core.own_cells.operations.given_cell import GivenCell, given_cell
from rnn_core.own_cells.submission import Submission, SubmissionError, described
from rnn_core.warm_process import Said

_NAME = "Classifier"
_TIMES = 3
"""How often a word is repeated in a review by itself: a loop that leaves a word out reads it all the same."""
_SIZES = ("cell", "vocab_size", "embedding_size", "hidden_size")


def classify(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """What the network makes of ids0 and lengths0, then of ids1 and lengths1, without dropout.

    Returns `logits0` and `logits1`, of any shape; the records of the cell, `call0.0.x` and so on; `alone`,
    the logits of each row of ids0 alone and without padding; `vectors` (V, E), what the cell gets as each
    word, and `single`, the logits of each word three times; `large`, logits0 with all weights beside the
    cell's `enlarged` times as large; `read.0.h` (B, rows), how much of call 0 the logits of each row read
    directly, and likewise `read.0.c`; `parameter.NAME`, and of the sum of logits0 times d `gradient.NAME`.

    Says `returned` in words, `error` and `alone_error`, {"sentence", "line"} or None, `is_tensor`,
    `requires_grad`, `is_random`, `unregistered` and `modules` as `make` does.
    """
    found: dict[str, Any] = {"error": None, "alone_error": None}
    arrays: dict[str, Tensor] = {}
    cell = given_cell(said, tensors)
    try:
        network = _make(submission, _class(submission), cell, said)
        _read(submission, network, cell, tensors, said, found, arrays)
    except BaseException as error:
        wrong = submission.error(error)
        found["error"] = {"sentence": wrong.sentence, "line": wrong.line}
    return found, arrays


def loss(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """What `loss` makes of z and targets: `value`, of any shape, and its `gradient` with respect to z.

    Says `error` as `classify` does, `returned` in words, `requires_grad`. Targets are whole numbers; where
    that goes wrong, numbers of the dtype of z.
    """
    function = submission.function("loss")
    found: dict[str, Any] = {"error": None, "returned": "", "requires_grad": False}
    z, targets = tensors["z"].requires_grad_(), tensors["targets"]
    try:
        value = function(z * 1, targets.clone())
    except BaseException as error:
        try:
            value = function(z * 1, targets.to(z))
        except BaseException:
            wrong = submission.error(error)
            found["error"] = {"sentence": wrong.sentence, "line": wrong.line}
            return found, {}
    found["returned"] = described(value)
    if not isinstance(value, Tensor):
        return found, {}
    arrays = {"value": value}
    found["requires_grad"] = value.requires_grad
    if value.requires_grad and value.numel() == 1:
        (d,) = torch.autograd.grad(value.sum(), z, allow_unused=True)
        arrays["gradient"] = torch.zeros_like(z) if d is None else d
    return found, arrays


def _class(submission: Submission) -> type[nn.Module]:
    named = [one for one in submission.classes if one.__name__ == _NAME]
    if not named:
        there = ", ".join(one.__name__ for one in submission.classes) or "none"
        raise SubmissionError(
            f"It must define a class {_NAME} that inherits nn.Module; its networks are: {there}"
        )
    return named[0]


def _make(submission: Submission, kind: type[nn.Module], cell: GivenCell, said: Said) -> nn.Module:
    sizes = (said["V"], said["E"], said["H"])
    try:
        inspect.signature(kind).bind(cell, *sizes)
    except TypeError as error:
        line = submission.line_of(kind)
        raise SubmissionError(
            f"__init__ must be written (self, {', '.join(_SIZES)}): {error}", line
        ) from error
    torch.manual_seed(said["seed"])
    return kind(cell, *sizes).eval()


def _read(
    submission: Submission,
    network: nn.Module,
    cell: GivenCell,
    tensors: Tensors,
    said: Said,
    found: dict[str, Any],
    arrays: dict[str, Tensor],
) -> None:
    ids, lengths = tensors["ids0"], tensors["lengths0"]
    cell.record("")
    found |= {
        "unregistered": unregistered(network),
        "modules": {
            name: f"{type(one).__module__}.{type(one).__qualname__}"
            for name, one in network.named_modules()
            if name and one is not cell and one is not cell.cell
        },
    }
    of_cell = {id(one) for one in cell.parameters()}
    parameters = {name: one for name, one in network.named_parameters() if id(one) not in of_cell}
    arrays |= {f"parameter.{name}": one.detach().clone() for name, one in parameters.items()}
    logits = network(ids.clone(), lengths.clone())
    arrays |= cell.record("call0")
    found |= {"returned": described(logits), "is_tensor": isinstance(logits, Tensor)}
    if not isinstance(logits, Tensor):
        return
    arrays["logits0"] = logits
    found["requires_grad"] = logits.requires_grad
    if logits.shape[:1] != ids.shape[:1] or logits.numel() not in (len(ids), 2 * len(ids)):
        return
    second = network(tensors["ids1"].clone(), tensors["lengths1"].clone())
    arrays |= {"logits1": second} | cell.record("call1")
    again = network(ids.clone(), lengths.clone())
    found["is_random"] = not torch.equal(again, logits)
    cell.record("")
    vectors, single = [], []
    for word in range(said["V"]):
        single.append(network(torch.tensor([[word] * _TIMES]), torch.tensor([_TIMES])).reshape(-1))
        x = cell.calls[0].x if cell.calls else None
        vectors.append(torch.zeros(said["E"]) if x is None else x.reshape(-1)[: said["E"]])
        cell.record("")
    arrays |= {"vectors": torch.stack(vectors), "single": torch.stack(single)}
    if logits.requires_grad:
        d = tensors["d"][: logits.numel()].reshape(logits.shape)
        for name, one in parameters.items():
            if one.requires_grad:
                (found_d,) = torch.autograd.grad(
                    (logits * d).sum(), one, retain_graph=True, allow_unused=True
                )
                arrays |= {} if found_d is None else {f"gradient.{name}": found_d}
        arrays |= _directly_read(network, cell, ids, lengths)
    try:
        arrays["alone"] = torch.stack(
            [
                network(row[None, :T], lengths.new_tensor([T])).reshape(-1)
                for row, T in zip(ids, lengths, strict=True)
            ]
        )
    except BaseException as error:
        wrong = submission.error(error)
        found["alone_error"] = {"sentence": wrong.sentence, "line": wrong.line}
    cell.record("")
    with torch.no_grad():
        for one in parameters.values():
            one.mul_(said["enlarged"])
        arrays["large"] = network(ids.clone(), lengths.clone())
        cell.record("")


def _directly_read(network: nn.Module, cell: GivenCell, ids: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    """How much of each state the logits read, not by way of later states: `read.CALL.h` (B, rows)."""
    cell.cut = True
    logits = network(ids.clone(), lengths.clone())
    cell.cut = False
    calls, cell.calls = cell.calls, []
    states = {
        f"read.{number}.{letter}": state
        for number, call in enumerate(calls)
        for letter, state in zip("hc", call.after, strict=False)
        if state.requires_grad and state.dim() == 2
    }
    if not states:
        return {}
    shares: dict[str, list[Tensor]] = {name: [] for name in states}
    for row in logits.reshape(len(logits), -1):
        weights = torch.linspace(1, 2, len(row), dtype=row.dtype)  # so that two logits do not cancel out
        found = torch.autograd.grad(
            (row * weights).sum(), [*states.values()], retain_graph=True, allow_unused=True
        )
        for (name, state), one in zip(states.items(), found, strict=True):
            shares[name].append(state.new_zeros(len(state)) if one is None else one.abs().sum(dim=1))
    return {name: torch.stack(each) for name, each in shares.items()}
