"""A student's network as a cell, in a process that doesn't run its code: a process of its own computes it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.cell_files.folder import CellFile
from rnn_core.errors import OwnCellError
from rnn_core.nn.cells import Cell, Hold, State, Step, as_computed, step_type
from rnn_core.nn.holds import NOTHING_HELD, Holds
from rnn_core.nn.packing import Packing, packing
from rnn_core.own_cells.process import warm

AT_ONCE = 20_000
"""Tokens that are asked for together: what bounds the memory and the time that an answer takes."""
_DTYPES = {torch.float32: "float32", torch.float64: "float64"}
_WEIGHT, _WATCHED = "weight.", "watched."


class RemoteCell(Cell):
    """A cell with the weights of a file's network, and none of its code.

    A class is made of it for each file, see `remote_cell`.
    """

    file: CellFile
    letters: tuple[str, ...]
    """Those of a step: the states, then what else is seen."""
    blocks = ()
    is_elsewhere = True

    @override
    def make_weights(self) -> None:
        input_size, hidden_size, self.one_hot = self.input_size, self.hidden_size, False
        parts = _parts(self.file, input_size, hidden_size)
        self._begins_with_zeros = parts.begins_with_zeros
        values: Mapping[str, Tensor] = {}
        if torch.get_default_device().type != "meta":
            values = _made(self.file, input_size, hidden_size, seed=int(torch.randint(2**31, ())))[1]
        self.own = nn.Module()
        for part in parts.parts:
            empty = torch.empty(part.shape, dtype=part.dtype)
            _put(self.own, part, values.get(_WEIGHT + part.name, empty))

    @override
    def initialise(self, manner: str, forget_bias: float) -> None:
        """Nothing: the file's code has given its weights their first values."""

    @override
    def zeros(self, *shape: int) -> Tensor:
        return next(self.own.parameters(), torch.zeros(())).new_zeros(*shape)

    @override
    def initial_state(self, batch_size: int) -> State:
        if self._begins_with_zeros or not batch_size:
            return super().initial_state(batch_size)
        said, sent = self._said(self.zeros(0)) | {"rows": batch_size}, self._weights()
        names = [f"s{number}" for number in range(self.state_size)]
        return _checked(
            self.file, self._ask("begin", said, sent), names, self.zeros(batch_size, self.hidden_size)
        )

    @override
    def project(self, x: Tensor) -> Tensor:
        return x

    @override
    def update(self, projected: Tensor, state: State) -> Step:
        return self.naive(projected, state)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        if hold is not as_computed:
            raise ValueError("what is held in a cell that is computed elsewhere must be data: use over_time")
        return self.over_time(x, packing(torch.ones(len(x), dtype=torch.int64)), state, NOTHING_HELD)

    @override
    def over_time(
        self, xs: Tensor, packing: Packing, state: State | None, holds: Holds, *, states_alone: bool = False
    ) -> Step:
        letters, parts = self.states if states_alone else self.letters, [*_in_parts(packing)]
        found = []
        for tokens, rows, some in parts:
            added = {letter: one[tokens] for letter, one in holds.added.items()}
            held = Holds(values=holds.values, is_held=holds.is_held, added=added)
            begin = None if state is None else tuple(one[rows] for one in state)
            found.append(self._some_rows(xs[tokens], some, begin, held, letters))
        places = torch.cat([tokens for tokens, _, _ in parts]).argsort()
        fields = (torch.cat(of_parts)[places] for of_parts in zip(*found, strict=True))
        return step_type(letters)(*(found[0] if len(parts) == 1 else fields))

    @override
    def milliseconds_elsewhere(self, batch_size: int, length: int) -> float:
        sizes = {"E": self.input_size, "H": self.hidden_size, "B": batch_size, "T": length}
        return float(warm(self.file).ask("pass", sizes).said["milliseconds"])

    def _some_rows(
        self, xs: Tensor, packing: Packing, state: State | None, holds: Holds, letters: tuple[str, ...]
    ) -> tuple[Tensor, ...]:
        """The steps of rows that are few enough to be asked for together, packed."""
        said = self._said(xs) | {
            "lengths": packing.lengths.tolist(),
            "states_alone": letters == self.states,
            "watched": bool(holds.added),
        }
        fixed = {f"value.{letter}": one.to(xs.dtype) for letter, one in holds.values.items()}
        fixed |= {f"held.{letter}": one for letter, one in holds.is_held.items()}
        fixed |= {name: one for name, one in self._weights().items() if not one.requires_grad}
        learned = {"x": xs} | {f"s{number}": one for number, one in enumerate(state or ())}
        learned |= {_WATCHED + letter: one for letter, one in holds.added.items()}
        learned |= {name: one for name, one in self._weights().items() if one.requires_grad}
        found: tuple[Tensor, ...] = _OverTime.apply(  # type: ignore[no-untyped-call]
            self, said, letters, fixed, [*learned], *learned.values()
        )
        return found

    def _said(self, xs: Tensor) -> dict[str, Any]:
        if xs.dtype not in _DTYPES:
            raise ValueError(f"a cell of one's own computes in float32 or float64, got {xs.dtype}")
        return {
            "E": self.input_size,
            "H": self.hidden_size,
            "dtype": _DTYPES[xs.dtype],
            "letters": self.letters,
            "training": self.training,
        }

    def _weights(self) -> dict[str, Tensor]:
        own = (*self.own.named_parameters(), *self.own.named_buffers())
        return {_WEIGHT + name: one for name, one in own}

    def _ask(self, operation: str, said: Mapping[str, Any], sent: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return warm(self.file).ask(operation, said, sent).arrays


def remote_cell(file: CellFile, letters: tuple[str, ...], states: tuple[str, ...]) -> type[RemoteCell]:
    """The class of the cell of a file; nothing of the file runs."""
    own = {"file": file, "kind": file.version, "letters": letters, "states": states, "__module__": __name__}
    made: type[RemoteCell] = type("RemoteCell", (RemoteCell,), own)
    return made


class _OverTime(torch.autograd.Function):
    """Both ways, as autograd wants them. The way back goes forwards again, so that nothing is kept there."""

    @staticmethod
    def forward(
        ctx: Any,
        cell: RemoteCell,
        said: dict[str, Any],
        letters: tuple[str, ...],
        fixed: dict[str, Tensor],
        names: list[str],
        *learned: Tensor,
    ) -> tuple[Tensor, ...]:
        ctx.cell, ctx.said, ctx.letters, ctx.fixed, ctx.names = cell, said, letters, fixed, names
        ctx.save_for_backward(*learned)
        ctx.set_materialize_grads(False)
        found = cell._ask("unroll", said, fixed | _sent(names, learned))
        xs = learned[0]
        return _checked(cell.file, found, letters, xs.new_empty(len(xs), cell.hidden_size))

    @staticmethod
    def backward(ctx: Any, *d_found: Tensor | None) -> tuple[Any, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("what another process computes has no gradient of its gradient")
        learned = ctx.saved_tensors
        sent = ctx.fixed | _sent(ctx.names, learned)
        sent |= {f"d.{letter}": d for letter, d in zip(ctx.letters, d_found, strict=True) if d is not None}
        found = ctx.cell._ask("unroll_back", ctx.said, sent)
        gradients = [
            _checked(ctx.cell.file, found, [name], one)[0] if needed and name in found else None
            for name, one, needed in zip(ctx.names, learned, ctx.needs_input_grad[5:], strict=True)
        ]
        return None, None, None, None, None, *gradients


def _sent(names: Sequence[str], learned: Sequence[Tensor]) -> dict[str, Tensor]:
    """The tensors that are sent: zeros that only stand for what is watched are made there."""
    named = zip(names, learned, strict=True)
    return {name: one for name, one in named if not name.startswith(_WATCHED)}


def _checked(file: CellFile, found: Mapping[str, Tensor], names: Sequence[str], like: Tensor) -> State:
    """The arrays with these names. Raises OwnCellError unless each has the shape and kind of `like`."""
    for name in names:
        got = found.get(name)
        if got is None or got.shape != like.shape or got.dtype != like.dtype:
            described = "nothing" if got is None else f"{tuple(got.shape)} of {got.dtype}"
            raise OwnCellError(
                f"{file.file_name}: Its process must return {tuple(like.shape)} of {like.dtype} as {name}, "
                f"and returned {described}."
            )
    return tuple(found[name] for name in names)


def _in_parts(whole: Packing) -> Iterator[tuple[Tensor, slice, Packing]]:
    """A batch in parts of so many rows that they can be asked for: tokens, rows, and how these are packed."""
    first, lengths = 0, whole.lengths.tolist()
    while first < len(lengths):
        last = first + max(1, AT_ONCE // lengths[first])
        is_in = (whole.rows >= first) & (whole.rows < last)
        yield is_in.nonzero(as_tuple=True)[0], slice(first, last), packing(whole.lengths[first:last])
        first = last


class _Part(NamedTuple):
    """A parameter or buffer."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype
    is_parameter: bool
    is_trained: bool
    is_kept: bool
    """Whether it belongs to the state of the network, as all parameters do."""


class _Parts(NamedTuple):
    """What a network is made of."""

    parts: tuple[_Part, ...]
    begins_with_zeros: bool


@lru_cache
def _parts(file: CellFile, E: int, H: int) -> _Parts:
    """What the network of a file is made of at this size: asked for once."""
    said, arrays = _made(file, E, H, seed=0)
    parts = tuple(
        _Part(
            name=name,
            shape=tuple(arrays[_WEIGHT + name].shape),
            dtype=arrays[_WEIGHT + name].dtype,
            is_parameter=name in said["parameters"],
            is_trained=said["trainable"].get(name, False),
            is_kept=name not in said["not_kept"],
        )
        for name in (*said["parameters"], *said["buffers"])
    )
    return _Parts(parts, not said["has_initial_state"])


def _made(file: CellFile, E: int, H: int, *, seed: int) -> tuple[dict[str, Any], dict[str, Tensor]]:
    answer = warm(file).ask("make", {"E": E, "H": H, "seed": seed})
    return answer.said, answer.arrays


def _put(module: nn.Module, part: _Part, values: Tensor) -> None:
    """Register a parameter or buffer under its name, with a module for each part before a dot."""
    *path, name = part.name.split(".")
    for step in path:
        if step not in dict(module.named_children()):
            module.add_module(step, nn.Module())
        module = module.get_submodule(step)
    if part.is_parameter:
        module.register_parameter(name, nn.Parameter(values, requires_grad=part.is_trained))
    else:
        module.register_buffer(name, values, persistent=part.is_kept)
