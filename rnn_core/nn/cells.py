"""Recurrent cells: what happens at one time step.

Symbols: x input, h hidden state, c cell state, W input weights, U recurrent weights, b bias;
`*` multiplies element by element, `@` is the matrix product. Rows are reviews, so a product reads
`x @ W` with x (B, E), W (E, H) and the weights of several gates stand side by side: W is (E, G*H).

Every cell has two forms that share one set of parameters and agree to rounding. *Naive*: a product per
gate, the equations word for word. *Fused*: the products of all gates joined in one. With one-hot input
x holds word ids (B,), and `x @ W` is the row of W that the word picks; the one-hot matrix is never built.

Each step returns everything it computed, by name.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding
from typing_extensions import override

from rnn_core.nn.lstm_passes import CoupledLSTMPass, CoupledPeepholeLSTMPass, PeepholeLSTMPass
from rnn_core.nn.passes import ElmanPass, GRUAfterPass, GRUBeforePass, LSTMPass, Pass, UGRNNPass
from rnn_core.nn.passes import State as State
from rnn_core.nn.scans import TINY, IndRNNPass, MinGRUPass, MinLSTMPass
from rnn_core.symbols import CELLS, CellDeclaration, declaration, variant_of

PADDING_ID = 0  # with one-hot input its row of W stays zero: padding is a zero vector


class Step(Protocol):
    """What a cell computed at one time step, by name, the next state first; each (B, H)."""

    @property
    def h(self) -> Tensor:
        """The hidden state."""
        ...

    def _asdict(self) -> dict[str, Tensor]: ...

    def __getitem__(self, index: slice, /) -> tuple[Tensor, ...]: ...

    def __iter__(self) -> Iterator[Tensor]: ...


class PlainStep(NamedTuple):
    """What an Elman cell or an IndRNN computed at one time step; each (B, H)."""

    h: Tensor


class UpdateStep(NamedTuple):
    """What a UGRNN or a minGRU computed at one time step; each (B, H)."""

    h: Tensor
    z: Tensor
    n: Tensor


class GRUStep(NamedTuple):
    """What a GRU cell computed at one time step; each (B, H)."""

    h: Tensor
    r: Tensor
    z: Tensor
    n: Tensor


class LSTMStep(NamedTuple):
    """What an LSTM cell computed at one time step; each (B, H)."""

    h: Tensor
    c: Tensor
    i: Tensor
    f: Tensor
    o: Tensor
    g: Tensor


class CoupledLSTMStep(NamedTuple):
    """What an LSTM with coupled gates computed at one time step; each (B, H)."""

    h: Tensor
    c: Tensor
    i: Tensor
    o: Tensor
    g: Tensor


class MinLSTMStep(NamedTuple):
    """What a minLSTM computed at one time step; each (B, H)."""

    h: Tensor
    f: Tensor
    i: Tensor
    n: Tensor


Values = Mapping[str, Tensor]
"""By the letter of each quantity."""
Hold = Callable[[str, Tensor], Tensor]
"""Gets a quantity by its letter, as the cell computed it, and returns what the cell goes on with, (B, H)."""


def as_computed(_letter: str, values: Tensor) -> Tensor:
    """Holds nothing: the values themselves."""
    return values


class Cell(nn.Module):
    """One time step: `cell(x, state) -> step`, with `step[:len(state)]` the next state.

    `kind` is its name in `rnn_core.symbols.CELLS`, `settings` are those of the run that change its equations.
    `blocks` names what W and b are made of, H columns each, in that order; U is made of the same where there
    is a U.
    """

    kind: str
    blocks: tuple[str, ...]
    step_type: Callable[..., Step]
    one_pass: type[Pass] | None = None
    """Its time step forwards and backwards by hand; None where autograd goes through the fused form."""
    mixes_units = True
    """Whether there is a U, through which each unit gets something of every other."""
    state_size = 1
    trains_in_bfloat16 = False
    """Whether the sequence form rounds what it multiplies to bfloat16 where gradients are asked for."""

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.one_hot = input_size, hidden_size, one_hot
        self.settings = {**CELLS[self.kind][0].settings, **settings}
        self.choose_variant()
        width = len(self.blocks) * hidden_size
        self.W = nn.Parameter(torch.empty(input_size, width))
        if self.mixes_units:
            self.U = nn.Parameter(torch.empty(hidden_size, width))
        self.b = nn.Parameter(torch.zeros(width))

    def choose_variant(self) -> None:
        """Set what depends on the settings, where anything does."""

    @property
    def declared(self) -> CellDeclaration:
        """What is shown of it."""
        return declaration(variant_of(self.kind, self.settings))

    def initial_state(self, batch_size: int) -> State:
        """Zeros, (B, H) each."""
        return tuple(self.b.new_zeros(batch_size, self.hidden_size) for _ in range(self.state_size))

    def forward(self, x: Tensor, state: State) -> Step:
        """The fused form. x is (B, E), or (B,) word ids with one-hot input."""
        return self.update(self.project(x), state)

    def project(self, x: Tensor) -> Tensor:
        """`x @ W + b` for all gates at once, of one time step or of many: (..., G*H)."""
        return self._times(x, self.W) + self.b

    @abstractmethod
    def update(self, projected: Tensor, state: State) -> Step:
        """The rest of the fused form, given `x @ W + b` as (B, G*H)."""

    @abstractmethod
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        """The equations, a product per gate. `hold` may put something else in the place of each result."""

    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        """What the memory contributes inside a gate or candidate, (H,), beside x @ W + b.

        `before` are the states that came in, `after` is all that was computed, (H,) each by letter.
        """
        return before["h"] @ self._block(letter).to(before["h"])

    def recurrent_weights(self) -> tuple[Tensor, ...]:
        """All weights but W and b, in their order: what the state is multiplied with."""
        return tuple(weights for name, weights in self.named_parameters() if name not in ("W", "b"))

    def products_with_state(self) -> tuple[int, ...]:
        """The columns of each matrix that a time step multiplies its state with, one after the other."""
        return (len(self.blocks) * self.hidden_size,)

    def time_constants(self) -> Tensor | None:
        """(H,) time steps in which each unit loses all but 1/e of what it holds, where that is its own.

        None for a cell whose gates or whose other units have a say in it.
        """
        return None

    def begin(self) -> None:
        """Give weights beside W, U and the biases their first values, in place, where there are any."""

    def bound(self) -> None:
        """After an optimizer step: put weights that must not leave some bounds back, in place."""

    def _times(self, x: Tensor, W: Tensor) -> Tensor:
        if self.one_hot:
            return embedding(x, W, padding_idx=PADDING_ID)
        return x @ W

    def _block(self, letter: str) -> Tensor:
        """The part of U that belongs to a gate or candidate, (H, H)."""
        return self.U.detach().chunk(len(self.blocks), dim=1)[self.blocks.index(letter)]

    def _per_block(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], tuple[Tensor, ...]]:
        """W, U and b cut into one piece per block."""
        G = len(self.blocks)
        return self.W.chunk(G, dim=1), self.U.chunk(G, dim=1), self.b.chunk(G)


class ElmanCell(Cell):
    """The plain recurrent network (Elman, 1990): h' = tanh(x W + h U + b)."""

    kind = "elman"
    blocks = ("h",)
    step_type = PlainStep
    one_pass = ElmanPass

    @override
    def update(self, projected: Tensor, state: State) -> PlainStep:
        (h,) = state
        return PlainStep(h=torch.tanh(projected + h @ self.U))

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> PlainStep:
        """An Elman cell has one product each and so nothing to join."""
        (h,) = state
        return PlainStep(h=hold("h", torch.tanh(self._times(x, self.W) + h @ self.U + self.b)))


