"""The modules of the exported page, put together into one script that needs nothing beside it.

A browser loads no module from a file on disk, so the page has one script. Of JavaScript's modules this is
understood: `import { a, b as c } from "./x.js"` and `export` before a function, a class, a const or a
`const { a, b } = values`, each at the beginning of a line. Each module becomes a function of what it imports
that returns what it exports, so its other names are its own. A name that is exported is a constant, and no
two modules import each other: the functions run once, each after those that it imports. In modules of
the page oxlint refuses what breaks these rules; of scripts of the app a test asks that what they import is
there.
"""

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rnn_core.errors import ExportError
from rnn_core.figures.sentences import SAID
from rnn_core.refusals import shown

PAGE = Path(__file__).with_name("page")
"""The folder with the source of the page."""
SENTENCES = "said.js"
"""The module of the sentences: on the page in one file it holds those of figures."""

_NAME = r"[A-Za-z_]\w*"
_IMPORT = re.compile(r'^import\s*\{(?P<names>[^{}]*)\}\s*from\s*"(?P<module>[\w./-]+)"[ ;]*$', re.MULTILINE)
_EXPORT = re.compile(
    rf"^export (?=(?:const|class|(?:async )?function\*?) +(?P<name>{_NAME})\b"
    rf"|const +\{{ *(?P<several>{_NAME}(?:, {_NAME})*) *\}} = )",
    re.MULTILINE,
)


class _Module(NamedTuple):
    code: str
    """The source of the module without the words import and export."""
    imports: Mapping[str, str]
    """Path of each imported module -> what is taken from there, between the braces of a pattern."""
    exports: str


def bundle(entry: str, extra: Mapping[str, str] | None = None) -> str:
    """One script that runs a module and all that it imports, and gives what the module exports.

    `entry` is a path in the folder of the page, such as "main.js", or one of `extra`, path -> source of
    further modules. Raises ExportError for a module that is missing.

    >>> print(bundle("two.js", {"one.js": "export const a = 1", "two.js": 'import { a } from "./one.js"'}))
    (() => {
    "use strict"
    // one.js
    const $0 = (() => {
    const a = 1
    return { a }
    })()
    // two.js
    const $1 = (({ a }) => {
    <BLANKLINE>
    return {  }
    })($0)
    return $1
    })()
    """
    modules: dict[str, _Module] = {}
    _read(entry, {} if extra is None else extra, modules)
    number = {path: f"${place}" for place, path in enumerate(modules)}
    functions = []
    for path, module in modules.items():
        patterns = ", ".join(f"{{ {names} }}" for names in module.imports.values())
        values = ", ".join(number[imported] for imported in module.imports)
        functions.append(
            f"// {path}\nconst {number[path]} = (({patterns}) => {{\n{module.code}\n"
            f"return {{ {module.exports} }}\n}})({values})\n"
        )
    last = f"return ${len(modules) - 1}\n"
    return f'(() => {{\n"use strict"\n{"".join(functions)}{last}}})()'


def _read(path: str, extra: Mapping[str, str], modules: dict[str, _Module]) -> None:
    """Adds the module of a path to those that were read, behind all that it imports."""
    if path in modules:
        return
    source = _source(path, extra)
    imports: dict[str, str] = {}
    for found in _IMPORT.finditer(source):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found["module"]))
        _read(target, extra, modules)
        names = re.sub(r"\s+as\s+", ": ", found["names"].strip(" \n,"))
        imports[target] = f"{imports[target]}, {names}" if target in imports else names
    exports = ", ".join(found["name"] or found["several"] for found in _EXPORT.finditer(source))
    modules[path] = _Module(_EXPORT.sub("", _IMPORT.sub("", source)).strip("\n"), imports, exports)


def _source(path: str, extra: Mapping[str, str]) -> str:
    if path in extra:
        return extra[path]
    if path == SENTENCES:
        return f"export const SAID = {json.dumps(SAID, ensure_ascii=False)}"
    try:
        return (PAGE / path).read_text("utf-8")
    except FileNotFoundError:
        raise ExportError(f"The page has no module {shown(path)}.") from None
