"""`export`: a trained network as a file or folder to hand on."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.options import Given, OneOf
from rnn_core.cli.output import run_with_progress
from rnn_core.errors import CellError, ExportError
from rnn_core.export.format import ModelFormat
from rnn_core.export.inside import inside_in_words, large_in_words
from rnn_core.export.written import MODEL_FORMATS, TargetExistsError, check_target, model_format, write_export
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import model_files
from rnn_core.models.model import KeptModel
from rnn_core.nn.threads import use_threads
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import files_read, model_to_export

_PATIENCE = 2.0  # seconds of work without a bar


@command("export")
def export(
    models: Annotated[tuple[str, ...], Given(metavar="MODEL [MODEL2]")],
    *,
    to: Annotated[
        str | None,
        Given(
            lambda: (
                " ".join(f"{name}: {form.help}" for name, form in MODEL_FORMATS.items())
                + " [default: what the ending of the file says]"
            ),
            type=OneOf(lambda: MODEL_FORMATS),
        ),
    ] = None,
    out: Path,
    force: bool = False,
    as_json: bool,
) -> Answer:
    """Export MODEL as a file or folder to hand on; nothing is downloaded or sent.

    MODEL is a name under artifacts/pretrained/ or artifacts/results/models/, or the id of a run that has
    ended. A format that takes two networks shows MODEL2 beside the first.

    --out FILE: The file, or the folder, to write.
    --force: Replace a file that is there; in a folder, those files that have the names of new ones. Without
        it a terminal is asked.
    """
    name = model_format(out, to)
    form, store = MODEL_FORMATS[name], Store()
    folders = [find_model(model) for model in models]
    sources = [file for folder in folders for file in _sources(store, folder)]
    use_threads()
    loaded = [_load(store, folder) for folder in folders]
    form.refuse(loaded)
    force = _may_write(form, out, sources, force, asks=not as_json)
    for sentence in filter(None, (inside_in_words(loaded), large_in_words(loaded, form))):
        click.echo(sentence, err=True)
    made = run_with_progress(form.export(loaded), _PATIENCE)
    write_export(form, made, out, sources, force=force)
    return Answer(
        {
            "models": list(models),
            "to": name,
            "file": str(out),
            "bytes": made.bytes,
            "files": {file: len(content) for file, content in made.files.items() if file},
            "said": list(made.said),
        },
        f"Wrote {out}: {form.label}, {_size(made.bytes)}",
        *(f"  {file}, {_size(len(content))}" for file, content in made.files.items() if file),
        *made.said,
    )


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def _sources(store: Store, folder: Path) -> Sequence[Path]:
    if folder.parent == store.root:
        return files_read(store, folder.name)
    return model_files(folder)


def _may_write(form: ModelFormat, out: Path, sources: Sequence[Path], force: bool, *, asks: bool) -> bool:
    """Returns whether what is there may be replaced, which a terminal is asked for; raises ExportError."""
    try:
        check_target(form, out, sources, force=force)
    except TargetExistsError as error:
        replaces = "Files of the same names are replaced" if form.is_folder else "It is replaced"
        if not (asks and _is_terminal()):
            raise ExportError(f"{error} {replaces} with --force.") from error
        if not click.confirm(f"{error} {replaces} if you say yes: go on?", err=True):
            raise ExportError(f"{out} stays as it is; nothing was written.") from error
        return True
    return force


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _load(store: Store, folder: Path) -> KeptModel:
    try:
        return model_to_export(store, folder)
    except CellError as error:
        if folder.parent != store.root:
            raise
        raise CellError(
            f"{error} The zip of a run needs no equations: "
            f"`python -m rnn_core runs export {folder.name} --out FILE.zip`."
        ) from error
