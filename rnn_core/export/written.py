"""The formats of models, and an export on its way to the disk: where it may be written, whole or not at all.

Pages, commands and notebooks offer the same formats.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rnn_core.errors import ConfigError, DataError, ExportError
from rnn_core.export.archive import ARCHIVE, zipped
from rnn_core.export.format import Exported, ModelFormat, names_by_suffix
from rnn_core.export.html import HTML
from rnn_core.export.notebook_file import NOTEBOOK
from rnn_core.export.pytorch import PYTORCH
from rnn_core.files import check_can_write_in, check_spares, write_whole
from rnn_core.models.folder import model_files
from rnn_core.models.model import KeptModel, Model
from rnn_core.progress import finish
from rnn_core.refusals import either, shown
from rnn_core.registry import Registry

MODEL_FORMATS: Registry[ModelFormat] = Registry(
    "format of a model", {"html": HTML, "pytorch": PYTORCH, "notebook": NOTEBOOK, "zip": ARCHIVE}
)
"""The formats by name, in the order in which they are offered."""
_MOST_NAMED = 3
"""Files of a folder that are named."""


def model_format(out: Path, to: str | None = None) -> str:
    """Returns the name of the format to write `out` in: `to`, else the one that the file's ending says.

    Raises ConfigError for another name or ending, and for an ending that is another format's.
    """
    by_suffix = names_by_suffix(MODEL_FORMATS)
    suffix = out.suffix.lower()
    if to is None:
        if suffix not in by_suffix:
            raise ConfigError(
                f"The format must be said: one of {', '.join(MODEL_FORMATS)}. Or end the name of the file in "
                f"{either(by_suffix)}, got {shown(out.name)}."
            )
        return by_suffix[suffix]
    form = MODEL_FORMATS[to]
    if form.suffix and suffix != form.suffix:
        raise ConfigError(f"The file must end in {form.suffix} for the format {to}, got {shown(out.name)}.")
    if form.is_folder and suffix in by_suffix:
        raise ConfigError(
            f"The format {to} is a folder, and {shown(out.name)} is called like a file of the format "
            f"{by_suffix[suffix]}: choose another name."
        )
    return to


class TargetExistsError(ExportError):
    """Something is there that would be replaced, and nobody said that it may be."""


def export_models(
    models: Sequence[Model], path: Path, to: str | None = None, *, force: bool = False
) -> Exported:
    """Exports models to this path, in the format `to` or that of its ending; returns what was written.

    Raises what `check_target` and `ModelFormat.export` do, ConfigError for what is no format, and OSError.
    """
    form = MODEL_FORMATS[model_format(path, to)]
    sources = [file for model in models if isinstance(model, KeptModel) for file in model_files(model.folder)]
    try:
        check_target(form, path, sources, force=force)
    except TargetExistsError as error:
        raise ExportError(f"{error} With force=True it is replaced.") from error
    made = finish(form.export(models))
    write_export(form, made, path, sources, force=force)
    return made


def check_target(form: ModelFormat, path: Path, sources: Iterable[Path], *, force: bool = False) -> None:
    """Checks before the work that an export can be written to this path; nothing is written.

    `sources` are the files that the models are read from, which nothing replaces. Raises TargetExistsError
    where something is there, unless `force`; ExportError for a folder in the place of a file and the other
    way round, or where there is no folder to write into; DataError where a source would be replaced; OSError
    where nothing can be written.
    """
    parent = path.absolute().parent
    if not parent.is_dir():
        raise ExportError(f"There is no folder {parent}: make it first, or choose another place.")
    if path.is_dir() and not form.is_folder:
        raise ExportError(
            f"{path} is a folder, and {form.label} is one file: give its name, such as "
            f"{path / f'network{form.suffix}'}."
        )
    if path.exists() and not path.is_dir() and (form.is_folder or not path.is_file()):
        is_what = "a file" if path.is_file() else "no file that could be replaced"
        needs = "a folder" if form.is_folder else "a file"
        raise ExportError(f"{path} is {is_what}, and {form.label} is {needs}: choose another name.")
    if form.is_folder and path.is_dir():
        _spare_folders(path, sources)
    else:
        check_spares(path, sources)
    if not force:
        _refuse_to_replace(path)
    check_can_write_in(path if path.is_dir() else parent, path)


def _spare_folders(path: Path, sources: Iterable[Path]) -> None:
    """Raises DataError where this folder is one that a model is read from."""
    if any(path.samefile(folder) for folder in {source.parent for source in sources} if folder.is_dir()):
        raise DataError(f"{path} is a folder that the model is read from. Choose another place to write to.")


def _refuse_to_replace(path: Path) -> None:
    if not path.is_dir():
        if path.exists():
            raise TargetExistsError(f"{path} is there already.")
        return
    there = sorted(each.name for each in path.iterdir())
    if there:
        more = f" and {len(there) - _MOST_NAMED:,} more" if len(there) > _MOST_NAMED else ""
        raise TargetExistsError(f"{path} has files already: {', '.join(there[:_MOST_NAMED])}{more}.")


def write_export(
    form: ModelFormat, exported: Exported, path: Path, sources: Iterable[Path], *, force: bool = False
) -> None:
    """Writes what was made of a model, whole or not at all; raises what `check_target` does, and OSError.

    A folder that is there keeps all files but those of the same names.
    """
    sources = tuple(sources)
    check_target(form, path, sources, force=force)
    if form.is_folder:
        _write_folder(path, exported.files)
    else:
        write_whole(path, exported.files[""], sources=sources)


def _write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes all files beside their place first, where a full disk or Ctrl-C leaves nothing of them."""
    try:
        within = path if path.is_dir() else path.absolute().parent  # on the same disk, even if one is mounted
        with tempfile.TemporaryDirectory(prefix=".gatescope-", dir=within) as temporary:
            new = Path(temporary, "new")
            new.mkdir()
            for name, content in files.items():
                with (new / name).open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            if path.is_dir():
                _put_into(path, new, Path(temporary, "old"))
            else:
                new.rename(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # the name that the caller knows
        raise


def _put_into(folder: Path, new: Path, old: Path) -> None:
    """Moves files into a folder that is there; those in their place come back unless all were moved."""
    names = [file.name for file in new.iterdir()]
    there = {name for name in names if (folder / name).exists()}
    if taken := [name for name in there if (folder / name).is_dir()]:
        raise ExportError(f"{folder / taken[0]} is a folder, in whose place a file would come.")
    old.mkdir()
    try:
        for name in names:
            if name in there:
                (folder / name).rename(old / name)
            (new / name).rename(folder / name)
    except BaseException:
        for name in names:
            if (old / name).exists():
                (old / name).replace(folder / name)
            elif name not in there:
                (folder / name).unlink(missing_ok=True)
        raise


def downloaded(form: ModelFormat, exported: Exported, name: str) -> tuple[str, bytes, str]:
    """Returns the name, the content and the kind of the one file that a browser gets; of a folder its zip."""
    if not form.is_folder:
        return f"{name}{form.suffix}", exported.files[""], form.mime
    inside = {f"{name}/{file}": content for file, content in exported.files.items()}
    return f"{name}.zip", finish(zipped(inside)), "application/zip"
