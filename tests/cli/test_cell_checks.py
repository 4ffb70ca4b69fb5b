"""`cells check` and `cells grade`: exit codes, places, and what is kept where it is given up."""

import csv
import json
import os
import signal
import threading

import pytest
from click.testing import CliRunner

from rnn_core.cli import cell_checks, main
from rnn_core.own_cells import grading
from rnn_core.own_cells.progress import noted
from rnn_core.own_cells.report import Report, remark
from rnn_core.paths import own_cells_folder
from tests.own_cells.handed_in import Scripted, hand_in


def call(*words):
    return CliRunner().invoke(main, ["cells", *map(str, words)])


@pytest.fixture
def checks(monkeypatch):
    """Files are checked by what stands in their first line; which file for which task, with which others."""
    asked = []

    def check(file, exercise, earlier, *, process):
        asked.append((file.file_name, exercise and exercise.number, sorted(earlier)))
        yield from ()
        first = file.source.partition("\n")[0]
        wrong = [remark("no-nonlinearity", f"{file.file_name}, line 3: there is no tanh.", line=3)]
        return Report(
            exercise=exercise.number if exercise else "",
            file=file.file_name,
            digest=file.digest,
            remarks=tuple(wrong if first == "# wrong" else ()),
            fits="a plain RNN",
            printed="hello" if first == "# wrong" else "",
        )

    monkeypatch.setattr(cell_checks, "check", check)
    return asked


@pytest.fixture
def scripted(monkeypatch):
    monkeypatch.setattr(grading, "new_checker", Scripted)


def test_the_exit_code_says_whether_there_is_a_mistake(checks, tmp_path):
    hand_in(tmp_path, my_rnn="# right", my_gru="# wrong", leaky="# right")
    assert [
        call("check", tmp_path / f"{name}.py").exit_code for name in ("my_rnn", "my_gru", "leaky", "nothing")
    ] == [0, 1, 0, 2]
    assert [(name, task) for name, task, _ in checks] == [
        ("my_rnn.py", "1"),
        ("my_gru.py", "4"),
        ("leaky.py", None),
    ]
    assert call("check", tmp_path / "leaky.py", "--task", "4").exit_code == 0
    assert checks[-1] == ("leaky.py", "4", [])
    assert call("check", tmp_path / "leaky.py", "--task", "9").exit_code == 2


def test_a_report_is_for_people_or_for_programs(checks, tmp_path):
    hand_in(tmp_path, my_gru="# wrong")
    said = call("check", tmp_path / "my_gru.py").stdout
    assert said.splitlines() == [
        "my_gru.py, Task 4: GRU",
        "Wrong: No nonlinearity. my_gru.py, line 3: there is no tanh.",
        "It printed:",
        "  hello",
    ]
    report = json.loads(call("check", tmp_path / "my_gru.py", "--json").stdout)
    assert (report["passed"], report["exercise"], report["remarks"][0]["line"]) == (False, "4", 3)
    missing = call("check", tmp_path / "nothing.py", "--json")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "There is no file" in missing.stderr


def test_earlier_tasks_come_from_the_files_beside_it_where_they_pass(checks, tmp_path):
    hand_in(tmp_path, my_rnn="# right", my_loop="# wrong", my_classifier="# right")
    call("check", tmp_path / "my_classifier.py")
    assert checks[-1] == ("my_classifier.py", "3", ["1"])


def test_progress_is_noted_for_the_folder_of_own_cells_alone(checks, tmp_path):
    hand_in(tmp_path, my_rnn="# right")
    hand_in(own_cells_folder(), my_gru="# wrong", my_lstm="# right")
    for path in (tmp_path / "my_rnn.py", own_cells_folder() / "my_gru.py", own_cells_folder() / "my_lstm.py"):
        call("check", path)
    assert {key: bool(one.digest) for key, one in noted().items()} == {"4": False, "5": True}


