"""Own cells as cells like any other: the declaration of a file's version, and what finds it by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from typing_extensions import override

from rnn_core.cell_files import switch
from rnn_core.cell_files.folder import TYPED, CellFile, SourceError, cell_file, cell_files, check_name
from rnn_core.cell_files.outline import Bounds, Outline, Quantity, outline
from rnn_core.cell_files.typed import TypedCell, is_typed, typed_cell, with_plain_words
from rnn_core.cell_files.typed_files import read_typed, saved_cell, saved_cells
from rnn_core.cell_files.versions import IN_A_RUN, check_may_run, current, is_allowed, keep, kept, name_in
from rnn_core.equations.equations import read_cell
from rnn_core.equations.reading import EquationsError
from rnn_core.errors import CellError, ConfigError
from rnn_core.paths import own_cells_folder
from rnn_core.refusals import Fixed
from rnn_core.registry import UnknownNameError
from rnn_core.symbols import CELLS, CellDeclaration, Finder, Function, Role, Symbol, declaration_of

_DIGITS = 4  # of a digest, which set one version of a cell apart from another
_MOST_HELD = 256
_NOUNS = ("gate", "state")
_FUNCTIONS = {(0.0, 1.0): Function.SIGMOID, (-1.0, 1.0): Function.TANH}
_OWN_VALUES = "The code of this cell gives its weights their first values, so this changes nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDeclaration(CellDeclaration):
    """What is to be known of a version of a file without running it."""

    file: CellFile

    @property
    @override
    def cell_class(self) -> type[Any]:
        found: type[Any] = resolve_name(str(self.implementation))(self.kind)
        return found

    @property
    @override
    def full_name(self) -> str:
        return self.name

    @property
    @override
    def in_own_process(self) -> bool:
        return True

    @override
    def check_for_workers(self) -> None:
        try:
            check_may_run(self.file)
        except CellError as error:
            raise ConfigError(str(error)) from error

    @override
    def check_stays_here(self) -> None:
        raise ConfigError(
            f"{self.file.file_name} is code of your own, which stays on this machine: choose a cell that "
            "comes with Gatescope."
        )

    @override
    def keep(self) -> None:
        try:
            keep(self.file, allow=is_allowed(self.file.digest))
        except CellError as error:
            raise ConfigError(str(error)) from error

    @override
    def run_files(self) -> Mapping[str, bytes]:
        return {IN_A_RUN: self.file.content}


class _OwnCells(Finder):
    """Finds one's own cells: those in the folder by listing, every version and every text by itself."""

    @override
    def names(self) -> Iterator[str]:
        """The cells in the folder as they are now: of code where that may run, and those that were typed."""
        if switch.are_on():
            for file in cell_files():
                if is_cell(file):
                    yield file.version
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
            saved = saved_cell(typed.name)
            if isinstance(saved, TypedCell) and saved == typed:
                return _of_typed(typed.text, typed.name, with_plain_words(saved.equations))
            called = typed.name if saved is None and _is_free(typed.name) else typed.name_apart
            return _of_typed(typed.text, called, typed.text)
        if not name_in(name):
            return None
        return _of_version(name, current(name_in(name)) == name, own_cells_folder())


CELLS.finder = _OwnCells()


def _is_free(name: str) -> bool:
    """True if a cell can have this name, and no file has it."""
    try:
        check_name(name)
    except CellError:
        return False
    return cell_file(name) is None


@lru_cache(_MOST_HELD)
def _of_version(version: str, is_current: bool, _folder: Path) -> OwnDeclaration:
    try:
        file = kept(version)
        found = _outline(file)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    except CellError as error:
        raise UnknownNameError(str(error)) from error
    if not found.is_cell:
        raise ConfigError(f"{file.file_name} is no cell: {found.why_no_cell}")
    return declaration(file, found, is_current=is_current)


_outline = lru_cache(_MOST_HELD)(outline)


def is_cell(file: CellFile) -> bool:
    """True if a file has a class that takes one time step of a cell, and nothing that can't be read."""
    try:
        return _outline(file).is_cell
    except SourceError:
        return False


