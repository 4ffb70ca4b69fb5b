"""A cell run over whole sequences, with back-propagation through time by hand.

The same numbers as `rnn_core.nn.recurrence.unroll`, in a fraction of the time. Time steps are put together in
blocks, so that everything that needs no state (the products of the input, the gradients of the weights) is a
large product, and what is left for each time step (`rnn_core.nn.passes`) is a few operations on memory that
is there already.
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import embedding

from rnn_core.nn.cells import PADDING_ID, Cell, ElmanStep, GRUCell, GRUStep, LSTMStep, State, Step
from rnn_core.nn.memory import Lease
from rnn_core.nn.packing import Packing
from rnn_core.nn.passes import Parts, pass_of
from rnn_core.nn.products import product

BLOCK = 12
"""Time steps: enough for large products, few enough for what they leave to stay in the processor's cache."""


def run(cell: Cell, xs: Tensor, packing: Packing, *, every: bool = False, watched: State = ()) -> Tensor:
    """h of each row at its last time step, (B, H); or of every time step, packed, (N, H).

    xs is packed: (N, E), or (N,) word ids with one-hot input. `watched` is what `watch` returned: its
    gradient becomes that with respect to every state. There is no gradient of the gradient; what `unroll`
    returns has one. Raises ValueError where xs or watched don't fit.
    """
    _check(xs, packing)
    if len(watched) not in (0, cell.state_size):
        raise ValueError(f"all {cell.state_size} states must be watched or none, got {len(watched)}")
    inputs = (xs, *_weights(cell), *watched)
    if torch.is_grad_enabled() and any(tensor is not None and tensor.requires_grad for tensor in inputs):
        states: Tensor = _Sequence.apply(cell, packing, every, *inputs)  # type: ignore[no-untyped-call]
        return states
    forwards = _Forwards(cell, packing, xs, *_weights(cell))
    _exhaust(forwards.blocks(keep=False))
    return forwards.states(every)


def steps(cell: Cell, xs: Tensor, packing: Packing) -> Step:
    """Everything a cell computes of packed xs: a step whose fields are packed, (N, H). Without gradients."""
    _check(xs, packing)
    with torch.no_grad():
        forwards = _Forwards(cell, packing, xs, *_weights(cell))
        _exhaust(forwards.blocks(keep=True))
        h, *c = (state.clone() for state in forwards.after)
        gates = [gate.clone() for gate in forwards.kept.split(cell.hidden_size, dim=1)]
    if isinstance(cell, GRUCell):
        return GRUStep(h, *gates[:3])
    return LSTMStep(h, *c, *gates[:4]) if c else ElmanStep(h)


def watch(cell: Cell, packing: Packing) -> State:
    """A tensor for each state (h, or h and c), packed like it: ask autograd for its gradient, (N, H).

    It is that of the state in full: what the loss sees of it directly, and through all later time steps.
    """
    N = len(packing.rows)
    return tuple(
        cell.b.new_zeros(1).expand(N, cell.hidden_size).requires_grad_() for _ in range(cell.state_size)
    )


def _check(xs: Tensor, packing: Packing) -> None:
    if len(xs) != len(packing.rows):
        raise ValueError(f"xs must hold the {len(packing.rows):,} tokens that are packed, got {len(xs):,}")


def _weights(cell: Cell) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    return cell.W, cell.U, cell.b, getattr(cell, "d", None)


class _Block(NamedTuple):
    """Some time steps, one after the other."""

    tokens: slice
    """Where they lie among all N."""
    running: list[int]
    kept: Tensor
    steps: list[tuple[Parts, State, State]]
    """What `Pass.forward` takes at each of them: parts of `kept`, states before, states after."""


class _Forwards:
    """The way forwards through a batch."""

    def __init__(
        self, cell: Cell, packing: Packing, xs: Tensor, W: Tensor, U: Tensor, b: Tensor, d: Tensor | None
    ) -> None:
        self.cell, self.packing, self.xs, self.W, self.b = cell, packing, xs, W, b
        self.form = pass_of(cell, U, d)
        self.lease = Lease()
        B, N, H = packing.running[0], len(packing.rows), cell.hidden_size
        states = [self.lease.take(f"state {i}", B + N, H, like=b) for i in range(cell.state_size)]
        self.initial = tuple(state[:B].zero_() for state in states)
        self.after = tuple(state[B:] for state in states)
        """Each state after every time step, (N, H)."""

    def blocks(self, *, keep: bool) -> Iterator[_Block]:
        """Compute them in turn. Unless kept, what is kept of one is overwritten by the next."""
        running, form = self.packing.running, self.form
        after = _by_time_step(self.after, running)
        before = [_first(state, rows) for state, rows in zip([self.initial, *after], running, strict=False)]
        ends = [0, *accumulate(sum(running[t : t + BLOCK]) for t in range(0, len(running), BLOCK))]
        self.kept = self.lease.take(
            "kept", ends[-1] if keep else ends[1], form.kept * self.cell.hidden_size, like=self.b
        )
        for number, (start, end) in enumerate(pairwise(ends)):
            tokens, times = slice(start, end), slice(number * BLOCK, (number + 1) * BLOCK)
            kept = self.kept[tokens] if keep else self.kept[: end - start]
            torch.add(self._of_input(tokens), self.b, out=kept[:, : len(self.b)])
            parts = _by_time_step(form.cut(kept), running[times])
            steps = list(zip(parts, before[times], after[times], strict=True))
            for step in steps:
                form.forward(*step)
            yield _Block(tokens, running[times], kept, steps)

    def states(self, every: bool) -> Tensor:
        """A copy of what was asked for: the memory itself goes to the next call."""
        h = self.after[0]
        return h.clone() if every else h[self.packing.last]

    def _of_input(self, tokens: slice) -> Tensor:
        """`x @ W` of some tokens."""
        return embedding(self.xs[tokens], self.W) if self.cell.one_hot else product(self.xs[tokens], self.W)


