"""The results of a class: a table that no spreadsheet computes, and pages in which students' text is text."""

import csv
import re

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.own_cells.class_folder import HandedIn
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.grading import Graded, Outcome
from rnn_core.own_cells.grading_table import (
    ClassResults,
    escaped,
    rows_of,
    student_page,
    summary,
    write_results,
)
from rnn_core.own_cells.report import Report, remark

NASTY = "**loud** <b>bold</b> [here](https://example.org) `code` | # x"


def report(task, *remarks, **values):
    return Report(exercise=task, file="my_gru.py", digest="0" * 64, remarks=remarks, **values)


def passed(task, **values):
    return Outcome(task=task, report=report(task, remark("keep-gate", "z is the other way round.")), **values)


def wrong(task, sentence="There is no tanh.", printed="", **values):
    found = report(task, remark("no-nonlinearity", sentence, **values), printed=printed)
    return Outcome(task=task, report=found, hidden=("large weights",), seconds=1.25)


def of_class(**outcomes):
    """Results in tasks 1 and 4, for each student a list of outcomes, or None."""
    students = [HandedIn(name, {}, {}) for name in outcomes]
    graded = [found and Graded(name, tuple(found)) for name, found in outcomes.items()]
    return ClassResults(students, graded, ["1", "4"])


def lost(task):
    return Outcome(task=task, unchecked="It crashed.", hidden=("large weights",))


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_a_row_for_each_student(tmp_path):
    missing = Outcome(task="4", unchecked="my_gru.py was not handed in.", is_there=False)
    results = of_class(
        anna=[passed("1"), passed("4")],
        bob=[passed("1"), wrong("4")],
        carl=None,
        dora=[passed("1"), missing],
        emil=[passed("1"), lost("4")],
        fay=[lost("1"), lost("4")],
    )
    write_results(results, tmp_path / "marks.csv", "Class 1")
    assert [list(row.values()) for row in rows(tmp_path / "marks.csv")] == [
        ["anna", "1", "1", "2", "2", "", "0.0", ""],
        ["bob", "1", "0", "1", "3", "Task 4: There is no tanh.", "1.2", ""],
        ["carl", "", "", "", "", "Not graded.", "", ""],
        ["dora", "1", "0", "1", "2", "Task 4: my_gru.py was not handed in.", "0.0", ""],
        ["emil", "1", "not checked", "1", "1", "Task 4: Not checked: It crashed.", "0.0", ""],
        ["fay", "not checked", "not checked", "", "", "Task 1: Not checked: It crashed.", "0.0", ""],
    ]
    assert sorted(path.name for path in (tmp_path / "marks" / "students").iterdir()) == [
        "anna.md",
        "bob.md",
        "dora.md",
        "emil.md",
        "fay.md",
    ]
    assert [*rows_of(results)][4].by_task == {"1": 1, "4": None}


def test_no_spreadsheet_computes_a_name_or_a_sentence(tmp_path):
    results = of_class(
        **{'=cmd("x"), Zoë': [passed("1"), wrong("4", "=1+1\nsecond line")], "@b": [passed("1"), passed("4")]}
    )
    write_results(results, tmp_path / "results.csv", "c")
    first, second = rows(tmp_path / "results.csv")
    assert (first["student"], second["student"]) == ('\'=cmd("x"), Zoë', "'@b")
    assert first["first mistake"] == "Task 4: =1+1 second line"


def test_each_page_has_a_file_that_every_system_takes(tmp_path):
    names = ["Anna", "anna", "CON", "a/b: c?", "..", "Зоя, ж.", "x" * 300]
    results = of_class(**{name: [passed("1"), passed("4")] for name in names})
    write_results(results, tmp_path / "results.csv", "c")
    pages = sorted(path.name for path in (tmp_path / "results" / "students").iterdir())
    expected = ["Anna.md", "anna (2).md", "_CON.md", "a_b_ c_.md", "_.md", "Зоя, ж.md", f"{'x' * 80}.md"]
    assert pages == sorted(expected)
    assert (
        (tmp_path / "results" / "students" / "anna (2).md").read_text(encoding="utf-8").startswith("# anna\n")
    )


