"""A student's file once it is loaded: its class, its functions, and what goes wrong in them, in words.

Code that is loaded here runs here: only in a process that may run it.
"""

import ast
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.refusals import shown

_MOST_WORDS = 300
"""The characters of an error's own message that are repeated."""
_NO_SUPER = "__init__ must begin with super().__init__()"
Tensors = Mapping[str, Tensor]
"""Tensors of a question or an answer, by name."""
_NO_MEMORY = ("can't allocate memory", "not enough memory")


class SubmissionError(Exception):
    """A mistake in a student's file, in a sentence without its name, and the line where."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


class RefusedError(RuntimeError):
    """Raised inside a student's code where it does what it may not."""


class Submission:
    """A file whose code has run. Raises SubmissionError where that goes wrong."""

    def __init__(self, source: str, path: str, digest: str) -> None:
        if not runs_own_code_here():
            raise RuntimeError(f"no code of a student runs in this process, and {path} was to")
        self.source, self.path, self.digest = source, path, digest
        self.code_name = code_name(digest)
        self.module = ModuleType(f"own_{digest[:12]}")
        self.module.__file__ = path
        lines = source.splitlines(keepends=True)
        linecache.cache[self.code_name] = (len(source), None, lines, self.code_name)
        sys.modules[self.module.__name__] = self.module  # which dataclasses and pickle ask for
        try:
            exec(compile(source, self.code_name, "exec", dont_inherit=True), vars(self.module))
        except BaseException as error:
            raise self.error(error) from error

    def error(self, error: BaseException) -> SubmissionError:
        """Say what was raised while the student's code ran, with the last of its lines that ran."""
        if isinstance(error, SubmissionError):
            return error
        if isinstance(error, SyntaxError) and error.filename == self.code_name:
            return SubmissionError(f"{type(error).__name__}: {error.msg}", error.lineno)
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == self.code_name), None)
        return SubmissionError(sentence(error), line)

    def said(self, error: BaseException) -> dict[str, Any]:
        """The error in words, its line and its type, as an answer says them."""
        wrong = self.error(error)
        return {"sentence": wrong.sentence, "line": wrong.line, "type": type(error).__name__}

    def line_of(self, written: type | Callable[..., Any]) -> int | None:
        """The line where a class or function of the file begins."""
        if isinstance(written, type):
            return next((one.lineno for one in self._written([written.__name__])), None)
        code = getattr(written, "__code__", None)
        return code.co_firstlineno if code is not None and code.co_filename == self.code_name else None

    def _written(self, names: Collection[str]) -> list[ast.ClassDef]:
        """The classes of these names, as they stand in the file."""
        nodes = ast.walk(ast.parse(self.source))
        return [one for one in nodes if isinstance(one, ast.ClassDef) and one.name in names]

    @property
    def classes(self) -> tuple[type[nn.Module], ...]:
        """The networks that the file defines, in their order."""
        own = self.module.__name__
        classes = (one for one in vars(self.module).values() if isinstance(one, type))
        found = dict.fromkeys(one for one in classes if issubclass(one, nn.Module) and one.__module__ == own)
        return tuple(found)

    def function(self, name: str) -> Callable[..., Any]:
        """Return the callable of the file that has this name, such as a function or nn.CrossEntropyLoss().

        Raises SubmissionError where there is no such thing.
        """
        written = vars(self.module)
        found = written.get(name)
        if not callable(found):
            functions = [name for name, one in written.items() if isinstance(one, FunctionType)]
            own = [name for name in functions if written[name].__module__ == self.module.__name__]
            there = ", ".join(own) or "none"
            raise SubmissionError(f"It must define a function {name}; its functions are: {there}")
        return found

    @property
    def network(self) -> type[nn.Module]:
        """The class that is meant by the file, as `meant` finds it."""
        return self.meant(self.classes, Path(self.path).stem.partition("@")[0])  # name@digest: a kept version

    def meant(self, classes: Sequence[type[nn.Module]], name: str) -> type[nn.Module]:
        """The only one of these classes, of several the one that `meant_among` finds.

        Raises SubmissionError where there is no such class.
        """
        if not classes:
            raise SubmissionError("It must define a class that inherits torch.nn.Module, and defines none")
        by_name = {one.__name__: one for one in classes}
        if len(classes) > 1 and (meant := meant_among(name, self._written(by_name))):
            return by_name[meant]
        if len(classes) > 1:
            names = " and ".join(by_name)
            raise SubmissionError(
                f"It must define one class that inherits torch.nn.Module, and defines {names}: move all but "
                "one into its methods",
                self.line_of(classes[1]),
            )
        return classes[0]

    @property
    def states(self) -> tuple[str, ...]:
        """The letters of the states, h first. Raises SubmissionError where they are not declared rightly."""
        states = getattr(self.network, "states", ("h",))
        is_list = isinstance(states, tuple | list)
        if not is_list or not states or states[0] != "h" or not all(isinstance(one, str) for one in states):
            raise SubmissionError(
                f'states must be a tuple of letters, h first, such as ("h", "c"), got {shown(states)}',
                self.line_of(self.network),
            )
        return tuple(states)

    def make(self, kind: type[nn.Module], names: Sequence[str], *arguments: Any, seed: int) -> nn.Module:
        """A network with its own first values, as its class makes it from what has these names."""
        try:
            inspect.signature(kind).bind(*arguments)
        except TypeError as error:
            raise SubmissionError(
                f"__init__ must be written (self, {', '.join(names)}): {error}", self.line_of(kind)
            ) from error
        torch.manual_seed(seed)
        return kind(*arguments)

    def cell(self, E: int, H: int, *, seed: int, dtype: torch.dtype) -> nn.Module:
        """The network that is meant by the file, as a cell of these sizes."""
        made = self.make(self.network, ("input_size", "hidden_size"), E, H, seed=seed).to(dtype)
        if "_parameters" not in vars(made):
            raise SubmissionError(_NO_SUPER, self.line_of(self.network))
        return made


