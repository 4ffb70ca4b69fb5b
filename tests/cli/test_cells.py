"""`cells`: files are made, listed, checked and graded in a terminal."""

import csv
import json
from pathlib import Path

import pytest

from rnn_core.cell_files.folder import cell_files
from rnn_core.cell_files.typed import save_cell
from rnn_core.cli import cells as commands
from rnn_core.grading import graded
from rnn_core.own_cells.exercises import BEGINNINGS
from rnn_core.own_cells.progress import noted
from rnn_core.own_cells.report import Report
from rnn_core.paths import own_cells_folder
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS
from tests.cell_files.sources import GATED, JANET, PLAIN, checked, traced, write
from tests.cli.calls import TINY, call, done, error_of, said
from tests.grading.handed_in import Scripted, hand_in
from tests.own_cells.files import a_remark


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_new_cell_begins_as_the_one_that_is_asked_for(beginning):
    answer = done("cells", "new", "mine", "--from", beginning)
    assert answer.stdout.startswith(f"Wrote {own_cells_folder() / 'mine.py'}\n")
    assert "--cell mine" in answer.stdout
    assert [file.source for file in cell_files()] == [BEGINNINGS[beginning]]
    error_of(call("cells new mine"), 1)  # the name is taken


def test_the_list_says_what_each_file_is():
    assert "No cells of your own yet" in done("cells list").stdout
    gated, loop = write("gated", GATED), write("my_loop", "def run(cell, xs, lengths): ...")
    leaky = checked("leaky")
    write("broken", "a = = 3")
    (own_cells_folder() / "gru.py").write_text(PLAIN)
    listed = {one.get("name"): one for one in said("cells list")}
    said_of = {"states": [], "seen": [], "problem": "", "version": None, "has_changed": False}
    assert listed["gated"] == {"name": "gated", "file": str(gated.path), **said_of}
    assert (listed["leaky"]["seen"], listed["leaky"]["version"]) == (["n"], leaky.cell.version)
    assert "line 1: invalid syntax" in listed["broken"]["problem"]
    assert "already a cell called gru" in listed[None]["problem"]
    write("leaky", PLAIN + "# more")
    lines = done("cells list").stdout
    parts = (loop.name, "no equations yet: check it", "h; seen n; changed since it was checked")
    assert [part for part in parts if part not in lines] == []


def test_a_command_takes_a_cell_by_the_name_of_its_file(with_corpus):
    """Once it is checked; where the file has changed since, that is said."""
    write("leaky")
    assert "gatescope cells check leaky" in error_of(call("train --data verdict --cell leaky"), 2)
    checked("leaky")
    helped = done("train --help").stdout
    assert "|leaky]" in "".join(helped.split())
    assert "leaky@" not in helped
    write("leaky", "a = = 3")
    trained = call("train", *TINY, "--cell", "leaky")
    assert trained.exit_code == 0
    assert "leaky.py has changed since it was checked: what is trained is what was checked." in trained.stderr


def test_a_typed_cell_is_given_by_file_or_name(tmp_path, with_corpus):
    file = tmp_path / "mine.txt"
    file.write_text(JANET)
    cell = save_cell("janet", JANET)
    for given, name in ((file, "mine"), ("janet", "janet")):
        run = said("train", *TINY, "--cell", given)["run"]
        assert Store().runs.get(run).config.model.cell == cell.text.replace("janet", name)
    assert f"verdict janet@{cell.equations.digest} V=" in done("runs list").stdout
    listed = {one["name"]: one for one in said("cells list")}["janet"]
    assert (listed["states"], listed["seen"]) == (["h"], ["f", "g"])


