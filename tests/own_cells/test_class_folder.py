"""What a class handed in is read whole before anything runs, and a teacher's hidden tests, which are data."""

import os
import sys

import pytest

from rnn_core.errors import DataError
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.class_folder import read_class, readable_name
from rnn_core.own_cells.hidden_tests import HiddenTest, read_hidden_tests
from tests.own_cells.handed_in import FILE_NAMES, hand_in

GRU = {"4": "my_gru.py"}
TASKS = list(FILE_NAMES)


def handed(folder, file_names=FILE_NAMES):
    """The sources of each student, by task."""
    students = read_class(folder, file_names).students
    return {one.student: {task: file.source for task, file in one.files.items()} for one in students}


def hidden(folder, *texts):
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_text(text, encoding="utf-8")
    return read_hidden_tests(folder, TASKS)


def test_each_folder_is_a_student_in_order_of_names(tmp_path):
    names = ["=cmd()", "Anna", "anna", "bob", "Carl", "Зоя, ж."]
    for name in reversed(names):
        hand_in(tmp_path / name, my_gru=name)
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "list.xlsx").touch()
    assert [*handed(tmp_path).items()] == [(name, {"4": name}) for name in names]
    assert read_class(tmp_path, FILE_NAMES).passed_over == ("list.xlsx",)


def test_a_file_is_found_deeper_and_in_other_letters(tmp_path):
    hand_in(tmp_path / "anna" / "homework", My_GRU="deeper", my_rnn="deeper")
    hand_in(tmp_path / "anna", my_rnn="here")
    assert handed(tmp_path) == {"anna": {"1": "here", "4": "deeper"}}


def test_two_files_for_one_task_cost_that_task_alone(tmp_path):
    for part in ("first", "second"):
        hand_in(tmp_path / "anna" / part, my_gru=part)
    hand_in(tmp_path / "anna", my_rnn="one")
    [anna] = read_class(tmp_path, FILE_NAMES).students
    assert list(anna.files) == ["1"]
    assert anna.unread["4"].startswith("There are 2 files called my_gru.py: ")
    assert "first/my_gru.py" in anna.unread["4"]


def test_one_task_may_have_a_file_for_each_student(tmp_path):
    hand_in(tmp_path, bob="b", anna="a")
    hand_in(tmp_path / "zoe", my_gru="z")
    (tmp_path / "zoe.zip").touch()  # it is unpacked
    assert handed(tmp_path, GRU) == {"anna": {"4": "a"}, "bob": {"4": "b"}, "zoe": {"4": "z"}}


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


def test_what_a_hidden_test_does_not_say_is_as_usual(tmp_path):
    (tmp_path / "README.md").touch()
    said = 'title = "Große\\nWeights"\ntasks = [5, 4]\nlengths = [3, 9]\nscale = 4\nseed = 71'
    plain, full = hidden(tmp_path, 'title = "plain"', said)
    assert plain == HiddenTest("plain", tuple(TASKS), Case())
    assert full == HiddenTest("Große?Weights", ("5", "4"), Case(lengths=(3, 9), scale=4.0, seed=71))


@pytest.mark.parametrize(
    ("folder", "file_names", "why"),
    [
        ("empty", GRU, "has no student"),
        ("nowhere", GRU, "is not there"),
        ("zips", GRU, r"anna\.zip in .* unpack each zip first"),
        ("zips/anna.zip", GRU, r"is a file.*Unpack the zip first"),
        ("files", FILE_NAMES, r"anna\.py, bob\.py .* belongs to no student.*--tasks 4"),
    ],
)
def test_a_folder_of_no_class_is_refused(tmp_path, folder, file_names, why):
    (tmp_path / "empty").mkdir()
    (tmp_path / "zips" / "zoe").mkdir(parents=True)
    (tmp_path / "zips" / "anna.zip").touch()
    hand_in(tmp_path / "files", anna="a", bob="b")
    with pytest.raises(DataError, match=why):
        read_class(tmp_path / folder, file_names)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([], r"must have 1 to 50 \.toml files"),
        (['title = "a"', 'title = "a"'], "the same title"),
        (["tasks = [1]"], "it must have title"),
        (['title = ""'], "title: it must be text of length >= 1"),
        (['title = "a"\nlenghts = [1]'], "it can't have 'lenghts'"),
        (['title = "a"\nlengths = []'], "lengths: it must be a list"),
        (['title = "a"\nlengths = [0]'], r"lengths\[0\]: it must be a whole number >= 1"),
        (['title = "a"\nlengths = [100_000]'], r"lengths\[0\]: it must be a whole number <= 200"),
        (['title = "a"\ninput_size = 1'], "input_size: it must be a whole number >= 2"),
        (['title = "a"\nhidden_size = 1e9'], "hidden_size: it must be a whole number"),
        (['title = "a"\nscale = inf'], "scale: it must be a number <= 4"),
        (['title = "a"\nscale = nan'], "scale: it must be a number"),
        (['title = "a"\nseed = true'], "seed: it must be a whole number"),
        (['title = "a"\ntasks = ["4"]'], "tasks.*it must be a whole number"),
        (['title = "a"\ntasks = [9]'], "there is no task 9"),
        (["title ="], "Invalid value"),
        ([f"a = {'[' * 5_000}"], "recursion"),
        (["#" * 20_000], "at most 10,000 bytes"),
    ],
)
def test_a_hidden_test_that_cannot_be_is_refused(tmp_path, texts, why):
    named = r"The hidden test .*0\.toml can't be used: .*" if len(texts) == 1 else ""
    with pytest.raises(DataError, match=named + why):
        hidden(tmp_path, *texts)
    with pytest.raises(DataError, match="is no folder"):
        read_hidden_tests(tmp_path / "nowhere", TASKS)
