"""Grading gives each student what is due: with a checker that stands in for the processes."""

import threading

import numpy as np
import pytest

from rnn_core.machine import TimeBound
from rnn_core.own_cells import grading_child
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.class_folder import read_class
from rnn_core.own_cells.grading import Grading
from rnn_core.own_cells.hidden_tests import HiddenTest
from tests.own_cells.handed_in import FILE_NAMES, Scripted, hand_in

TWO = {task: FILE_NAMES[task] for task in ("1", "4")}
LARGE = HiddenTest("large weights", ("4",), Case(scale=4.0))
ONE_ROW = HiddenTest("one row", ("1", "4"), Case(lengths=(3,)))


def graded(folder, hidden=(), asked=None, checker=Scripted, **how):
    students = read_class(folder, TWO).students
    grading = Grading(students, TWO, hidden, checker=lambda: checker(asked), **how)
    last = [*grading.steps()][-1]
    assert last.done == last.total == sum(len(student.files) for student in students)
    return {one.student: one for one in grading.graded}


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
    assert by_name["bob"].outcomes[1].failed == ("large weights", "one row")
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
        def asking(self, said, arrays, *, seconds):
            at_work.append(said["student"])
            is_again = any(one == said for one, _ in self.asked)
            try:
                answer = yield from super().asking(said, arrays, seconds=seconds)
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

    monkeypatch.setattr(grading_child, "TimeBound", Broken)
    question = {"task": "4", "folder": str(tmp_path), "student": 0, "earlier": [], "hidden": []}
    found, _ = grading_child._Checker().answer(
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
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="here"):
        graded(tmp_path, at_once=2)
    assert threading.active_count() == before


def test_what_is_done_stays_where_grading_is_closed(tmp_path):
    hand_in(tmp_path / "anna", my_rnn="# right", my_gru="# right")
    hand_in(tmp_path / "bob", my_rnn="# slow")
    checkers = []

    def checker():
        checkers.append(Scripted())
        return checkers[-1]

    grading = Grading(read_class(tmp_path, TWO).students, TWO, at_once=1, checker=checker)
    steps = grading.steps()
    while next(steps).done < 2 or grading.graded[0] is None:
        pass
    steps.close()
    anna, bob = grading.graded
    assert (anna.points, bob) == (2, None)
    assert [one.closed for one in checkers] == [True]
