"""What the source of a cell says of itself, found by `ast` alone: nothing in it runs."""

import ast
import copy
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from rnn_core.cell_files.folder import CellFile, SourceError
from rnn_core.refusals import in_a_row, shown
from rnn_core.symbols import Role

MOST_SEEN, LONGEST_LETTER = 24, 12
_LONGEST_WORD, _LONGEST_LATEX = 40, 200
_MODULES = ("nn.Module", "Module", "torch.nn.Module", "torch.nn.modules.module.Module")
_SEE = ("see", "rnn_core.see", "rnn_core.seeing.see")
_BOUNDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
Bounds = tuple[float, float]

_AS_NAMED = "<file of a cell>"
# Python's warnings come when the code runs. (To catch them here would change what other threads warn of.)
warnings.filterwarnings("ignore", module=re.escape(_AS_NAMED))


class Quantity(NamedTuple):
    """What a file declares of one of its quantities; what it leaves out is None or empty."""

    name: str = ""
    role: Role | None = None
    bounds: Bounds | None = None
    latex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The parts of a file, as far as its text shows them."""

    states: tuple[str, ...] = ("h",)
    seen: tuple[str, ...] = ()
    """The letters that see() is given, in their order, without those of the states."""
    bounds: Mapping[str, Bounds]
    """The least and the largest value of each letter that is visibly a sigmoid or a tanh."""
    quantities: Mapping[str, Quantity]
    """What is declared of some of the letters."""
    why_no_cell: str = ""
    """A sentence on what the file lacks to be a cell, which a loop or a classifier need not be."""

    @property
    def is_cell(self) -> bool:
        """Whether the class takes one time step of a cell."""
        return not self.why_no_cell


def outline(file: CellFile) -> Outline:
    """Finds the parts of a file. Raises SourceError where it is no Python, or declares what can't be."""
    tree = _parsed(file)
    names = _imported(tree)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    named = _class_of(file, classes, names)
    cls = _with_inherited(named, classes) if named else None
    functions = {node.name for node in tree.body if isinstance(node, _FUNCTIONS)}
    seen = _seen(file, tree, names)
    states = _states(file, cls) if cls else ("h",)
    bounds = {letter: found for letter, found in seen.items() if found is not None}
    if cls is not None and len(states) == 1 and "h" not in seen and (found := _of_result(cls, functions)):
        bounds["h"] = found
    letters = (*(letter for letter in seen if letter not in states), *states)
    if len(letters) > MOST_SEEN:
        raise SourceError(f"{file.file_name}: see() may be given at most {MOST_SEEN} letters.")
    return Outline(
        states=states,
        seen=letters[: -len(states)],
        bounds=bounds,
        quantities=_quantities(file, tree, cls, letters, states),
        why_no_cell=_why_no_cell(file, cls, classes),
    )


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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


def _literal(file: CellFile, node: ast.expr, what: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        why = f"{what} must be written out, as no other line of the file is run to find it."
        raise file.mistake(node.lineno, why) from None


def _states(file: CellFile, cls: ast.ClassDef) -> tuple[str, ...]:
    node = _assigned(cls.body, "states")
    if node is None:
        return ("h",)
    states = _literal(file, node, "states")
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


def _seen(file: CellFile, tree: ast.Module, names: Mapping[str, str]) -> dict[str, Bounds | None]:
    """The letters that see() is given anywhere, in their order, with the bounds of what is seen."""
    seen: dict[str, Bounds | None] = {}
    own = {node.name for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)}
    for call, function in sorted(_calls(tree), key=lambda pair: (pair[0].lineno, pair[0].col_offset)):
        path = _path_of(call.func, names)
        if path not in _SEE or path in own:
            continue
        given = {"letter": 0, "value": 1}
        letter, value = (
            next((one.value for one in call.keywords if one.arg == name), None)
            or (call.args[place] if len(call.args) > place else None)
            for name, place in given.items()
        )
        if letter is None or value is None:
            raise file.mistake(call.lineno, 'see() takes a letter and a value: see("z", z).')
        if not isinstance(letter, ast.Constant) or not _is_letter(letter.value):
            raise file.mistake(
                call.lineno,
                f"see() takes 1 to {LONGEST_LETTER} letters or digits between quotation marks, such as "
                f'see("z", z), got {shown(ast.unparse(letter))}.',
            )
        found, name = _bounds(value, function, own), str(letter.value)
        seen[name] = found if seen.get(name, found) == found else None
    return seen


_Function = ast.FunctionDef | ast.AsyncFunctionDef | None


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, _Function]]:
    """Each call in a file and the function that it stands in."""
    stack: list[tuple[ast.AST, _Function]] = [(tree, None)]
    while stack:
        at, inside = stack.pop()
        if isinstance(at, ast.Call):
            yield at, inside
        inside = at if isinstance(at, _FUNCTIONS) else inside
        stack += [(child, inside) for child in ast.iter_child_nodes(at)]


_CUTS = ("chunk", "split", "unbind")
"""What cuts a tensor into pieces of the same bounds."""


