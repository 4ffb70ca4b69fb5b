"""Time of grading a class: forty students with all seven tasks, some of whose files run for ever."""

import tempfile
import time
from pathlib import Path

import click

from benchmarks.app.browser import new_artifacts
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.errors import BenchError
from rnn_core.grading.class_folder import read_class
from rnn_core.grading.graded import Grading
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.progress import finish

_AT_ONCE = 2
_PROMISED = 240.0  # seconds
_MISTAKES = (
    ("my_rnn.py", "torch.tanh(x @ self.W + h @ self.U + self.b)", "x @ self.W + h @ self.U + self.b"),
    ("my_gru.py", 'see("n", torch.tanh(', 'see("n", torch.sigmoid('),
    ("my_lstm.py", "c = f * c + i * g", "c = i * c + f * g"),
    ("my_loop.py", "lengths - 1]", "torch.full_like(lengths, T - 1)]"),
)
"""A file, what stands in our solution, and a mistake in its place."""
_FOR_EVER = ("my_gru.py", "        return (1 - z) * h + z * n", "        while True:\n            pass")


def write_class(folder: Path, students: int, endless: int) -> None:
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


@bench(
    "grade",
    click.option("--students", default=40, show_default=True, help="Students who hand in all seven tasks."),
    click.option("--endless", default=3, show_default=True, help="Those whose GRU never ends."),
    threads=_AT_ONCE,
)
def measure_grading(students: int, endless: int) -> Measuring:
    """Time the grading of a class on two idle cores, two students at once. Takes about four minutes.

    Their files are our solutions, some with a mistake. What is made is deleted again.
    """
    file_names = {number: exercise.file_name for number, exercise in EXERCISES.items()}
    with new_artifacts(), tempfile.TemporaryDirectory(prefix="gatescope-class-") as folder:
        write_class(Path(folder), students, endless)
        grading = Grading(read_class(Path(folder), file_names).students, file_names, at_once=_AT_ONCE)
        began = time.monotonic()
        finish(grading.steps())
        seconds = time.monotonic() - began
    graded = list(filter(None, grading.graded))
    what = f"{students} students, seven tasks each, {endless} of whom hand in a loop without an end"
    yield Measurement(what, seconds, "s", at_most=_PROMISED)
    checks = sorted(outcome.seconds for one in graded for outcome in one.outcomes)
    yield Measurement("One check of these, median", checks[len(checks) // 2], "s")
    yield Measurement("One check of these, the slowest", checks[-1], "s")
    right = sum(outcome.passed for one in graded for outcome in one.outcomes)
    yield Measurement("Checks that were passed", right, f"of {len(checks)}")
