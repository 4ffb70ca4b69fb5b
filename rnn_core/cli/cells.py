"""`cells`: cells of one's own, each a Python file in a folder of the user's."""

from typing import Any

import click

from rnn_core.cell_files.folder import TYPED, CellFile, SourceError, cell_files, new_cell_file, refused_files
from rnn_core.cell_files.outline import outline
from rnn_core.cell_files.typed import TypedCell, in_one_word, is_typed
from rnn_core.cell_files.typed_files import refused_cells, saved_cells
from rnn_core.cell_files.versions import allow_to_run, is_allowed, kept, name_in
from rnn_core.cli.cell_checks import check_, grade_
from rnn_core.cli.errors import in_words
from rnn_core.cli.options import OneOf, as_json
from rnn_core.cli.output import answer
from rnn_core.errors import CellError, UnknownRunError
from rnn_core.own_cells.beginnings import BEGINNINGS
from rnn_core.paths import own_cells_folder
from rnn_core.refusals import shown
from rnn_core.runs.store import Store


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
        {"file": str(file.path), "version": file.version},
        f"Wrote {file.path}",
        f"Edit it in your editor, check it with `gatescope cells check {file.path}`, and train it with "
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
    looked_at = {"name": file.name, "file": str(file.path), "version": file.version}
    try:
        found = outline(file)
    except SourceError as error:
        return {**looked_at, "is_cell": False, "states": (), "seen": (), "problem": error.sentence}
    return {
        **looked_at,
        "is_cell": found.is_cell,
        "states": found.states,
        "seen": found.seen,
        "problem": found.why_no_cell,
    }


def _typed(cell: TypedCell) -> dict[str, Any]:
    states = cell.equations.states
    return {
        "name": cell.name,
        "file": str(own_cells_folder() / f"{cell.name}{TYPED}"),
        "version": cell.version,
        "is_cell": True,
        "states": states,
        "seen": tuple(letter for letter in cell.equations.quantities if letter not in states),
        "problem": "",
    }


def _in_words(looked_at: dict[str, Any]) -> str:
    seen = f"; seen {', '.join(looked_at['seen'])}" if looked_at["seen"] else ""
    return f"{looked_at['version']:<40}  states {', '.join(looked_at['states'])}{seen}"


@cells.command()
@click.argument("run")
@click.option("--yes", is_flag=True, help="Allow it without a question.")
@as_json
@in_words
def allow(run: str, yes: bool, as_json: bool) -> None:
    """Let the code of an imported RUN's cell run on this machine, once you have read it.

    RUN is the id or the name of a run, or the version of a cell, such as leaky@3f2a9c01b2d4.
    """
    file = kept(run if name_in(run) else _cell_of(run))
    if not is_allowed(file.digest):
        click.echo(
            f"{file.file_name}, {len(file.source.splitlines()):,} lines: {file.path}\nSHA-256 {file.digest}\n"
            "Its code will run with all that you may do on this machine: read it first.",
            err=True,
        )
        if not yes:
            click.confirm("Allow it to run?", abort=True, err=True)
        allow_to_run(file.digest)
    answer(
        as_json,
        {"allowed": file.version, "digest": file.digest, "file": str(file.path)},
        f"{file.version} may run on this machine.",
    )


def _cell_of(run: str) -> str:
    """The version of the cell that a run was made with, by the run's id or its name."""
    runs = Store().runs.all()
    found = [one for one in runs if one.id == run] or [one for one in runs if run in (one.name, one.title)]
    if not found:
        raise UnknownRunError(f"There is no run with the id or name {shown(run)}.")
    versions = {one.config.model.cell for one in found}
    if len(versions) > 1:
        raise CellError(f"{len(found):,} runs are called {shown(run)}: name one by its id.")
    version = versions.pop()
    if not name_in(version):
        why = "is made of equations" if is_typed(version) else "comes with Gatescope"
        raise CellError(f"The run {found[0].title} has no cell of its own: {in_one_word(version)} {why}.")
    return version
