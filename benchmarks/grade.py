"""Time of grading a class: forty students with all seven tasks, some of whose files run for ever."""

import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from benchmarks.app.browser import new_artifacts
from benchmarks.report import Measurement
from rnn_core.errors import BenchError
from rnn_core.own_cells.class_folder import read_class
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.grading import Grading

STUDENTS, ENDLESS, AT_ONCE = 40, 3, 2
_PROMISED = 240.0  # seconds
_MISTAKES = (
    ("my_rnn.py", "torch.tanh(x @ self.W + h @ self.U + self.b)", "x @ self.W + h @ self.U + self.b"),
    ("my_gru.py", 'see("n", torch.tanh(', 'see("n", torch.sigmoid('),
    ("my_lstm.py", "c = f * c + i * g", "c = i * c + f * g"),
    ("my_loop.py", "lengths - 1]", "torch.full_like(lengths, T - 1)]"),
)
"""A file, what stands in our solution, and a mistake in its place."""
_FOR_EVER = ("my_gru.py", "        return (1 - z) * h + z * n", "        while True:\n            pass")


def write_class(folder: Path, students: int = STUDENTS, endless: int = ENDLESS) -> None:
    """Writes what a made-up class handed in: of every two students one makes a mistake in one task."""
    for number in range(students):
        own = folder / f"student {number + 1:02d}"
        own.mkdir(parents=True)
        wrong = _MISTAKES[number // 2 % len(_MISTAKES)] if number % 2 else None
        wrong = _FOR_EVER if number < endless else wrong
        for exercise in EXERCISES.values():
            source = f"# Student {number + 1}\n{exercise.solution}"
            if wrong is not None and exercise.file_name == wrong[0]:
                if wrong[1] not in source:
                    raise BenchError(f"The solution {wrong[0]} has no {wrong[1]!r} any more.")
                source = source.replace(wrong[1], wrong[2])
            (own / exercise.file_name).write_text(source, encoding="utf-8")


def measure_grading(students: int = STUDENTS, endless: int = ENDLESS) -> Generator[Measurement, None, None]:
    """The seconds of a whole class, two students at once. Raises BenchError."""
    file_names = {number: exercise.file_name for number, exercise in EXERCISES.items()}
    with new_artifacts(), tempfile.TemporaryDirectory(prefix="gatescope-class-") as folder:
        write_class(Path(folder), students, endless)
        grading = Grading(read_class(Path(folder), file_names).students, file_names, at_once=AT_ONCE)
        began = time.monotonic()
        for _ in grading.steps():
            pass
        seconds = time.monotonic() - began
    graded = list(filter(None, grading.graded))
    what = f"{students} students, seven tasks each, {endless} of whom hand in a loop without an end"
    yield Measurement(what=what, measured=seconds, unit="s", at_most=_PROMISED)
    checks = sorted(outcome.seconds for one in graded for outcome in one.outcomes)
    yield Measurement(what="One check of these, median", measured=checks[len(checks) // 2], unit="s")
    yield Measurement(what="One check of these, the slowest", measured=checks[-1], unit="s")
    right = sum(outcome.passed for one in graded for outcome in one.outcomes)
    yield Measurement(what="Checks that were passed", measured=right, unit=f"of {len(checks)}")
