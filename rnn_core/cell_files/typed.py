"""A cell that somebody typed, as a value: its equations in their one form, with a name that is a label.

Both are one text, and the setting `cell` of a run holds it. So a run, a file of settings and a process need
nothing beside it, and what becomes of a saved cell changes none of them. Nothing of it is ever run as code.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from rnn_core.cell_files.folder import LONGEST_NAME
from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.printing import line_text
from rnn_core.equations.reading import LONGEST, Equation, EquationsError, Line, Mistake

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
    """All of it as a run carries it: the name in the first line, then the equations as they are printed."""
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


def with_plain_words(equations: Equations) -> str:
    """The lines as they are printed, each with the comment behind it where that is plain words.

    None has one where all of it would be longer than a cell may be.
    """
    said = "\n".join(map(_with_plain_words, equations.lines))
    return said if len(said) <= LONGEST else equations.text


def _with_plain_words(line: Line) -> str:
    words = line.words if isinstance(line, Equation) and _PLAIN.fullmatch(line.words) else ""
    return f"{line_text(line)}  # {words}" if words else line_text(line)
