"""A class is graded: the files of each student are checked in processes that only this student uses.

A *checker* (`rnn_core.grading.checker`) is a process of ours that checks the files of one student
after another. The code of a student runs in a process below it, which ends with that student. As many
checkers work at once as there are cores. What takes too long is checked again with nothing beside it. What a
submission breaks, its checker even, it breaks for itself.
"""

import contextlib
import os
import queue
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnn_core.errors import reason
from rnn_core.files import FormatError, from_value
from rnn_core.grading.checker import Checked, Question
from rnn_core.grading.class_folder import HandedIn
from rnn_core.grading.hidden_tests import HiddenTest
from rnn_core.processes.asking import End, EndedError, Process
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import Progress, finish

MOST_SECONDS = 60.0
"""The time that a student's code may compute in the check of one task, with its hidden tests."""
_PATIENCE = 15.0  # seconds that a checker may compute itself beside that, until it is ended
_MOST_MEMORY = 3_000_000_000  # bytes of a checker, with the 2 GB that the student's code may take
_LOOK_EVERY = 0.2  # seconds
_ENDED = {
    End.START: "The process that checks did not start",
    End.TIME: "Checking it took longer than it may",
    End.MEMORY: "Checking it took more memory than it may",
}


def new_checker() -> Process:
    """A process that checks files."""
    return Process("rnn_core.grading.checker:answers", Bounds(memory=_MOST_MEMORY))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome(Checked):
    """The result of one task of one student."""

    task: str
    is_there: bool = True
    """True if anything was handed in. Nothing has no points; what could not be checked has none to lose."""
    hidden: tuple[str, ...] = ()
    """The titles of all hidden tests of the task, which are asked only where the check itself is passed."""

    @property
    def failed_tests(self) -> tuple[str, ...]:
        """The titles of the hidden tests that failed."""
        return tuple(self.hidden[place] for place in self.failed)

    @property
    def is_checked(self) -> bool:
        """True if its points are known."""
        return self.report is not None or not self.is_there

    @property
    def passed(self) -> bool:
        """True if the check that students can make themselves finds no mistake."""
        return self.report is not None and self.report.passed

    @property
    def out_of(self) -> int:
        """The points there are: one for the check and each hidden test; none if it could not be checked."""
        return 1 + len(self.hidden) if self.is_checked else 0

    @property
    def points(self) -> int:
        """The points that were reached; without the first one there is no other."""
        return self.out_of - len(self.failed) if self.passed else 0


@dataclass(frozen=True, slots=True)
class Graded:
    """A student, and the result of each task."""

    student: str
    outcomes: tuple[TaskOutcome, ...]

    @property
    def is_checked(self) -> bool:
        """True if the points of all tasks are known."""
        return all(outcome.is_checked for outcome in self.outcomes)

    @property
    def points(self) -> int:
        """The points reached in all tasks that are checked."""
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def out_of(self) -> int:
        """The points that these tasks have."""
        return sum(outcome.out_of for outcome in self.outcomes)

    @property
    def seconds(self) -> float:
        """The time that all checks took."""
        return sum(outcome.seconds for outcome in self.outcomes)


