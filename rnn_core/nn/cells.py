"""Recurrent cells: what happens at one time step.

Symbols: x input, h hidden state, c cell state, W input weights, U recurrent weights, b bias;
`*` multiplies element by element, `@` is the matrix product. Rows are reviews, so a product reads
`x @ W` with x (B, E), W (E, H) and the weights of several gates stand side by side: W is (E, G*H).

Every cell has two forms that share one set of parameters and agree to rounding. *Naive*: a product per
gate, the equations word for word. *Fused*: the products of all gates joined in one. With one-hot input
x holds word ids (B,), and `x @ W` is the row of W that the word picks; the one-hot matrix is never built.

Each step returns everything it computed, by name.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from rnn_core.nn.holds import NOTHING_HELD as NOTHING_HELD
from rnn_core.nn.holds import Hold as Hold
from rnn_core.nn.holds import as_computed as as_computed
from rnn_core.nn.passes import Pass
from rnn_core.nn.passes import State as State
from rnn_core.symbols import CELLS, CellDeclaration

PADDING_ID = 0  # with one-hot input its row of W stays zero: padding is a zero vector


class Step(tuple[Tensor, ...]):
    """All that a cell computed at one time step, by name, the next state first; each (B, H).

    There is a class for each tuple of letters, see `step_type`.
    """

    _fields: ClassVar[tuple[str, ...]]

    def __new__(cls, *values: Tensor, **named: Tensor) -> Self:
        """The values of all letters, the first ones in their order."""
        if named:
            values += tuple(named[letter] for letter in cls._fields[len(values) :])
        return super().__new__(cls, values)

    def _asdict(self) -> dict[str, Tensor]:
        return dict(zip(self._fields, self, strict=True))

    def __getattr__(self, letter: str) -> Tensor:
        if letter not in self._fields:
            raise AttributeError(letter)
        return self[self._fields.index(letter)]


@cache
def step_type(letters: tuple[str, ...]) -> type[Step]:
    """Returns the type of the steps with these quantities, h first."""
    return type("Step", (Step,), {"_fields": letters})


Values = Mapping[str, Tensor]
"""Tensors of quantities, each by its letter."""


class Cell(nn.Module):
    """One time step: `cell(x, state) -> step`, with `step[:len(state)]` the next state.

    `kind` is its name in `rnn_core.symbols.CELLS`. `blocks` names what W and b are made of, H columns each,
    or one where all units share it, in that order; U is made of the same where there is a U.
    """

    kind: str
    blocks: tuple[str, ...]
    step_type: Callable[..., Step]
    one_pass: type[Pass] | None = None
    """The time step forwards and backwards; None where autograd goes through the fused form."""
    mixes_units = True
    """True if there is a U, through which each unit gets something of every other."""
    trains_in_bfloat16 = False
    """True if the sequence form rounds what it multiplies to bfloat16 where gradients are asked for."""
    is_last_layer = True
    """True if no layer stands above the cell."""

    def __init__(self, input_size: int, hidden_size: int, *, one_hot: bool = False) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.one_hot = input_size, hidden_size, one_hot
        self.make_weights()

    def make_weights(self) -> None:
        """Adds the parameters."""
        width = sum(self.widths)
        self.W = nn.Parameter(torch.empty(self.input_size, width))
        if self.mixes_units:
            self.U = nn.Parameter(torch.empty(self.hidden_size, width))
        self.b = nn.Parameter(torch.zeros(width))

    @property
    def widths(self) -> list[int]:
        """The columns of each block."""
        return [self.hidden_size] * len(self.blocks)

    def split(self, weights: Tensor) -> tuple[Tensor, ...]:
        """W, U, b or what they make, (..., columns), cut into one piece per block."""
        return weights.split(self.widths, dim=-1)

    @property
    def of_word(self) -> tuple[str, ...]:
        """The names of the parameters with a row for each number of x."""
        return ("W",)

    @property
    def states(self) -> tuple[str, ...]:
        """The letters of what goes from one time step to the next, h first."""
        return self.declared.states

    @property
    def state_size(self) -> int:
        """The number of states."""
        return len(self.states)

    @property
    def declared(self) -> CellDeclaration:
        """The declaration of the cell: what is shown of it."""
        return CELLS[self.kind]

    @property
    def seen(self) -> frozenset[str]:
        """The letters of what a step returns beside the states."""
        return frozenset(symbol.letter for symbol in self.declared.symbols) - {*self.states}

    def initial_state(self, batch_size: int) -> State:
        """The states that rows begin with: zeros, (B, H) each."""
        return tuple(self.zeros(batch_size, self.hidden_size) for _ in range(self.state_size))

    @property
    def begins_with_zeros(self) -> bool:
        """True if `initial_state` returns nothing but zeros."""
        return True

    def zeros(self, *shape: int) -> Tensor:
        """Zeros of the kind of the weights."""
        return self.b.new_zeros(*shape)

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
        """The memory's contribution inside a gate or candidate, (H,), beside x @ W + b.

        `before` are the states that came in, `after` is all that was computed, (H,) each by letter.
        """
        h = before["h"]
        if not self.mixes_units:
            return torch.zeros_like(h)
        return h @ self.split(self.U.detach())[self.blocks.index(letter)].to(h)

    def pass_weights(self) -> tuple[Tensor, ...]:
        """Returns the weights for `one_pass`: W and b of all that it prepares, then each that it takes."""
        return self.W, self.b, *(one for name, one in self.named_parameters() if name not in ("W", "b"))

    def products_with_state(self) -> tuple[int, ...]:
        """The columns of each matrix that a time step multiplies its state with, one after the other."""
        return (sum(self.widths),) if self.mixes_units else ()

    def time_constants(self) -> Tensor | None:
        """(H,) time steps in which each unit loses all but 1/e of what it holds, where that is its own.

        None for a cell whose gates or whose other units have a say in it.
        """
        return None

    def initialise(self, manner: str, forget_bias: float) -> None:
        """Gives every weight its first value, in place.

        Each gate's weights are drawn on their own, so that a gate starts the same alone or side by side.

        orthogonal: U of each gate is orthogonal (Saxe et al., 2014), W uniform after Glorot.
        xavier: W and U uniform in +-sqrt(6 / (rows + columns)) (Glorot and Bengio, 2010).
        uniform: everything, biases too, uniform in +-1 / sqrt(H), as torch's own cells do.

        `forget_bias` makes a gated cell remember by default (Jozefowicz et al., 2015): the bias of a gate
        that keeps, f, starts there, and that of the gate that writes, i or z, at minus it, so that what is
        kept and what is written add up to about one (Tallec and Ollivier, 2018).

        What the equations of a cell say of a weight, `u ~ uniform(0, 1)`, holds in any manner.
        """
        H = self.hidden_size
        with torch.no_grad():
            if manner == "uniform":
                for weights in self.parameters():
                    nn.init.uniform_(weights, -1 / math.sqrt(H), 1 / math.sqrt(H))
            else:
                for matrix, of_word in self.matrices():
                    is_orthogonal = manner == "orthogonal" and not of_word
                    (nn.init.orthogonal_ if is_orthogonal else nn.init.xavier_uniform_)(matrix)
            self.initialise_extra(manner)
            update = self.declared.update
            if update is not None and self.declared.remembers_by_bias:
                for gate, first in update.biases(keeps=forget_bias, writes=-forget_bias).items():
                    if (bias := self.bias_of(gate)) is not None:
                        bias.fill_(first)
            if self.one_hot:
                self.without_padding()

    def matrices(self) -> Iterator[tuple[Tensor, bool]]:
        """Each matrix in the order in which they are drawn; True beside it if x is multiplied with it."""
        Us = self.split(self.U) if self.mixes_units else [None] * len(self.blocks)
        for W, U in zip(self.split(self.W), Us, strict=True):
            yield W, True
            if U is not None:
                yield U, False

    def initialise_extra(self, manner: str) -> None:
        """Gives weights beside W, U and the biases their first values, in place, where there are any."""

    def bias_of(self, gate: str) -> Tensor | None:
        """The bias that opens or shuts a gate, where there is one to be set."""
        return self.split(self.b)[self.blocks.index(gate)]

    def without_padding(self) -> None:
        """Lets padding, a word id of one-hot input, be a zero vector, in place."""
        self.W[PADDING_ID] = 0

    def constrain(self) -> None:
        """Puts weights that left their bounds in an optimizer step back, in place."""

    def _times(self, x: Tensor, W: Tensor) -> Tensor:
        if self.one_hot:
            return embedding(x, W, padding_idx=PADDING_ID)
        return x @ W
