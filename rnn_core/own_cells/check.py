"""A student's file checked: its source first, then what its task asks."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.case import USUAL, Case
from rnn_core.own_cells.cell_check import check_cell
from rnn_core.own_cells.classifier_check import check_classifier
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.loop_check import check_loop, check_padding
from rnn_core.own_cells.process import OwnProcess
from rnn_core.own_cells.report import Remark, Report, error_remark, remark
from rnn_core.own_cells.source_check import look
from rnn_core.own_cells.subject import Checking, Subject
from rnn_core.progress import Progress
from rnn_core.registry import Registry


class Check(NamedTuple):
    """A way to check a file, and about how many questions to its process it takes."""

    run: Callable[[Subject], Checking]
    questions: int = 4


CHECKS: Registry[Check] = Registry(
    "check",
    {
        "cell": Check(check_cell, questions=9),
        "loop": Check(check_loop),
        "classifier": Check(check_classifier),
        "padding": Check(check_padding),
    },
)
"""Checks by the names that tasks call them by; a file that no task checks is a cell."""
_MOST_PRINTED = 10_000


def check(
    file: CellFile,
    exercise: Exercise | None,
    earlier: Mapping[str, CellFile] = MappingProxyType({}),
    *,
    process: OwnProcess | None = None,
    case: Case = USUAL,
) -> Generator[Progress, None, Report]:
    """Check what is right and wrong with a file; yields how far it is. Closing it ends the check.

    `earlier` are the student's own files of other tasks that passed, by the number of the task: a task builds
    on them, and on ours where there is none. `process` runs the code; without one, one that stays warm.
    """
    begun = time.monotonic()
    yield Progress("Reading the source", 0, 1)
    chosen = CHECKS[exercise.check if exercise else "cell"]
    subject = Subject(
        file=file, exercise=exercise, process=process, case=case, questions=chosen.questions, earlier=earlier
    )
    report, printed, wrote = subject.report(look(file.source)), "", dict[str, None]()
    if not report.remarks:
        try:
            report = yield from chosen.run(subject)
        except OwnCellError as error:
            report, printed = subject.report([_stopped(error)]), error.printed
        for answer in subject.answers:
            wrote |= dict.fromkeys(answer.wrote)
        printed = "".join(dict.fromkeys(one.printed for one in subject.answers)) + printed
    if wrote:
        written = remark("writes-files", path=next(iter(wrote)), more=len(wrote) - 1)
        report = replace(report, remarks=(*report.remarks, written))
    return replace(report, printed=printed[:_MOST_PRINTED], seconds=time.monotonic() - begun)


def _stopped(error: OwnCellError) -> Remark:
    """The remark on an error that ended a check."""
    for exercise in EXERCISES.values():
        name = exercise.file_name.removesuffix(".py")
        if error.sentence.startswith(f"The package {name} isn't installed"):
            return remark("raises", "without a file", line=error.line, name=name)
    return error_remark(error.sentence, error.line)
