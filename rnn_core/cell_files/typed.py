"""Cells that somebody typed: each as a value, its equations in their one form, and its file, NAME.txt.

The name is a label. Name and equations are one text, and the setting `cell` of a run holds it. So a run, a
file of settings and a process need nothing beside it, and what becomes of a saved cell changes none of them.
Nothing of it is ever run as code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from rnn_core.cell_files import folder
from rnn_core.cell_files.folder import LONGEST_NAME, TYPED, check_name, paths
from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.printing import line_text
from rnn_core.equations.reading import LONGEST, Equation, EquationsError, Line, Mistake
from rnn_core.errors import CellError, reason
from rnn_core.files import write_whole
from rnn_core.paths import own_cells_folder

_PLAIN = re.compile(r"(?:[^\W_]|[-− '’:,.;()/%=+–—])*")
"""Words without a sign that means something as markup, wherever they are shown."""
_NAMED = re.compile(rf"# name: ([A-Za-z_][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}})[ \t]*(?:\r?\n|\Z)")
_OF_DIGEST = 4
"""Digits of the digest in a name that nobody gave, or that is another cell's by now."""


@dataclass(frozen=True)
class TypedCell:
    """The equations of a cell and what it is called."""

    name: str
    text: str
    """The cell as a run carries it: the name in the first line, then the equations as they are printed."""
    equations: Equations = field(compare=False, repr=False)
    """The equations and the comments behind them."""
    written: str = field(compare=False, repr=False)
    """The text as its author wrote it, with all comments."""

    @classmethod
    def of(cls, text: str, name: str = "") -> Self:
        """The cell that a text says, called `name`, else as its first line says, else by its digest.

        Raises EquationsError with all that is wrong in the text.

        >>> print(TypedCell.of("h' = tanh(x@W+h@U + b)  # as Elman", "mine").text)
        # name: mine
        h' = tanh(x @ W + h @ U + b)
        """
        equations = read_cell(text)
        said = _NAMED.match(text)
        name = name or (said[1] if said else f"cell_{equations.digest[:_OF_DIGEST]}")
        printed = f"# name: {name}\n{equations.text}"
        if printed != text:
            _check_kept(f"# name: {'_' * LONGEST_NAME}\n{equations.text}")
        return cls(name, printed, equations, text.replace("\r\n", "\n"))

    @property
    def version(self) -> str:
        """The name and the digest of the equations in one word, as lists show a cell."""
        return f"{self.name}@{self.equations.digest}"

    @property
    def name_apart(self) -> str:
        """The name beside that of another cell that is called so, too."""
        digits = self.equations.digest[:_OF_DIGEST]
        return self.name if self.name.endswith(digits) else f"{self.name} ({digits})"

    @property
    def plainly_worded(self) -> str:
        """The lines as they are printed, each with the comment behind it where that is plain words.

        None has one where all of it would be longer than a cell may be.
        """
        said = "\n".join(map(_plainly_worded_line, self.equations.lines))
        return said if len(said) <= LONGEST else self.equations.text


def _plainly_worded_line(line: Line) -> str:
    words = line.words if isinstance(line, Equation) and _PLAIN.fullmatch(line.words) else ""
    return f"{line_text(line)}  # {words}" if words else line_text(line)


def _check_kept(printed: str) -> None:
    """Raises EquationsError if a text can't be read as it is kept, maybe longer and with more brackets."""
    try:
        read_cell(printed)
    except EquationsError as error:
        said = f"As it is kept, with a name, blanks and brackets: {error.mistakes[0].sentence}"
        raise EquationsError(Mistake(1, 1, 1, said)) from error


def is_typed(cell: str) -> bool:
    """True if a value of the setting `cell` is a text of equations, and not a name.

    >>> is_typed("h' = tanh(x @ W)"), is_typed("gru"), is_typed("leaky@3f2a9c01b2d4")
    (True, False, False)
    """
    return "=" in cell


@lru_cache(256)
def typed_cell(text: str) -> TypedCell:
    """The cell that a text says by itself. Raises EquationsError."""
    return TypedCell.of(text)


def unnamed(cell: str) -> str:
    """Returns a text that is equal for equal cells: of a typed cell the equations alone, without a name.

    >>> unnamed("# name: mine\\nh' = tanh(x@W)"), unnamed("gru")
    ("h' = tanh(x @ W)", 'gru')
    """
    return typed_cell(cell).equations.text if is_typed(cell) else cell


def save_cell(name: str, text: str, *, replace: bool = False) -> TypedCell:
    """Saves a cell; with `replace` in the place of one that was typed and saved under this name before.

    Raises CellError for a name that can't be or is taken, EquationsError for equations with mistakes.
    """
    path = own_cells_folder() / f"{name}{TYPED}"
    folder.check_free(name, replaces=path if replace else None)
    cell = TypedCell.of(text, name)
    with folder.writing(path):
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
    """The other files, of code and typed, and why each is no cell: `__cause__` has the mistakes, if any."""
    every = {**folder.all_files(), **_look()}
    return {path: found for path, found in every.items() if isinstance(found, CellError)}


def saved_cell(name: str) -> TypedCell | CellError | None:
    """The saved cell of this name as it is now, or why it is refused; None where there is none."""
    path = own_cells_folder() / f"{name}{TYPED}"
    return _look_at(path) if path in paths(TYPED) else None


def read_typed(path: Path) -> TypedCell:
    """The cell in a file at any path, called like the file.

    Raises CellError for a file that can't be read or a name that no cell can have, and EquationsError.
    """
    check_name(path.stem)
    return _read(path.stem, folder.read_bytes(path))


def _look() -> Mapping[Path, TypedCell | CellError]:
    return {path: _look_at(path) for path in paths(TYPED)}


def _look_at(path: Path) -> TypedCell | CellError:
    of_code = path.with_suffix(folder.SUFFIX)
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