def code_name(digest: str) -> str:
    """The name of the file in tracebacks: no path, which may have letters that `faulthandler` drops."""
    return f"<own {digest[:12]}>"


def sentence(error: BaseException) -> str:
    """An error of Python or torch as a sentence without its full stop, and without a place."""
    try:
        said = " ".join(str(error).split())[:_MOST_WORDS].removesuffix(".")
    except Exception:  # an error of a class of the student's
        said = ""
    match error:
        case RefusedError():
            return said
        case SystemExit():
            return "It ends the process, as sys.exit() does: leave that out"
        case ModuleNotFoundError():
            return f"The package {error.name} isn't installed here: install it, or do without"
        case EOFError():
            return f"It reads standard input, which has nothing here ({said})"
        case RecursionError():
            return "A function calls itself without an end"
        case AttributeError() if "before Module.__init__() call" in said:
            return _NO_SUPER
        case MemoryError():
            return "It needs more memory than it may have"
        case RuntimeError() if any(words in said for words in _NO_MEMORY):
            return f"It needs more memory than it may have ({said.rpartition(':')[2].strip()})"
        case KeyboardInterrupt() | GeneratorExit():
            return f"It raises {type(error).__name__}"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def described(value: object) -> str:
    """A value in words, such as "a tuple of a tensor (4, 8) and None".

    >>> described((torch.zeros(4, 8), None)), described([1.0])
    ('a tuple of a tensor (4, 8) and None', 'a list of a float')
    """
    if isinstance(value, Tensor):
        kind = "" if value.dtype == torch.float32 else f" of {str(value.dtype).removeprefix('torch.')}"
        return f"a tensor {tuple(value.shape)}{kind}"
    if isinstance(value, tuple | list):
        parts = [described(part) for part in value[:4]] + ["more"] * (len(value) > 4)
        made_of = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else "nothing"
        return f"a {'tuple' if isinstance(value, tuple) else 'list'} of {made_of}"
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


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
