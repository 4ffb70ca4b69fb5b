"""A class of a notebook or a script as the file of a cell, and as equations."""

import ast
import linecache
import textwrap
from pathlib import Path
from types import FunctionType, ModuleType

from rnn_core.cell_files.folder import SUFFIX, CellFile
from rnn_core.errors import CellError
from rnn_core.own_cells.as_equations import equations_of


def equations_of_class(written: type) -> str:
    """The equations of a class. Raises CellError where its code can't be read, or has none."""
    try:
        source = _source(written)
    except OSError as error:
        raise CellError(
            f"The code of the class {written.__name__} can't be read: write it into a cell of a notebook or "
            "into a file."
        ) from error
    file = CellFile.of(Path(f"{written.__name__}{SUFFIX}").absolute(), source.encode())
    return equations_of(file).text


def _source(written: type) -> str:
    """The class, behind all that it uses of what stands around it."""
    around = _methods(written)[0].__globals__
    parts: dict[str, str] = {}
    begun: set[str] = set()

    def add(name: str, value: object) -> None:
        begun.add(name)
        if isinstance(value, ModuleType):
            parts[name] = f"import {value.__name__} as {name}"
        elif isinstance(value, bool | int | float | str | tuple):
            parts[name] = f"{name} = {value!r}"
        elif isinstance(value, type | FunctionType) and value.__module__ == written.__module__:
            source = _own_source(value)
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Name) and node.id in around and node.id not in begun:
                    add(node.id, around[node.id])
            parts[name] = source
        else:  # a function of torch itself is in no module
            module = getattr(value, "__module__", None) or "torch"
            parts[name] = f"from {module} import {getattr(value, '__name__', name)} as {name}"

    add(written.__name__, written)
    return "\n".join(parts.values())


def _methods(written: type) -> list[FunctionType]:
    """The methods of a class. Raises OSError where there is none."""
    found = [one for one in vars(written).values() if isinstance(one, FunctionType)]
    if not found:
        raise OSError(f"{written.__name__} has no method")
    return found


def _own_source(value: type | FunctionType) -> str:
    """The code of a class or a function, where its own lines say: a class of a notebook has no file."""
    code = (value if isinstance(value, FunctionType) else _methods(value)[0]).__code__
    text = "".join(linecache.getlines(code.co_filename))
    written = (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.ClassDef | ast.FunctionDef))
    for node in (one for one in written if one.name == value.__name__):
        if node.lineno <= code.co_firstlineno <= (node.end_lineno or 0):
            return textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "")
    raise OSError(f"{value.__name__} is in no file")
