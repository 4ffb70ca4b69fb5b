"""A student's class of (cell, vocab_size, embedding_size, hidden_size), and `loss(logits, targets)`."""

import contextlib
import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from rnn_core.own_cells.operations.basic import classes, unregistered
from rnn_core.own_cells.operations.given_cell import GivenCell, given_cell
from rnn_core.own_cells.submission import Submission, Tensors, described
from rnn_core.processes.frames import Said

_MOST_LOGITS = 2
_SOME = 30
"""The words of which logits say whether they are probabilities."""
_TIMES = 3
"""The length of a review that repeats one word: a loop that leaves a word out reads it all the same."""
_SIZES = ("cell", "vocab_size", "embedding_size", "hidden_size")


def classify(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """Run the network on words0 and lengths0, then on words1 and lengths1, without dropout.

    Returns `logits`, those of words0, of any shape; the records of the cell, `call0.0.x` and so on; `vectors`
    (V, E), what the cell gets as each word; `parameter.NAME`. Weights that are all zero would hide what goes
    through them: they are drawn before the rest is computed. `filled`, the logits again; `alone`, those of
    each row alone and without padding; `single`, those of each word three times; `large`, of some words, with
    all weights beside the cell's `enlarged` times as large, and `turned`, these times -1; `read.0.h`
    (B, rows), how much of call 0 the logits of each row read directly, and likewise `read.0.c`; of the sum of
    the logits times d `gradient.NAME`. Where an error stops the first batch, only `call0` and `vectors`.

    Says `returned` in words, `error` and `alone_error`, {"sentence", "line", "type"} or None, `is_tensor`,
    `requires_grad`, `is_random`, `is_filled`, `unregistered` and `modules` as `make` does, and `embeddings`,
    the words but <pad> that no gradient reaches, by the name of the parameter that makes vectors of words.
    """
    found: dict[str, Any] = {"error": None, "alone_error": None}
    arrays: dict[str, Tensor] = {}
    cell, reader = given_cell(said, tensors), None
    try:
        network = submission.make(
            _class(submission), _SIZES, cell, said["V"], said["E"], said["H"], seed=said["seed"]
        ).eval()
        found |= {"unregistered": unregistered(network), "modules": classes(network, cell, cell.cell)}
        reader = _Reader(network, cell, tensors["words0"], tensors["lengths0"])
        logits = reader()
        arrays |= cell.record("call0") | reader.parameters("parameter")
        found |= {"returned": described(logits), "is_tensor": isinstance(logits, Tensor)}
        if isinstance(logits, Tensor):
            arrays["logits"] = logits
            found["requires_grad"] = logits.requires_grad
            if logits.shape[:1] == tensors["words0"].shape[:1] and logits[0].numel() <= _MOST_LOGITS:
                network(tensors["words1"].clone(), tensors["lengths1"].clone())
                arrays |= cell.record("call1")
                found["is_random"] = not torch.equal(reader(), logits)
                arrays["vectors"] = reader.words(said["V"])[0]
                found["embeddings"] = reader.embeddings(arrays["vectors"])
                found["is_filled"] = reader.fill()
                arrays |= {"filled": reader(), "single": reader.words(said["V"])[1]}
                if logits.requires_grad:
                    arrays |= reader.gradients(tensors["d"]) | reader.reads()
                try:
                    arrays["alone"] = reader.alone()
                except BaseException as error:
                    found["alone_error"] = submission.said(error)
                for name, factor in (("large", said["enlarged"]), ("turned", -1)):
                    reader.multiply(factor)
                    arrays[name] = reader.words(min(said["V"], _SOME))[1]
    except BaseException as error:
        found["error"] = submission.said(error)
        if reader is not None and not arrays:
            arrays |= cell.record("call0")
            arrays["vectors"] = reader.vectors(range(said["V"]))
    return found, arrays


def loss(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """Compute `loss` of z and targets: `value`, of any shape, and its `gradient` with respect to z.

    `far` is the loss of far and targets, left out where that raises. Says `error` as `classify` does,
    `returned` in words, `requires_grad`. Targets are whole numbers; where that goes wrong, numbers of the
    dtype of z.
    """
    function = submission.function("loss")
    found: dict[str, Any] = {"error": None, "returned": "", "requires_grad": False}
    z, targets = tensors["z"].requires_grad_(), tensors["targets"]
    try:
        value = function(z * 1, targets.clone())
    except BaseException as error:
        targets = targets.to(z)
        try:
            value = function(z * 1, targets.clone())
        except BaseException:
            found["error"] = submission.said(error)
            return found, {}
    found["returned"] = described(value)
    if not isinstance(value, Tensor):
        return found, {}
    arrays = {"value": value}
    with contextlib.suppress(Exception):  # a loss may refuse what is so far off
        arrays["far"] = torch.as_tensor(function(tensors["far"], targets.clone()))
    found["requires_grad"] = value.requires_grad
    if value.requires_grad and value.numel() == 1:
        (d,) = torch.autograd.grad(value.sum(), z, allow_unused=True)
        arrays["gradient"] = torch.zeros_like(z) if d is None else d
    return found, arrays


def _class(submission: Submission) -> type[nn.Module]:
    """The network, whatever its name: a class that takes the cell and all sizes, and is no cell itself."""
    classes = tuple(one for one in submission.classes if _takes(one, _SIZES)) or submission.classes
    classes = tuple(one for one in classes if not _is_cell(one)) or classes
    return submission.meant(classes, "classifier")


def _is_cell(kind: type[nn.Module]) -> bool:
    """True if the sizes of a cell are enough for a class, and it names neither a cell nor a vocabulary."""
    return _takes(kind, _SIZES[2:]) and not any(
        name == "cell" or name.startswith("vocab") for name in inspect.signature(kind).parameters
    )


def _takes(kind: type[nn.Module], arguments: tuple[str, ...]) -> bool:
    try:
        inspect.signature(kind).bind(*arguments)
    except TypeError:
        return False
    return True


class _Reader:
    """A network, and the batch that it reads again and again."""

    def __init__(self, network: nn.Module, cell: GivenCell, ids: Tensor, lengths: Tensor) -> None:
        self._network, self._cell, self._ids, self._lengths = network, cell, ids, lengths
        of_cell = {id(one) for one in cell.parameters()}
        self._parameters = {name: one for name, one in network.named_parameters() if id(one) not in of_cell}
        cell.record("")

    def __call__(self) -> Any:
        """The logits of the batch; the record begins with it."""
        self._cell.record("")
        return self._network(self._ids.clone(), self._lengths.clone())

    def parameters(self, name: str) -> dict[str, Tensor]:
        """The parameters beside the cell's, as they are now."""
        return {f"{name}.{key}": one.detach().clone() for key, one in self._parameters.items()}

    def vectors(self, words: Iterable[int]) -> Tensor:
        """The vectors that the cell gets as these words, with history, (words, E); errors are passed over."""
        found = []
        for word in words:
            with contextlib.suppress(Exception):
                self._single(word)
            found.append(self._vector())
        return torch.stack(found)

    def words(self, count: int) -> tuple[Tensor, Tensor]:
        """The vectors of the first words, and the logits of a review of each word three times."""
        vectors, logits = [], []
        for word in range(count):
            logits.append(self._single(word).reshape(-1))
            vectors.append(self._vector())
        return torch.stack(vectors), torch.stack(logits)

    def _single(self, word: int) -> Any:
        """The logits of a review of one word three times."""
        self._cell.record("")
        self._cell.cut = True
        try:
            return self._network(torch.tensor([[word] * _TIMES]), torch.tensor([_TIMES]))
        finally:
            self._cell.cut = False

    def _vector(self) -> Tensor:
        """The vector from the middle of a review of one word, (E,): at an end a loop may give zeros."""
        calls, size = self._cell.calls, self._cell.input_size
        x = calls[len(calls) // 2].x if calls else None
        return torch.zeros(size) if x is None else x.reshape(-1)[:size]

    def embeddings(self, vectors: Tensor) -> dict[str, list[int]]:
        """The parameters with a row or column for each word, and the words but <pad> that never learn in it.

        A ReLU may keep the gradient from a word for the weights as they are: such words are tried again with
        positive weights and with negative ones.
        """
        V = len(vectors)
        found: dict[str, list[int]] = {}
        for name, table in self._parameters.items():
            reached = _reached(vectors, table)
            if not reached.any():
                continue
            words = [word for word in range(1, V) if V in table.shape and not reached[word]]
            before = table.detach().clone()
            for sign in (1, -1) if words else ():
                with torch.no_grad():
                    table.uniform_(0.1, 1).mul_(sign)
                reached = _reached(self.vectors(range(V)), table)
                words = [word for word in words if not reached[word]]
            with torch.no_grad():
                table.copy_(before)
            found[name] = words
        return found

    def fill(self) -> bool:
        """Draws the weights that are all zero; whether there are any."""
        empty = [one for one in self._parameters.values() if not one.any()]
        with torch.no_grad():
            for one in empty:
                one.normal_()
        return bool(empty)

    def gradients(self, d: Tensor) -> dict[str, Tensor]:
        """Gradients of the logits times d, by the names of parameters; none where nothing depends on one."""
        logits = self()
        total = (logits * d[: logits.numel()].reshape(logits.shape)).sum()
        trained = {name: one for name, one in self._parameters.items() if one.requires_grad}
        found = torch.autograd.grad(total, [*trained.values()], allow_unused=True) if trained else ()
        pairs = zip(trained, found, strict=True)
        return {f"gradient.{name}": one for name, one in pairs if one is not None}

    def alone(self) -> Tensor:
        """The logits of each row alone and without padding."""
        rows = zip(self._ids, self._lengths, strict=True)
        logits = [self._network(ids[None, :length], length.reshape(1)) for ids, length in rows]
        return torch.stack([one.reshape(-1) for one in logits])

    def multiply(self, factor: float) -> None:
        """Makes all weights beside the cell's so many times as large."""
        with torch.no_grad():
            for one in self._parameters.values():
                one.mul_(factor)

    def reads(self) -> dict[str, Tensor]:
        """Measure how much of each state the logits read directly: `read.CALL.h` (B, rows)."""
        self._cell.cut = True
        logits = self()
        self._cell.cut = False
        states = {
            f"read.{number}.{letter}": state
            for number, call in enumerate(self._cell.calls)
            for letter, state in zip("hc", call.after, strict=False)
            if state.requires_grad
        }
        shares: dict[str, list[Tensor]] = {name: [] for name in states}
        for row in logits.reshape(len(logits), -1) if states else ():
            weights = torch.linspace(1, 2, len(row), dtype=row.dtype)  # so that two logits do not cancel out
            total = (row * weights).sum()
            found = torch.autograd.grad(total, [*states.values()], retain_graph=True, allow_unused=True)
            for (name, state), one in zip(states.items(), found, strict=True):
                d = torch.zeros_like(state) if one is None else one.abs()
                shares[name].append(d.reshape(-1, d.shape[-1]).sum(dim=1))
        return {name: torch.stack(each) for name, each in shares.items()}


def _reached(vectors: Tensor, table: Tensor) -> Tensor:
    """True for each row of a table that gets a gradient from the words' vectors (V, E): (rows,)."""
    V, E = vectors.shape
    axis = next((axis for axis, size in enumerate(table.shape) if size >= V - 1), None)
    total = (vectors * torch.linspace(1, 2, E, dtype=vectors.dtype)).sum()
    if axis is None or not total.requires_grad or not table.requires_grad:
        return torch.zeros(V, dtype=torch.bool)
    (d,) = torch.autograd.grad(total, [table], retain_graph=True, allow_unused=True)
    d = torch.zeros(V, 1) if d is None else d.to_dense().movedim(axis, 0)
    return d.flatten(1).any(dim=1)
