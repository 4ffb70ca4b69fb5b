"""The results of a class: a table that no spreadsheet computes, and pages in which students' text is text."""

import csv
import re

import pytest

from rnn_core.grading import table
from rnn_core.grading.class_folder import HandedIn
from rnn_core.grading.graded import Graded, TaskOutcome
from rnn_core.grading.table import ClassResults, escaped, rows_of, student_page, summary
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.report import Report
from tests.own_cells.files import a_file, a_remark

MISSING = TaskOutcome(task="4", unchecked="my_gru.py was not handed in.", is_there=False)


def report(task, *remarks, **values):
    return Report(exercise=task, file="my_gru.py", digest="0" * 64, remarks=remarks, **values)


def passed(task, **values):
    return TaskOutcome(
        task=task, report=report(task, a_remark("keep-gate", "z is the other way round.")), **values
    )


def wrong(task, sentence="There is no tanh.", printed="", **values):
    found = report(task, a_remark("no-nonlinearity", sentence, **values), printed=printed)
    return TaskOutcome(task=task, report=found, hidden=("large weights",), seconds=1.25)


def of_class(**outcomes):
    """Results in tasks 1 and 4, for each student a list of outcomes, or None."""
    students = [HandedIn(name, {}, {}) for name in outcomes]
    graded = [found and Graded(name, tuple(found)) for name, found in outcomes.items()]
    return ClassResults(students, graded, ["1", "4"])


def lost(task):
    return TaskOutcome(task=task, unchecked="It crashed.", hidden=("large weights",))


def written(folder, results):
    """The rows of the table, and the text of each page by the name of its file."""
    table.write_results(results, folder / "marks.csv", "Class 1")
    rows = list(csv.DictReader((folder / "marks.csv").read_text(encoding="utf-8").splitlines()))
    pages = (folder / "marks" / "students").iterdir()
    return rows, {path.name: path.read_text(encoding="utf-8") for path in pages}


def test_the_table_has_a_row_for_each_student(tmp_path):
    results = of_class(
        anna=[passed("1"), passed("4")],
        bob=[passed("1"), wrong("4")],
        carl=None,
        dora=[passed("1"), MISSING],
        emil=[passed("1"), lost("4")],
        fay=[lost("1"), lost("4")],
    )
    rows, pages = written(tmp_path, results)
    assert [list(row.values()) for row in rows] == [
        ["anna", "1", "1", "2", "2", "", "0.0", ""],
        ["bob", "1", "0", "1", "3", "Task 4: There is no tanh.", "1.2", ""],
        ["carl", "", "", "", "", "Not graded.", "", ""],
        ["dora", "1", "0", "1", "2", "Task 4: my_gru.py was not handed in.", "0.0", ""],
        ["emil", "1", "not checked", "1", "1", "Task 4: Not checked: It crashed.", "0.0", ""],
        ["fay", "not checked", "not checked", "", "", "Task 1: Not checked: It crashed.", "0.0", ""],
    ]
    assert pages.keys() == {f"{name}.md" for name in ("anna", "bob", "dora", "emil", "fay")}
    assert [*rows_of(results)][4].by_task == {"1": 1, "4": None}


def test_no_spreadsheet_computes_a_name_or_a_sentence(tmp_path):
    found = [passed("1"), wrong("4", "=1+1\nsecond line")]
    [first, second], _ = written(tmp_path, of_class(**{'=cmd("x"), Zoë': found, "@b": found}))
    assert (first["student"], second["student"]) == ('\'=cmd("x"), Zoë', "'@b")
    assert first["first mistake"] == "Task 4: =1+1 second line"


def test_each_page_has_a_file_that_every_system_takes(tmp_path):
    names = ["Anna", "anna", "CON", "a/b: c?", "..", "Зоя, ж.", "x" * 300]
    _, pages = written(tmp_path, of_class(**{name: [passed("1"), passed("4")] for name in names}))
    expected = ["Anna.md", "anna (2).md", "_CON.md", "a_b_ c_.md", "_.md", "Зоя, ж.md", f"{'x' * 80}.md"]
    assert sorted(pages) == sorted(expected)
    assert pages["anna (2).md"].startswith("# anna\n")


