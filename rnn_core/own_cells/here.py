"""Which class computes a cell of one's own: it depends on whether this process may run a student's code."""

from functools import lru_cache

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.versions import check_may_run, kept
from rnn_core.nn.cells import Cell
from rnn_core.own_cells.file_cell import FileCell, file_cell
from rnn_core.own_cells.process import OwnCode, error_of, warm
from rnn_core.own_cells.remote_cell import remote_cell
from rnn_core.own_cells.submission import Submission, SubmissionError
from rnn_core.symbols import CELLS

_runs = False


def run_own_code_here() -> None:
    """Lets this process run the code of cells of one's own, from here on: a worker, a child, a notebook."""
    global _runs
    _runs = True


def runs_own_code_here() -> bool:
    """Whether `run_own_code_here` was called; a server never does."""
    return _runs


def cell_class(version: str) -> type[Cell]:
    """The class that computes this version of a file. Raises CellError where its code may not run.

    Where it may run, but not in this process, a process of its own computes the cell.
    """
    file = _allowed(version)
    computed = [symbol.letter for symbol in CELLS[version].symbols if symbol.follows is None]
    states = CELLS[version].states
    letters = (*states, *(letter for letter in computed if letter not in states))
    return _computed_here(file, letters) if _runs else _computed_elsewhere(file, letters)


def process_of(version: str) -> OwnCode:
    """Questions about a version of a file, to its process. Raises CellError where its code may not run."""
    return warm(_allowed(version))


def _allowed(version: str) -> CellFile:
    file = kept(version)
    check_may_run(file)
    return file


@lru_cache
def _computed_here(file: CellFile, letters: tuple[str, ...]) -> type[FileCell]:
    try:
        made = file_cell(Submission(file.source, str(file.path), file.digest), letters)
    except SubmissionError as error:
        raise error_of(file, error.sentence, error.line, "") from error

    class OfFile(made):  # type: ignore[valid-type, misc]
        """The cell of the file, whose errors name it."""

        kind = file.version

        def failed(self, error: Exception) -> Exception:
            wrong = super().failed(error)
            return error_of(file, wrong.sentence, wrong.line, "")

    return OfFile


@lru_cache
def _computed_elsewhere(file: CellFile, letters: tuple[str, ...]) -> type[Cell]:
    return remote_cell(file, letters, CELLS[file.version].states)
