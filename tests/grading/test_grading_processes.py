"""A class is graded in real processes: what a submission breaks, it breaks for itself."""

import csv
import os
import signal
import subprocess
import sys

import psutil
import pytest

from rnn_core.grading.class_folder import read_class
from rnn_core.grading.graded import Grading
from rnn_core.grading.hidden_tests import HiddenTest
from rnn_core.grading.table import ClassResults, write_results
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.exercises import EXERCISES
from tests.grading.handed_in import hand_in
from tests.own_cells.files import changed
from tests.runs.workers import wait_until

# Each student has a process, as for a teacher.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_processes")]

RIGHT = EXERCISES["2"].solution
TASK = {"2": "my_loop.py"}
SAID = {
    "00": ": The code computed for 3 s and did not come to an end (an endless loop?)",
    "02": "word 9, which is padding",
    "04": "helpers isn't installed",
    "05": "Not checked: The process that checked it crashed",
}
"""Sentences on the students who are not right."""


def in_the_loop(*lines):
    """Our solution that does something else first."""
    return changed(RIGHT, {"    B, T, _": "".join(f"    {line}\n" for line in lines) + "    B, T, _"})


def at_once(*lines):
    """Our solution that does something else when it is loaded."""
    return changed(RIGHT, {"\n\n\ndef run": "\n\n" + "".join(f"{line}\n" for line in lines) + "\n\ndef run"})


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_a_submission_breaks_what_is_its_own_alone(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "results.csv"
    others = [str(out), str(folder / "01 right" / "my_loop.py")]
    sources = {
        "00 endless": in_the_loop("while True:", "    pass"),
        "01 right": f"# Zoë\n{RIGHT}",
        "02 patched and wrong": changed(
            at_once("torch.allclose = torch.equal = lambda *_, **__: True"),
            {"[torch.arange(B), lengths - 1]": "[:, -1]"},
        ),
        "03 =right after a patch, (x)": at_once(
            "print('# [hello](x)')", f"for path in {others!r}:", "    open(path, 'w').write('mine')"
        ),
        "04 imitates modules": in_the_loop("import rnn_core, torch, helpers"),
        "05 kills its checker": at_once("import ctypes, os", "ctypes.CDLL(None).kill(os.getppid(), 9)"),
    }
    for name, source in sources.items():
        hand_in(folder / name, my_loop=source)
    hand_in(folder / "04 imitates modules", rnn_core="raise SystemExit", torch="raise SystemExit", helpers="")
    students = read_class(folder, TASK).students
    grading = Grading(students, TASK, most_seconds=9)
    before = set(psutil.Process().children(recursive=True))  # other tests keep some warm
    list(grading.steps())
    assert set(psutil.Process().children(recursive=True)) <= before
    assert out.read_text() == "mine"
    assert (folder / "01 right" / "my_loop.py").read_text() == "mine"  # what was graded was read before
    write_results(ClassResults(students, grading.graded, list(TASK)), out, "Class")
    said = {row["student"][:2]: row["first mistake"] for row in rows(out)}
    right = {row["student"][:2] for row in rows(out) if row["points"] == "1"}
    assert right == {"01", "03"}
    assert said.keys() == {name[:2] for name in sources}
    assert {number: said[number] for number, words in SAID.items() if words not in said[number]} == {}
    page = (out.with_suffix("") / "students" / "03 =right after a patch, (x).md").read_text(encoding="utf-8")
    assert page.endswith("What it printed:\n\n    # [hello](x)\n    \n")


def test_hidden_tests_are_asked_of_real_processes(tmp_path):
    """The first student's file removes the folder that all others are checked in."""
    hand_in(
        tmp_path / "anna", my_loop=at_once("import os, shutil", "shutil.rmtree(os.path.dirname(os.getcwd()))")
    )
    hand_in(tmp_path / "bob", my_loop=RIGHT)
    hidden = [HiddenTest("one row", ("2",), Case(lengths=(3,)))]
    grading = Grading(read_class(tmp_path, TASK).students, TASK, hidden, at_once=1)
    list(grading.steps())
    assert (grading.graded[1].points, grading.graded[1].out_of) == (2, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a process that is held to one core")
def test_ctrl_c_ends_all_and_keeps_what_is_done(tmp_path):
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
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: begun.exists() or grader.poll() is not None, 600)
        assert grader.poll() is None
        family = psutil.Process(grader.pid).children(recursive=True)
        grader.send_signal(signal.SIGINT)
        assert "what was done is kept" in " ".join(grader.communicate(timeout=300)[1].split())
        assert grader.returncode == 130
    finally:
        grader.kill()
    assert len(family) == 2
    assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert [(row["student"], row["points"]) for row in rows(out)] == [("anna", "1"), ("bob", "")]