def as_version(cell: object) -> object:
    """The current version of the file that is called so, or the text of what was typed; else what came.

    Raises ConfigError where the file can't be read, or where a version can't be had, and EquationsError for
    a text with mistakes.
    """
    if not isinstance(cell, str) or cell in CELLS.registered():
        return cell
    if is_typed(cell):
        return typed_cell(cell).text
    if name_in(cell):
        return CELLS[cell].kind
    if not cell.isidentifier():
        return cell
    found = cell_file(cell) or saved_cell(cell)
    if isinstance(found, CellError):
        raise ConfigError(str(found)) from found
    return cell if found is None else found.text if isinstance(found, TypedCell) else found.version


def as_typed(cell: str) -> str:
    """Returns what one types for a cell: for one's own its name, which means its current version.

    >>> as_typed("leaky@3f2a9c01b2d4"), as_typed("# name: mine\\nh' = tanh(x @ W)"), as_typed("gru")
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


def at_present(cell: str, otherwise: str) -> str:
    """Returns the cell that a form with `cell` goes on with: the one of that name as it is now, if it is one.

    Else the cell itself, as long as it can be had, as what was typed always can; then `otherwise`.
    """
    if is_typed(cell):
        saved = saved_cell(typed_cell(cell).name)
        return saved.text if isinstance(saved, TypedCell) else cell
    now = current(name_in(cell))
    for version in (now, cell):
        try:
            if version is not None and version in CELLS:
                return version
        except ConfigError:  # what is wrong with the file is said where it is edited
            continue
    return otherwise


def declaration(file: CellFile, found: Outline, *, is_current: bool) -> OwnDeclaration:
    """Makes the declaration of a file's version from its outline."""
    name = file.name if is_current else f"{file.name}, older ({file.digest[:_DIGITS]})"
    symbols = tuple(_symbol(letter, found) for letter in (*found.seen, *found.states))
    return OwnDeclaration(
        kind=file.version,
        name=name,
        noun=f"your cell {name}",
        implementation="rnn_core.own_cells.here:cell_class",
        summary=f"{name} is a cell of your own.",
        memory="does what its own code says",
        fixed={
            "input": Fixed("embedding", "a cell of your own reads vectors, not the ids of words"),
            "precision": Fixed("float32", "nothing rounds the products in code of your own"),
        },
        idle={"initialisation": _OWN_VALUES, "forget_bias": _OWN_VALUES},
        symbols=symbols,
        states=found.states,
        equations=tuple(symbol.letter for symbol in symbols if symbol.equation),
        convention=f"A cell of your own: what it computes is said by its code, {file.file_name}.",
        code=file.source,
        file=file,
    )


@lru_cache(_MOST_HELD)
def _of_typed(kind: str, name: str, said: str) -> CellDeclaration:
    """The declaration of what was typed; `said` are its equations, with words where a saved cell has some."""
    return replace(declaration_of(read_cell(said), name), kind=kind, key=kind, implementation="")


def _symbol(letter: str, found: Outline) -> Symbol:
    """A quantity of a file: what it declares, else what cells like ours have under this letter."""
    said, is_state = found.quantities.get(letter, Quantity()), letter in found.states
    by_sight = found.bounds.get(letter)
    bounds = said.bounds or by_sight
    known = _known(letter, bounds, is_state=is_state)
    word, noun = (
        (known.word, known.noun) if known else (f"{'state' if is_state else 'quantity'} {letter}", "")
    )
    if said.name:
        word, noun = said.name, ""
        if said.name.endswith(tuple(f" {one}" for one in _NOUNS)):
            word, _, noun = said.name.rpartition(" ")
    by_range = Role.KEEPS if bounds == (0.0, 1.0) else Role.PROPOSES
    role = Role.REMEMBERS if is_state else said.role or (known.role if known else by_range)
    return Symbol(
        letter=letter,
        word=word,
        noun=noun,
        role=role,
        meaning="what goes from one time step to the next"
        if is_state
        else f"what its code shows as {letter}",
        bounds=bounds,
        is_drawn_by_range=bounds is None,
        equation=said.latex,
        is_behind=letter in found.states[1:],
        place=max(found.states.index(letter) - 1, 0) if is_state else 0,
        function=_FUNCTIONS[by_sight] if by_sight else Function.NONE,
    )


def _known(letter: str, bounds: Bounds | None, *, is_state: bool) -> Symbol | None:
    """The quantity of a registered cell with this letter and these bounds, which don't matter for a state."""
    for declared in CELLS.registered().values():
        for symbol in declared.symbols:
            fits = letter in declared.states if is_state else symbol.bounds == bounds
            if symbol.letter == letter and fits:
                return symbol
    return None
