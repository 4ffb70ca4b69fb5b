"""Own cells as cells like any other: what finds them by their names, texts and versions."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from typing_extensions import override

from rnn_core.cell_files.folder import TYPED, CellFile, SourceError, cell_file, cell_files, check_name
from rnn_core.cell_files.traced import READERS, every_traced, keep_traced, latest_traced, spoilt, traced_of
from rnn_core.cell_files.typed import TypedCell, is_typed, read_typed, saved_cell, saved_cells, typed_cell
from rnn_core.cell_files.versions import check_may_run, current, kept, name_in, versions_folder
from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.reading import EquationsError
from rnn_core.equations.words import CellText
from rnn_core.errors import CellError, ConfigError
from rnn_core.paths import own_cells_folder
from rnn_core.registry import UnknownNameError
from rnn_core.symbols import CELLS, CellDeclaration, Finder, state

_DIGITS = 4  # of a digest, which set one version of a cell apart from another
_MOST_HELD = 256


_NOT_KNOWN = Equations((), {}, {})


class UntracedDeclaration(CellDeclaration):
    """A version of a file, the cell of a run of before, whose equations are not known."""

    def __init__(self, file: CellFile, name: str) -> None:
        said = {
            "noun": f"your cell {name}",
            "summary": f"{name} is a cell of your own.",
            "memory": "does what its own code says",
            "convention": f"A cell of your own: what it computes is said by its code, {file.file_name}.",
        }
        super().__init__(_NOT_KNOWN, name, CellText(_NOT_KNOWN, said, {}), key=file.version)
        self.file, self.is_parallel = file, False
        self.symbols = (state("h"),)
        self.states = self.remembering = self.carriers = ("h",)

    @override
    def read_equations(self) -> Equations:
        """Reads the equations out of the code, in a process, and keeps them; then it is a cell as any other.

        Raises CellError where the code is not the user's own, or has no equations.
        """
        check_may_run(self.file)
        found = READERS["code"](self.file)
        if isinstance(found, CellError):
            raise found
        keep_traced(self.file, found, is_checked=False)
        return CELLS[self.kind].read_equations()


class _OwnCells(Finder):
    """Finds one's own cells: those in the folder by listing, every version and every text by itself."""

    @override
    def names(self) -> Iterator[str]:
        """The cells in the folder: of files the equations that were checked last, and what was typed."""
        for file in cell_files():
            if (traced := latest_traced(file.name)) is not None:
                yield traced.cell.text
        for typed in saved_cells():
            yield typed.text

    @override
    def find(self, name: str) -> CellDeclaration | None:
        """The cell of a version or a text, listed or not; None for what is neither. Raises ConfigError."""
        if is_typed(name):
            try:
                typed = typed_cell(name)
            except EquationsError as error:
                raise UnknownNameError(str(error)) from error
            saved = _find_in_folder(typed.name)
            if isinstance(saved, TypedCell) and saved == typed:
                return _text_declaration(typed.text, typed.name, saved.plainly_worded)
            called = typed.name if saved is None and _is_name(typed.name) else typed.name_apart
            return _text_declaration(typed.text, called, typed.text)
        if not (of_file := name_in(name)):
            return None
        digits = name.partition("@")[2][:_DIGITS]
        called = of_file if current(of_file) == name else f"{of_file}, older ({digits})"
        if (traced := traced_of(name)) is not None:
            return _text_declaration(name, called, traced.cell.plainly_worded)
        return _untraced(name, called, own_cells_folder())


CELLS.finder = _OwnCells()


def _find_in_folder(name: str) -> TypedCell | CellError | None:
    """The cell of this name in the folder: of a file as it was checked, or typed; why not; None for none."""
    file = cell_file(name)
    if not isinstance(file, CellFile):
        return file or saved_cell(name)
    if (traced := latest_traced(name)) is not None:
        return traced.cell
    if (path := spoilt(name)) is not None:
        return CellError(f"{path} is spoilt, which says the equations of {file.file_name}: check it again.")
    return CellError(
        f"{file.file_name} can't be trained yet: only a cell that was checked, is right and was read as "
        f"equations can. Check it on Build, or with `gatescope cells check {name}`."
    )


