"""A cell over a whole sequence, and back: what a `RemoteCell` asks for.

Arrays: `x` (N, E) packed, the first states `s0`, .. (B, H) or none for the cell's own, weights as in
`basic`, and what is held of a letter as `value.LETTER` and `held.LETTER`, (T, H). Says: `lengths` of the
rows, the longest first, and what need not be said: `letters` of what is returned beside the states (else all
that is seen), `states_alone`, `training`.
"""

import re

import torch
from torch import Tensor

from rnn_core.nn.holds import Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_states, packed_steps
from rnn_core.own_cells.child import Tensors
from rnn_core.own_cells.file_cell import FileCell, file_cell
from rnn_core.own_cells.operations.basic import DTYPES, WEIGHT, load
from rnn_core.own_cells.submission import Submission
from rnn_core.warm_process import Said


def begin(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The first states of `rows` rows: `s0`, .. (rows, H) each."""
    with torch.no_grad():
        states = _cell(submission, said, tensors).initial_state(said["rows"])
    return {}, {f"s{number}": one for number, one in enumerate(states)}


def unroll(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """All steps, packed, (N, H) by letter; with `states_alone` only the states."""
    with torch.no_grad():
        return {}, _run(_cell(submission, said, tensors), said, tensors, {})


def unroll_back(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The gradients, given those of what `unroll` returns, `d.LETTER` (N, H).

    They are called as what they are of: `x`, `s0`, .., `weight.NAME`, and with `watched` also
    `watched.LETTER`, that of each state, packed. There is none of what nothing depends on.
    """
    cell = _cell(submission, said, tensors)
    asked = {name: one.requires_grad_() for name, one in tensors.items() if re.fullmatch(r"x|s\d", name)}
    added: dict[str, Tensor] = {}
    if said.get("watched"):
        N, H = len(tensors["x"]), said["H"]
        added = {letter: tensors["x"].new_zeros(N, H).requires_grad_() for letter in cell.states}
    with torch.enable_grad():
        found = _run(cell, said, tensors, added)
    asked |= {f"watched.{letter}": one for letter, one in added.items()}
    asked |= {WEIGHT + name: one for name, one in cell.own.named_parameters() if one.requires_grad}
    ends = {letter: one for letter, one in found.items() if one.requires_grad and f"d.{letter}" in tensors}
    if not ends:
        return {}, {}
    d_ends = [tensors[f"d.{letter}"] for letter in ends]
    gradients = torch.autograd.grad([*ends.values()], [*asked.values()], d_ends, allow_unused=True)
    return {}, {name: one for name, one in zip(asked, gradients, strict=True) if one is not None}


def _cell(submission: Submission, said: Said, tensors: Tensors) -> FileCell:
    letters = tuple(said["letters"]) if "letters" in said else None
    cell = file_cell(submission, letters)(said["E"], said["H"]).to(DTYPES[said.get("dtype", "float32")])
    load(cell.own, tensors)
    return cell.train(said.get("training", True))


def _run(cell: FileCell, said: Said, tensors: Tensors, added: Tensors) -> dict[str, Tensor]:
    packed, count = packing(torch.tensor(said["lengths"])), len(cell.states)
    state = tuple(tensors[f"s{number}"] for number in range(count)) if "s0" in tensors else None
    values, is_held = (
        {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
        for prefix in ("value.", "held.")
    )
    holds = Holds(values=values, is_held=is_held, added=added)
    if said.get("states_alone"):
        states = packed_states(cell, tensors["x"], packed, count=count, naive=True, state=state, holds=holds)
        return dict(zip(cell.states, states, strict=True))
    return packed_steps(cell, tensors["x"], packed, naive=True, state=state, holds=holds)._asdict()