def _bounds(value: ast.expr, function: _Function, own: set[str]) -> Bounds | None:
    """The bounds of what is visibly a sigmoid or a tanh: the call, or the only assignment of a name."""
    if isinstance(value, ast.Name) and function is not None:
        value = _only_value(value.id, function) or value
    if not isinstance(value, ast.Call):
        return None
    called = value.func
    if isinstance(called, ast.Name):
        return None if called.id in own else _BOUNDS.get(called.id)
    if not isinstance(called, ast.Attribute) or _path_of(called, {}).startswith("self."):
        return None
    if called.attr in _CUTS:
        of_torch = _path_of(called.value, {}) == "torch"
        return _bounds(value.args[0] if of_torch and value.args else called.value, function, own)
    return _BOUNDS.get(called.attr)


def _only_value(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """What a name is in a function that gives it a value once; None where it has several, or is taken in."""
    if any(isinstance(one, ast.arg) and one.arg == name for one in ast.walk(function.args)):
        return None
    stored = sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )
    given = [
        value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for value in _given(name, target, node.value)
    ]
    values = [value for value in given if not _passes_on(name, value)]
    return values[0] if stored == len(given) and len(values) == 1 else None


def _given(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    """What an assignment gives a name: the value, its part, or the value of which the name gets a piece."""
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    if isinstance(target, ast.Tuple | ast.List):
        is_by_part = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        parts = value.elts if is_by_part else [value] * len(target.elts)  # type: ignore[attr-defined]
        for one, part in zip(target.elts, parts, strict=True):
            yield from _given(name, one, part)


def _passes_on(name: str, value: ast.expr) -> bool:
    """Whether a value is what a name was before, shown by `see`."""
    is_seen = isinstance(value, ast.Call) and len(value.args) == 2 and isinstance(value.args[0], ast.Constant)
    return is_seen and isinstance(value.args[1], ast.Name) and value.args[1].id == name  # type: ignore[attr-defined]


def _of_result(cls: ast.ClassDef, functions: set[str]) -> Bounds | None:
    """The bounds of what forward returns, where all that it returns has the same."""
    forward = _methods(cls).get("forward")
    if forward is None:
        return None
    returned = [node.value for node in ast.walk(forward) if isinstance(node, ast.Return)]
    found = {_bounds(value, forward, functions) if value is not None else None for value in returned}
    return found.pop() if len(found) == 1 else None


def _quantities(
    file: CellFile,
    tree: ast.Module,
    cls: ast.ClassDef | None,
    letters: tuple[str, ...],
    states: tuple[str, ...],
) -> dict[str, Quantity]:
    """What is declared of letters. Raises SourceError where that can't be."""
    node = (_assigned(cls.body, "quantities") if cls else None) or _assigned(tree.body, "quantities")
    if node is None:
        return {}
    said = _literal(file, node, "quantities")

    def refuse(what: str) -> SourceError:
        return file.mistake(node.lineno, f"{what}.")

    if not isinstance(said, Mapping):
        raise refuse(f'quantities must be like {{"z": {{"name": "update gate"}}}}, got {shown(said)}')
    found: dict[str, Quantity] = {}
    for letter, parts in said.items():
        if letter not in letters:
            known = ", ".join(letters)
            raise refuse(f"quantities names {shown(letter)}, which no see() is given; there are {known}")
        if not isinstance(parts, Mapping):
            raise refuse(f'{letter} must be like {{"name": "update gate"}}, got {shown(parts)}')
        for part in parts:
            if part not in _PARTS:
                raise refuse(f"{letter} may have {', '.join(_PARTS)}, got {shown(part)}")
        try:
            found[letter] = Quantity(**{part: _PARTS[part](value) for part, value in parts.items()})
        except ValueError as error:
            raise refuse(f"{letter}: {error}") from error
        if letter in states and found[letter].role not in (None, Role.REMEMBERS):
            raise refuse(f"{letter} is a state, so its role is {Role.REMEMBERS}, got {shown(parts['role'])}")
    return found


def _name(value: object) -> str:
    pattern = rf"[^\W_](?:[\w '’-]{{0,{_LONGEST_WORD - 1}}})"
    if not isinstance(value, str) or "_" in value or not re.fullmatch(pattern, value.strip()):
        raise ValueError(
            f"the name must have 1 to {_LONGEST_WORD} letters, digits, spaces and hyphens, got {shown(value)}"
        )
    return value.strip()


def _role(value: object) -> Role:
    if isinstance(value, str) and value in [*Role]:
        return Role(value)
    raise ValueError(f"the role must be one of {', '.join(Role)}, got {shown(value)}")


def _pair(value: object) -> Bounds | None:
    if value is None:
        return None
    if (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
        and -1e6 <= value[0] < value[1] <= 1e6  # nan is refused, too
    ):
        return float(value[0]), float(value[1])
    raise ValueError(
        f"the bounds must be the least and the largest value, such as (0, 1), got {shown(value)}"
    )


def _latex(value: object) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_LATEX and value.isprintable() and "$" not in value:
        return value
    raise ValueError(
        f"the LaTeX must be a line of at most {_LONGEST_LATEX} characters without $, got {shown(value)}"
    )


_PARTS: Mapping[str, Callable[[object], Any]] = {
    "name": _name,
    "role": _role,
    "bounds": _pair,
    "latex": _latex,
}
