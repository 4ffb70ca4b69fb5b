"""A process that checks the files of one student after another, for a teacher.

Hidden tests come as inputs. Neither where they are kept nor what they are called is known here.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypedDict

import psutil

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import GatescopeError
from rnn_core.files import from_value
from rnn_core.nn.threads import use_threads
from rnn_core.own_cells.case import USUAL, Case
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.process import OwnProcess
from rnn_core.own_cells.report import Report
from rnn_core.processes.answering import Answered, Answering
from rnn_core.processes.bounds import TimeBound
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import finish

_SHARE_OF_AN_ANSWER = 1 / 3  # of the time of a check, so that what never ends is named with its line


class Question(TypedDict):
    """One task of one student; the files come as arrays of bytes, by task."""

    student: int
    """Number of the student, different for each: nothing is kept from one to the next."""
    folder: str
    """An empty one, in which the code runs."""
    task: str
    earlier: list[str]
    """The tasks that this student has passed."""
    hidden: list[Case]
    most_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answer of a checker."""

    report: Report | None = None
    unchecked: str = ""
    """Why there is no report, in a sentence."""
    is_too_slow: bool = False
    """True if something took longer than it may."""
    failed: tuple[int, ...] = ()
    """The places of the hidden tests that failed."""
    seconds: float = 0.0


def answers() -> Answering:
    """Return the function that answers: a checker of tasks, in one thread since as many work as there are
    cores.
    """
    use_threads(1)
    return _Checker().answer


class _Checker:
    """Checks tasks; all those of one student with one process for the student's code."""

    def __init__(self) -> None:
        self._student, self._process = -1, OwnProcess()

    def answer(self, said: Said, arrays: Arrays) -> Answered:
        """The answer to a `Question`, as a `Checked`."""
        question: Question = from_value(said, Question)
        if question["student"] != self._student:
            self._process.close()
            self._student = question["student"]
            self._process = OwnProcess(most_seconds=question["most_seconds"] * _SHARE_OF_AN_ANSWER)
        self._process.was_too_slow = False
        began = time.monotonic()
        checked = self._checked(question, arrays)
        is_too_slow = checked.is_too_slow or self._process.was_too_slow
        return asdict(replace(checked, is_too_slow=is_too_slow, seconds=time.monotonic() - began)), {}

    def _checked(self, question: Question, arrays: Arrays) -> Checked:
        # That of the student's process: this one only waits for it, or computes what is expected.
        bound = TimeBound(question["most_seconds"], lambda: psutil.Process().children(recursive=True))
        task, folder = question["task"], Path(question["folder"])
        try:
            files = {
                number: CellFile.of(folder / EXERCISES[number].file_name, content.tobytes())
                for number, content in arrays.items()
            }
            report = self._check(task, files, USUAL, bound)
            hidden = enumerate(question["hidden"] if report.passed else [])
            failed = [at for at, case in hidden if not self._check(task, files, case, bound).passed]
        except _TooSlowError as error:
            return Checked(unchecked=f"The check {error}.", is_too_slow=True)
        except GatescopeError as error:
            return Checked(unchecked=str(error))
        except Exception as error:  # a mistake of ours, which must not cost other students anything
            why = f"The check itself failed, which is a mistake of Gatescope: {error!r}."
            return Checked(unchecked=why)
        return Checked(report=report, failed=tuple(failed))

    def _check(self, task: str, files: Mapping[str, CellFile], case: Case, bound: TimeBound) -> Report:
        earlier = {number: file for number, file in files.items() if number != task}

        def stop_what_is_too_slow() -> None:
            if how := bound.broken():
                raise _TooSlowError(how)

        steps = check(files[task], EXERCISES[task], earlier, process=self._process, case=case)
        return finish(steps, stop_what_is_too_slow)


class _TooSlowError(Exception):
    """A check that broke its bound on time; the text says how."""
