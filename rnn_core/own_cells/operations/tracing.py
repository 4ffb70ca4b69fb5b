"""A time step of a student's network, traced: what each number of its results is made of.

While the step runs, each tensor has a shadow, which lies in memory as the tensor does and has a node in the
place of each number. So whatever cuts, turns or joins numbers does the same to nodes, be it a view, a change
in place or a copy, and only what computes has to be known: `operators`.
"""

import sys
from collections.abc import Mapping
from types import FrameType, TracebackType
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from typing_extensions import override

from rnn_core.own_cells.child import Tensors
from rnn_core.own_cells.nodes import Nodes, TooManyError
from rnn_core.own_cells.operations.basic import first_state, network
from rnn_core.own_cells.operators import MOVES, OPERATORS, Ids
from rnn_core.own_cells.submission import Submission, SubmissionError
from rnn_core.seeing import watching
from rnn_core.warm_process import Said

MOST_OPERATIONS = 10_000
_MOST_VARIABLES = 100
_TOO_MUCH = "It computes more than a time step of a cell does"


def trace(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step in float64 of `B` rows, each number of which is a node.

    Says `nodes`, as `Nodes.to_json`; `new`, the nodes of each new state, (B, H); `first`, those of each first
    state where there is an `initial_state`; `seen`, pairs of a letter and nodes; `variables`, a line, a name
    and nodes, (B, n), in the order in which they came; `types`, the shorter types of numbers that came up. Or
    `why`, {"sentence", "line"}, where something has no equation.
    """
    module = network(submission, {**said, "dtype": "float64"}, tensors)
    traced = _Trace(submission, module)
    x = traced.given("x", said["B"], said["E"])
    states = [traced.given(f"s{place}", said["B"], said["H"]) for place in range(len(submission.states))]
    found: dict[str, Any] = {}
    try:
        with traced, watching(traced.see), _Followed(submission.code_name, traced):
            new = module(x, states[0] if len(states) == 1 else tuple(states))
        found["new"] = [traced.ids(one).tolist() for one in (new if isinstance(new, tuple | list) else [new])]
        if hasattr(module, "initial_state"):
            with traced:
                first = first_state(submission, module, said["B"], said["H"])
            found["first"] = [traced.ids(one).tolist() for one in first]
    except TooManyError:
        return {"why": {"sentence": _TOO_MUCH, "line": None}}, {}
    except Exception as error:
        wrong = submission.error(error)
        return {"why": {"sentence": wrong.sentence, "line": wrong.line}}, {}
    more = {"seen": traced.seen, "variables": traced.variables, "types": sorted(traced.types)}
    return {**found, **more, "nodes": traced.nodes.to_json()}, {}


class _Trace(TorchDispatchMode):
    """Gives nodes to each tensor that is computed."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """With True torch imports its compiler at the first operator, which takes seconds."""
        return False

    def __init__(self, submission: Submission, module: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.nodes, self.types = Nodes(), set[str]()
        self.seen: list[tuple[str, Any]] = []
        self.variables: list[tuple[int, str, Any]] = []
        self._code_name, self._operations = submission.code_name, 0
        self._shadows: dict[int, tuple[Any, Ids]] = {}
        """By the address of a storage: the storage, so that it stays where it is, and a node a number."""
        for name, one in module.named_parameters():
            places = [
                self.nodes.node("weight", name, place) for place in range(one.numel() * one.requires_grad)
            ]
            if places:
                self._put(one, torch.tensor(places, dtype=torch.int64).view(one.shape))

    def given(self, kind: str, rows: int, columns: int) -> Tensor:
        """Random numbers, which are nodes of this kind."""
        places = [[self.nodes.node(kind, row, column) for column in range(columns)] for row in range(rows)]
        made = torch.rand(rows, columns, dtype=torch.float64)
        self._put(made, torch.tensor(places, dtype=torch.int64).view(rows, columns))
        return made

    def see(self, letter: str, value: Any) -> Any:
        """Notes what is to be seen."""
        if isinstance(value, Tensor) and value.ndim == 2:
            self.seen.append((letter, self.ids(value).tolist()))
        return value

    def follow(self, line: int, name: str, value: object) -> None:
        """Notes what a variable got, where it was computed."""
        is_table = isinstance(value, Tensor) and value.ndim == 2 and _address(value) in self._shadows
        if is_table and len(self.variables) < _MOST_VARIABLES:
            self.variables.append((line, name, self.ids(value).tolist()))  # type: ignore[arg-type]

    def ids(self, tensor: Tensor) -> Ids:
        """The nodes of a tensor, which lie in memory as it does; what was not computed here is numbers."""
        address = _address(tensor)
        if address not in self._shadows:
            whole = torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage())
            values = map(self.nodes.number, whole.tolist())
            self._shadows[address] = tensor.untyped_storage(), torch.tensor([*values], dtype=torch.int64)
        _, whole = self._shadows[address]
        return whole.as_strided(tensor.size(), tensor.stride(), tensor.storage_offset())

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
        kwargs, name = dict(kwargs or {}), func.overloadpacket.__name__
        self._operations += 1
        if self._operations > MOST_OPERATIONS:
            raise TooManyError
        is_in_place = name.endswith("_") and not name.endswith("__")
        given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        for one in given:
            self.ids(one)  # before it is changed
        count, made = len(self.nodes.nodes), func(*args, **kwargs)
        found = self._nodes_of(func, name.removesuffix("_") if is_in_place else name, args, kwargs)
        if given:
            self._note_types(made)
        if found is None:
            self._check_known(name, given, made)
        else:
            is_one = isinstance(made, Tensor)
            for tensor, ids in zip([made] if is_one else made, [found] if is_one else found, strict=False):
                self._put(tensor, ids)
            line = self._line()
            self.nodes.lines |= dict.fromkeys(range(count, len(self.nodes.nodes)), line) if line else {}
        return made

    def _nodes_of(self, func: Any, name: str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """The nodes of what an operator makes; None of a view, and of what is not known."""
        named = {key: one for key, one in kwargs.items() if key not in ("out", "dtype", "device", "layout")}
        if name in MOVES:
            moved = tree_map(lambda one: self.ids(one) if _has_numbers(one) else one, (args, named))
            return func(*moved[0], **{key: one for key, one in moved[1].items() if key != "memory_format"})
        if name in ("_to_copy", "copy_"):
            return self.ids(args[-1]).clone()
        if name not in OPERATORS or kwargs.get("rounding_mode"):
            return None
        given = tree_map(lambda one: self.ids(one) if isinstance(one, Tensor) else one, (args, named))
        return OPERATORS[name](self.nodes, *given[0], **given[1])

    def _check_known(self, name: str, given: list[Tensor], made: Any) -> None:
        """Raises SubmissionError where new numbers were made of what was computed, nobody knows how."""
        known = {_address(one) for one in given}
        is_view = isinstance(made, Tensor | tuple | list) and all(
            _address(one) in known for one in tree_leaves(made) if isinstance(one, Tensor)
        )
        is_new = name.startswith("new_") or name.endswith("_like")
        if not is_view and not is_new and not all(map(self._is_constant, given)):
            what = "looks at a value" if name in ("_local_scalar_dense", "equal") else f"calls `{name}`"
            raise SubmissionError(f"It {what}, which no equation does", self._line())

    def _is_constant(self, tensor: Tensor) -> bool:
        return all(self.nodes.value(one) is not None for one in self.ids(tensor).flatten().tolist())

    def _note_types(self, made: Any) -> None:
        is_short = isinstance(made, Tensor) and made.is_floating_point() and made.dtype != torch.float64
        if is_short and made.numel() > 1:
            self.types.add(str(made.dtype).removeprefix("torch."))

    def _line(self) -> int | None:
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_filename != self._code_name:
            frame = frame.f_back
        return frame.f_lineno if frame is not None else None


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _has_numbers(value: object) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


class _Followed:
    """A block in which it is noted what variables of the student's get, at which line."""

    def __init__(self, code_name: str, traced: _Trace) -> None:
        self._code_name, self._traced = code_name, traced
        self._known: dict[tuple[int, str], int] = {}
        self._line_before: dict[int, int] = {}
        self._before: Any = None

    def __enter__(self) -> None:
        self._before = sys.gettrace()
        sys.settrace(self._begin)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _begin(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._note(frame, event, argument) if frame.f_code.co_filename == self._code_name else None

    def _note(self, frame: FrameType, event: str, argument: object) -> Any:
        values = dict(frame.f_locals)
        if event == "return":
            values["return"] = argument
        line = self._line_before.get(id(frame), frame.f_lineno)
        for name, value in values.items():
            if self._known.get((id(frame), name)) != id(value):
                self._known[id(frame), name] = id(value)
                if event != "call":
                    self._traced.follow(line, name, value)
        self._line_before[id(frame)] = frame.f_lineno
        return self._note