class Grading:
    """The grading of a class. What is done stays in `graded`, even where it is closed before its end."""

    def __init__(
        self,
        students: Sequence[HandedIn],
        file_names: Mapping[str, str],
        hidden: Sequence[HiddenTest] = (),
        *,
        most_seconds: float = MOST_SECONDS,
        at_once: int = 0,
    ) -> None:
        """`file_names` has the usual one of each task. `at_once` are checked at once, 0: one a core."""
        self._students, self._file_names, self._hidden = students, file_names, hidden
        self._most_seconds = most_seconds
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
        self._at_once = min(at_once or len(cores), len(students))
        self._door, self._places = threading.Lock(), threading.Semaphore(self._at_once)
        self._stop = threading.Event()
        self._checked: list[str] = []
        """The tasks of all files that are checked."""
        self._done: dict[int, Graded] = {}

    @property
    def graded(self) -> list[Graded | None]:
        """The results in the order of the students, None for one who is not done."""
        return [self._done.get(number) for number in range(len(self._students))]

    def steps(self) -> Generator[Progress, None, None]:
        """Checks all files. Closing it ends all processes."""
        total = sum(len(student.files) for student in self._students)
        idle: queue.SimpleQueue[Process] = queue.SimpleQueue()
        with contextlib.ExitStack() as ending:
            new_folder = tempfile.TemporaryDirectory(prefix="gatescope-class-", ignore_cleanup_errors=True)
            folder = Path(ending.enter_context(new_folder))
            for _ in range(self._at_once):
                idle.put(ending.enter_context(contextlib.closing(new_checker())))
            pool = ending.enter_context(ThreadPoolExecutor(self._at_once))
            ending.callback(self._stop.set)
            waiting = {
                pool.submit(self._grade, idle, number, student, folder / str(number))
                for number, student in enumerate(self._students)
            }
            while waiting:
                yield Progress("Checking files", len(self._checked), total)
                ended, waiting = wait(waiting, timeout=_LOOK_EVERY, return_when=FIRST_EXCEPTION)
                for one in ended:
                    one.result()  # raises a mistake of ours
        yield Progress("Checking files", total, total)

    def _grade(
        self, idle: "queue.SimpleQueue[Process]", number: int, student: HandedIn, folder: Path
    ) -> None:
        """Grade a student with a checker that is idle, in a folder of their own."""
        if self._stop.is_set():
            return
        checker = idle.get()
        try:
            folder.mkdir(parents=True)  # a submission may have removed the one above
            outcomes = self._outcomes(checker, number, student, folder)
        except OSError as error:  # such as a full disk
            why = f"It could not be checked: {reason(error)}."
            outcomes = tuple(TaskOutcome(task=task, unchecked=why) for task in self._file_names)
        finally:  # others wait for it, also after a mistake of ours
            idle.put(checker)
        self._done[number] = Graded(student.student, outcomes)

    def _outcomes(
        self, checker: Process, number: int, student: HandedIn, folder: Path
    ) -> tuple[TaskOutcome, ...]:
        """The results of the tasks of a student, one after the other, with this checker."""
        outcomes = list[TaskOutcome]()
        for task, name in self._file_names.items():
            hidden = [test for test in self._hidden if task in test.tasks]
            titles = tuple(test.title for test in hidden)
            if task not in student.files:
                why = student.unread.get(task, f"{name} was not handed in.")
                is_there = task in student.unread
                outcomes.append(TaskOutcome(task=task, unchecked=why, is_there=is_there, hidden=titles))
                continue
            question = Question(
                student=number,
                folder=str(folder),
                task=task,
                earlier=[outcome.task for outcome in outcomes if outcome.passed],
                hidden=[test.case for test in hidden],
                most_seconds=self._most_seconds,
            )
            outcome = self._ask(checker, question, student, titles, alone=False)
            if outcome.is_too_slow:
                outcome = self._ask(checker, question, student, titles, alone=True)
            outcomes.append(outcome)
            self._checked.append(task)
        return tuple(outcomes)

    @contextlib.contextmanager
    def _place(self, *, alone: bool) -> Iterator[None]:
        """A block in which a file is checked beside others, or alone."""
        places = self._at_once if alone else 1
        with self._door:  # where nobody else gets in while one waits for all places
            for _ in range(places):
                self._places.acquire()
        try:
            yield
        finally:
            self._places.release(places)

    def _ask(
        self, checker: Process, question: Question, student: HandedIn, titles: Sequence[str], *, alone: bool
    ) -> TaskOutcome:
        """The answer of a checker, or why there is none; `titles` are those of hidden tests."""
        needed = (question["task"], *question["earlier"])
        arrays = {task: np.frombuffer(student.files[task].content, np.uint8) for task in needed}
        task, hidden = question["task"], tuple(titles)
        began, is_too_slow = time.monotonic(), False
        try:
            with self._place(alone=alone):
                steps = checker.ask({**question}, arrays, seconds=self._most_seconds + _PATIENCE)
                answer = finish(steps, self._stop_where_nobody_waits)
                found: TaskOutcome = from_value({**answer.said, "task": task, "hidden": hidden}, TaskOutcome)
                return found
        except EndedError as error:
            is_too_slow = error.end is End.TIME
            why = f"{_ENDED.get(error.end, 'The process that checked it crashed')}: it could not be checked."
        except FormatError as error:
            why = f"The answer of the process that checked it can't be read: {reason(error)}."
        seconds = time.monotonic() - began
        return TaskOutcome(task=task, hidden=hidden, unchecked=why, is_too_slow=is_too_slow, seconds=seconds)

    def _stop_where_nobody_waits(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Nobody waits for the grading any more."""