def test_what_a_student_wrote_is_text_on_the_page():
    page = student_page(
        Graded(NASTY, (wrong("4", f"{NASTY}\n\n## Task 9", printed=f"```\n# {NASTY}\x1b[2J\n\n"),))
    )
    assert page.startswith(f"# {escaped(NASTY)}\n")
    before, printed = page.split("What it printed:")
    assert NASTY not in before
    assert re.findall("^#+ .*$", before, flags=re.MULTILINE)[1:] == ["## Task 4: GRU"]
    assert all(line.startswith("    ") for line in printed.splitlines() if line)
    assert "\x1b" not in page


@pytest.mark.parametrize(
    "text", ["1. one", "12) two", "- one", "+ one", "= one", "> one", "    code", "&copy;", "www.example.org"]
)
def test_no_line_of_someone_else_begins_a_list_or_a_quote(text):
    assert not re.match(r"\d+[.)]|[-+=>]|\s|&", escaped(text))
    assert "www." not in escaped(text)


def test_the_page_says_no_more_of_a_hidden_test_than_its_title():
    failing = passed("4", hidden=("large weights", "one row"), failed=("large weights",))
    page = student_page(Graded("anna", (failing,)))
    assert "2 of 3 points" in page
    assert "**A hidden test fails**: large weights." in page
    assert "one row" not in page
    unasked = student_page(Graded("anna", (wrong("4"),)))
    assert "large weights" not in unasked
    assert "0 of 2 points" in unasked


def test_a_page_says_what_was_not_checked():
    page = student_page(Graded("anna", (passed("1"), lost("4"))))
    assert "**1 of 1 point**\n\nWithout task 4, which could not be checked." in page
    assert page.endswith("\n\nNot checked.\n\nIt crashed.\n")
    assert "0 of" not in page + student_page(Graded("bob", (lost("4"),)))


def test_the_page_shows_shapes_and_numbers():
    page = student_page(
        Graded(
            "anna", (wrong("4", shapes="yours (3, 8), expected (8, 3)", yours=(0.5, 1, 2), ours=(1, 2, 3)),)
        )
    )
    assert "Shapes: yours (3, 8), expected (8, 3)." in page
    assert "Your numbers: 0.5, 1, 2. Expected: 1, 2, 3." in page


def test_the_summary_counts_how_often_a_check_fails():
    missing = Outcome(task="4", unchecked="my_gru.py was not handed in.", is_there=False)
    hidden = passed("4", hidden=("large weights",), failed=("large weights",))
    results = of_class(
        a=[passed("1"), wrong("4")],
        b=[passed("1"), wrong("4")],
        c=[passed("1"), lost("4")],
        d=[passed("1"), missing],
        e=[passed("1"), hidden],
        f=None,
    )
    lines = summary(results)
    assert lines[:2] == [
        "5 students. All tasks are checked for 4 of them: 1.2 of 3 points on average.",
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
    assert (
        summary(of_class(a=[lost("1"), lost("4")]))[0] == "1 student. All tasks are checked for none of them."
    )
    assert summary(of_class(a=None)) == ["No student was graded."]


def test_files_of_the_same_bytes_are_named_but_for_unchanged_templates(tmp_path):
    def handed(name, **sources):
        files = {
            task[1:]: CellFile.of(tmp_path / "my.py", source.encode()) for task, source in sources.items()
        }
        return HandedIn(name, files, {})

    template = EXERCISES["1"].template
    students = [
        handed("a", _1=template, _4="x"),
        handed("b", _1=template, _4="y"),
        handed("*c", _1="z", _4="x"),
    ]
    results = ClassResults(
        students, [Graded(one.student, (passed("1"), passed("4"))) for one in students], ["1", "4"]
    )
    assert [row.same_file_as for row in rows_of(results)] == ["task 4: *c", "", "task 4: a"]
    assert "- The same file: \\*c, a" in summary(results, escaped)
