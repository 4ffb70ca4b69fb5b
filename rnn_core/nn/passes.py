"""One time step of each cell forwards and backwards, on memory that is given: what the sequence form repeats.

Symbols as in `rnn_core.nn.cells`; dy stands for d(loss)/dy, and the gradient of a gate is always that of what
stands inside its sigmoid or tanh. With y = sigmoid(a) the chain rule gives da = dy y (1 - y), with
y = tanh(a) it gives da = dy (1 - y^2). Of a product a = h @ U it gives dh = da @ U^T.

Going backwards, a time step gets dh', the gradient of the state it made: what the loss sees of it directly
plus what the next time step passed on. It leaves behind dh, the gradient of the state it was given, in the
same memory, and the gradients from which those of the weights follow, summed over all time steps:

    dW = sum of x^T @ da        dU = sum of h^T @ da        db = sum of da        dx = da @ W^T

so these wait until many time steps can be put into one large product (`rnn_core.nn.sequence`). What dh' is
multiplied with does not depend on dh': these factors are computed for many time steps at once, then turned
into the gradients, time step by time step, in their own place.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from rnn_core.nn.kernels import Factor

State = tuple[Tensor, ...]
"""The states that go from one time step to the next: (h,) or, for an LSTM, (h, c); each (B, H)."""
Tensors = tuple[Tensor, ...]


class Pass(ABC):
    """The time steps of one cell, forwards and backwards.

    The way forwards leaves for the way backwards what the letters in `kept` say, H numbers each of every
    token, side by side: (n, len(kept) * H). What has no letter in the equations has a name with _ before it.
    The way backwards has a tensor (n, width * H) for each width in
    `scratch`, for the factors and then the gradients. Those that are multiplied together lie together, since
    a product wants memory without gaps.
    """

    H: int
    kept: ClassVar[Sequence[str]]
    scratch: ClassVar[tuple[int, ...]]
    shared: ClassVar[Sequence[str]] = ()
    """The letters of what is kept that is one number for all units."""

    @abstractmethod
    def __init__(self, weights: Tensors, H: int, factor: type[Factor]) -> None:
        """The weights are those of `Cell.pass_weights` after W and b."""

    @abstractmethod
    def prepare(self, kept: Tensor, after: State) -> Tensor:
        """Make memory for some time steps ready. Returned is the part, (n, G*H), where x @ W + b is to go."""

    @abstractmethod
    def cut(self, kept: Tensor) -> Tensors:
        """Cuts what is kept of some time steps into the parts that `forward` takes."""

    @abstractmethod
    def forward(self, kept: Tensors, before: State, after: State) -> None:
        """One time step: from x @ W + b and the state before, the gates in its place and the state after."""

    @abstractmethod
    def factors(self, kept: Tensor, before: State, after: State, scratch: Tensors) -> None:
        """Computes, of some time steps at once, all that the gradients need but that of the state after."""

    @abstractmethod
    def cut_scratch(self, scratch: Tensors) -> Tensors:
        """The scratch of some time steps, in the parts that `backward` takes."""

    @abstractmethod
    def backward(self, scratch: Tensors, d: State, watched: State | None) -> None:
        """One time step: from the factors the gradients, in their place.

        d holds the gradient of the state after, and then that of the state before. `watched` is where d is
        copied to when it is complete, if anybody wants to see it.
        """

    @property
    def columns(self) -> int:
        """The count of numbers that are kept of every token."""
        return sum(self.widths)

    @property
    def widths(self) -> list[int]:
        """The count of numbers in each kept part."""
        return [1 if letter in self.shared else self.H for letter in self.kept]

    def named(self, kept: Tensor) -> dict[str, Tensor]:
        """The kept parts by letter, (N, H) each."""
        parts = kept.split(self.widths, dim=1)
        return {letter: part.expand(-1, self.H) for letter, part in zip(self.kept, parts, strict=True)}

    def activate(self, kept: Tensor, after: State) -> None:
        """Computes, of some time steps at once, what of x @ W + b needs no state, where there is any."""
        return

    def finish(self, kept: Tensor, after: State) -> None:
        """Computes, of some time steps at once, what of the states after them no time step reads."""
        return

    @abstractmethod
    def add_to(
        self, gradients: Tensors, before: State, after: State, kept: Tensor, scratch: Tensors
    ) -> Tensor:
        """Add what these time steps say of the weights to the gradients; `before` are the states before them.

        Returned is the gradient of x @ W + b, (n, G*H).
        """
