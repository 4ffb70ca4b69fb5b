"""Versions of the files of own cells, named by their digests: what was checked, or what a run was made with.

Only the code of the user's own files ever runs, in the process of the check. A source that came with an
imported run is there to be read.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rnn_core.cell_files.folder import CellFile, cell_file, cell_files, look_at, seen_before, writing
from rnn_core.cell_files.switch import why_off
from rnn_core.errors import CellError
from rnn_core.files import write_whole
from rnn_core.paths import own_cells_folder, runs_folder
from rnn_core.refusals import shown

IN_A_RUN = "cell.py"
"""The name of the copy in the folder of a run, which goes with it."""
_VERSION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)@([0-9a-f]{12})")


def name_in(version: str) -> str:
    """The name of the cell of a version; empty for what is no version.

    >>> name_in("leaky@3f2a9c01b2d4"), name_in("gru")
    ('leaky', '')
    """
    found = _VERSION.fullmatch(version)
    return found[1] if found else ""


def keep(file: CellFile, *, allow: bool = True) -> str:
    """Keeps a copy of a file as it is now; returns its version.

    `allow` notes that the file is the user's own: what came with an imported run is not. Raises CellError.
    """
    path = _path(file.version)
    held = look_at(path, file.name)
    if not isinstance(held, CellFile) or held.content != file.content:
        with writing(path):
            write_whole(path, file.content)
    if allow:
        allow_to_run(file.digest)
    return file.version


def kept(version: str) -> CellFile:
    """The file of a version: one that a run keeps, or that lies in the folder, allowed to run or not.

    Raises CellError where there is none, or where its content is another one than its digest says.
    """
    name, path = name_in(version), _path(version)
    held = look_at(path, name)
    nearest = [cell_file(name), held, *seen_before()]
    for file in chain(nearest, _copies(name)):
        if isinstance(file, CellFile) and file.version == version:
            return file
    if held is None:
        raise CellError(f"There is no cell {version}: its file has changed or is gone, and no run keeps it.")
    raise CellError(f"{path} is not what it was when it was kept: its digest is another one.")


def _copies(name: str) -> Iterator[CellFile]:
    """The copies that runs carry, for where the folder of cells was cleared."""
    for path in runs_folder().glob(f"*/{IN_A_RUN}"):
        if isinstance(held := look_at(path, name), CellFile):
            yield held


def allow_to_run(digest: str) -> None:
    """Notes that the file with this digest is the user's own. Raises CellError where that can't be noted."""
    path = _allowed(digest)
    with writing(path):
        path.touch()


def is_allowed(digest: str) -> bool:
    """True if the file with this digest is the user's own, now or when it was kept."""
    own = (*cell_files(), *seen_before())
    return _allowed(digest).exists() or any(file.digest == digest for file in own)


def check_may_run(file: CellFile) -> None:
    """Raises CellError where the code of a file may not run: own cells are off, or it was imported."""
    if why := why_off():
        raise CellError(why)
    if not is_allowed(file.digest):
        raise CellError(
            f"{file.file_name} came with an imported run, and its code does not run here: its curves, "
            "settings and source can be seen, and it can't read."
        )


def current(name: str) -> str | None:
    """The version of the file of this name in the folder as it is now; None where there is none."""
    file = cell_file(name) if name else None
    return file.version if isinstance(file, CellFile) else None


def versions_folder() -> Path:
    """The folder in which versions are kept."""
    return own_cells_folder() / "versions"


def _path(version: str) -> Path:
    if not name_in(version):
        raise CellError(f"A version of a cell is written like leaky@3f2a9c01b2d4, got {shown(version)}.")
    return versions_folder() / f"{version}.py"


def _allowed(digest: str) -> Path:
    """An empty file for each digest, so that two processes that allow one each don't undo one another."""
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise CellError(f"A digest must be 64 digits from 0 to f, got {shown(digest)}.")
    return versions_folder() / "allowed" / digest
