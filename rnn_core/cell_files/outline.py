"""What the source of a cell says of itself, found by `ast` alone: nothing in it runs."""

import ast
import copy
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.refusals import in_a_row, shown

LONGEST_LETTER = 12
_MODULES = ("nn.Module", "Module", "torch.nn.Module", "torch.nn.modules.module.Module")
_NAME = re.compile(r"[^\W_](?:[^\W_]|[ '’-]){0,39}")
_AS_NAMED = "<file of a cell>"
# Python's warnings come when the code runs. (To catch them here would change what other threads warn of.)
warnings.filterwarnings("ignore", module=re.escape(_AS_NAMED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The parts of a file, as far as its text shows them."""

    states: tuple[str, ...] = ("h",)
    why_no_cell: str = ""
    """A sentence on what the file lacks to be a cell, which a loop or a classifier need not be."""

    @property
    def is_cell(self) -> bool:
        """Whether the class takes one time step of a cell."""
        return not self.why_no_cell


def outline(file: CellFile) -> Outline:
    """Finds the parts of a file. Raises SourceError where it is no Python, or declares what can't be."""
    tree = _parsed(file)
    classes, cls = _network(file, tree)
    return Outline(states=_states(file, cls) if cls else ("h",), why_no_cell=_why_no_cell(file, cls, classes))


def names_of(file: CellFile) -> Mapping[str, str]:
    """Letter -> name of the quantities for which a file declares one, {"z": {"name": "update gate"}}."""
    try:
        tree = _parsed(file)
        _, cls = _network(file, tree)
        node = (_assigned(cls.body, "quantities") if cls else None) or _assigned(tree.body, "quantities")
        said = ast.literal_eval(node) if node is not None else {}
    except (SourceError, ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
    of_letters = said.items() if isinstance(said, dict) else ()
    named = {letter: parts.get("name") for letter, parts in of_letters if isinstance(parts, dict)}
    return {
        letter: name
        for letter, name in named.items()
        if isinstance(letter, str) and isinstance(name, str) and _NAME.fullmatch(name)
    }


def _network(file: CellFile, tree: ast.Module) -> tuple[list[ast.ClassDef], ast.ClassDef | None]:
    """The classes of a file, and the one that is meant, with the bodies of those that it inherits."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    named = _class_of(file, classes, _imported(tree))
    return classes, _with_inherited(named, classes) if named else None


def _parsed(file: CellFile) -> ast.Module:
    try:
        tree = ast.parse(file.source, _AS_NAMED)
        compile(tree, _AS_NAMED, "exec", dont_inherit=True)  # finds a return outside of a function
        return tree
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


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the names of a file stand for, by its imports and by assignments such as Base = nn.Module."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                path = one.name if one.asname else one.name.partition(".")[0]
                names[one.asname or path] = path
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            [target] = statement.targets
            if isinstance(target, ast.Name) and (path := _path_of(statement.value, names)):
                names.setdefault(target.id, path)
    return names


def _path_of(node: ast.expr, names: Mapping[str, str]) -> str:
    """What a name with dots stands for, such as torch.nn.Module; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def _class_of(file: CellFile, classes: list[ast.ClassDef], names: Mapping[str, str]) -> ast.ClassDef | None:
    """The class that inherits nn.Module, directly or through others of the file; None where there is none."""
    modules: dict[str, ast.ClassDef] = {}
    for node in classes:
        if any(path in (*_MODULES, *modules) for path in (_path_of(base, names) for base in node.bases)):
            modules[node.name] = node
    if len(modules) < 2:
        return next(iter(modules.values()), None)
    if meant := meant_among(file.name, [*modules.values()]):
        return modules[meant]
    found = in_a_row([f"{name} (line {node.lineno})" for name, node in modules.items()])
    raise SourceError(
        f"{file.file_name} must have one class that inherits nn.Module, or one that is called like the file, "
        f"got {found}.",
        list(modules.values())[1].lineno,
    )


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


def _with_inherited(cls: ast.ClassDef, classes: list[ast.ClassDef]) -> ast.ClassDef:
    """A class with the body of each class of the file that it inherits before its own."""
    before = {node.name: node for node in classes if node.lineno < cls.lineno}
    bases = [before[base.id] for base in cls.bases if isinstance(base, ast.Name) and base.id in before]
    whole = copy.copy(cls)
    inherited = (statement for base in reversed(bases) for statement in _with_inherited(base, classes).body)
    whole.body = [*inherited, *cls.body]
    return whole


def _methods(cls: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)}


def _why_no_cell(file: CellFile, cls: ast.ClassDef | None, classes: list[ast.ClassDef]) -> str:
    """Returns a sentence on the first thing that a class lacks to be a cell; empty where it lacks nothing."""
    if cls is None and classes:
        name, line = classes[0].name, classes[0].lineno
        return f"{file.file_name}, line {line}: the class {name} must inherit nn.Module to be a cell."
    if cls is None:
        return f"{file.file_name} has no class that inherits nn.Module."
    methods = _methods(cls)
    for name, wanted, taken in (
        ("__init__", "input_size, hidden_size", ("hidden_size", "input_size")),
        ("forward", "x, h", ("h", "x")),
    ):
        where = f"{file.file_name}, line {cls.lineno}: the class {cls.name}"
        if name not in methods:
            near = get_close_matches(name, methods, 1, cutoff=0.7)
            meant = f" Its method {near[0]} (line {methods[near[0]].lineno}) may be meant." if near else ""
            return f"{where} must have a method {name}(self, {wanted}).{meant}"
        method = methods[name]
        needed, most = _arguments(method)
        if not len(needed) <= 2 <= most or tuple(needed) == taken:
            given = ast.unparse(method.args)
            return (
                f"{file.file_name}, line {method.lineno}: {name} of {cls.name} must take (self, {wanted}), "
                f"in this order, got ({given})."
            )
    return ""


def _arguments(method: ast.FunctionDef) -> tuple[list[str], float]:
    """The arguments after self that must be given, and how many may be given by their places."""
    arguments = method.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    needed = names[: len(names) - len(arguments.defaults)] if arguments.defaults else names
    by_name = [
        one.arg
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return [*needed, *by_name], float("inf") if arguments.vararg else len(names)


def _assigned(body: list[ast.stmt], name: str) -> ast.expr | None:
    """What a name is given by an assignment in the body of a class or a file, the last one that there is."""
    found: ast.expr | None = None
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                found = node.value
    return found


def _states(file: CellFile, cls: ast.ClassDef) -> tuple[str, ...]:
    node = _assigned(cls.body, "states")
    if node is None:
        return ("h",)
    try:
        states = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        why = "states must be written out, as no other line of the file is run to find it."
        raise file.mistake(node.lineno, why) from None
    if (
        not isinstance(states, tuple | list)
        or not all(_is_letter(one) for one in states)
        or len({*states}) < len(states)
        or not states
        or states[0] != "h"
    ):
        raise file.mistake(
            node.lineno,
            f'states must be different letters, h first, such as ("h", "c"), got {shown(states)}.',
        )
    return tuple(states)


def _is_letter(value: object) -> bool:
    return isinstance(value, str) and value.isalnum() and len(value) <= LONGEST_LETTER
