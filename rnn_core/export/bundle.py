"""The modules of the exported page, put together into one script that needs nothing beside it.

A browser loads no module from a file on disk, so the page has one script. Of JavaScript's modules this is
understood: `import { a, b as c } from "./x.js"` and `export` before a function, a class, a const or a
`const { a, b } = values`, each at the beginning of a line. Each module becomes a function of what it imports
that returns what it exports, so its other names are its own. A name that is exported is a constant, and no
two modules import each other: the functions run once, each after those that it imports.
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
_IMPORT = re.compile(
    r'import\s*\{(?P<names>[^{}]*)\}\s*from\s*"(?P<module>\.\.?/[\w./-]+\.js)"[ ;]*(?=\n|\Z)'
)
_IMPORTED = re.compile(rf"(?P<name>{_NAME})(?:\s+as\s+(?P<local>{_NAME}))?")
_EXPORT = re.compile(
    rf"export (?=(?:const|class|(?:async )?function\*?) +(?P<name>{_NAME})\b"
    rf"|const +\{{ *(?P<several>{_NAME}(?:, {_NAME})*) *\}} = )"
)
_STATEMENT = re.compile(r"^[ \t]*(?:import|export)\b.*|^.*\bimport\s*[.(].*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*", re.MULTILINE)
_KNOWN = (
    'write `import { a, b as c } from "./x.js"`, or `export` before a const, function or class, at the '
    "beginning of a line"
)


class _Module(NamedTuple):
    code: str
    """The source of the module without the words import and export."""
    imports: tuple[tuple[str, str], ...]
    """Path of each imported module, and a pattern of JavaScript for what comes from there."""
    exports: tuple[str, ...]


def bundle(entry: str, extra: Mapping[str, str] | None = None) -> str:
    """One script that runs a module and all that it imports, and gives what the module exports.

    `entry` is a path in the folder of the page, such as "main.js", or one of `extra`, path -> source of
    further modules. Raises ExportError for what is not understood, a module or name that is missing, and
    modules that import each other.

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
    _read(entry, {} if extra is None else extra, modules, ())
    number = {path: f"${place}" for place, path in enumerate(modules)}
    functions = []
    for path, module in modules.items():
        patterns = ", ".join(pattern for _, pattern in module.imports)
        values = ", ".join(number[imported] for imported, _ in module.imports)
        functions.append(
            f"// {path}\nconst {number[path]} = (({patterns}) => {{\n{module.code}\n"
            f"return {{ {', '.join(module.exports)} }}\n}})({values})\n"
        )
    last = f"return ${len(modules) - 1}\n"
    return f'(() => {{\n"use strict"\n{"".join(functions)}{last}}})()'


def _read(path: str, extra: Mapping[str, str], modules: dict[str, _Module], above: tuple[str, ...]) -> None:
    """Adds the module of a path to those that were read, behind all that it imports."""
    if path in above:
        raise ExportError(f"Modules of the page import each other: {' -> '.join((*above, path))}.")
    if path in modules:
        return
    module = _parsed(path, _source(path, extra, above))
    for imported, pattern in module.imports:
        _read(imported, extra, modules, (*above, path))
        for name in _IMPORTED.finditer(pattern.replace(":", " as ")):
            if name["name"] not in modules[imported].exports:
                raise ExportError(f"{path} imports {name['name']}, which {imported} does not export.")
    modules[path] = module


def _source(path: str, extra: Mapping[str, str], above: tuple[str, ...]) -> str:
    if path in extra:
        return extra[path]
    if path == SENTENCES:
        return f"export const SAID = {json.dumps(SAID, ensure_ascii=False)}"
    wanted = f", which {above[-1]} imports" if above else ""
    if path.startswith("../"):
        raise ExportError(f"A module of the page must stand in its folder, got {shown(path)}{wanted}.")
    try:
        return (PAGE / path).read_text("utf-8")
    except FileNotFoundError:
        raise ExportError(f"The page has no module {shown(path)}{wanted}.") from None


def _parsed(path: str, source: str) -> _Module:
    imports: dict[str, list[str]] = {}
    exports: list[str] = []
    for statement in _STATEMENT.finditer(_COMMENT.sub(lambda comment: " " * len(comment[0]), source)):
        begin = statement.start()
        if (imported := _IMPORT.match(source, begin)) is not None:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), imported["module"]))
            imports.setdefault(target, []).extend(_patterns(path, imported["names"]))
        elif (exported := _EXPORT.match(source, begin)) is not None:
            exports += (exported["name"] or exported["several"]).split(", ")
        else:
            line = source.count("\n", 0, begin) + 1
            what = f"Line {line} of {path} can't be put into one script"
            raise ExportError(f"{what}, {shown(statement[0].strip())}: {_KNOWN}.")
    code = re.sub(rf"^{_IMPORT.pattern}", "", source, flags=re.MULTILINE)
    return _Module(
        code=re.sub(rf"^{_EXPORT.pattern}", "", code, flags=re.MULTILINE).strip("\n"),
        imports=tuple((target, f"{{ {', '.join(names)} }}") for target, names in imports.items()),
        exports=tuple(exports),
    )


def _patterns(path: str, names: str) -> list[str]:
    """Write the names between the braces of an import as a pattern that takes an object apart."""
    patterns = []
    for name in filter(None, (one.strip() for one in names.split(","))):
        if (found := _IMPORTED.fullmatch(name)) is None:
            raise ExportError(f"{path} imports {shown(name)}, which is no name: {_KNOWN}.")
        patterns.append(f"{found['name']}: {found['local']}" if found["local"] else found["name"])
    return patterns
