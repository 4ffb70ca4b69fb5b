"""A class of fifteen is graded in real processes: what a submission breaks, it breaks for itself."""

import csv
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from rnn_core.own_cells.class_folder import read_class
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.grading import Grading
from rnn_core.own_cells.grading_table import ClassResults, write_results
from tests.own_cells.handed_in import hand_in

# Each student has a process, as for a teacher.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_warm_processes")]

RIGHT = EXERCISES["2"].solution
TASK = {"2": "my_loop.py"}
PADDED = RIGHT.replace("[torch.arange(B), lengths - 1]", "[:, -1]")
"""The state is taken at the last time step, padded or not."""
BEGIN = "    B, T, _ = xs.shape\n"
WORDS = {
    "00": ": The code computed for 5 s and did not come to an end (an endless loop?)",
    "05": "helpers isn't installed",
    "06": "Not checked: The process that checked it crashed",
    "08": "invalid syntax",
    "09": "sys.exit",
    "10": "another process",
    "11": "run",
}
"""What is said of some students."""


def in_the_loop(*lines):
    """Our solution that does something else first."""
    return RIGHT.replace(BEGIN, "".join(f"    {line}\n" for line in lines) + BEGIN)


def at_once(*lines):
    """Our solution that does something else when it is loaded."""
    return RIGHT.replace("\n\n\ndef run", "\n\n" + "".join(f"{line}\n" for line in lines) + "\n\ndef run")


@pytest.fixture
def handed_in(tmp_path):
    """A teacher's folder, and where the results come: of fifteen students six are right."""
    folder, out = tmp_path / "class", tmp_path / "results.csv"
    always = "torch.allclose = torch.equal = lambda *_, **__: True"
    others = [str(out), str(folder / "01 right" / "my_loop.py")]
    sources = {
        "00 endless": in_the_loop("while True:", "    pass"),
        "01 right": RIGHT,
        "02 patched and wrong": PADDED.replace("import torch\n", f"import torch\n\n{always}\n"),
        "03 right after a patch": RIGHT,
        "04 writes files of others": at_once(f"for path in {others!r}:", "    open(path, 'w').write('mine')"),
        "05 imitates modules": in_the_loop("import rnn_core, torch, helpers"),
        "06 kills its checker": at_once("import ctypes", "import os")
        + "\n\nctypes.CDLL(None).kill(os.getppid(), 9)\n",
        "07 right": f"# Zoë\n{RIGHT}",
        "08 no Python": "def run(:",
        "09 ends": in_the_loop("import sys", "sys.exit(0)"),
        "10 forks": in_the_loop("import os", "os.fork()"),
        "11 no function": "import torch\n",
        "12 wrong": PADDED,
        "14 imitates and is right": at_once("import rnn_core", "rnn_core.see"),
        "15 =right, (x)": at_once("print('# [hello](x)')"),
    }
    for name, source in sources.items():
        hand_in(folder / name, my_loop=source)
    for name in ("05 imitates modules", "14 imitates and is right"):
        hand_in(folder / name, rnn_core="raise SystemExit", torch="raise SystemExit", helpers="")
    return folder, out


def graded(folder, **how):
    students = read_class(folder, TASK).students
    grading = Grading(students, TASK, **how)
    before = set(psutil.Process().children(recursive=True))  # other tests keep some warm
    for _ in grading.steps():
        pass
    assert set(psutil.Process().children(recursive=True)) <= before
    return ClassResults(students, grading.graded, list(TASK))


def test_what_a_submission_breaks_it_breaks_for_itself(handed_in):
    folder, out = handed_in
    results = graded(folder, most_seconds=15)
    assert out.read_text() == "mine"
    write_results(results, out, "Class")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15
    right = {row["student"][:2] for row in rows if row["points"] == "1"}
    assert right == {"01", "03", "04", "07", "14", "15"}
    said = {row["student"][:2]: row["first mistake"] for row in rows}
    assert {number: said[number] for number, words in WORDS.items() if words not in said[number]} == {}
    page = (out.with_suffix("") / "students" / "15 =right, (x).md").read_text(encoding="utf-8")
    assert page.endswith("What it printed:\n\n    # [hello](x)\n    \n")
    assert (folder / "01 right" / "my_loop.py").read_text() == "mine"  # what was graded was read before


@pytest.mark.skipif(sys.platform != "linux", reason="needs a process that is held to one core")
def test_ctrl_c_ends_all_processes_and_keeps_what_is_done(tmp_path):
    folder, out, begun = tmp_path / "class", tmp_path / "results.csv", tmp_path / "begun"
    hand_in(folder / "anna", my_loop=RIGHT)
    hand_in(
        folder / "bob", my_loop=in_the_loop(f"open({str(begun)!r}, 'w').close()", "while True:", "    pass")
    )
    core = min(os.sched_getaffinity(0))
    grader = subprocess.Popen(
        [sys.executable, "-m", "rnn_core", "cells", "grade", str(folder), "--out", str(out), "--tasks", "2"],
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while not begun.exists():
            assert grader.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        family = psutil.Process(grader.pid).children(recursive=True)
        grader.send_signal(signal.SIGINT)
        assert grader.wait(60) == 130
    finally:
        grader.kill()
    assert len(family) == 2
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    with out.open(encoding="utf-8", newline="") as file:
        assert [(row["student"], row["points"]) for row in csv.DictReader(file)] == [
            ("anna", "1"),
            ("bob", ""),
        ]