class UGRNNCell(Cell):
    """The update gate RNN (Collins et al., 2017), with z = 1 taking the candidate.

    z  = sigmoid(x W_z + h U_z + b_z)
    n  = tanh(x W_n + h U_n + b_n)
    h' = (1 - z) * h + z * n

    The paper writes its gate the other way round. It is a GRU whose reset gate is always open.
    """

    kind = "ugrnn"
    blocks = ("z", "n")
    step_type = UpdateStep
    one_pass = UGRNNPass

    @override
    def update(self, projected: Tensor, state: State) -> UpdateStep:
        (h,) = state
        a_z, a_n = (projected + h @ self.U).chunk(2, dim=1)
        z, n = torch.sigmoid(a_z), torch.tanh(a_n)
        return UpdateStep(h=h + z * (n - h), z=z, n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> UpdateStep:
        (h,) = state
        (W_z, W_n), (U_z, U_n), (b_z, b_n) = self._per_block()
        z = hold("z", torch.sigmoid(self._times(x, W_z) + h @ U_z + b_z))
        n = hold("n", torch.tanh(self._times(x, W_n) + h @ U_n + b_n))
        return UpdateStep(h=hold("h", (1 - z) * h + z * n), z=z, n=n)


class GRUCell(Cell):
    """The gated recurrent unit, with z = 1 taking the candidate (Chung et al., 2014).

    r  = sigmoid(x W_r + h U_r + b_r)
    z  = sigmoid(x W_z + h U_z + b_z)
    n  = tanh(x W_n + (r * h) U_n + b_n)           reset before the product (arXiv 1406.1078v3)
    n  = tanh(x W_n + b_n + r * (h U_n + d))       reset after it (PyTorch, cuDNN), d a bias of its own
    h' = (1 - z) * h + z * n
    """

    kind = "gru"
    blocks = ("r", "z", "n")
    step_type = GRUStep

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        if self.reset == "after":
            self.d = nn.Parameter(torch.zeros(hidden_size))

    @override
    def choose_variant(self) -> None:
        self.reset = self.settings["reset"]
        self.one_pass = GRUAfterPass if self.reset == "after" else GRUBeforePass

    @override
    def update(self, projected: Tensor, state: State) -> GRUStep:
        (h,) = state
        H = self.hidden_size
        x_rz, x_n = projected.split([2 * H, H], dim=1)
        if self.reset == "after":
            h_rz, h_n = (h @ self.U).split([2 * H, H], dim=1)
            r, z = torch.sigmoid(x_rz + h_rz).chunk(2, dim=1)
            n = torch.tanh(x_n + r * (h_n + self.d))
        else:
            U_rz, U_n = self.U.split([2 * H, H], dim=1)
            r, z = torch.sigmoid(x_rz + h @ U_rz).chunk(2, dim=1)
            n = torch.tanh(x_n + (r * h) @ U_n)
        h = h + z * (n - h)  # (1 - z) * h + z * n, one product less
        return GRUStep(h=h, r=r, z=z, n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> GRUStep:
        (h,) = state
        (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = self._per_block()
        r = hold("r", torch.sigmoid(self._times(x, W_r) + h @ U_r + b_r))
        z = hold("z", torch.sigmoid(self._times(x, W_z) + h @ U_z + b_z))
        if self.reset == "after":
            n = hold("n", torch.tanh(self._times(x, W_n) + b_n + r * (h @ U_n + self.d)))
        else:
            n = hold("n", torch.tanh(self._times(x, W_n) + (r * h) @ U_n + b_n))
        h = hold("h", (1 - z) * h + z * n)
        return GRUStep(h=h, r=r, z=z, n=n)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        if letter != "n":
            return super().from_memory(letter, before, after)
        h = before["h"]
        if self.reset == "after":
            return h @ self._block("n").to(h) + self.d.detach().to(h)
        return (after["r"] * h) @ self._block("n").to(h)

    @override
    def products_with_state(self) -> tuple[int, ...]:
        H = self.hidden_size  # reset before, the candidate's product waits for the gate
        return (3 * H,) if self.reset == "after" else (2 * H, H)


class LSTMCell(Cell):
    """Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins, 2000).

    i  = sigmoid(x W_i + h U_i + b_i)
    f  = sigmoid(x W_f + h U_f + b_f)
    o  = sigmoid(x W_o + h U_o + b_o)
    g  = tanh(x W_g + h U_g + b_g)
    c' = f * c + i * g
    h' = o * tanh(c')

    With coupled gates there is no f, and c' = (1 - i) * c + i * g (Greff et al., 2017). With peepholes
    (Gers and Schmidhuber, 2000) i and f also get p_i * c and p_f * c, and o gets p_o * c'.
    """

    kind = "lstm"
    state_size = 2

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        if self.has_peepholes:
            self.p = nn.Parameter(torch.zeros((len(self.blocks) - 1) * hidden_size))  # of all but g

    @override
    def choose_variant(self) -> None:
        self.is_coupled = bool(self.settings["coupled_gates"])
        self.has_peepholes = bool(self.settings["peepholes"])
        self.blocks = ("i", "o", "g") if self.is_coupled else ("i", "f", "o", "g")
        self.step_type = CoupledLSTMStep if self.is_coupled else LSTMStep
        self.one_pass = {
            (False, False): LSTMPass,
            (True, False): CoupledLSTMPass,
            (False, True): PeepholeLSTMPass,
            (True, True): CoupledPeepholeLSTMPass,
        }[self.is_coupled, self.has_peepholes]

    @override
    def update(self, projected: Tensor, state: State) -> Step:
        h, c = state
        H = self.hidden_size
        a_gates, a_g = (projected + h @ self.U).split([projected.shape[1] - H, H], dim=1)
        if self.has_peepholes:
            return self._see_the_cell_state(a_gates, torch.tanh(a_g), c)
        *i_f, o = torch.sigmoid(a_gates).chunk(len(self.blocks) - 1, dim=1)
        g = torch.tanh(a_g)
        c = self._written(i_f, c, g)
        return self.step_type(o * torch.tanh(c), c, *i_f, o, g)

    def _see_the_cell_state(self, a_gates: Tensor, g: Tensor, c: Tensor) -> Step:
        """The rest of the fused form with peepholes."""
        H = self.hidden_size
        p_if, p_o = self.p.split([len(self.p) - H, H])
        a_if, a_o = a_gates.split([len(p_if), H], dim=1)
        i_f = torch.sigmoid(a_if + p_if * c.repeat(1, len(p_if) // H)).chunk(len(p_if) // H, dim=1)
        c = self._written(i_f, c, g)
        o = torch.sigmoid(a_o + p_o * c)
        return self.step_type(o * torch.tanh(c), c, *i_f, o, g)

    def _written(self, i_f: Sequence[Tensor], c: Tensor, g: Tensor) -> Tensor:
        """The new cell state of the gates i and f, or i alone."""
        if self.is_coupled:
            (i,) = i_f
            return c + i * (g - c)  # (1 - i) * c + i * g, one product less
        i, f = i_f
        return f * c + i * g

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        h, c = state
        W, U, b = (dict(zip(self.blocks, pieces, strict=True)) for pieces in self._per_block())

        def gate(letter: str, seen: Tensor) -> Tensor:
            a = self._times(x, W[letter]) + h @ U[letter] + b[letter]
            if self.has_peepholes:
                a = a + self._peephole(letter) * seen
            return hold(letter, torch.sigmoid(a))

        g = hold("g", torch.tanh(self._times(x, W["g"]) + h @ U["g"] + b["g"]))
        i = gate("i", c)
        if self.is_coupled:
            c = hold("c", (1 - i) * c + i * g)
            o = gate("o", c)
            return CoupledLSTMStep(h=hold("h", o * torch.tanh(c)), c=c, i=i, o=o, g=g)
        f = gate("f", c)
        c = hold("c", f * c + i * g)
        o = gate("o", c)
        return LSTMStep(h=hold("h", o * torch.tanh(c)), c=c, i=i, f=f, o=o, g=g)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        of_h = super().from_memory(letter, before, after)
        if not self.has_peepholes or letter == "g":
            return of_h
        seen = (after if letter == "o" else before)["c"]
        return of_h + self._peephole(letter).detach().to(seen) * seen

    def _peephole(self, letter: str) -> Tensor:
        """The part of p that belongs to a gate, (H,)."""
        return self.p.chunk(len(self.blocks) - 1)[self.blocks.index(letter)]


class MinGRUCell(Cell):
    """minGRU (Feng et al., 2024): the gate sees the word alone, and the candidate is linear.

    z  = sigmoid(x W_z + b_z)
    n  = x W_n + b_n
    h' = (1 - z) * h + z * n
    """

    kind = "mingru"
    blocks = ("z", "n")
    step_type = UpdateStep
    one_pass = MinGRUPass
    mixes_units = False

    @override
    def update(self, projected: Tensor, state: State) -> UpdateStep:
        (h,) = state
        a_z, n = projected.chunk(2, dim=1)
        z = torch.sigmoid(a_z)
        return UpdateStep(h=h + z * (n - h), z=z, n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> UpdateStep:
        (h,) = state
        (W_z, W_n), (b_z, b_n) = self.W.chunk(2, dim=1), self.b.chunk(2)
        z = hold("z", torch.sigmoid(self._times(x, W_z) + b_z))
        n = hold("n", self._times(x, W_n) + b_n)
        return UpdateStep(h=hold("h", (1 - z) * h + z * n), z=z, n=n)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        return torch.zeros_like(before["h"])

    @override
    def products_with_state(self) -> tuple[int, ...]:
        return ()


class MinLSTMCell(Cell):
    """minLSTM (Feng et al., 2024): two gates that see the word alone, divided by their sum.

    f  = sigmoid(x W_f + b_f)
    i  = sigmoid(x W_i + b_i)
    n  = x W_n + b_n
    h' = f / (f + i) * h + i / (f + i) * n
    """

    kind = "minlstm"
    blocks = ("f", "i", "n")
    step_type = MinLSTMStep
    one_pass = MinLSTMPass
    mixes_units = False

    @override
    def update(self, projected: Tensor, state: State) -> MinLSTMStep:
        (h,) = state
        H = self.hidden_size
        a_fi, n = projected.split([2 * H, H], dim=1)
        f, i = torch.sigmoid(a_fi).chunk(2, dim=1)
        return MinLSTMStep(h=h + i / (f + i + TINY) * (n - h), f=f, i=i, n=n)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> MinLSTMStep:
        (h,) = state
        (W_f, W_i, W_n), (b_f, b_i, b_n) = self.W.chunk(3, dim=1), self.b.chunk(3)
        f = hold("f", torch.sigmoid(self._times(x, W_f) + b_f))
        i = hold("i", torch.sigmoid(self._times(x, W_i) + b_i))
        n = hold("n", self._times(x, W_n) + b_n)
        both = f + i + TINY
        return MinLSTMStep(h=hold("h", f / both * h + i / both * n), f=f, i=i, n=n)

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        return torch.zeros_like(before["h"])

    @override
    def products_with_state(self) -> tuple[int, ...]:
        return ()


class IndRNNCell(Cell):
    """The independently recurrent network (Li et al., 2018): h' = relu(x W + u * h + b).

    u has one number a unit, so each unit remembers by itself: what it holds falls to 1/e in -1 / ln|u| time
    steps. As in the paper |u| is bounded, here by 1, so that no state grows without end.
    """

    kind = "indrnn"
    blocks = ("h",)
    step_type = PlainStep
    one_pass = IndRNNPass
    mixes_units = False

    def __init__(
        self, input_size: int, hidden_size: int, *, one_hot: bool = False, **settings: str | bool
    ) -> None:
        super().__init__(input_size, hidden_size, one_hot=one_hot, **settings)
        self.u = nn.Parameter(torch.empty(hidden_size))

    @override
    def update(self, projected: Tensor, state: State) -> PlainStep:
        (h,) = state
        return PlainStep(h=torch.relu(projected + self.u * h))

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> PlainStep:
        """An IndRNN has one product and so nothing to join."""
        (h,) = state
        return PlainStep(h=hold("h", torch.relu(self._times(x, self.W) + self.u * h + self.b)))

    @override
    def from_memory(self, letter: str, before: Values, after: Values) -> Tensor:
        return self.u.detach().to(before["h"]) * before["h"]

    @override
    def products_with_state(self) -> tuple[int, ...]:
        return ()

    @override
    def time_constants(self) -> Tensor:
        return -1 / self.u.detach().double().abs().log()

    @override
    def begin(self) -> None:
        nn.init.uniform_(self.u, 0, 1)  # as in the paper: units that forget at once beside such that never do

    @override
    def bound(self) -> None:
        with torch.no_grad():
            self.u.clamp_(-1, 1)


CLASSES: dict[str, type[Cell]] = {
    cell.kind: cell for cell in (ElmanCell, UGRNNCell, GRUCell, LSTMCell, MinGRUCell, MinLSTMCell, IndRNNCell)
}
"""Each kind of cell of `rnn_core.symbols.CELLS`."""
