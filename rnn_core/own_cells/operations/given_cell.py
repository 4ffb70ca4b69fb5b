"""The cell that a student's loop or classifier gets: another file's, with a record of what it was asked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.own_cells.operations.basic import first_state, load
from rnn_core.own_cells.submission import Submission

_MOST_CALLS = 2_000
"""The calls of which a record is kept."""


class Call(NamedTuple):
    """One question to the cell, and what it returned; what is no tensor is left out."""

    x: Tensor | None
    before: tuple[Tensor, ...]
    after: tuple[Tensor, ...]


class GivenCell(nn.Module):
    """A cell that keeps a record: `cell(x, state)`, and what else its module has.

    `calls` is the record. With `cut`, no gradient goes from one call to the one before, and x is recorded
    with its history: what is left is how a result reads the states directly, and how a word becomes x.
    """

    def __init__(self, cell: nn.Module, submission: Submission, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.cell = cell
        self.input_size, self.hidden_size, self.states = input_size, hidden_size, submission.states
        self._submission = submission
        self.calls: list[Call] = []
        self.cut = False

    @override
    def forward(self, x: Any, state: Any) -> Any:
        before = _tensors(state)
        # What a state was before a loop changed it in place, so a copy of it.
        word = (x if self.cut else x.detach()).clone() if isinstance(x, Tensor) else None
        call = Call(word, _copies(before), ())
        if len(self.calls) < _MOST_CALLS:
            self.calls.append(call)
        if self.cut:
            several = isinstance(state, tuple | list)
            state = tuple(one.detach() for one in state) if several else state.detach()
        returned = self.cell(x, state)
        if self.cut:  # copies: h is made of c, and would seem to read it
            several = isinstance(returned, tuple)
            returned = tuple(one.clone() for one in returned) if several else returned.clone()
        after = _tensors(returned)
        if self.calls and self.calls[-1] is call:
            self.calls[-1] = call._replace(after=after if self.cut else _copies(after))
        return returned

    def initial_state(self, batch_size: int) -> Any:
        """The zeros that the cell begins with, or what its class has instead; a tuple where it has two."""
        state = first_state(self._submission, self.cell, batch_size, self.hidden_size)
        return state[0] if len(state) == 1 else state

    @override
    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "cell":
                raise
            return getattr(self.cell, name)

    def record(self, name: str) -> dict[str, Tensor]:
        """The record so far, as it is sent; it begins again."""
        arrays: dict[str, Tensor] = {}
        for number, (x, before, after) in enumerate(self.calls):
            if x is not None:
                arrays[f"{name}.{number}.x"] = x
            for when, states in (("before", before), ("after", after)):
                arrays |= {f"{name}.{number}.{when}{place}": one for place, one in enumerate(states)}
        self.calls = []
        return arrays


def calls_in(arrays: Mapping[str, Tensor], name: str) -> list[Call]:
    """The record of this name in an answer, as `GivenCell.record` sends it."""
    by_call: dict[int, dict[str, Tensor]] = {}
    for key, tensor in arrays.items():
        if key.startswith(f"{name}."):
            _, number, part = key.split(".")
            by_call.setdefault(int(number), {})[part] = tensor.detach()

    def states(parts: Mapping[str, Tensor], when: str) -> tuple[Tensor, ...]:
        return tuple(parts[key] for key in sorted(parts) if key.startswith(when))

    return [
        Call(parts.get("x"), states(parts, "before"), states(parts, "after"))
        for _, parts in sorted(by_call.items())
    ]


def given_cell(said: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> GivenCell:
    """The cell of the file `said["cell"]` in this `dtype`, with weights called `weight.NAME`, or its own."""
    submission = Submission(**said["cell"])
    E, H = said["E"], said["H"]
    cell = submission.cell(E, H, seed=said["seed"], dtype=getattr(torch, said["dtype"]))
    load(cell, tensors)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.mul_(said["scale"])
    return GivenCell(cell, submission, E, H)


def _tensors(values: object) -> tuple[Tensor, ...]:
    several = values if isinstance(values, tuple | list) else (values,)
    return tuple(one for one in several if isinstance(one, Tensor))


def _copies(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(one.detach().clone() for one in tensors)