def test_what_a_student_wrote_is_text_on_the_page():
    nasty = "**loud** <b>bold</b> [here](https://example.org) `code` | # x"
    page = student_page(
        Graded(nasty, (wrong("4", f"{nasty}\n\n## Task 9", printed=f"```\n# {nasty}\x1b[2J\n\n"),))
    )
    assert page.startswith(f"# {escaped(nasty)}\n")
    before, printed = page.split("What it printed:")
    assert nasty not in before
    assert re.findall("^#+ .*$", before, flags=re.MULTILINE)[1:] == ["## Task 4: GRU"]
    assert all(line.startswith("    ") for line in printed.splitlines() if line)
    assert "\x1b" not in page


@pytest.mark.parametrize(
    "text", ["1. one", "12) two", "- one", "+ one", "= one", "> one", "    code", "&copy;", "www.example.org"]
)
def test_no_line_of_someone_else_begins_a_list(text):
    assert not re.match(r"\d+[.)]|[-+=>]|\s|&", escaped(text))
    assert "www." not in escaped(text)


HIDDEN = passed("4", hidden=("large weights", "one row"), failed=(0,))
UNCHECKED = "\n\nNot checked.\n\nIt crashed.\n"


@pytest.mark.parametrize(
    ("outcomes", "says", "hides"),
    [
        ([HIDDEN], ["2 of 3 points", "**A hidden test fails**: large weights."], "one row"),
        ([wrong("4")], ["0 of 2 points"], "large weights"),  # it was not asked
        ([passed("1"), lost("4")], ["**1 of 1 point**\n\nWithout task 4, which", UNCHECKED], "0 of"),
        ([lost("4")], [UNCHECKED], "0 of"),
        (
            [wrong("4", shapes="yours (3, 8), expected (8, 3)", yours=(0.5, 1, 2), ours=(1, 2, 3))],
            ["Shapes: yours (3, 8), expected (8, 3).", "Your numbers: 0.5, 1, 2. Expected: 1, 2, 3."],
            "None",
        ),
    ],
    ids=["hidden tests", "a mistake", "one unchecked", "all unchecked", "shapes and numbers"],
)
def test_a_page_says_what_its_student_may_know(outcomes, says, hides):
    page = student_page(Graded("anna", tuple(outcomes)))
    assert [words for words in says if words not in page] == []
    assert hides not in page


def test_the_summary_counts_how_often_a_check_fails():
    of_task_4 = {"a": wrong("4"), "b": wrong("4"), "c": lost("4"), "d": MISSING, "e": HIDDEN}
    lines = summary(of_class(**{name: [passed("1"), one] for name, one in of_task_4.items()}, f=None))
    assert lines[:2] == [
        "5 students. All tasks are checked for 4 of them: 1.5 of 3 points on average.",
        "1 student not graded.",
    ]
    assert lines[lines.index("## Task 4: GRU") + 2 :] == [
        "1 of 4 passed the check.",
        "",
        "- 2 × No nonlinearity",
        "- 1 × Not checked",
        "- 1 × Not handed in",
        "- 1 × Hidden test: large weights",
    ]
    assert summary(of_class(a=[lost("1"), lost("4")]))[0].endswith("All tasks are checked for none of them.")
    assert summary(of_class(a=[passed("1"), MISSING]))[0] == "1 student, 1.0 of 2 points on average."
    assert summary(of_class(a=None)) == ["No student was graded."]


def test_the_same_file_is_named_but_for_a_template(tmp_path):
    template = EXERCISES["1"].template
    students = [
        HandedIn(name, {"1": a_file(first, folder=tmp_path), "4": a_file(fourth, folder=tmp_path)}, {})
        for name, first, fourth in (("a", template, "x"), ("b", template, "y"), ("*c", "z", "x"))
    ]
    graded = [Graded(one.student, (passed("1"), passed("4"))) for one in students]
    results = ClassResults(students, graded, ["1", "4"])
    assert [row.same_file_as for row in rows_of(results)] == ["task 4: *c", "", "task 4: a"]
    assert "- The same file: \\*c, a" in summary(results, escaped)
