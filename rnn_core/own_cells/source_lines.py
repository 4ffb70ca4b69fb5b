"""The lines of a student's file that a check names, found in its source."""

import ast
from collections.abc import Iterator

_CHANGES = (
    "copy_",
    "add_",
    "mul_",
    "sub_",
    "div_",
    "sigmoid_",
    "tanh_",
    "relu_",
    "zero_",
    "fill_",
    "clamp_",
    "addmm_",
)


def _nodes(source: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(source))


def line_of_method(source: str, name: str) -> int | None:
    """Where a method or function of this name begins."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return next(
        (node.lineno for node in _nodes(source) if isinstance(node, functions) and node.name == name), None
    )


def line_of_return(source: str) -> int | None:
    """The last return of forward, else where forward begins."""
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef) and node.name == "forward":
            lines = [inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Return)]
            return max(lines, default=node.lineno)
    return None


def line_of_call(source: str, names: tuple[str, ...], *, in_init: bool = True) -> int | None:
    """The first line that names one of these as an attribute or function, outside of __init__ if possible."""
    inside = {
        line
        for node in _nodes(source)
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = {
        node.lineno
        for node in _nodes(source)
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.Name) and node.id in names)
    }
    return min(lines - inside, default=min(lines, default=None) if in_init else None)


def line_in_forward(source: str, names: tuple[str, ...]) -> int | None:
    """The first line of forward that names one of these."""
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef) and node.name == "forward":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and inner.attr in names:
                    return inner.lineno
    return None


def line_of_argument(source: str, name: str) -> int | None:
    """The first call that gives an argument by this name."""
    lines = [
        node.value.lineno for node in _nodes(source) if isinstance(node, ast.keyword) and node.arg == name
    ]
    return min(lines, default=None)


def line_of_loop(source: str) -> int | None:
    """The first loop in forward that goes over x or over one of its axes."""
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef) and node.name == "forward" and len(node.args.args) > 1:
            x = node.args.args[1].arg
            for inner in ast.walk(node):
                if isinstance(inner, ast.For) and any(
                    isinstance(one, ast.Name) and one.id == x for one in ast.walk(inner)
                ):
                    return inner.lineno
    return None


def line_of_change(source: str) -> int | None:
    """The first change in place in forward."""
    for node in sorted(
        (node for node in _nodes(source) if hasattr(node, "lineno")), key=lambda node: node.lineno
    ):
        if isinstance(node, ast.AugAssign):
            return node.lineno
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Subscript) for one in node.targets):
            return node.lineno
        if (
            isinstance(node, ast.Attribute)
            and node.attr.endswith("_")
            and not node.attr.startswith("_")
            and node.attr in _CHANGES
        ):
            return node.lineno
    return None


def line_of_self(source: str) -> int | None:
    """The first attribute of self that forward assigns."""
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            for inner in ast.walk(node):
                targets = (
                    inner.targets
                    if isinstance(inner, ast.Assign)
                    else [inner.target]
                    if isinstance(inner, ast.AugAssign)
                    else []
                )
                for target in targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == "self"
                    ):
                        return target.lineno
    return None


def line_of_attribute(source: str, name: str) -> int | None:
    """Where self.name is assigned."""
    return next(
        (
            node.lineno
            for node in _nodes(source)
            if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
        ),
        None,
    )


def line_of_name(source: str, name: str) -> int | None:
    """Where this name is first assigned."""
    return next(
        (
            node.lineno
            for node in _nodes(source)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        ),
        None,
    )
