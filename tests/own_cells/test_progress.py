"""Which tasks are solved is kept on the disk."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rnn_core.errors import CellError
from rnn_core.own_cells.progress import note, noted, passed
from rnn_core.own_cells.report import Report, remark
from rnn_core.paths import own_cells_folder


def report(exercise, *remarks, digest="0" * 64):
    return Report(exercise=exercise, file="mine.py", digest=digest, remarks=remarks)


def wrong():
    return remark("values-differ", "They are others.")


def test_nothing_is_passed_before_the_first_check():
    assert passed() == {}


def test_a_check_that_passes_is_noted_with_its_digest_and_one_that_does_not_leaves_it():
    note(report("4", wrong()))
    assert passed() == {}
    note(report("4", digest="a" * 64))
    note(report("4", wrong(), digest="b" * 64))
    assert passed() == {"4": "a" * 64}
    assert noted()["4"].checks == 3
    assert noted()["4"].file == "mine.py"
    assert noted()["4"].when.startswith("20")


def test_a_file_that_no_task_checks_is_noted_under_its_name():
    note(report("", digest="c" * 64))
    assert passed() == {"mine.py": "c" * 64}


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