class _Sequence(torch.autograd.Function):
    """Both ways, as autograd wants them."""

    @staticmethod
    def forward(
        ctx: Any, cell: Cell, packing: Packing, every: bool, xs: Tensor, W: Tensor, U: Tensor, b: Tensor,
        d: Tensor | None, *watched: Tensor,
    ) -> Tensor:  # fmt: skip
        ctx.save_for_backward(xs, W, U, b, d)
        ctx.every, ctx.watched = every, len(watched)
        ctx.forwards = _Forwards(cell, packing, xs, W, U, b, d)
        ctx.blocks = list(ctx.forwards.blocks(keep=True))
        return ctx.forwards.states(every)

    @staticmethod
    def backward(ctx: Any, d_states: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError(
                "the sequence form has no gradient of its gradient (create_graph=True), since its way back "
                "is written by hand; use the fused form, rnn_core.nn.recurrence.unroll"
            )
        weights = ctx.saved_tensors  # torch refuses, in words, what was freed or changed meanwhile
        backwards = _Backwards(ctx.forwards, *weights, watched=ctx.watched, needs_x=ctx.needs_input_grad[3])
        backwards.run(ctx.blocks, d_states, ctx.every)
        gradients = (backwards.dxs, backwards.dW, backwards.dU, backwards.db, backwards.dd)
        return None, None, None, *gradients, *backwards.watched


class _Backwards:
    """The way back through what `_Forwards` left; afterwards dxs, dW, dU, db, dd and watched are complete."""

    def __init__(
        self, forwards: _Forwards, xs: Tensor, W: Tensor, U: Tensor, b: Tensor, d: Tensor | None, *,
        watched: int, needs_x: bool,
    ) -> None:  # fmt: skip
        self.forwards, self.form, self.cell, self.xs = forwards, forwards.form, forwards.cell, xs
        self.dxs = torch.zeros_like(xs) if needs_x else None
        self.W_T = W.t().contiguous()
        self.dW, self.dU, self.db = torch.zeros_like(W), torch.zeros_like(U), torch.zeros_like(b)
        self.dd = None if d is None else torch.zeros_like(d)
        self.watched = tuple(torch.empty_like(state) for state in forwards.after[:watched])

    def run(self, blocks: list[_Block], d_states: Tensor, every: bool) -> None:
        """From the gradient of what `_Forwards.states` returned."""
        # Until its last time step is reached, d of a row is the gradient of its last state.
        d = tuple(torch.zeros_like(initial) for initial in self.forwards.initial)
        if not every:
            d[0].copy_(d_states)
        most, H = max(len(block.kept) for block in blocks), self.cell.hidden_size
        scratch = [self.db.new_empty(most, width * H) for width in self.form.scratch]
        running: list[int] = []
        for block in reversed(blocks):
            if block.running != running:  # most blocks are alike, and may use the same scratch
                running = block.running
                gradients = tuple(piece[: len(block.kept)] for piece in scratch)
                parts = _by_time_step(self.form.cut_gradients(gradients), running)
            self._time_steps(block, parts, d, d_states[block.tokens] if every else None)
            self._weights(block, gradients)

    def _time_steps(self, block: _Block, parts: list[Parts], d: State, direct: Tensor | None) -> None:
        """Take d from behind the block to before it, and leave in `parts` what the weights need."""
        seen = _by_time_step(tuple(watched[block.tokens] for watched in self.watched), block.running)
        of_loss = direct.split_with_sizes(block.running) if direct is not None else None
        for t in reversed(range(len(block.running))):
            now = _first(d, block.running[t])
            if of_loss is not None:
                now[0].add_(of_loss[t])
            kept, before, after = block.steps[t]
            self.form.backward(kept, parts[t], before, after, now, seen[t] if seen else None)

    def _weights(self, block: _Block, gradients: Parts) -> None:
        """Add a block to the gradients of the weights; see `rnn_core.nn.passes` for the formulas."""
        h = torch.cat([before[0] for _, before, _ in block.steps])
        self.form.add_to(self.dU, self.dd, h, block.kept, gradients)
        x = self.xs[block.tokens]
        for columns, da in self.form.of_input(gradients):
            self.db[columns].add_(da.sum(dim=0))
            if self.cell.one_hot:
                self.dW[:, columns].index_add_(0, x, da)
            else:
                self.dW[:, columns].add_(product(x.t(), da))
            if self.dxs is not None:
                self.dxs[block.tokens].add_(product(da, self.W_T[columns]))
        if self.cell.one_hot:
            self.dW[PADDING_ID] = 0  # padding is a zero vector


def _by_time_step(parts: Parts, running: list[int]) -> list[Parts]:
    """Packed parts, (n, ...) each, as one tuple for each time step."""
    return list(zip(*(part.split_with_sizes(running) for part in parts), strict=True))


def _first(states: State, rows: int) -> State:
    """The first rows of each."""
    return states if len(states[0]) == rows else tuple(state[:rows] for state in states)


def _exhaust(blocks: Iterator[_Block]) -> None:
    for _ in blocks:
        pass
