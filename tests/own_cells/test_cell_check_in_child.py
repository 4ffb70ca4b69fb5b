"""The check of a cell through the process that runs it, as a student meets it."""

from pathlib import Path

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.process import OwnProcess
from rnn_core.progress import finish

ROOM = Path(__file__).parent


@pytest.fixture(scope="module")
def process():
    process = OwnProcess()
    yield process
    process.close()


@pytest.mark.parametrize(
    ("name", "task", "code"),
    [
        ("mistakes/z_twice.py", "4", "z-twice"),
        ("mistakes/forget_and_input_exchanged.py", "5", "forget-input-exchanged"),
        ("mistakes/shared_weights.py", "1", "shared-weights"),
        ("mistakes/dropout.py", "1", "random-inside"),
        ("mistakes/plain_tensor.py", "1", "unregistered"),
    ],
)
def test_a_mistake_is_named_by_its_process(process, name, task, code):
    path = ROOM / name
    report = finish(check(CellFile.of(path, path.read_bytes()), EXERCISES[task], process=process))
    assert report.mistakes[0].code == code, report.mistakes


@pytest.mark.parametrize("task", ["1", "4", "5", "6"])
def test_our_solution_passes_with_other_inputs(process, task):
    source = EXERCISES[task].solution.encode()
    file = CellFile.of(Path("/nowhere") / EXERCISES[task].file_name, source)
    case = Case(input_size=9, hidden_size=9, lengths=(1, 2), seed=7, scale=2.0)
    report = finish(check(file, EXERCISES[task], process=process, case=case))
    assert report.passed, report.mistakes
    assert report.fits
