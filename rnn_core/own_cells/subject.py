"""Inputs of a check: a file, its process, sizes, and what was answered so far."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.exercises import Exercise
from rnn_core.own_cells.process import CodeAnswer, OwnProcess, warm
from rnn_core.own_cells.report import Remark, Report
from rnn_core.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A file that is checked, the process that runs it, and what it is checked with."""

    file: CellFile
    exercise: Exercise | None
    """None for a cell that no task checks."""
    process: OwnProcess | None
    """None for one that stays warm."""
    case: Case
    questions: int
    """About how many its process is asked."""
    earlier: Mapping[str, CellFile] = field(default_factory=dict)
    """The student's own files of other tasks that passed, by the number of the task."""
    answers: list[CodeAnswer] = field(default_factory=list)
    """All that the process has answered so far: what was printed and written."""

    def report(self, remarks: Iterable[Remark], **more: Any) -> Report:
        """The report on the file, given its remarks, the first mistake first."""
        number = self.exercise.number if self.exercise else ""
        return Report(
            exercise=number,
            file=self.file.file_name,
            digest=self.file.digest,
            remarks=tuple(dict.fromkeys(remarks)),
            **more,
        )

    def ask(
        self, doing: str, operation: str, said: Mapping[str, Any], arrays: Mapping[str, Tensor]
    ) -> Generator[Progress, None, CodeAnswer]:
        """Asks the process about the file; meanwhile yields how far the check is.

        Raises OwnCellError. Closing it ends the process.
        """
        progress = Progress(doing, min(len(self.answers), self.questions - 1), self.questions)
        yield progress
        asking = (self.process or warm(self.file)).asking(self.file, operation, said, arrays)
        try:
            while True:
                next(asking)
                yield progress
        except StopIteration as ended:
            answer: CodeAnswer = ended.value
            self.answers.append(answer)
            return answer
        finally:
            asking.close()


Checking = Generator[Progress, None, Report]
"""A check; it returns the report without what was printed and written, which the answers say."""
