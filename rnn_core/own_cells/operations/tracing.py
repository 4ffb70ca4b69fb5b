"""A time step of a student's network, traced: what each number of its results is made of.

While the step runs, each tensor has a shadow, which lies in memory as the tensor does and has a node in the
place of each number. So whatever cuts, turns or joins numbers does the same to nodes, be it a view, a change
in place or a copy, and only what computes has to be known: `operators`.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map
from typing_extensions import override

from rnn_core.own_cells.nodes import Nodes, TooManyError
from rnn_core.own_cells.observed import Watching
from rnn_core.own_cells.operations.basic import call, first_state, network
from rnn_core.own_cells.operators import MOVES, OPERATORS, PICKS, Ids
from rnn_core.own_cells.submission import Submission, SubmissionError, Tensors
from rnn_core.processes.frames import Said
from rnn_core.seeing import watching

MOST_OPERATIONS = 3_000
_MOST_VARIABLES = 100
_TOO_MUCH = "It computes more than a time step of a cell does"
_LOOKS = "It looks at a value"
_MOST_LOOKS = 30
"""Looks at values of which it is tried what follows from another value; more than these come from print."""


def trace(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step in float64 of `B` rows, each number of which is a node.

    Says `nodes`, as `Nodes.to_json`; `new`, the nodes of each new state, (B, H); `first`, those of each first
    state where there is an `initial_state`, or `why_first` there are none; `seen`, pairs of a letter and
    nodes; `variables`, a line, a name and nodes, (B, n), in the order in which they came. Or `why`,
    {"sentence", "line"}, where something has no equation. With `again` the step is computed again: `differs`
    says where it was another one.
    """
    module = network(submission, {**said, "dtype": "float64"}, tensors)
    traced = _Trace(submission, module)

    def stepped(rows: int, contrary: tuple[int, float] = (0, 0.0)) -> list[Any]:
        traced.looks, traced.contrary, traced.refused = [], contrary, None
        widths = {"x": said["E"]} | {f"s{place}": said["H"] for place in range(len(submission.states))}
        given = {name: traced.given(name, rows, width) for name, width in widths.items()}
        traced.operations = 0
        with traced, _Leaving(traced):
            _, new = call(module, given, len(widths) - 1)
        if traced.refused is not None:
            raise traced.refused
        return [traced.ids(one)[: said["B"]].tolist() for one in new]

    found: dict[str, Any] = {}
    try:
        with watching(traced.see), _followed(submission.code_name, traced):
            found["new"] = stepped(said["B"])
        for place, line in enumerate(traced.looks[:_MOST_LOOKS], 1):
            for value in (1e4, -1e4):
                with contextlib.suppress(Exception):  # as of an assert: the same step, or none
                    if stepped(said["B"], (place, value)) != found["new"]:
                        found["depends"] = line
        if "depends" in found:
            raise SubmissionError(f"{_LOOKS}, and what it computes depends on it", found["depends"])
        if said.get("again"):
            found["differs"] = "for another number of rows" * (stepped(said["B"] + 1) != found["new"])
            module.eval()
            found["differs"] = (
                "in eval(), or when it is called again" * (stepped(said["B"]) != found["new"])
                or found["differs"]
            )
        found |= _begun(submission, module, traced, (said["B"], said["H"]))
    except Exception as error:
        return {"why": submission.said(error)}, {}
    return {**found, "seen": traced.seen, "variables": traced.variables, "nodes": traced.nodes.to_json()}, {}


def _begun(
    submission: Submission, module: nn.Module, traced: "_Trace", shape: tuple[int, int]
) -> dict[str, Any]:
    """The nodes of each first state, or `why_first` there are none."""
    if not hasattr(module, "initial_state"):
        return {}
    try:
        with traced:
            first = first_state(submission, module, *shape)
        return {"first": [traced.ids(one).broadcast_to(shape).tolist() for one in first]}
    except Exception as error:
        return {"why_first": submission.error(error).sentence}