def _is_name(name: str) -> bool:
    """True if a cell can have this name."""
    try:
        check_name(name)
    except CellError:
        return False
    return True


@lru_cache(_MOST_HELD)
def _untraced(version: str, name: str, _folder: Path) -> UntracedDeclaration:
    try:
        file = kept(version)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    except CellError as error:
        raise UnknownNameError(str(error)) from error
    return UntracedDeclaration(file, name)


def resolve_cell(cell: object) -> object:
    """The text of the cell in the folder that is called so, or of what was typed; else what came.

    Raises ConfigError where the file was not checked or can't be read, or where a version can't be had, and
    EquationsError for a text with mistakes.
    """
    if not isinstance(cell, str) or cell in CELLS.registered():
        return cell
    if is_typed(cell):
        return typed_cell(cell).text
    if name := name_in(cell):
        return _text_of(cell, name) or CELLS[cell].kind
    if not cell.isidentifier():
        return cell
    found = _find_in_folder(cell) or _gone(cell)
    if isinstance(found, CellError):
        raise ConfigError(str(found)) from found
    return cell if found is None else found.text


def _text_of(word: str, name: str) -> str | None:
    """The text of a cell by its name and the digest of its equations, as lists show it."""
    saved = saved_cell(name)
    several = [*([saved] if isinstance(saved, TypedCell) else []), *(one.cell for one in every_traced(name))]
    return next((one.text for one in several if one.version == word), None)


def _gone(name: str) -> CellError | None:
    """The refusal of a cell whose file was deleted after its check; None where there was none."""
    if (traced := latest_traced(name)) is None:
        return None
    return CellError(
        f"The file {name}.py was checked and is gone. Its equations can still be trained, as the cell "
        f"{traced.cell.version}; its source lies in {versions_folder() / traced.version}.py."
    )


def typed_name(cell: str) -> str:
    """Returns what one types for a cell: for one's own its name, which means it as it was checked last.

    >>> typed_name("leaky@3f2a9c01b2d4"), typed_name("# name: mine\\nh' = tanh(x @ W)"), typed_name("gru")
    ('leaky', 'mine', 'gru')
    """
    return typed_cell(cell).name if is_typed(cell) else name_in(cell) or cell


def from_path(cell: str) -> str:
    """The text of the typed cell in a file that is named by its path, ./mine.txt; else what came.

    Raises ConfigError where it can't be read, and EquationsError.
    """
    if is_typed(cell) or not cell.endswith(TYPED):
        return cell
    try:
        return read_typed(Path(cell)).text
    except CellError as error:
        raise ConfigError(str(error)) from error


def present_cell(cell: str, otherwise: str) -> str:
    """Returns the cell that a form with `cell` goes on with: the one of that name as it is now, if it is one.

    Else the cell itself, as equations; `otherwise` where it has none.
    """
    if not is_typed(cell) and not name_in(cell):
        return cell if cell in CELLS else otherwise
    saved = _find_in_folder(typed_name(cell))
    if isinstance(saved, TypedCell):
        return saved.text
    if is_typed(cell):
        return cell
    traced = traced_of(cell)
    return otherwise if traced is None else traced.cell.text


def check_may_travel(cell: str) -> None:
    """Raises ConfigError for a cell that only this machine has: a version, for which its file is needed."""
    if name := name_in(cell):
        raise ConfigError(
            f"{cell} is a version of a file that lies on this machine: take the cell {name} as it was "
            "checked last, or one that comes with Gatescope."
        )


@lru_cache(_MOST_HELD)
def _text_declaration(kind: str, name: str, said: str) -> CellDeclaration:
    """The declaration of equations; `said` are these, with words where a saved cell has some."""
    return CellDeclaration(read_cell(said), name, key=kind)
