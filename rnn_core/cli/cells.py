"""`cells`: cells of one's own, each a Python file in a folder of the user's."""

from typing import Any

import click

from rnn_core.cell_files.folder import TYPED, CellFile, SourceError, cell_files, new_cell_file, refused_files
from rnn_core.cell_files.source import check_is_python
from rnn_core.cell_files.traced import has_changed, latest_traced, spoilt
from rnn_core.cell_files.typed import TypedCell
from rnn_core.cell_files.typed_files import refused_cells, saved_cells
from rnn_core.cli.cell_checks import check_, grade_
from rnn_core.cli.errors import in_words
from rnn_core.cli.options import OneOf, as_json
from rnn_core.cli.output import answer
from rnn_core.own_cells.exercises import BEGINNINGS
from rnn_core.paths import own_cells_folder


@click.group()
def cells() -> None:
    """Make, check and list cells of your own: what you write is trained and seen like any other cell."""


for _command in (check_, grade_):
    cells.add_command(_command)


@cells.command()
@click.argument("name")
@click.option(
    "--from",
    "beginning",
    type=OneOf(lambda: BEGINNINGS),
    default="blank",
    show_default=True,
    help="What stands in it at first: nothing yet, or a cell that works.",
)
@as_json
@in_words
def new(name: str, beginning: str, as_json: bool) -> None:
    """Make the file of a new cell, to be edited in an editor of your choice."""
    file = new_cell_file(name, BEGINNINGS[beginning])
    answer(
        as_json,
        {"file": str(file.path)},
        f"Wrote {file.path}",
        f"Edit it in your editor, check it with `gatescope cells check {name}`, and train it with "
        f"`gatescope train --cell {name}` or on the page Train.",
    )


@cells.command("list")
@as_json
@in_words
def list_(as_json: bool) -> None:
    """List your own cells, files of code and of equations, and what each of them is."""
    said = [*map(_looked_at, cell_files()), *map(_typed, saved_cells())]
    problems = {**refused_files(), **refused_cells()}
    refused = [{"file": str(path), "problem": str(error)} for path, error in problems.items()]
    lines = [f"{one['name']:<20}  {one['problem'] or _in_words(one)}" for one in said]
    lines += [f"{one['file']}: {one['problem']}" for one in refused]
    none = f"No cells of your own yet, in {own_cells_folder()}. Make one with: gatescope cells new leaky"
    answer(as_json, [*said, *refused], *(lines or [none]))


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


def _in_words(looked_at: dict[str, Any]) -> str:
    if looked_at["version"] is None:
        return "no equations yet: check it"
    seen = f"; seen {', '.join(looked_at['seen'])}" if looked_at["seen"] else ""
    changed = "; changed since it was checked" if looked_at["has_changed"] else ""
    return f"{looked_at['version']:<40}  states {', '.join(looked_at['states'])}{seen}{changed}"
