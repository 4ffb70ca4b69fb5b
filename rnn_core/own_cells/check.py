"""A student's file checked: its source first, then what its task asks."""

import time
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.case import USUAL, Case
from rnn_core.own_cells.cell_check import check_cell
from rnn_core.own_cells.classifier_check import check_classifier
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.loop_check import check_loop
from rnn_core.own_cells.padding_check import check_padding
from rnn_core.own_cells.process import Asked, warm
from rnn_core.own_cells.report import Remark, Report, error_remark, remark
from rnn_core.own_cells.source_check import look
from rnn_core.own_cells.subject import Checking, Findings, Subject
from rnn_core.progress import Progress
from rnn_core.registry import Registry

CHECKS: Registry[Callable[[Subject], Checking]] = Registry(
    "check",
    {"2": check_loop, "3": check_classifier, "7": check_padding}
    | dict.fromkeys(("1", "4", "5", "6", ""), check_cell),
)
"""Checks by the number of the task; that of "" is for a cell that no task checks."""
_MOST_PRINTED = 10_000


def check(
    file: CellFile,
    exercise: Exercise | None,
    earlier: Mapping[str, CellFile] = MappingProxyType({}),
    *,
    process: Asked | None = None,
    case: Case = USUAL,
) -> Generator[Progress, None, Report]:
    """Check what is right and wrong with a file; yields how far it is. Closing it ends the check.

    `earlier` are the student's own files of other tasks that passed, by the number of the task: a task builds
    on them, and on ours where there is none. `process` runs the code; without one, one that stays warm.
    """
    begun = time.monotonic()
    number = exercise.number if exercise else ""
    yield Progress("Reading the source", 0, 1)
    findings = Findings(remarks=look(file.source))
    printed, wrote = "", dict[str, None]()
    if not findings.remarks:
        subject = Subject(
            file=file, exercise=number, process=process or warm(file), case=case, earlier=earlier
        )
        try:
            findings = yield from CHECKS[number](subject)
        except OwnCellError as error:
            findings = Findings(remarks=(_error_remark(error),))
            printed = error.printed
        for answer in subject.answers:
            wrote |= dict.fromkeys(answer.wrote)
        printed = "".join(dict.fromkeys(one.printed for one in subject.answers)) + printed
    return Report(
        exercise=number,
        file=file.file_name,
        digest=file.digest,
        remarks=(*findings.remarks, *_written_files(wrote)),
        fits=findings.fits,
        built_on=findings.built_on,
        equations=findings.equations,
        traced=findings.traced,
        printed=printed[:_MOST_PRINTED],
        seconds=time.monotonic() - begun,
    )


def _error_remark(error: OwnCellError) -> Remark:
    for exercise in EXERCISES.values():
        name = exercise.file_name.removesuffix(".py")
        if error.sentence.startswith(f"The package {name} isn't installed"):
            return remark("raises", "without a file", line=error.line, name=name)
    return error_remark(error.sentence, error.line)


def _written_files(wrote: Mapping[str, None]) -> list[Remark]:
    """The remark on files that the code wrote."""
    if not wrote:
        return []
    return [remark("writes-files", path=next(iter(wrote)), more=len(wrote) - 1)]
