"""Files of students for the tests of checks, and what a check says of them."""

from pathlib import Path
from textwrap import dedent

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.in_process import InThisProcess
from rnn_core.progress import finish


def student_file(source, name="mine"):
    return CellFile.of(Path(f"/nowhere/{name}.py"), dedent(source).encode())


def checked(number, source, earlier=None, **settings):
    """The report on a source, computed in the test's own process."""
    exercise = EXERCISES[number]
    file = student_file(source, Path(exercise.file_name).stem)
    return finish(check(file, exercise, earlier or {}, process=InThisProcess(), **settings))


def codes(report, *, wrong):
    return [one.code for one in report.remarks if one.is_wrong == wrong]
