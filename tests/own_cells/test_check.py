"""A check from the outside: the seven tasks, what ends it, what it says beside remarks."""

import pytest

from rnn_core.own_cells import here
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.process import OwnProcess
from rnn_core.own_cells.report import Report
from rnn_core.progress import finish
from tests.own_cells.check_files import checked, codes, student_file
from tests.own_cells.solved import SOLVED


@pytest.fixture(autouse=True)
def runs_here(monkeypatch):
    monkeypatch.setattr(here, "_runs", True)


@pytest.fixture(scope="module")
def process():
    own = OwnProcess()
    yield own
    own.close()


@pytest.mark.parametrize("number", EXERCISES)
def test_our_solution_passes(number):
    report = checked(number, EXERCISES[number].solution)
    assert report.passed, report.remarks


@pytest.mark.parametrize("number", EXERCISES)
def test_a_template_says_what_is_to_be_written(number):
    assert codes(checked(number, EXERCISES[number].template), wrong=True) == ["not-written"]


@pytest.mark.parametrize("number", SOLVED)
def test_a_task_that_is_solved_in_another_style_passes(number):
    earlier = {"1": student_file(SOLVED["1"], "my_rnn")}
    report = checked(number, SOLVED[number], earlier)
    assert report.passed, report.remarks
    assert "earlier-cell" not in codes(report, wrong=False)
    assert report.built_on == (("your my_rnn.py",) if EXERCISES[number].builds_on else ())


def test_a_file_of_the_student_that_is_imported_is_said_to_stand_alone():
    source = "from my_rnn import MyRNN\n" + EXERCISES["2"].solution
    [wrong] = checked("2", source).mistakes
    assert wrong.sentence.startswith("my_rnn.py is another file of yours, and a file stands alone")
    assert wrong.line == 1


def test_nothing_runs_of_a_source_that_is_refused(tmp_path):
    path = tmp_path / "ran"
    report = checked("2", f"import torch\nopen({str(path)!r}, 'w')\nrnn = torch.nn.GRU(3, 4)\n")
    assert codes(report, wrong=True) == ["ready-made"]
    assert not path.exists()


def test_a_report_goes_through_json_and_back():
    report = checked("7", EXERCISES["7"].solution)
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.slow
@pytest.mark.parametrize("number", ["2", "3", "7"])
def test_a_task_is_checked_in_a_process_of_its_own(number, process):
    file = student_file("print('hello')\n" + EXERCISES[number].solution, "mine")
    report = finish(check(file, EXERCISES[number], process=process))
    assert report.passed, report.remarks
    assert report.printed == "hello\n"
    assert not codes(report, wrong=True)


@pytest.mark.slow
def test_a_loop_that_ends_its_process_is_said_with_its_line(process):
    source = "def run(cell, xs, lengths):\n    import os\n    os.abort()\n"
    [wrong] = finish(check(student_file(source), EXERCISES["2"], process=process)).mistakes
    assert (wrong.code, wrong.line) == ("raises", 3)


@pytest.mark.slow
def test_a_check_that_is_closed_ends_its_process(process):
    source = "def run(cell, xs, lengths):\n    while True: pass\n"
    steps = check(student_file(source), EXERCISES["2"], process=process)
    for _ in range(100):
        next(steps)
        if process.is_busy and process.pid:
            break
    steps.close()
    assert process.pid is None
