"""A class is graded: what is handed in, the hidden tests of a teacher, and what each student is due.

All is read whole before anything runs; hidden tests are data. A checker stands in for the processes.
"""

import os
import sys
import threading

import numpy as np
import pytest

from rnn_core.errors import DataError
from rnn_core.grading import checker
from rnn_core.grading.class_folder import read_class, readable_name
from rnn_core.grading.graded import Grading
from rnn_core.grading.hidden_tests import HiddenTest, read_hidden_tests
from rnn_core.own_cells.case import Case
from rnn_core.processes.bounds import TimeBound
from tests.grading.handed_in import FILE_NAMES, Scripted, hand_in

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


TWO = {task: FILE_NAMES[task] for task in ("1", "4")}
LARGE = HiddenTest("large weights", ("4",), Case(scale=4.0))
ONE_ROW = HiddenTest("one row", ("1", "4"), Case(lengths=(3,)))


def graded(folder, hidden=(), asked=None, checker=Scripted, **how):
    students = read_class(folder, TWO).students
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnn_core.grading.graded.new_checker", lambda: checker(asked))
        of_class = Grading(students, TWO, hidden, **how)
        last = [*of_class.steps()][-1]
    assert last.done == last.total == sum(len(student.files) for student in students)
    return {one.student: one for one in of_class.graded}


def points(by_name):
    """The points of each task of each student, those of all, and of how many."""
    return {
        name: ([outcome.points for outcome in one.outcomes], one.points, one.out_of)
        for name, one in by_name.items()
    }


def test_the_check_and_each_hidden_test_have_a_point(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# right", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# wrong", my_gru="# hidden")
    hand_in(tmp_path / "carl", my_gru="# wrong")
    by_name = graded(tmp_path, (LARGE, ONE_ROW))
    assert points(by_name) == {"anna": ([2, 3], 5, 5), "bob": ([0, 1], 1, 5), "carl": ([0, 0], 0, 5)}
    assert by_name["bob"].outcomes[1].failed_tests == ("large weights", "one row")
    assert by_name["carl"].outcomes[0].unchecked == "my_rnn.py was not handed in."
    assert by_name["anna"].seconds == 1.0


def test_only_inputs_of_hidden_tests_are_handed_on(tmp_path):
    hand_in(tmp_path / "class" / "anna", my_gru="# right")
    asked = []
    graded(tmp_path / "class", (LARGE, ONE_ROW), asked)
    [(said, arrays)] = asked
    assert [case["scale"] for case in said["hidden"]] == [4.0, 1.0]
    assert not any(word in str(said) for word in ("large", "one row", "toml", "anna", str(tmp_path)))
    assert arrays == {"4": b"# right"}


def test_a_later_task_gets_earlier_ones_that_passed(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# right", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# wrong", my_gru="# right")
    asked = []
    graded(tmp_path, asked=asked, at_once=1)
    of_gru = [(said["earlier"], sorted(arrays)) for said, arrays in asked if said["task"] == "4"]
    assert of_gru == [(["1"], ["1", "4"]), ([], ["4"])]


def test_what_is_too_slow_is_checked_again_alone(tmp_path):
    """It passes, where others made it slow; twice too slow it is not checked, which costs no point."""
    hand_in(tmp_path / "anna", my_rnn="# late", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# late twice", my_gru="# late")
    hand_in(tmp_path / "carl", my_rnn="# right", my_gru="# right")
    at_work, beside = [], []

    class Watched(Scripted):
        def ask(self, said, arrays, *, seconds):
            at_work.append(said["student"])
            is_again = any(one == said for one, _ in self.asked)
            try:
                answer = yield from super().ask(said, arrays, seconds=seconds)
                beside.extend(other for other in at_work if is_again and other != said["student"])
            finally:
                at_work.remove(said["student"])
            return answer

    by_name = graded(tmp_path, asked=[], checker=Watched, at_once=3)
    assert points(by_name) == {"anna": ([1, 1], 2, 2), "bob": ([0, 1], 1, 1), "carl": ([1, 1], 2, 2)}
    assert by_name["bob"].outcomes[0].unchecked == "It computed for 60 s."
    assert not beside


def test_a_check_by_itself_too_slow_is_given_up(monkeypatch, tmp_path):
    class Broken(TimeBound):
        def broken(self):
            return "computed for 60 s"

    monkeypatch.setattr(checker, "TimeBound", Broken)
    question = {"task": "4", "folder": str(tmp_path), "student": 0, "earlier": [], "hidden": []}
    found, _ = checker._Checker().answer(
        {**question, "most_seconds": 60.0}, {"4": np.frombuffer(b"# right", np.uint8)}
    )
    assert (found["unchecked"], found["is_too_slow"]) == ("The check computed for 60 s.", True)


def test_a_checker_that_is_lost_costs_no_point(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# lost", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# odd", my_gru="# right")
    by_name = graded(tmp_path, at_once=1)
    assert points(by_name) == {"anna": ([0, 1], 1, 1), "bob": ([0, 1], 1, 1)}
    assert "memory" in by_name["anna"].outcomes[0].unchecked
    assert "can't be read" in by_name["bob"].outcomes[0].unchecked


def test_a_mistake_of_ours_ends_all_checkers(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# raises here")
    hand_in(tmp_path / "bob", my_rnn="# slow")
    hand_in(tmp_path / "carl", my_rnn="# right")  # waits for a checker
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="here"):
        graded(tmp_path, at_once=2)
    assert threading.active_count() == before


def test_what_is_done_stays_where_grading_is_closed(monkeypatch, tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# right", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# slow")
    checker = Scripted()
    monkeypatch.setattr("rnn_core.grading.graded.new_checker", lambda: checker)
    of_class = Grading(read_class(tmp_path, TWO).students, TWO, at_once=1)
    steps = of_class.steps()
    while next(steps).done < 2 or of_class.graded[0] is None:
        pass
    steps.close()
    anna, bob = of_class.graded
    assert (anna.points, bob) == (2, None)
    assert checker.closed
