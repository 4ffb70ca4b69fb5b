"""`cells`: cells of one's own, each a Python file in a folder of the user's, and checks of such files."""

import contextlib
import sys
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import click

from rnn_core.cell_files.folder import (
    TYPED,
    CellFile,
    SourceError,
    cell_file,
    cell_files,
    check_is_python,
    new_cell_file,
    read_cell_file,
)
from rnn_core.cell_files.switch import why_off
from rnn_core.cell_files.traced import has_changed, latest_traced, spoilt
from rnn_core.cell_files.typed import TypedCell, refused_cells, saved_cells
from rnn_core.cli.command import Answer, command
from rnn_core.cli.errors import GIVEN_UP, ending_on_request
from rnn_core.cli.options import OneOf
from rnn_core.cli.output import check_can_write, run_with_progress, show_progress
from rnn_core.errors import CellError, GatescopeError
from rnn_core.grading.class_folder import read_class
from rnn_core.grading.graded import Grading
from rnn_core.grading.hidden_tests import read_hidden_tests
from rnn_core.grading.table import ClassResults, pages_folder, rows_of, summary, write_results
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import BEGINNINGS, EXERCISES, Exercise
from rnn_core.own_cells.process import OwnProcess
from rnn_core.own_cells.progress import keep, passed
from rnn_core.own_cells.report import PRINTED, WORTH_KNOWING, Report
from rnn_core.paths import own_cells_folder
from rnn_core.progress import Progress
from rnn_core.refusals import shown


@click.group()
def cells() -> None:
    """Make, check and list cells of your own: what you write is trained and seen like any other cell."""


@command("new", cells)
def new(name: str, *, from_: Annotated[str, OneOf(lambda: BEGINNINGS)] = "blank") -> Answer:
    """Make the file of a new cell, to be edited in an editor of your choice.

    --from: What stands in it at first: nothing yet, or a cell that works.
    """
    file = new_cell_file(name, BEGINNINGS[from_])
    return Answer(
        {"file": str(file.path)},
        f"Wrote {file.path}",
        f"Edit it in your editor, check it with `gatescope cells check {name}`, and train it with "
        f"`gatescope train --cell {name}` or on the page Train.",
    )


@command("list", cells)
def list_() -> Answer:
    """List your own cells, files of code and of equations, and what each of them is."""
    said = [*map(_looked_at, cell_files()), *map(_typed, saved_cells())]
    problems = refused_cells()
    refused = [{"file": str(path), "problem": str(error)} for path, error in problems.items()]
    lines = [f"{one['name']:<20}  {one['problem'] or _cell_in_words(one)}" for one in said]
    lines += [f"{one['file']}: {one['problem']}" for one in refused]
    none = f"No cells of your own yet, in {own_cells_folder()}. Make one with: gatescope cells new leaky"
    return Answer([*said, *refused], *(lines or [none]))


def _looked_at(file: CellFile) -> dict[str, Any]:
    traced, path, problem = latest_traced(file.name), spoilt(file.name), ""
    try:
        check_is_python(file)
    except SourceError as error:
        problem = error.sentence
    if path is not None:
        problem = problem or f"{path} is spoilt, which says its equations: check it again."
    said = {"name": file.name, "file": str(file.path), "problem": problem}
    if traced is None:
        return {**said, "version": None, "states": (), "seen": (), "has_changed": False}
    return {**said, **_said_of(traced.cell), "has_changed": has_changed(traced)}


def _typed(cell: TypedCell) -> dict[str, Any]:
    path = own_cells_folder() / f"{cell.name}{TYPED}"
    return {"name": cell.name, "file": str(path), "problem": "", **_said_of(cell), "has_changed": False}


def _said_of(cell: TypedCell) -> dict[str, Any]:
    states = cell.equations.states
    seen = tuple(letter for letter in cell.equations.quantities if letter not in states)
    return {"version": cell.version, "states": states, "seen": seen}


def _cell_in_words(looked_at: dict[str, Any]) -> str:
    if looked_at["version"] is None:
        return "no equations yet: check it"
    seen = f"; seen {', '.join(looked_at['seen'])}" if looked_at["seen"] else ""
    changed = "; changed since it was checked" if looked_at["has_changed"] else ""
    return f"{looked_at['version']:<40}  states {', '.join(looked_at['states'])}{seen}{changed}"


_MISTAKE, _UNCHECKED = 1, 2  # exit codes


@command("check", cells)
def check_(file: Path, *, task: Annotated[str | None, OneOf(lambda: EXERCISES)] = None) -> Answer:
    """Say what is right and wrong with the cell, loop or classifier in FILE, or in your file of that name.

    Its code runs in a process of its own. Earlier tasks are taken from the files beside it, where they pass.
    Exit code 0: no mistake; 1: a mistake; 2: it could not be checked.

    --task: The task that the file is for. [default: that of its name, such as my_gru.py; else any cell]
    """
    if not file.exists() and isinstance(own := cell_file(str(file)), CellFile):
        file = own.path
    number = task or next((key for key, one in EXERCISES.items() if one.file_name == file.name), "")
    exercise = EXERCISES[number] if number else None
    try:
        if why := why_off():
            raise CellError(why)
        source = read_cell_file(file)
        report = run_with_progress(_checked(source, exercise))
        if file.absolute().parent == own_cells_folder().absolute():
            keep(source, report)
    except (GatescopeError, OSError) as error:
        click.echo(f"Error: {file.name} could not be checked: {error}", err=True)
        sys.exit(_UNCHECKED)
    of = f"Task {exercise.number}: {exercise.title}" if exercise else "a cell"
    said = {**asdict(report), "passed": report.passed}
    return Answer(said, f"{file.name}, {of}", *_lines(report), code=0 if report.passed else _MISTAKE)


