"""What a class handed in is read whole before anything runs, and refused in words where it can't be."""

import os
import sys

import pytest

from rnn_core.errors import DataError
from rnn_core.own_cells.class_folder import read_class, readable_name
from tests.own_cells.handed_in import FILE_NAMES, hand_in

GRU = {"4": "my_gru.py"}


def names(found):
    return [one.student for one in found.students]


def test_each_folder_is_a_student_in_the_order_of_their_names(tmp_path):
    for name in ("Зоя, ж.", "bob", "Anna", "=cmd()", "anna"):
        hand_in(tmp_path / name, my_gru=name)
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "list.xlsx").touch()
    found = read_class(tmp_path, FILE_NAMES)
    assert names(found) == ["=cmd()", "Anna", "anna", "bob", "Зоя, ж."]
    assert [one.files["4"].source for one in found.students] == names(found)
    assert found.passed_over == ("list.xlsx",)


def test_a_file_is_found_one_folder_deeper_and_in_other_capital_letters(tmp_path):
    hand_in(tmp_path / "anna" / "homework", My_GRU="deeper", my_rnn="deeper")
    hand_in(tmp_path / "anna", my_rnn="here")
    [anna] = read_class(tmp_path, FILE_NAMES).students
    assert {task: file.source for task, file in anna.files.items()} == {"1": "here", "4": "deeper"}


def test_two_files_for_one_task_are_refused_for_that_task_alone(tmp_path):
    for part in ("first", "second"):
        hand_in(tmp_path / "anna" / part, my_gru=part)
    hand_in(tmp_path / "anna", my_rnn="one")
    [anna] = read_class(tmp_path, FILE_NAMES).students
    assert list(anna.files) == ["1"]
    assert anna.unread["4"].startswith("There are 2 files called my_gru.py: ")
    assert "first/my_gru.py" in anna.unread["4"]


def test_a_single_task_may_have_a_file_for_each_student(tmp_path):
    hand_in(tmp_path, bob="b", anna="a")
    hand_in(tmp_path / "zoe", my_gru="z")
    found = read_class(tmp_path, GRU)
    assert [(one.student, one.files["4"].source) for one in found.students] == [
        ("anna", "a"),
        ("bob", "b"),
        ("zoe", "z"),
    ]
    with pytest.raises(DataError, match=r"anna\.py, bob\.py .* belongs to no student.*--tasks 4"):
        read_class(tmp_path, FILE_NAMES)


def test_zips_have_to_be_unpacked_first(tmp_path):
    (tmp_path / "anna.zip").touch()
    hand_in(tmp_path / "bob", my_gru="b")
    with pytest.raises(DataError, match=r"anna\.zip in .* unpack each zip first"):
        read_class(tmp_path, GRU)
    with pytest.raises(DataError, match=r"is a file.*Unpack the zip first"):
        read_class(tmp_path / "anna.zip", GRU)
    (tmp_path / "anna").mkdir()
    assert names(read_class(tmp_path, GRU)) == ["anna", "bob"]


def test_a_folder_without_students_is_refused(tmp_path):
    for folder, why in ((tmp_path, "has no student"), (tmp_path / "nowhere", "is not there")):
        with pytest.raises(DataError, match=why):
            read_class(folder, GRU)


def test_what_cannot_be_read_costs_its_own_task_alone(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="one").joinpath("my_gru.py").write_bytes(b"\xff\xfe\x00")
    hand_in(tmp_path / "bob", my_rnn="one").joinpath("my_gru.py").symlink_to(tmp_path / "anna" / "my_rnn.py")
    hand_in(tmp_path / "carl", my_rnn="one").joinpath("my_gru.py").mkdir()
    hand_in(tmp_path / "dora", my_rnn="one")
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "dora" / "my_gru.py")
    for student in read_class(tmp_path, FILE_NAMES).students:
        assert list(student.files) == ["1"]
        assert list(student.unread) == ["4"]
        assert str(tmp_path) not in student.unread["4"]


def test_a_name_stays_on_one_line():
    assert readable_name("a\nb\u2028c\udcff") == "a?b?c?"
    assert readable_name("می\u200cخواهم") == "می\u200cخواهم"
