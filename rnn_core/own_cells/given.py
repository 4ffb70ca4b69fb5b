"""The cell that a loop or a network is checked with: the student's of Task 1, or one of ours."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.loop_record import LoopRecord
from rnn_core.own_cells.operations.given_cell import calls_in
from rnn_core.own_cells.process import sent_file
from rnn_core.own_cells.report import Remark
from rnn_core.own_cells.subject import Subject
from rnn_core.progress import Progress


@dataclass(frozen=True, slots=True)
class Given:
    """A cell of the student's own, or without one our solution of a task: 1, a plain RNN, or 6, an LSTM."""

    case: Case
    own: CellFile | None = None
    task: str = "1"

    @property
    def called(self) -> str:
        """The cell in words."""
        return f"your {self.own.file_name}" if self.own else "our plain RNN"

    @property
    def weights(self) -> dict[str, Tensor]:
        """Random weights of our cell, W (E, G*H), U (H, G*H) and b (G*H,)."""
        generator = torch.Generator().manual_seed(self.case.seed + 1)
        E, H = self.case.input_size, self.case.hidden_size
        width = 4 * H if self.task == "6" else H
        return {
            name: torch.randn(*shape, generator=generator, dtype=torch.float64) * self.case.scale * H**-0.5
            for name, shape in (("W", (E, width)), ("U", (H, width)), ("b", (width,)))
        }

    def last_states(self, xs: Tensor, lengths: Tensor) -> Tensor:
        """The states after the last word of each row, computed by our cell here: (B, T, E) -> (B, H)."""
        W, U, b = self.weights.values()
        state = (xs.new_zeros(len(xs), len(U)),) * (2 if self.task == "6" else 1)
        for t, x in enumerate(xs.unbind(dim=1)):
            a = x @ W + state[0] @ U + b
            new: tuple[Tensor, ...] = (torch.tanh(a),)
            if len(state) > 1:
                i, f, o, g = a.chunk(4, dim=-1)
                c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
                new = (torch.sigmoid(o) * torch.tanh(c), c)
            running = (t < lengths).unsqueeze(1)  # (B, 1)
            state = tuple(torch.where(running, n, s) for n, s in zip(new, state, strict=True))
        return state[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Two batches that are read one after the other, with a gradient of what the first one becomes."""

    words: tuple[Tensor, Tensor]
    """Vectors, (B, T, E) each, or numbers of words, (B, T)."""
    lengths: tuple[Tensor, Tensor]
    d: Tensor

    def arrays(self) -> dict[str, Tensor]:
        """The tensors as they are sent."""
        pairs = {"words": self.words, "lengths": self.lengths}
        return {f"{name}{number}": one for name, pair in pairs.items() for number, one in enumerate(pair)} | {
            "d": self.d
        }


@dataclass(frozen=True, kw_only=True)
class StudentRun:
    """All that a student's loop or network computed of both batches with a cell."""

    file: CellFile
    given: Given
    batches: Batches
    said: Mapping[str, Any]
    arrays: Mapping[str, Tensor]

    @property
    def H(self) -> int:  # noqa: N802 (as in the equations)
        """The size of a state."""
        return self.given.case.hidden_size

    def reading(self, number: int) -> LoopRecord:
        """All that was done with the cell in a batch."""
        words = self.batches.words[number]
        xs = words if words.is_floating_point() else self.arrays["vectors"][words]  # (B, T, E)
        return LoopRecord(calls_in(self.arrays, f"call{number}"), xs, self.batches.lengths[number])


AnyRun = TypeVar("AnyRun", bound=StudentRun)


def run_with(
    given: Given,
    subject: Subject,
    kind: type[AnyRun],
    doing: str,
    operation: str,
    batches: Batches,
    **more: Any,
) -> Generator[Progress, None, AnyRun]:
    """Ask the process of a student's file for an operation on both batches that gives it a cell."""
    exercise, weights = EXERCISES[given.task], {} if given.own else given.weights
    file = given.own or CellFile.of(Path(exercise.file_name), exercise.solution.encode())
    said = {
        "cell": sent_file(file),
        **{"E": given.case.input_size, "H": given.case.hidden_size, "seed": given.case.seed},
        **{"scale": given.case.scale if given.own else 1.0, "dtype": "float64", **more},
    }
    arrays = batches.arrays() | {f"weight.{name}": one for name, one in weights.items()}
    answer = yield from subject.ask(doing, operation, said, arrays)
    return kind(file=subject.file, given=given, batches=batches, said=answer.said, arrays=answer.arrays)


def earlier_cell(subject: Subject) -> Given:
    """The cell of Task 1 that a file builds on: the student's own where it passed, else ours."""
    return Given(subject.case, subject.earlier.get("1"))


def mistake_with_own(
    running: Generator[Progress, None, AnyRun], mistake: Callable[[AnyRun], Remark | None]
) -> Generator[Progress, None, tuple[Remark | None, str]]:
    """Find the mistake in a run with the student's own cell, and say why it or the run is wrong."""
    try:
        found = mistake((yield from running))
    except OwnCellError as error:
        return None, f"{error.sentence.removesuffix('.')}."
    return found, found.sentence if found else ""
