"""Inputs of a check, and its findings."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Traced
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.process import Answer, Asked
from rnn_core.own_cells.report import Remark
from rnn_core.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A file that is checked, the process that runs it, and what it is checked with."""

    file: CellFile
    exercise: str
    """The number of the task; empty for a cell that no task checks."""
    process: Asked
    case: Case
    earlier: Mapping[str, CellFile] = field(default_factory=dict)
    """The student's own files of other tasks that passed, by the number of the task."""
    answers: list[Answer] = field(default_factory=list)
    """All that the process has answered so far: what was printed and written."""

    def ask(
        self, progress: Progress, operation: str, said: Mapping[str, Any], arrays: Mapping[str, Tensor]
    ) -> Generator[Progress, None, Answer]:
        """Asks the process about the file; meanwhile yields how far the check is.

        Raises OwnCellError. Closing it ends the process.
        """
        yield progress
        asking = self.process.asking(self.file, operation, said, arrays)
        try:
            while True:
                next(asking)
                yield progress
        except StopIteration as ended:
            answer: Answer = ended.value
            self.answers.append(answer)
            return answer
        finally:
            asking.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that a check found, the first mistake first."""

    remarks: tuple[Remark, ...]
    fits: str = ""
    """The right cell in words; it and the next ones are as in `Report`."""
    built_on: tuple[str, ...] = ()
    equations: str = ""
    traced: Traced | None = None


Checking = Generator[Progress, None, Findings]
