"""The lines of a student's file that a check names, found in its source."""

import ast
from collections.abc import Collection, Iterable, Iterator

_CHANGES = frozenset("copy_ add_ mul_ sub_ div_ sigmoid_ tanh_ relu_ zero_ fill_ clamp_ addmm_".split())
"""Names of operations in place."""


class SourceLines:
    """The lines of one source, which is Python."""

    def __init__(self, source: str) -> None:
        self._nodes = [*ast.walk(ast.parse(source))]

    def method(self, name: str) -> int | None:
        """The line where a method or function of this name begins."""
        return next((one.lineno for one in self._functions(name)), None)

    def last_return(self) -> int | None:
        """The last return of forward, else where forward begins."""
        for function in self._functions("forward"):
            returns = [one.lineno for one in ast.walk(function) if isinstance(one, ast.Return)]
            return max(returns, default=function.lineno)
        return None

    def naming(self, names: Collection[str], *, in_init: bool = True) -> int | None:
        """The first line that names one of these as an attribute or a variable.

        One in __init__ counts only where there is no other, without `in_init` never.
        """
        inside = {*map(id, self._inside("__init__"))}
        found = [one for one in self._nodes if _name(one) in names]
        outside = _first(one for one in found if id(one) not in inside)
        return _first(found) if outside is None and in_init else outside

    def naming_in_forward(self, names: Collection[str]) -> int | None:
        """The first line of forward that names one of these as an attribute."""
        return _first(
            one for one in self._inside("forward") if isinstance(one, ast.Attribute) and one.attr in names
        )

    def argument(self, name: str) -> int | None:
        """The first call that gives an argument by this name."""
        return _first(one.value for one in self._nodes if isinstance(one, ast.keyword) and one.arg == name)

    def loop(self) -> int | None:
        """The first loop in forward that goes over x or over one of its axes."""
        return _first(
            one
            for function in self._functions("forward")
            if len(function.args.args) > 1
            for one in ast.walk(function)
            if isinstance(one, ast.For) and function.args.args[1].arg in _variables(one)
        )

    def change(self) -> int | None:
        """The first change in place."""
        return _first(
            one
            for one in self._nodes
            if isinstance(one, ast.AugAssign)
            or (isinstance(one, ast.Assign) and any(isinstance(of, ast.Subscript) for of in one.targets))
            or (isinstance(one, ast.Attribute) and one.attr in _CHANGES)
        )

    def keeping(self) -> int | None:
        """The line where a method but __init__ assigns an attribute of self, before all in no block of it."""
        begins = {*map(id, self._inside("__init__"))}
        kept = (one for one in self._inside() if id(one) not in begins and _is_kept(one))
        return next((one.lineno for one in kept), None)  # type: ignore[attr-defined]

    def assignment(self, name: str) -> int | None:
        """The line where an attribute or a variable of this name is first assigned."""
        return _first(
            one
            for one in self._nodes
            if _name(one) == name and isinstance(one.ctx, ast.Store)  # type: ignore[attr-defined]
        )

    def exchanges(self, name: str) -> bool:
        """True if a function calls something with its second argument first, and its first one second."""
        for function in self._functions(name):
            turned = [{one.arg} for one in function.args.args[1::-1]]
            both = set[str]().union(*turned)
            calls = (one for one in ast.walk(function) if isinstance(one, ast.Call) and len(turned) == 2)
            if any([_variables(one) & both for one in call.args[:2]] == turned for call in calls):
                return True
        return False

    def _inside(self, name: str = "") -> Iterator[ast.AST]:
        """All that stands in the functions of this name, or in any."""
        return (one for function in self._functions(name) for one in ast.walk(function))

    def _functions(self, name: str = "") -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for one in self._nodes:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and name in ("", one.name):
                yield one


def _name(node: ast.AST) -> str | None:
    """The name of a variable or attribute."""
    return getattr(node, "attr", None) or getattr(node, "id", None)


def _is_kept(node: ast.AST) -> bool:
    """True for an attribute of self that gets a value."""
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _name(node.value) == "self"


def _variables(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _first(nodes: Iterable[ast.AST]) -> int | None:
    return min((one.lineno for one in nodes), default=None)  # type: ignore[attr-defined]
