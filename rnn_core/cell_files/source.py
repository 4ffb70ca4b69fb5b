"""The source of a cell, parsed by `ast` and compiled: nothing in it runs."""

import ast
import re
import warnings
from collections.abc import Sequence

from rnn_core.cell_files.folder import CellFile, SourceError

_AS_NAMED = "<file of a cell>"
# Python's warnings come when the code runs. (To catch them here would change what other threads warn of.)
warnings.filterwarnings("ignore", module=re.escape(_AS_NAMED))


def check_is_python(file: CellFile) -> None:
    """Raises SourceError, with line and column, where a file is no Python."""
    try:
        tree = ast.parse(file.source, _AS_NAMED)
        compile(tree, _AS_NAMED, "exec", dont_inherit=True)  # finds a return outside of a function
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        text = file.source.split("\n")[line - 1] if 0 < line <= file.source.count("\n") + 1 else ""
        raise SourceError(
            f"{file.file_name}, line {line}: {error.msg}.{_with_caret(text, column)}", line, column
        ) from error
    except (RecursionError, MemoryError, ValueError) as error:  # what is nested too deeply
        raise SourceError(f"{file.file_name} can't be read as Python: it is nested too deeply.") from error


def _with_caret(text: str, column: int) -> str:
    """A line with a caret below the column, indented as code is, and what to do; empty for an empty line."""
    plain = text.expandtabs(4)
    if not plain.strip():
        return ""
    place = len(text[: max(column - 1, 0)].expandtabs(4))
    return f"\n\n    {plain.rstrip()}\n    {' ' * place}^\n\nCorrect this line and save the file."


def meant_among(file_name: str, classes: Sequence[ast.ClassDef]) -> str:
    """The class that is meant among several of a file; empty where that is not clear.

    It is the one that is called like the file, else the only one that no other one uses.

    >>> two = ("class Cell: gate = Gate()", "class Gate: ...")
    >>> meant_among("my_gru", [ast.parse(one).body[0] for one in two])
    'Cell'
    """
    plain = file_name.replace("_", "").casefold()
    names = [one.name for one in classes]
    alike = [name for name in names if name.replace("_", "").casefold() in (plain, plain.removeprefix("my"))]
    used = {
        node.id
        for one in classes
        for node in ast.walk(one)
        if isinstance(node, ast.Name) and node.id != one.name
    }
    meant = alike or [name for name in names if name not in used]
    return meant[0] if len(meant) == 1 else ""
