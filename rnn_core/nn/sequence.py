"""A cell run over whole sequences, with back-propagation through time without autograd.

The same numbers as `rnn_core.nn.recurrence.unroll`, in a fraction of the time. Time steps are put together in
blocks, so that everything that needs no state (the products of the input, the gradients of the weights) is a
large product, and what is left for each time step (`rnn_core.nn.passes`) is a few operations on memory that
is there already. A cell without a pass of its own goes by `unroll` and autograd.
"""

import weakref
from collections import deque
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding

from rnn_core.nn.cells import PADDING_ID, Cell, State, Step
from rnn_core.nn.holds import Holds
from rnn_core.nn.kernels import BFloat16Factor, Factor
from rnn_core.nn.packing import Packing
from rnn_core.nn.passes import Tensors
from rnn_core.nn.recurrence import packed_steps, unroll

_idle: deque[dict[tuple[str, torch.dtype, torch.device], Tensor]] = deque(maxlen=2)


class Lease:
    """Memory that belongs to one call until the last reference to the lease is gone, and then to the next."""

    def __init__(self) -> None:
        try:
            self._buffers = _idle.pop()
        except IndexError:
            self._buffers = {}
        weakref.finalize(self, _idle.append, self._buffers)

    def take(self, name: str, rows: int, columns: int, like: Tensor) -> Tensor:
        """(rows, columns) of anything, of the kind of `like`. What had this name before is lost."""
        kind = (name, like.dtype, like.device)
        buffer = self._buffers.get(kind)
        if buffer is None or len(buffer) < rows * columns:
            with torch.inference_mode(False):  # a tensor made in inference mode could not be trained with
                buffer = torch.empty(rows * columns, dtype=like.dtype, device=like.device)
            self._buffers[kind] = buffer
        return buffer[: rows * columns].view(rows, columns)


BLOCK = 12
"""Time steps: enough for large products, few enough for what they leave to stay in the processor's cache."""


def run(cell: Cell, xs: Tensor, packing: Packing, *, every: bool = False, watched: State = ()) -> Tensor:
    """h of each row at its last time step, (B, H); or of every time step, packed, (N, H).

    xs is packed: (N, E), or (N,) word ids with one-hot input. `watched` is what `watch` returned: its
    gradient becomes that with respect to every state. Of a cell with a pass of its own there is no gradient
    of the gradient; what `unroll` returns has one. Raises ValueError where xs or watched don't fit.
    """
    return _run(cell, xs, packing, every, watched, None)[0]


def run_on(
    cell: Cell, xs: Tensor, packing: Packing, state: State, *, every: bool = False, watched: State = ()
) -> tuple[Tensor, State]:
    """Returns h as `run` does, of rows that begin with `state`, (B, H) each, and the state that each ends in.

    The next window may begin with it: `hs, state = run_on(cell, xs, packing, state)`. Gradients go through
    both; detach the state where the next window's are not to reach this one.
    """
    found = _run(cell, xs, packing, every, watched, state)
    return found[0], found[-cell.state_size :]


def _run(cell: Cell, xs: Tensor, packing: Packing, every: bool, watched: State, state: State | None) -> State:
    """Returns h, and behind it, given a state, the states that each row ends with."""
    _check(xs, packing)
    if len(watched) not in (0, cell.state_size):
        raise ValueError(f"all {cell.state_size} states must be watched or none, got {len(watched)}")
    shape = (packing.running[0], cell.hidden_size)
    if state is not None and [part.shape for part in state] != [shape] * cell.state_size:
        shapes = [tuple(part.shape) for part in state]
        raise ValueError(f"the state must be {cell.state_size} of {shape}, got {shapes}")
    if cell.one_pass is None:
        held = Holds(added=dict(zip(cell.states, watched, strict=False)))
        count = 1 if state is None else cell.state_size
        each = unroll(cell, xs, packing, naive=bool(watched), state=state, holds=held)
        after = tuple(map(torch.cat, zip(*(step[:count] for step in each), strict=True)))
        return _asked_for(after, packing, every, state is not None)
    begin, weights = _begin(cell, packing, state), cell.pass_weights()
    inputs = (xs, *weights, *watched, *begin)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        found: State = _Sequence.apply(cell, packing, every, len(watched), *inputs)  # type: ignore[no-untyped-call]
        return found
    return _Forwards(cell, packing, xs, *weights, begin=begin, keep=False).states(every)


