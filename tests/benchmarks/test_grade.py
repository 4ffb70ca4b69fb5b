"""The benchmark of grading makes a class, and times it; tests/own_cells has the processes."""

from benchmarks.grade import measure_grading, write_class
from rnn_core.own_cells import grading
from rnn_core.own_cells.class_folder import read_class
from tests.own_cells.handed_in import FILE_NAMES, Scripted


def test_a_class_hands_in_all_tasks_with_some_mistakes_and_no_file_twice(tmp_path):
    write_class(tmp_path, 8, 2)
    students = read_class(tmp_path, FILE_NAMES).students
    assert [list(student.files) for student in students] == [list(FILE_NAMES)] * 8
    sources = [student.files["4"].source for student in students]
    assert ["while True" in source for source in sources] == [True] * 2 + [False] * 6
    assert len(set(sources)) == 8


def test_a_class_is_timed_beside_what_was_promised(monkeypatch):
    monkeypatch.setattr(grading, "new_checker", Scripted)
    measured = list(measure_grading(3, 1))
    assert [(one.unit, one.at_most) for one in measured] == [
        ("s", 240.0),
        ("s", None),
        ("s", None),
        ("of 21", None),
    ]
    assert measured[-1].measured == 21
