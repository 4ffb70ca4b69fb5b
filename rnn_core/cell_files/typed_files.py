"""Typed cells in the folder of own cells, NAME.txt: saved, listed, changed and deleted. Nothing is run."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from rnn_core.cell_files.folder import SUFFIX, TYPED, check_free, check_name, paths, read_bytes, writing
from rnn_core.cell_files.typed import TypedCell
from rnn_core.equations.reading import EquationsError
from rnn_core.errors import CellError, reason
from rnn_core.files import write_whole
from rnn_core.paths import own_cells_folder


def save_cell(name: str, text: str, *, replace: bool = False) -> TypedCell:
    """Saves a cell; with `replace` in the place of one that was typed and saved under this name before.

    Raises CellError for a name that can't be or is taken, EquationsError for equations with mistakes.
    """
    path = own_cells_folder() / f"{name}{TYPED}"
    check_free(name, replaces=path if replace else None)
    cell = TypedCell.of(text, name)
    with writing(path):
        write_whole(path, text.encode("utf-8", "replace"))
    return cell


def delete_cell(name: str) -> None:
    """Deletes a saved cell; runs keep theirs. Raises CellError where it can't be deleted."""
    check_name(name)
    path = own_cells_folder() / f"{name}{TYPED}"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CellError(f"{path} can't be deleted: {reason(error)}") from error


def saved_cells() -> list[TypedCell]:
    """The saved cells as they are now, by name."""
    return [found for found in _look().values() if isinstance(found, TypedCell)]


def refused_cells() -> dict[Path, CellError]:
    """The other files of that ending, and why each is no cell: its `__cause__` has the mistakes, if any."""
    return {path: found for path, found in _look().items() if isinstance(found, CellError)}


def saved_cell(name: str) -> TypedCell | CellError | None:
    """The saved cell of this name as it is now, or why it is refused; None where there is none."""
    path = own_cells_folder() / f"{name}{TYPED}"
    try:
        path.stat()
    except OSError:  # there is none
        return None
    return _look_at(path)


def read_typed(path: Path) -> TypedCell:
    """The cell in a file at any path, called like the file.

    Raises CellError for a file that can't be read or a name that no cell can have, and EquationsError.
    """
    check_name(path.stem)
    return _read(path.stem, read_bytes(path))


def _look() -> Mapping[Path, TypedCell | CellError]:
    return {path: _look_at(path) for path in paths(TYPED)}


def _look_at(path: Path) -> TypedCell | CellError:
    of_code = path.with_suffix(SUFFIX)
    if of_code.exists():
        return CellError(f"{path} is called like the cell in {of_code.name}: give it another name.")
    try:
        return read_typed(path)
    except CellError as error:
        return error
    except EquationsError as error:
        refused = CellError(f"{path.name}: {error}")
        refused.__cause__ = error
        return refused


@lru_cache(256)
def _read(name: str, content: bytes) -> TypedCell:
    try:
        return TypedCell.of(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise CellError(f"{name}{TYPED} is no text in UTF-8: save it as UTF-8.") from error