def test_a_mistake_in_equations_has_its_place(tmp_path):
    for content, name, why in (
        (b"f = 1\nh' = tnh(x @ W)", "mine.txt", "Line 2, column 6: tnh is no function here"),
        (b"\xff", "mine.txt", "no text in UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        assert why in error_of(call("train", *TINY, "--cell", tmp_path / name), 2)
    assert "There is no file" in error_of(call("train", *TINY, "--cell", tmp_path / "none.txt"), 2)
    assert not Store().runs.all()


@pytest.fixture
def checks(monkeypatch):
    """Files are checked by what stands in their first line; which file for which task, with which others."""
    asked = []

    def check(file, exercise, earlier, *, process):
        asked.append((file.file_name, exercise and exercise.number, sorted(earlier)))
        yield from ()
        first = file.source.partition("\n")[0]
        more = {"exercise": exercise.number if exercise else "", "remarks": (), "fits": "a plain RNN"}
        more["traced"] = traced(file) if first == "# right" else None
        if first == "# wrong":
            wrong = a_remark("no-nonlinearity", f"{file.file_name}, line 3: there is no tanh.", line=3)
            more |= {"remarks": (wrong,), "printed": "hello"}
        return Report(file=file.file_name, digest=file.digest, **more)

    monkeypatch.setattr(commands, "check", check)
    return asked


@pytest.fixture
def anna(here, monkeypatch):
    """The folder of a student in the folder `class`, who did Task 1; a script checks what is handed in."""
    monkeypatch.setattr(graded, "new_checker", Scripted)
    return hand_in(here / "class" / "anna", my_rnn="# right")


def test_the_exit_code_says_whether_there_is_a_mistake(checks, here):
    """Earlier tasks come from the files beside it, where they pass."""
    hand_in(here, my_rnn="# right", my_gru="# wrong", leaky="# right", my_loop="# wrong", my_classifier="")
    for name, code in {"my_rnn": 0, "my_gru": 1, "leaky": 0, "my_classifier": 0}.items():
        error_of(call(f"cells check {name}.py"), code)
    asked = [("my_rnn.py", "1", []), ("leaky.py", None, []), ("my_classifier.py", "3", ["1"])]
    assert [one for one in asked if one not in checks] == []
    done("cells check leaky.py --task 4")
    assert checks[-1][:2] == ("leaky.py", "4")
    error_of(call("cells check leaky.py --task 9"), 2)


def test_a_report_is_for_people_or_for_programs(checks, here):
    hand_in(here, my_gru="# wrong")
    assert call("cells check my_gru.py").stdout.splitlines() == [
        "my_gru.py, Task 4: GRU",
        "Wrong: No nonlinearity. my_gru.py, line 3: there is no tanh.",
        "What it printed:",
        "  hello",
    ]
    report = json.loads(call("cells check my_gru.py --json").stdout)
    assert (report["passed"], report["exercise"], report["remarks"][0]["line"]) == (False, "4", 3)


def test_progress_is_noted_for_the_folder_of_own_cells(checks, here):
    """And for no other; the equations of what is right are kept, too."""
    hand_in(here, my_rnn="# right")
    hand_in(own_cells_folder(), my_gru="# wrong", my_lstm="# right")
    for path in (here / "my_rnn.py", "my_gru", own_cells_folder() / "my_lstm.py"):
        call("cells", "check", path)
    assert {key: bool(one.digest) for key, one in noted().items()} == {"4": False, "5": True}
    assert [CELLS[cell].name for cell in CELLS.finder.names()] == ["my_lstm"]


def test_nothing_runs_where_own_cells_are_off(checks, anna, monkeypatch):
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    error_of(call("cells check class/anna/my_rnn.py"), 2)
    error_of(call("cells grade class --out results.csv"), 1)
    assert not checks


def test_a_class_is_graded_into_a_table_and_pages(anna):
    hand_in(anna, my_gru="# right")
    hand_in(anna.with_name("bob"), my_rnn="# wrong", my_gru="# hidden")
    Path("hidden").mkdir()
    Path("hidden/a.toml").write_text('title = "large weights"\ntasks = [4]')
    answer = done("cells grade class --out marks.csv --tasks 1,4 --hidden hidden")
    assert answer.stdout.startswith("2 students, 2.0 of 3 points on average.")
    assert "Written to marks.csv and marks" in answer.stdout
    with Path("marks.csv").open(newline="") as file:
        assert {row["student"]: row["points"] for row in csv.DictReader(file)} == {"anna": "3", "bob": "1"}
    assert "large weights" in Path("marks/students/bob.md").read_text()
    assert Path("marks/summary.md").read_text().startswith("# Class class\n")
    assert "--force" in error_of(call("cells grade class --out marks.csv --tasks 4"), 2)
    graded = said("cells grade class --out marks.csv --tasks 4 --force")
    assert [(one["student"], one["points"]) for one in graded["students"]] == [("anna", 1), ("bob", 1)]


@pytest.mark.parametrize(
    "words",
    [
        "--out results.txt",
        "--out class/results.csv",
        "--out nowhere/results.csv",
        "--out results.csv --hidden class/hidden",
        "--out results.csv --tasks 7-1",
        "--out results.csv --tasks 8",
        "--out results.csv --tasks ''",
    ],
)
def test_a_place_or_a_task_that_cannot_be_is_refused(anna, words):
    """No place among the students, and no other kind of file."""
    Path("class/hidden").mkdir()
    assert call(f"cells grade class {words}").exit_code in (1, 2)
    assert [path.name for path in Path().iterdir()] == ["class"]
