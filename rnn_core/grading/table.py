"""The results of a class as files: a table, a page for each student, and a summary.

A page is for the student: of a hidden test it has the title alone. What students wrote or chose, names,
printed text, lines of their code, is text in Markdown, and no formula in a table.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rnn_core.files import write_whole
from rnn_core.grading.class_folder import HandedIn
from rnn_core.grading.graded import Graded, TaskOutcome
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.report import PRINTED, WORTH_KNOWING
from rnn_core.tables.written import written_table
from rnn_core.text.scripts import isolated

_MARKDOWN = re.compile(r"[\\`*_{}\[\]#<>|~$&@]|:(?=//|[\w+-]+:)")
_BEGINS = re.compile(r"(^\d*|\bwww)(?=[+=.)-])")
"""Beginnings that Markdown makes a list, a heading or an address of, by the sign that follows."""
_NOT_IN_FILES = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)\d)(?:\..*)?", re.IGNORECASE)
_LONGEST_FILE_NAME = 80
_STUDENTS, _SUMMARY = "students", "summary.md"
_NOT_CHECKED = "Not checked"


def escaped(text: str) -> str:
    r"""A text of someone else on one line, so that Markdown shows it as it stands.

    >>> escaped("*now* [here](https://a.b)\n# <b>")
    '\\*now\\* \\[here\\](https\\://a.b) \\# \\<b\\>'
    """
    on_one_line = " ".join(text.split())
    return isolated(_BEGINS.sub(r"\1\\", _MARKDOWN.sub(r"\\\g<0>", on_one_line)))


def code_block(text: str) -> str:
    """A text of someone else as a block of code."""
    lines = "".join(
        sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text
    )
    return "\n".join(f"    {line}" for line in lines.expandtabs(4).split("\n"))


@dataclass(frozen=True, slots=True)
class ClassResults:
    """Files that a class handed in, and what was found."""

    students: Sequence[HandedIn]
    graded: Sequence[Graded | None]
    """The results in the order of the students; None for one who was not graded."""
    tasks: Sequence[str]

    def alike(self) -> dict[tuple[int, str], tuple[str, ...]]:
        """(Student, task) -> the others whose file has the same bytes; unchanged templates are left out."""
        having: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, student in enumerate(self.students):
            for task, file in student.files.items():
                if file.source != EXERCISES[task].template:
                    having[task, file.digest].append(number)
        return {
            (number, task): tuple(self.students[other].student for other in group if other != number)
            for (task, _), group in having.items()
            for number in group
            if len(group) > 1
        }


class StudentRow(NamedTuple):
    """A student's line in the table; None where there is nothing to say yet."""

    student: str
    by_task: Mapping[str, int | None] | None
    """The points of each task, None for one that could not be checked."""
    points: int | None
    """The points reached in all tasks that were checked, as the next number is of these; else None."""
    out_of: int | None
    first_mistake: str
    """The first thing that costs points or could not be checked, with its task; else empty."""
    seconds: float | None
    same_file_as: str
    """A sentence on files that have the same bytes as other students' have."""


def rows_of(results: ClassResults) -> Iterator[StudentRow]:
    """A line for each student."""
    alike = results.alike()
    for number, (student, graded) in enumerate(zip(results.students, results.graded, strict=True)):
        others = {task: alike[number, task] for task in results.tasks if (number, task) in alike}
        same = "; ".join(f"task {task}: {', '.join(names)}" for task, names in others.items())
        if graded is None:
            yield StudentRow(student.student, None, None, None, "Not graded.", None, same)
            continue
        points, out_of = (graded.points, graded.out_of) if graded.out_of else (None, None)
        by_task = {one.task: one.points if one.is_checked else None for one in graded.outcomes}
        mistakes = (
            (outcome.task, sentence) for outcome in graded.outcomes for _, sentence in _wrong(outcome)
        )
        first = next((f"Task {task}: {' '.join(sentence.split())}" for task, sentence in mistakes), "")
        yield StudentRow(student.student, by_task, points, out_of, first, graded.seconds, same)


def _wrong(outcome: TaskOutcome) -> Iterator[tuple[str, str]]:
    """All that costs points in a task, or could not be checked: what it is called, and a sentence."""
    if not outcome.is_checked:
        yield _NOT_CHECKED, f"{_NOT_CHECKED}: {outcome.unchecked}"
    elif outcome.report is None:
        yield "Not handed in", outcome.unchecked
    else:
        for remark in outcome.report.mistakes:
            yield remark.title, remark.full_sentence
    for title in outcome.failed_tests:
        yield f"Hidden test: {title}", f"A hidden test fails: {title}."


def write_results(results: ClassResults, out: Path, title: str) -> None:
    """Writes the table, and beside it a page for each student and the summary, each file whole or not at all.

    Raises OSError.
    """
    folder = pages_folder(out)
    (folder / _STUDENTS).mkdir(parents=True, exist_ok=True)
    pages = {f"{_STUDENTS}/{name}": student_page(graded) for name, graded in _pages(results)}
    pages[_SUMMARY] = "\n".join([f"# {escaped(title)}", "", *summary(results, escaped), ""])
    for name, text in pages.items():
        write_whole(folder / name, text.encode("utf-8", "replace"))
    columns = ["student", *(f"task {task}" for task in results.tasks)]
    with written_table(out, [*columns, "points", "of", "first mistake", "seconds", "same file as"]) as write:
        write(_cells(row, results.tasks) for row in rows_of(results))