def steps(cell: Cell, xs: Tensor, packing: Packing, state: State | None = None) -> Step:
    """Everything a cell computes of packed xs: a step whose fields are packed, (N, H). Without gradients.

    The rows begin with `state`, (B, H) each, or with the cell's first one.
    """
    _check(xs, packing)
    with torch.no_grad():
        if cell.one_pass is None:
            return packed_steps(unroll(cell, xs, packing, state=state))
        begin = _begin(cell, packing, state)
        forwards = _Forwards(cell, packing, xs, *cell.pass_weights(), begin=begin, keep=True)
        states, found = [state.clone() for state in forwards.after], forwards.gates()
        if missing := cell.seen - found.keys():  # computed of all time steps at once
            before = (torch.cat(some) for some in zip(*forwards.before, strict=True))
            step = cell(xs, tuple(before))._asdict()
            found |= {letter: step[letter] for letter in missing}
        return cell.step_type(*states, **found)


def watch(cell: Cell, packing: Packing) -> State:
    """A tensor for each state (h, or h and c), packed like it: ask autograd for its gradient, (N, H).

    It is that of the state in full: what the loss sees of it directly, and through all later time steps.
    """
    N = len(packing.rows)
    return tuple(cell.zeros(1).expand(N, cell.hidden_size).requires_grad_() for _ in range(cell.state_size))


def _check(xs: Tensor, packing: Packing) -> None:
    if len(xs) != len(packing.rows):
        raise ValueError(f"xs must hold the {len(packing.rows):,} tokens that are packed, got {len(xs):,}")


def _begin(cell: Cell, packing: Packing, state: State | None) -> State:
    """Returns the states that rows begin with; none where these are zeros that nobody asks after."""
    return state or (() if not cell.equations.starts else cell.initial_state(packing.running[0]))


@dataclass(frozen=True, slots=True)
class _Block:
    """Some time steps, one after the other."""

    tokens: slice
    """The places among all N tokens."""
    times: slice
    """The places among all T time steps."""
    running: list[int]

    def __len__(self) -> int:
        """The number of tokens."""
        return self.tokens.stop - self.tokens.start


def _blocks(running: list[int]) -> list[_Block]:
    """All time steps in blocks."""
    blocks, end = [], 0
    for t in range(0, len(running), BLOCK):
        times = slice(t, t + BLOCK)
        start, end = end, end + sum(running[times])
        blocks.append(_Block(slice(start, end), times, running[times]))
    return blocks