def test_nothing_runs_where_own_cells_are_off(checks, tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    hand_in(tmp_path / "class" / "anna", my_rnn="# right")
    assert call("check", tmp_path / "class" / "anna" / "my_rnn.py").exit_code == 2
    assert call("grade", tmp_path / "class", "--out", tmp_path / "results.csv").exit_code == 1
    assert not checks


def test_a_class_is_graded_into_a_table_and_pages(scripted, tmp_path):
    hand_in(tmp_path / "class" / "anna", my_rnn="# right", my_gru="# right")
    hand_in(tmp_path / "class" / "bob", my_rnn="# wrong", my_gru="# hidden")
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "a.toml").write_text('title = "large weights"\ntasks = [4]')
    out = tmp_path / "marks.csv"
    done = call("grade", tmp_path / "class", "--out", out, "--tasks", "1,4", "--hidden", tmp_path / "hidden")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("2 students, 2.0 of 3 points on average.")
    assert f"Written to {out} and {tmp_path / 'marks'}" in done.stdout
    with out.open(newline="") as file:
        assert [(row["student"], row["points"]) for row in csv.DictReader(file)] == [
            ("anna", "3"),
            ("bob", "1"),
        ]
    assert "large weights" in (tmp_path / "marks" / "students" / "bob.md").read_text()
    assert (tmp_path / "marks" / "summary.md").read_text().startswith("# Class class\n")
    said = json.loads(
        call("grade", tmp_path / "class", "--out", out, "--tasks", "4", "--force", "--json").stdout
    )
    assert [(one["student"], one["points"]) for one in said["students"]] == [("anna", 1), ("bob", 1)]


def test_results_are_not_replaced_unless_asked_for(scripted, tmp_path):
    hand_in(tmp_path / "class" / "anna", my_rnn="# right")
    out = tmp_path / "results.csv"
    (tmp_path / "results").mkdir()
    refused = call("grade", tmp_path / "class", "--out", out)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert call("grade", tmp_path / "class", "--out", out, "--force").exit_code == 0
    assert call("grade", tmp_path / "class", "--out", out).exit_code == 2


def test_no_place_among_the_students_and_no_other_kind_of_file_is_taken(scripted, tmp_path):
    hand_in(tmp_path / "class" / "anna", my_rnn="# right")
    (tmp_path / "class" / "hidden").mkdir()
    for words in (
        ("--out", tmp_path / "results.txt"),
        ("--out", tmp_path / "class" / "results.csv"),
        ("--out", tmp_path / "nowhere" / "results.csv"),
        ("--out", tmp_path / "results.csv", "--hidden", tmp_path / "class" / "hidden"),
        ("--out", tmp_path / "results.csv", "--tasks", "7-1"),
        ("--out", tmp_path / "results.csv", "--tasks", "8"),
        ("--out", tmp_path / "results.csv", "--tasks", ""),
    ):
        assert call("grade", tmp_path / "class", *words).exit_code in (1, 2)
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["artifacts", "class"]
        or not (tmp_path / "results.csv").exists()
    )


def test_ctrl_c_keeps_what_is_done(monkeypatch, tmp_path):
    hand_in(tmp_path / "class" / "anna", my_rnn="# right")
    hand_in(tmp_path / "class" / "bob", my_rnn="# slow")
    begun = threading.Event()

    class Noticing(Scripted):
        def asking(self, said, arrays, *, seconds):
            if said["student"] == 1 and not begun.is_set():
                begun.set()
                threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            return super().asking(said, arrays, seconds=seconds)

    monkeypatch.setattr(grading, "new_checker", Noticing)
    monkeypatch.setattr(grading, "usable_cores", lambda: 1)
    done = call("grade", tmp_path / "class", "--out", tmp_path / "results.csv", "--tasks", "1")
    assert done.exit_code == 130
    assert "what was done is kept" in done.stderr
    with (tmp_path / "results.csv").open(newline="") as file:
        assert [(row["points"], row["first mistake"]) for row in csv.DictReader(file)] == [
            ("1", ""),
            ("", "Not graded."),
        ]