def pages_folder(out: Path) -> Path:
    """The folder of a table's pages, beside it and of its name."""
    return out.with_suffix("")


def _cells(row: StudentRow, tasks: Sequence[str]) -> list[str]:
    known: Mapping[str, int | str | None] = row.by_task or dict.fromkeys(tasks, "")
    by_task = [_NOT_CHECKED.lower() if known[task] is None else str(known[task]) for task in tasks]
    numbers = ["" if number is None else str(number) for number in (row.points, row.out_of)]
    seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
    return [row.student, *by_task, *numbers, row.first_mistake, seconds, row.same_file_as]


def _pages(results: ClassResults) -> Iterator[tuple[str, Graded]]:
    """Each student who is graded, and a file name that every system takes; no name twice."""
    taken = set[str]()
    for graded in filter(None, results.graded):
        stem = _NOT_IN_FILES.sub("_", graded.student).strip(" .")[:_LONGEST_FILE_NAME] or "_"
        stem = f"_{stem}" if _DEVICES.fullmatch(stem) else stem
        name, again = stem, 2
        while name.casefold() in taken:
            name, again = f"{stem} ({again})", again + 1
        taken.add(name.casefold())
        yield f"{name}.md", graded


def student_page(graded: Graded) -> str:
    """Markdown for a student: what is right and wrong in each task."""
    parts = [f"# {escaped(graded.student)}"]
    if graded.out_of:
        parts.append(f"**{graded.points} of {_points(graded.out_of)}**")
    if unchecked := [outcome.task for outcome in graded.outcomes if not outcome.is_checked]:
        parts.append(f"Without task {', '.join(unchecked)}, which could not be checked.")
    for outcome in graded.outcomes:
        parts += _task_part(outcome)
    return "\n\n".join(parts) + "\n"


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"


def _task_part(outcome: TaskOutcome) -> Iterator[str]:
    yield f"## Task {outcome.task}: {EXERCISES[outcome.task].title}"
    yield f"{outcome.points} of {_points(outcome.out_of)}." if outcome.is_checked else f"{_NOT_CHECKED}."
    report = outcome.report
    if report is None:
        yield escaped(outcome.unchecked)
        return
    if report.passed:
        yield escaped(f"The check is passed. {report.what_it_computes}")
    for remark in report.mistakes:
        yield f"**{remark.title}.** {escaped(remark.full_sentence)}"
        yield from map(escaped, remark.details)
        yield remark.explanation
    for title in outcome.failed_tests:
        yield f"**A hidden test fails**: {escaped(title)}."
    if outcome.hidden and not report.passed:
        yield "The hidden tests come after the check: they were not asked."
    if report.notes:
        yield f"{WORTH_KNOWING}:"
        yield "\n".join(f"- {escaped(note.full_sentence)}" for note in report.notes)
    if report.checked_with:
        yield escaped(report.checked_with)
    if report.printed.strip():
        yield f"{PRINTED}:"
        yield code_block(report.printed)


def summary(results: ClassResults, text: Callable[[str], str] = str) -> list[str]:
    """The state of a class, in lines: of each task how many passed it, and which mistakes are made how often.

    `text` makes a text of someone else safe where the lines are shown.
    """
    everyone = list(filter(None, results.graded))
    if not everyone:
        return ["No student was graded."]
    known = [graded for graded in everyone if graded.is_checked]
    said = _students(len(everyone))
    if len(known) < len(everyone):
        said += f". All tasks are checked for {len(known) or 'none'} of them"
    if known:
        mean = sum(graded.points for graded in known) / len(known)
        said += f"{',' if known == everyone else ':'} {mean:.1f} of {_points(known[0].out_of)} on average"
    lines = [f"{said}."]
    if missing := len(results.students) - len(everyone):
        lines.append(f"{_students(missing)} not graded.")
    alike = results.alike()
    for place, task in enumerate(results.tasks):
        outcomes = [graded.outcomes[place] for graded in everyone]
        passed = sum(outcome.passed for outcome in outcomes)
        checked = sum(outcome.is_checked for outcome in outcomes)
        lines += [
            "",
            f"## Task {task}: {EXERCISES[task].title}",
            "",
            f"{passed} of {checked} passed the check.",
        ]
        counts = Counter(title for outcome in outcomes for title in {title for title, _ in _wrong(outcome)})
        if counts:
            lines += ["", *(f"- {count} × {text(title)}" for title, count in counts.most_common())]
        groups = {
            frozenset((results.students[number].student, *others))
            for (number, of), others in alike.items()
            if of == task
        }
        if groups:
            lines += ["", *(f"- The same file: {text(', '.join(sorted(group)))}" for group in groups)]
    return lines


def _students(count: int) -> str:
    return f"{count} student" if count == 1 else f"{count} students"