def _checked(file: CellFile, exercise: Exercise | None) -> Generator[Progress, None, Report]:
    """The report on a file, together with those beside it that it builds on, where they pass."""
    earlier: dict[str, CellFile] = {}
    known = passed()
    with contextlib.closing(OwnProcess()) as process:
        for number in exercise.builds_on if exercise else ():
            path = file.path.with_name(EXERCISES[number].file_name)
            with contextlib.suppress(CellError):
                beside = read_cell_file(path)
                if known.get(number) != beside.digest:
                    report = yield from check(beside, EXERCISES[number], earlier, process=process)
                    if not report.passed:
                        continue
                earlier[number] = beside
        return (yield from check(file, exercise, earlier, process=process))


def _lines(report: Report) -> Iterator[str]:
    """Write a report for people."""
    for remark in report.mistakes:
        yield f"Wrong: {remark.title}. {remark.full_sentence}"
        yield from (f"  {one}" for one in remark.details)
    if report.passed:
        yield f"No mistake found. {report.what_it_computes}".strip()
    yield from (f"{WORTH_KNOWING}: {note.full_sentence}" for note in report.notes)
    if report.checked_with:
        yield report.checked_with
    if report.printed.strip():
        yield f"{PRINTED}:"
        yield from (f"  {line}" for line in report.printed.rstrip().splitlines())


def _tasks(words: str) -> list[str]:
    """The numbers of tasks such as 4, 1,4 or 1-7, in the order of the tasks."""
    asked = set[str]()
    for part in words.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        last = last if dash else first
        if first not in EXERCISES or last not in EXERCISES or int(first) > int(last):
            raise click.BadParameter(
                f"name tasks such as 4, 1,4 or 1-7, got {shown(words)}.", param_hint="'--tasks'"
            )
        asked.update(str(number) for number in range(int(first), int(last) + 1))
    return [number for number in EXERCISES if number in asked]


@command("grade", cells)
def grade_(
    folder: Path, *, out: Path, tasks: str = "1-7", hidden: Path | None = None, force: bool = False
) -> Answer:
    """Grade what a class handed in: FOLDER has a folder for each student, with files of the usual names.

    With a single task FOLDER may have a file for each student. The code of each runs in processes of its own,
    with 60 s of computing for each task and 2 GB: this protects from accidents and is no sandbox. Beside the
    table comes a folder of its name, with a page for each student and a summary. Ctrl-C keeps what is done.

    --out: The CSV file to write.
    --tasks: Which: 4, 1,4 or 1-7.
    --hidden: A folder with hidden tests, a .toml file each.
    --force: Replace the results of an earlier grading.
    """
    chosen = _tasks(tasks)
    if why := why_off():
        raise CellError(why)
    file_names = {task: EXERCISES[task].file_name for task in chosen}
    _check_places(folder, out, hidden, force)
    found = read_class(folder, file_names)
    tests = read_hidden_tests(hidden, list(EXERCISES)) if hidden else ()
    if found.passed_over:
        click.echo(f"Passed over: {', '.join(found.passed_over)}", err=True)
    grading = Grading(found.students, file_names, tests)
    given_up = False
    with ending_on_request(), contextlib.closing(grading.steps()) as steps:
        try:
            show_progress(steps)
        except KeyboardInterrupt:
            given_up = True
    results = ClassResults(found.students, grading.graded, chosen)
    if out.exists() and not force:
        click.echo(f"Something wrote {out} while the class was graded: it is replaced.", err=True)
    write_results(results, out, f"Class {folder.absolute().name}")
    said = {
        "out": str(out),
        "pages": str(pages_folder(out)),
        "students": [row._asdict() for row in rows_of(results)],
    }
    if given_up:
        click.echo("Given up; what was done is kept.", err=True)
    written = f"Written to {out} and {pages_folder(out)}"
    return Answer(said, *summary(results), "", written, code=GIVEN_UP if given_up else 0)


def _check_places(folder: Path, out: Path, hidden: Path | None, force: bool) -> None:
    """Refuse places that can't be written, that would be replaced, or that students' files lie in."""
    if out.suffix.lower() != ".csv":
        raise click.UsageError(f"--out names a CSV file, such as results.csv, got {out}")
    for place, name in ((out, "--out"), *([(hidden, "--hidden")] if hidden else [])):
        if place.resolve().is_relative_to(folder.resolve()):
            raise click.UsageError(f"{name} must lie outside of {folder}, where each folder is a student's")
    check_can_write(out, ())
    there = [path for path in (out, pages_folder(out)) if path.exists()]
    if there and not force:
        raise click.UsageError(
            f"{there[0]} is there already: choose another place, or replace it with --force"
        )
