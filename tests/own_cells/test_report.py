"""A report of a check, and which tasks are solved, which is kept on the disk."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rnn_core.errors import CellError
from rnn_core.files import FormatError
from rnn_core.own_cells.progress import note, noted, passed
from rnn_core.own_cells.report import Report, remark
from rnn_core.paths import own_cells_folder
from rnn_core.registry import UnknownNameError

WRONG = remark("values-differ", "They are others.", line=7, yours=(1.0, 2.0, 3.0), shapes="yours (2, 3)")


def report(exercise, *remarks, digest="0" * 64):
    return Report(exercise=exercise, file="mine.py", digest=digest, remarks=remarks)


def test_a_report_of_another_shape_is_refused():
    with pytest.raises(FormatError):
        Report.from_dict({"exercise": 4})
    with pytest.raises(UnknownNameError):
        remark("no-such-code", "What?")


def test_a_check_that_passes_is_noted_with_its_digest():
    assert passed() == {}
    note(report("4", WRONG))
    assert passed() == {}
    note(report("4", digest="a" * 64))
    note(report("4", WRONG, digest="b" * 64))  # which leaves it
    note(report("", digest="c" * 64))  # of a file that no task checks
    assert passed() == {"4": "a" * 64, "mine.py": "c" * 64}
    assert (noted()["4"].checks, noted()["4"].file) == (3, "mine.py")
    assert noted()["4"].when.startswith("20")


def test_checks_at_the_same_time_are_all_counted():
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: note(report(str(number % 2))), range(40)))
    assert {key: one.checks for key, one in noted().items()} == {"0": 20, "1": 20}


def test_a_damaged_file_is_said_and_not_overwritten():
    own_cells_folder().mkdir(parents=True)
    path = own_cells_folder() / "progress.json"
    path.write_text('{"4": {"digest": 3}}')
    for act in (passed, lambda: note(report("4"))):
        with pytest.raises(CellError, match="Delete it to begin again"):
            act()
    assert "3" in path.read_text()
