"""A student's `run(cell, xs, lengths)`, over two batches one after the other."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from rnn_core.own_cells.operations.given_cell import GivenCell, given_cell
from rnn_core.own_cells.submission import Submission, Tensors, described
from rnn_core.processes.frames import Said


def loop(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """Call `run` with words0 and lengths0, then with words1 and lengths1, and the given cell; in float64.

    Returns `result0` and `result1`, of any shape, and `result2`, of words0 once more after another seed; the
    records of the cell, `call0.0.x`, `call0.0.before0`, `call0.0.after0` and so on; `expected0` and
    `expected1` (B, H), what the given cell makes of each row alone; with the gradient d of the first result
    also `gradient`, `expected_gradient`, and `gradient_of_first`, that of its first row (B, T, E).

    Says for each of the three: `returned` in words, `is_several`, `error`, {"sentence", "line", "type"} or
    None, `requires_grad`, `changed` (names of arguments), and at the first `backward_error`. `default` is the
    dtype of what is made without one.
    """
    run = submission.function("run")
    cell = given_cell(said, tensors)
    batches: list[dict[str, Any]] = []
    arrays: dict[str, Tensor] = {}
    for number, batch in enumerate((0, 1, 0)):
        xs = tensors[f"words{batch}"].requires_grad_()
        lengths = tensors[f"lengths{batch}"]
        given = {"xs": xs.clone(), "lengths": lengths.clone()}  # no leaves: what is changed in place is found
        versions = {name: one._version for name, one in given.items()}
        torch.manual_seed(said["seed"] + number)
        found: dict[str, Any] = {"error": None, "backward_error": None, "returned": "", "is_several": False}
        result = None
        try:
            with default_dtype(said["default"]):
                returned = run(cell, given["xs"], given["lengths"])
        except BaseException as error:
            found["error"] = submission.said(error)
        else:
            several = isinstance(returned, tuple | list)
            found |= {"returned": described(returned), "is_several": several}
            result = returned[0] if several and returned else returned
        found["changed"] = [name for name, one in given.items() if one._version != versions[name]]
        arrays |= cell.record(f"call{number}")
        if isinstance(result, Tensor):
            arrays[f"result{number}"] = result
            found["requires_grad"] = result.requires_grad
        expected = row_by_row(cell, xs, lengths)
        arrays[f"expected{number}"] = expected
        cell.record("")
        if number == 0:
            d = tensors["d"]
            arrays["expected_gradient"] = gradient_of(expected, xs, d)
            if isinstance(result, Tensor) and result.requires_grad and result.shape == d.shape:
                try:
                    arrays["gradient"] = gradient_of(result, xs, d.to(result.dtype))
                    arrays["gradient_of_first"] = gradient_of(result[0], xs, d[0].to(result.dtype))
                except RuntimeError as error:
                    found["backward_error"] = submission.said(error)
        batches.append(found)
    return {"batches": batches}, arrays


def row_by_row(cell: GivenCell, xs: Tensor, lengths: Tensor) -> Tensor:
    """The state of each row after its last word, each read alone: (B, T, E) -> (B, H)."""
    last = []
    for row, length in enumerate(lengths.tolist()):
        state = cell.initial_state(1)
        for t in range(length):
            state = cell.cell(xs[row : row + 1, t], state)
        last.append(state if isinstance(state, Tensor) else state[0])
    return torch.cat(last)


def gradient_of(result: Tensor, xs: Tensor, d: Tensor) -> Tensor:
    """The gradient of a result with respect to xs; zeros where it does not depend on them."""
    (found,) = torch.autograd.grad(result, xs, d, retain_graph=True, allow_unused=True)
    return torch.zeros_like(xs) if found is None else found


@contextlib.contextmanager
def default_dtype(name: str) -> Iterator[None]:
    """A block in which what is made without a dtype has this one."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)
