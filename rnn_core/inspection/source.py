"""The three forms of a cell: those made of its equations, or read from the files that run."""

import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from rnn_core.nn import sequence
from rnn_core.nn.cells import Cell
from rnn_core.nn.compiler import CannotCompile
from rnn_core.paths import import_folder


class CodeSource(NamedTuple):
    """A piece of code."""

    code: str
    """The text, without the indentation that all its lines have."""
    file: str
    """Seen from the project's root; of other code the name alone, empty where it was not read from a file."""
    line: int
    """The number of its first line."""


class FormSources(NamedTuple):
    """A cell's three forms in code."""

    naive: CodeSource
    project: CodeSource
    """The fused form's products with the input."""
    update: CodeSource
    """The rest of the fused form."""
    one_pass: CodeSource | None
    """The sequence form's time step, forwards and backwards; None where autograd does it."""
    why_none: str
    """A sentence on why there is none; empty where there is one."""
    driver: CodeSource
    """The code that goes through a whole sequence with it."""


@cache
def source(thing: Callable[..., Any] | type | ModuleType) -> CodeSource:
    """The code of a function, a class or a module, of this project or of a cell of the user's own."""
    try:
        file = Path(inspect.getsourcefile(thing) or "").resolve()
        lines, line = inspect.getsourcelines(thing)
    except (OSError, TypeError):  # it was typed into a session
        return CodeSource(f"# {getattr(thing, '__qualname__', thing)} was not read from a file", "", 1)
    if lines[0].strip() == "@override":  # which says nothing about what the code computes
        lines, line = lines[1:], line + 1
    is_ours = file.is_relative_to(import_folder())
    place = file.relative_to(import_folder()).as_posix() if is_ours else file.name
    return CodeSource(textwrap.dedent("".join(lines)).rstrip("\n"), place, max(line, 1))


def form_sources(cell: Cell) -> FormSources:
    """The code that runs for this cell."""
    project, driver = source(type(cell).project), source(sequence)
    naive, update = (_generated(form.readable) for form in (cell.naive_form, cell.fused_form.code))
    if isinstance(cell.compiled, CannotCompile):
        return FormSources(naive, project, update, None, str(cell.compiled), driver)
    return FormSources(naive, project, update, _generated(cell.compiled.source), "", driver)


def _generated(code: str) -> CodeSource:
    return CodeSource(code.rstrip("\n"), "", 1)