class _Forwards:
    """The way forwards through a batch. Unless `keep`, what a block leaves is overwritten by the next."""

    def __init__(
        self, cell: Cell, packing: Packing, xs: Tensor, W: Tensor, b: Tensor, *recurrent: Tensor,
        begin: State = (), keep: bool, bfloat16: bool = False,
    ) -> None:  # fmt: skip
        self.cell, self.packing, self.xs = cell, packing, xs
        self.factor = BFloat16Factor if bfloat16 else Factor
        if cell.one_pass is None:
            raise ValueError(f"a cell without a pass of its own must be unrolled, got {cell.kind}")
        self.passes = cell.one_pass(recurrent, cell.hidden_size, self.factor)
        self.blocks = _blocks(packing.running)
        lease, B, N, H = Lease(), packing.running[0], len(packing.rows), cell.hidden_size
        states = [lease.take(f"state {i}", B + N, H, like=b) for i in range(cell.state_size)]
        self._states = states
        self.carries = bool(begin)
        """True if the rows began with a state that was given, so that the one they end with is asked for."""
        initial = tuple(state[:B] for state in states)
        for number, part in enumerate(initial):
            part.copy_(begin[number]) if begin else part.zero_()
        self.after = tuple(state[B:] for state in states)
        """Each state after every time step, (N, H)."""
        after = _split_by_time_step(self.after, packing.running)
        self.before = [
            _first(state, rows) for state, rows in zip([initial, *after], packing.running, strict=False)
        ]
        """The states before each time step, (running[t], H) each."""
        rows = N if keep else max(map(len, self.blocks))
        self.kept = lease.take("kept", rows, self.passes.columns, like=b)
        self.lease = lease

        right = None if cell.one_hot else self.factor(W)
        for block in self.blocks:
            kept = self.kept[block.tokens] if keep else self.kept[: len(block)]
            of_block = _slice_block(self.after, block)
            x, out = xs[block.tokens], self.passes.prepare(kept, of_block)
            if right is None:
                torch.add(embedding(x, W), b, out=out)
            else:
                right.product(x, plus=b, out=out)
            self.passes.activate(kept, of_block)
            parts = _split_by_time_step(self.passes.cut(kept), block.running)
            for step in zip(parts, self.before[block.times], after[block.times], strict=True):
                self.passes.forward(*step)
            self.passes.finish(kept, of_block)

    def states_before(self, block: _Block) -> State:
        """Each state before the time steps of a block, one after the other, (len(block), H)."""
        running, first = self.packing.running, block.times.start
        rows_before = running[max(first - 1, 0)]
        if running[block.times][-1] != rows_before:  # a row ends: what it left stands in between
            return tuple(map(torch.cat, zip(*self.before[block.times], strict=True)))
        begin = running[0] + block.tokens.start - rows_before
        return tuple(state[begin : begin + len(block)] for state in self._states)

    def states(self, every: bool) -> State:
        """A copy of what was asked for: the memory itself goes to the next call."""
        after = (self.after[0].clone(), *self.after[1:]) if every else self.after
        return _asked_for(after, self.packing, every, self.carries)

    def gates(self) -> dict[str, Tensor]:
        """The gates and candidates, (N, H) each, where they were kept: a copy of each."""
        letters, named = self.cell.seen, self.passes.named(self.kept)
        return {letter: piece.clone() for letter, piece in named.items() if letter in letters}


