"""The lines of a student's file that a check names, found in its source."""

import ast
from collections.abc import Collection, Iterable, Iterator

_CHANGES = frozenset("copy_ add_ mul_ sub_ div_ sigmoid_ tanh_ relu_ zero_ fill_ clamp_ addmm_".split())
"""Names of operations in place."""


class SourceLines:
    """The lines of one source, which is Python."""

    def __init__(self, source: str) -> None:
        self._nodes = [*ast.walk(ast.parse(source))]

    def of_method(self, name: str) -> int | None:
        """The line where a method or function of this name begins."""
        return next((one.lineno for one in self._functions(name)), None)

    def of_return(self) -> int | None:
        """The last return of forward, else where forward begins."""
        for function in self._functions("forward"):
            returns = [one.lineno for one in ast.walk(function) if isinstance(one, ast.Return)]
            return max(returns, default=function.lineno)
        return None

    def of_names(self, names: Collection[str], *, in_init: bool = True) -> int | None:
        """The first line that names one of these as an attribute or a variable.

        One in __init__ counts only where there is no other, without `in_init` never.
        """
        inside = {id(one) for function in self._functions("__init__") for one in ast.walk(function)}
        found = [one for one in self._nodes if _name(one) in names]
        outside = _first(one for one in found if id(one) not in inside)
        return _first(found) if outside is None and in_init else outside

    def in_forward(self, names: Collection[str]) -> int | None:
        """The first line of forward that names one of these as an attribute."""
        return _first(
            one
            for function in self._functions("forward")
            for one in ast.walk(function)
            if isinstance(one, ast.Attribute) and one.attr in names
        )

    def of_argument(self, name: str) -> int | None:
        """The first call that gives an argument by this name."""
        return _first(one.value for one in self._nodes if isinstance(one, ast.keyword) and one.arg == name)

    def of_loop(self) -> int | None:
        """The first loop in forward that goes over x or over one of its axes."""
        return _first(
            one
            for function in self._functions("forward")
            if len(function.args.args) > 1
            for one in ast.walk(function)
            if isinstance(one, ast.For) and function.args.args[1].arg in _variables(one)
        )

    def of_change(self) -> int | None:
        """The first change in place."""
        return _first(
            one
            for one in self._nodes
            if isinstance(one, ast.AugAssign)
            or (isinstance(one, ast.Assign) and any(isinstance(of, ast.Subscript) for of in one.targets))
            or (isinstance(one, ast.Attribute) and one.attr in _CHANGES)
        )

    def of_kept(self) -> int | None:
        """The line where a method but __init__ assigns an attribute of self, before all in no block of it."""
        return next(
            (
                one.lineno
                for function in self._functions()
                if function.name != "__init__"
                for one in ast.walk(function)
                if isinstance(one, ast.Attribute)
                and isinstance(one.ctx, ast.Store)
                and _name(one.value) == "self"
            ),
            None,
        )

    def of_assigned(self, name: str) -> int | None:
        """The line where an attribute or a variable of this name is first assigned."""
        return _first(
            one
            for one in self._nodes
            if _name(one) == name and isinstance(one.ctx, ast.Store)  # type: ignore[attr-defined]
        )

    def _functions(self, name: str = "") -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for one in self._nodes:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and name in ("", one.name):
                yield one


def _name(node: ast.AST) -> str | None:
    """The name of a variable or attribute."""
    return getattr(node, "attr", None) or getattr(node, "id", None)


def _variables(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _first(nodes: Iterable[ast.AST]) -> int | None:
    return min((one.lineno for one in nodes), default=None)  # type: ignore[attr-defined]