class _Trace(Watching):
    """Gives nodes to each tensor that is computed."""

    def __init__(self, submission: Submission, module: nn.Module) -> None:
        """Raises SubmissionError where two parameters have numbers in common."""
        super().__init__()
        self.nodes = Nodes()
        self.seen: list[tuple[str, Any]] = []
        self.variables: list[tuple[int, str, Any]] = []
        self._code_name, self.operations = submission.code_name, 0
        self.looks: list[int | None] = []
        """The line of each look at a value."""
        self.contrary: tuple[int, float] = (0, 0.0)
        """The look, counted from 1, that sees another value, and this value where it is a number."""
        self.refused: SubmissionError | None = None
        """The first refusal, which the code may have caught."""
        self._shadows: dict[int, tuple[Any, Ids]] = {}
        """Address of a storage -> the storage, so that it stays where it is, and a node a number."""
        for name, one in module.named_parameters():
            if one.requires_grad:
                before = {self.nodes.nodes[place].kind for place in self.ids(one).flatten().tolist()}
                if "weight" in before:
                    raise SubmissionError(f"The parameter {name} shares its numbers with another one")
                places = [self.nodes.node("weight", name, place) for place in range(one.numel())]
                self._put(one, torch.tensor(places, dtype=torch.int64).view(one.shape))

    def given(self, kind: str, rows: int, columns: int) -> Tensor:
        """Random numbers, which are nodes of this kind."""
        places = [[self.nodes.node(kind, row, column) for column in range(columns)] for row in range(rows)]
        made = torch.rand(rows, columns, dtype=torch.float64)
        self._put(made, torch.tensor(places, dtype=torch.int64).view(rows, columns))
        return made

    def see(self, letter: str, value: Any) -> None:
        """Notes what is to be seen."""
        if _is_table(value):
            self.seen.append((letter, self.noted(value)))

    def follow(self, line: int, name: str, value: object) -> None:
        """Notes what a variable got, where it was computed."""
        if len(self.variables) < _MOST_VARIABLES and _is_table(value) and _address(value) in self._shadows:
            self.variables.append((line, name, self.noted(value)))

    def ids(self, tensor: Tensor) -> Ids:
        """The nodes of a tensor, which lie in memory as it does; what was not computed here is numbers."""
        if (address := _address(tensor)) not in self._shadows:
            whole = torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage())
            self._shadows[address] = tensor.untyped_storage(), self._numbers(whole)
        _, ids = self._shadows[address]
        return ids.as_strided(tensor.size(), tensor.stride(), tensor.storage_offset())

    def noted(self, tensor: Tensor) -> Any:
        """The nodes of a tensor, as lists, at any time."""
        with _disable_current_modes():
            return self.ids(tensor).tolist()

    def _numbers(self, tensor: Tensor) -> Ids:
        """The nodes of numbers that are nothing else."""
        places = [self.nodes.number(value) for value in tensor.flatten().tolist()]
        return torch.tensor(places, dtype=torch.int64).view(tensor.shape)

    def _put(self, tensor: Tensor, ids: Ids) -> None:
        if _address(tensor) not in self._shadows:
            storage = tensor.untyped_storage()
            size = storage.nbytes() // tensor.element_size()
            self._shadows[_address(tensor)] = storage, torch.zeros(size, dtype=torch.int64)
        self.ids(tensor).copy_(ids)

    @override
    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs, name = kwargs or {}, func.overloadpacket.__name__
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise self.refusal(_TOO_MUCH)
        given = _tensors((args, kwargs))
        constant = [self._is_constant(one) for one in given]  # each gets nodes before it is changed
        is_in_place = "out" in kwargs or (name.endswith("_") and not name.endswith("__"))
        count, made = len(self.nodes.nodes), func(*args, **kwargs)
        if torch.Tag.nondeterministic_seeded in func.tags:
            found = self._unknown(made, f"It draws random numbers, with `{name}`")
        elif name in _SEES_A_VALUE and not all(constant):
            return self._seen(made)
        else:
            try:
                of = func, name.removesuffix("_"), args, kwargs, made, is_in_place, all(constant)
                found = self._found(*of)
            except TooManyError as error:
                raise self.refusal(_TOO_MUCH) from error
        for tensor, ids in zip(_tensors(made), found, strict=False):
            self._put(tensor, ids)
        line = self._line()
        self.nodes.lines |= dict.fromkeys(range(count, len(self.nodes.nodes)), line) if line else {}
        return made

    def _found(
        self, func: Any, name: str, args: Any, kwargs: Mapping[str, Any], made: Any, is_in_place: bool,
        is_constant: bool,
    ) -> list[Ids]:  # fmt: skip
        """The nodes of each tensor that was made; none where they are known, or are numbers."""
        if is_constant:
            return [self._numbers(one) for one in _tensors(made)] if is_in_place else []
        if any(one.is_complex() for one in _tensors(made)):
            raise self.refusal("It computes with complex numbers")
        named = {key: one for key, one in kwargs.items() if key not in _BESIDE}
        found = self._nodes_of(func, name, args, named, made)
        if found is not None:
            return [found]
        is_view = (not is_in_place or name in _TURNS) and all(
            _address(one) in self._shadows for one in _tensors(made)
        )
        is_new = name.startswith("new_") or name.endswith("_like")
        if (is_view and _tensors(made)) or is_new:
            return []
        return self._unknown(made, f"It calls `{name}`, which no equation does")

    def _unknown(self, made: Any, why: str) -> list[Ids]:
        """Nodes of which nobody knows how they were made: no matter, unless the new states need them."""
        node = self.nodes.node("unknown", why, self._line())
        return [torch.full(one.shape, node) for one in _tensors(made)]

    def _seen(self, value: Any) -> Any:
        """A value that the code looks at, or another one."""
        self.looks.append(self._line())
        which, other = self.contrary
        if which != len(self.looks):
            return value
        return not value if isinstance(value, bool) else type(value)(other)

    def refusal(self, sentence: str) -> SubmissionError:
        """The error that ends the step, kept, since the code may catch it."""
        error = SubmissionError(sentence, self._line())
        self.refused = self.refused or error
        return error

    def _nodes_of(self, func: Any, name: str, args: Any, named: Mapping[str, Any], made: Any) -> Any:
        """The nodes of what an operator makes; None of a view, and of what is not known."""
        if name in ("_to_copy", "copy"):
            source = args[-1] if name == "_to_copy" or isinstance(args[1], Tensor) else None
            if source is None or (source.is_floating_point() and not _tensors(made)[0].is_floating_point()):
                raise self.refusal("It makes whole numbers of what it computes")
            return self.ids(source).clone()
        if name in MOVES or name in PICKS:
            moved = tree_map(lambda one: self._moved(one, name) if isinstance(one, Tensor) else one, args)
            return None if args[3:] == (True,) or named.get("accumulate") else func(*moved, **named)
        if name not in OPERATORS:
            return None
        given = tree_map(lambda one: self.ids(one) if isinstance(one, Tensor) else one, (args, named))
        return OPERATORS[name](self.nodes, *given[0], **given[1])

    def _moved(self, tensor: Tensor, name: str) -> Tensor:
        """The nodes of a tensor that is moved about; of one that says whither, which is known, itself."""
        if tensor.is_floating_point() or (name in MOVES and not self._is_constant(tensor)):
            return self.ids(tensor)
        if not self._is_constant(tensor):
            raise self.refusal(f"{_LOOKS}, with `{name}`, which no equation does")
        return tensor

    def is_constant(self, tensor: Tensor) -> bool:
        """True if a tensor is made of numbers alone."""
        with _disable_current_modes():
            return self._is_constant(tensor)

    def _is_constant(self, tensor: Tensor) -> bool:
        return all(self.nodes.value(one) is not None for one in self.ids(tensor).flatten().tolist())

    def _line(self) -> int | None:
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_filename != self._code_name:
            frame = frame.f_back
        return frame.f_lineno if frame is not None else None