class _Sequence(torch.autograd.Function):
    """Both ways, as autograd wants them."""

    @staticmethod
    def forward(
        ctx: Any, cell: Cell, packing: Packing, every: bool, watched: int, xs: Tensor, *others: Tensor
    ) -> State:
        weights = others[: len(cell.pass_weights())]
        ctx.save_for_backward(xs, *weights)
        ctx.every, ctx.watched = every, watched
        ctx.forwards = _Forwards(
            cell, packing, xs, *weights, begin=others[len(weights) + watched :], keep=True,
            bfloat16=cell.trains_in_bfloat16,
        )  # fmt: skip
        return ctx.forwards.states(every)

    @staticmethod
    def backward(ctx: Any, *d_states: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError(
                "the sequence form has no gradient of its gradient (create_graph=True), since autograd "
                "does not see its way back; use the fused form, rnn_core.nn.recurrence.unroll"
            )
        weights = ctx.saved_tensors  # torch refuses, in words, what was freed or changed meanwhile
        backwards = _Backwards(ctx.forwards, *weights, watched=ctx.watched, needs_x=ctx.needs_input_grad[4])
        d_begin = backwards.run(d_states, ctx.every)
        gradients = (backwards.dxs, backwards.dW, backwards.db, *backwards.d_recurrent, *backwards.watched)
        return None, None, None, None, *gradients, *(d_begin if ctx.forwards.carries else ())


class _Backwards:
    """The way back through what `_Forwards` left; then dxs, dW, db, d_recurrent and watched are complete."""

    def __init__(
        self, forwards: _Forwards, xs: Tensor, W: Tensor, b: Tensor, *recurrent: Tensor,
        watched: int, needs_x: bool,
    ) -> None:  # fmt: skip
        self.forwards, self.passes, self.xs = forwards, forwards.passes, xs
        self.dxs = torch.empty_like(xs) if needs_x else None
        self.W_T = forwards.factor(W.t().contiguous()) if needs_x else None
        self.dW, self.db = torch.zeros_like(W), torch.zeros_like(b)
        self.d_recurrent = tuple(map(torch.zeros_like, recurrent))
        self.watched = tuple(torch.empty_like(state) for state in forwards.after[:watched])

    def run(self, d_states: State, every: bool) -> State:
        """Returns the gradients of what rows began with, given those of what `_Forwards.states` returned."""
        blocks, H = self.forwards.blocks, self.passes.H
        # Until its last time step is reached, d of a row is the gradient of its last state.
        d = tuple(torch.zeros_like(state) for state in self.forwards.before[0])
        for part, d_end in zip(d, d_states[1:] if every else d_states, strict=False):
            part.copy_(d_end)
        most = max(map(len, blocks))
        memory = [self.db.new_empty(most, width * H) for width in self.passes.scratch]
        running: list[int] = []
        for block in reversed(blocks):
            if block.running != running:  # most blocks are alike, and may use the same scratch
                running = block.running
                scratch = tuple(piece[: len(block)] for piece in memory)
                parts = _split_by_time_step(self.passes.cut_scratch(scratch), running)
            kept = self.forwards.kept[block.tokens]
            before, after = self.forwards.states_before(block), _slice_block(self.forwards.after, block)
            self.passes.factors(kept, before, after, scratch)
            self._time_steps(block, parts, d, d_states[0][block.tokens] if every else None)
            da = self.passes.add_to(self.d_recurrent, before, after, kept, scratch)
            self._add_input_gradients(block, da)
        return d

    def _time_steps(self, block: _Block, parts: list[Tensors], d: State, direct: Tensor | None) -> None:
        """Take d from behind the block to before it, and leave in `parts` what the weights need."""
        seen = _split_by_time_step(_slice_block(self.watched, block), block.running)
        of_loss = direct.split_with_sizes(block.running) if direct is not None else None
        for t in reversed(range(len(block.running))):
            now = _first(d, block.running[t])
            if of_loss is not None:
                now[0].add_(of_loss[t])
            self.passes.backward(parts[t], now, seen[t] or None)

    def _add_input_gradients(self, block: _Block, da: Tensor) -> None:
        """Adds the gradients of W, b and x, given that of x @ W + b in a block."""
        x = self.xs[block.tokens]
        self.db.add_(da.sum(dim=0))
        if self.forwards.cell.one_hot:
            self.dW.index_add_(0, x, da)
            self.dW[PADDING_ID] = 0  # padding is a zero vector
        else:
            self.forwards.factor(da).product(x.t(), plus=self.dW, out=self.dW)
        if self.dxs is not None and self.W_T is not None:
            self.W_T.product(da, out=self.dxs[block.tokens])


def _asked_for(after: State, packing: Packing, every: bool, carries: bool) -> State:
    """Every h, or none; then of what each row ends with all states, to carry on, or h in place of every h."""
    ends = after if carries else after[:1] if not every else ()
    return (*after[: 1 if every else 0], *(part[packing.last] for part in ends))


def _slice_block(states: State, block: _Block) -> State:
    """The part of a block."""
    return tuple(state[block.tokens] for state in states)


def _split_by_time_step(parts: Tensors, running: list[int]) -> list[Tensors]:
    """Packed parts, (n, ...) each, as one tuple for each time step."""
    if not parts:
        return [()] * len(running)
    return list(zip(*(part.split_with_sizes(running) for part in parts), strict=True))


def _first(states: State, rows: int) -> State:
    """The first rows of each."""
    return states if states[0].size(0) == rows else tuple(state[:rows] for state in states)
