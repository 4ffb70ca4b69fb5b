"""The equations of versions that no check has read, the cells of runs of before: read where one is opened."""

from pathlib import Path

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Traced
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder

_refused: dict[tuple[Path, str], CellError] = {}
"""Folder and digest of a file -> why it has no equations, so that its code runs once."""


def read_once(file: CellFile) -> Traced | CellError:
    """The equations of a file, to be kept, or why it has none."""
    from rnn_core.own_cells.as_equations import equations_of  # which only few runs need

    key = own_cells_folder(), file.digest
    if key in _refused:
        return _refused[key]
    try:
        return equations_of(file)
    except CellError as error:
        return _refused.setdefault(key, error)