_BESIDE = ("out", "dtype", "device", "layout", "memory_format", "pin_memory", "non_blocking")
"""Arguments that change no number."""


_SEES_A_VALUE = ("_local_scalar_dense", "equal", "is_nonzero")
_TURNS = ("squeeze", "unsqueeze", "t", "transpose")
"""Operators that change only how a tensor lies, in place, too."""
_LEAVES = (Tensor.numpy, Tensor.tolist, Tensor.__array__)


class _Leaving(TorchFunctionMode):
    """Refuses what takes computed numbers out of torch, where nobody sees what becomes of them."""

    def __init__(self, traced: _Trace) -> None:
        super().__init__()
        self._traced = traced

    @override
    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func in _LEAVES and not self._traced.is_constant(args[0]):
            raise self._traced.refusal("It hands numbers to Python or NumPy, which no equation does")
        return func(*args, **(kwargs or {}))


def _address(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def _tensors(some: Any) -> list[Tensor]:
    return [one for one in tree_leaves(some) if isinstance(one, Tensor)]


def _is_table(value: object) -> TypeGuard[Tensor]:
    return type(value) in (Tensor, nn.Parameter) and value.ndim == 2 and bool(value.numel())  # type: ignore[attr-defined]


@contextlib.contextmanager
def _followed(code_name: str, traced: _Trace) -> Iterator[None]:
    """A block in which it is noted what variables of the student's get, at which line."""
    known: dict[int, tuple[dict[str, object], int]] = {}
    """Frame -> its variables as they were, and the line that came next."""

    def begin(frame: FrameType, event: str, argument: object) -> Any:
        return note(frame, event, argument) if frame.f_code.co_filename == code_name else None

    def note(frame: FrameType, event: str, argument: object) -> Any:
        values = dict(frame.f_locals)
        before, line = known.pop(id(frame), ({}, frame.f_lineno))
        if event == "return":  # another frame may have this place later
            values["return"] = argument
        else:
            known[id(frame)] = values, frame.f_lineno
        for name, value in values.items() if event != "call" else ():
            if before.get(name) is not value:
                traced.follow(line, name, value)
        return note

    tracing = sys.gettrace()
    sys.settrace(begin)
    try:
        yield
    finally:
        sys.settrace(tracing)
