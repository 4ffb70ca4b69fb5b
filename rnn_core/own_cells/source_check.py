"""Mistakes in a student's source before any of it runs: it is no Python, or leaves the work to others.

Names are followed through imports, assignments and `getattr` with a text. What hides better than that is
seen when the code runs, by the classes of the modules in it.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping

from rnn_core.own_cells.report import Remark, remark

_READY_MADE = frozenset(
    """RNN GRU LSTM RNNBase RNNCell GRUCell LSTMCell RNNCellBase
    rnn_tanh rnn_relu gru lstm rnn_tanh_cell rnn_relu_cell gru_cell lstm_cell
    quantized_gru quantized_lstm _thnn_fused_gru_cell _thnn_fused_lstm_cell""".split()
)
"""The last name of what is a recurrent cell or a loop in torch."""
_OTHER_LIBRARIES = frozenset(
    "tensorflow keras tf_keras jax flax haiku equinox mxnet paddle chainer theano fastai skorch".split()
)
_MAY_BE_IMPORTED = frozenset({"rnn_core", "rnn_core.see", "rnn_core.seeing", "rnn_core.seeing.see"})
_MOST_NAMED = 3
_Names = dict[str, str]
"""Name in the file -> what it stands for, such as {"nn": "torch.nn"}."""


def look(source: str) -> tuple[Remark, ...]:
    """The mistakes in the source, in the order of its lines; nothing of it runs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python does not know is none of ours
            tree = ast.parse(source)
    except SyntaxError as error:
        return (_no_python(error),)
    except (ValueError, RecursionError, MemoryError) as error:
        return (remark("syntax", "unreadable", error=error),)
    places = dict[str, int]()
    for path, line in sorted(_mentioned(tree), key=lambda found: found[1]):
        places.setdefault(path, line)
    found = (one for path, line in places.items() if (one := _refused(path, line)) is not None)
    return tuple(found)[:_MOST_NAMED]


def ready_made(classes: Mapping[str, str]) -> Remark | None:
    """The remark on modules that are ready made, by their names in the network; None where there are none.

    >>> ready_made({"gru": "torch.nn.modules.rnn.GRU"}).code
    'ready-made'
    """
    for name, path in classes.items():
        root, _, kind = path.rpartition(".")
        if root.startswith("torch.") and kind in _READY_MADE:
            return remark("ready-made", "as a module", name=name, kind=kind)
        if path.startswith("rnn_core."):
            return remark("our-cell-imported", "as a module", name=name, kind=kind)
    return None


def _no_python(error: SyntaxError) -> Remark:
    text = (error.text or "").rstrip("\n")
    if not error.offset or not text.strip():
        return remark("syntax", line=error.lineno, error=error.msg)
    column = max(error.offset - (len(text) - len(text.lstrip())), 1)
    return remark(
        "syntax", "at a place", line=error.lineno, error=error.msg, column=column, text=text.strip()[:120]
    )


def _refused(path: str, line: int) -> Remark | None:
    """The remark on something that the file mentions; None where it may."""
    root, last = path.partition(".")[0], path.rpartition(".")[2]
    if root in _OTHER_LIBRARIES:
        return remark("ready-made", "in a library", line=line, name=root)
    if root == "rnn_core" and path not in _MAY_BE_IMPORTED:
        return remark("our-cell-imported", "by its name", line=line, name=path)
    if root == "torch" and last in _READY_MADE:
        name = path.removeprefix("torch.") if path.startswith("torch.nn.") else path
        return remark("ready-made", "by its name", line=line, name=name)
    return None


def _mentioned(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The path and the line of all that is imported, or named by way of what was."""
    nodes = list(_nodes(tree))
    names = _Names()
    for node in nodes:
        for name, path in _brought(node):
            names[name] = path
            yield path, node.lineno  # type: ignore[attr-defined]
    for _ in range(2):  # `a = torch` may stand below `b = a.nn` in a function
        for node in nodes:
            if isinstance(node, ast.Assign) and (known := _path(node.value, names)) is not None:
                names |= {one.id: known for one in node.targets if isinstance(one, ast.Name)}
    starred = [
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in _READY_MADE and node.id not in names:
            yield from ((f"{module}.{node.id}", node.lineno) for module in starred if module)
        elif isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            stands_for = _path(node, names)
            if stands_for is not None:
                yield stands_for, node.lineno


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree but those that run only where the file is started as a program."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in (
            "__name__ == '__main__'",
            "'__main__' == __name__",
        ):
            for other in node.orelse:
                yield other
                yield from _nodes(other)
            continue
        yield node
        yield from _nodes(node)


def _brought(node: ast.AST) -> Iterable[tuple[str, str]]:
    """The names that an import makes, and what they stand for."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name, alias.name
                if not alias.asname:
                    root = alias.name.partition(".")[0]
                    yield root, root
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            for alias in aliases:
                yield alias.asname or alias.name, f"{module}.{alias.name}"


def _path(node: ast.AST, names: Mapping[str, str]) -> str | None:
    """The path of an expression, such as "torch.nn.GRU"; None where the source alone doesn't say."""

    def inside(of: ast.AST, name: str) -> str | None:
        path = _path(of, names)
        return f"{path.removesuffix('.__dict__')}.{name}" if path else None

    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=of, attr=name):
            return inside(of, name)
        case ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str(name)), *_]):
            return inside(of, name)
        case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value=str(module)), *_]):
            return module.partition(".")[0]
        case ast.Call(func=called, args=[ast.Constant(value=str(module)), *_]) if (
            _path(called, names) == "importlib.import_module"
        ):
            return module
        case ast.Subscript(value=of, slice=ast.Constant(value=str(key))):
            if (path := _path(of, names)) == "sys.modules":
                return key
            if path is not None and path.endswith(".__dict__"):
                return inside(of, key)
            if isinstance(of, ast.Call) and ast.unparse(of.func) == "vars" and of.args:
                return inside(of.args[0], key)
    return None
