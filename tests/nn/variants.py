"""Every variant of every cell, small; what tests compare: two ways through a batch, plain readouts."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from rnn_core.equations.equations import read_cell
from rnn_core.nn.cells import Cell, State
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.recurrence import unroll
from rnn_core.symbols import CELLS, CellDeclaration

E, H, V = 3, 5, 11
VARIANTS = list(CELLS)
IN_TORCH = [name for name, declared in CELLS.items() if declared.is_in_torch]


MADE_UP = CellDeclaration(
    read_cell("""
    z = sigmoid(x @ W_z + h @ U_z + b_z)
    n = tanh(x @ W_n + h @ U_n + b_n)
    m' = z * m + (1 - z) * n
    h' = m' - m' * n / 3 + mean(n) / 9
"""),
    "made_up",
)
"""A cell that no registry has: two states, a gate and a candidate, and no pass."""


def make_cell(
    variant: str, *, one_hot: bool = False, size: int = E, hidden: int = H, dtype: torch.dtype = torch.float64
) -> Cell:
    """A cell whose every weight, biases too, is something."""
    torch.manual_seed(3)
    cell = Cell(CELLS[variant].read_equations(), size, hidden, kind=variant, one_hot=one_hot)
    cell.initialise("uniform", forget_bias=1.0)
    return cell.to(dtype)


def make_batch(cell: Cell, lengths: list[int]) -> tuple[Tensor, Packing]:
    """Packed xs that want a gradient, or ids; some are padding, as they are when padding is read."""
    torch.manual_seed(sum(lengths))
    packed = packing(torch.tensor(lengths))
    N = sum(lengths)
    if cell.one_hot:
        return torch.randint(0, cell.input_size, (N,)), packed
    return torch.randn(N, cell.input_size, dtype=cell.W.dtype, requires_grad=True), packed


def some_state(cell: Cell, rows: int) -> State:
    """States that the cell comes to, (rows, H) each, and that want a gradient."""
    torch.manual_seed(8)
    step: State = cell.initial_state(rows)
    with torch.no_grad():
        for _ in range(3):
            x = torch.randn(rows, cell.input_size).to(cell.W)
            if cell.one_hot:
                x = torch.randint(0, cell.input_size, (rows,))
            step = cell(x, step[: cell.state_size])[:]
    return tuple(part.clone().requires_grad_() for part in step[: cell.state_size])


def looped(cell: Cell, xs: Tensor, packed: Packing, *, every: bool = False, naive: bool = False) -> Tensor:
    """Returns what `run` does, by the loop that autograd goes back through."""
    states = torch.cat([step.h for step in unroll(cell, xs, packed, naive=naive)])
    return states if every else states[packed.last]


def loss_of(states: Tensor) -> Tensor:
    """A number that depends on each element differently."""
    weights = torch.linspace(-1, 2, states.numel(), dtype=states.dtype).cos()
    return (states * weights.view_as(states)).sum()


def gradients(cell: Cell, xs: Tensor, loss: Tensor, **options: bool) -> list[Tensor]:
    """The gradients of the weights and, where they are no ids, of xs."""
    wanted = [t for t in (*cell.parameters(), xs) if t.requires_grad]
    return list(torch.autograd.grad(loss, wanted, **options))


def assert_near(ours, theirs, tolerance: float) -> None:
    """Each tensor, or each pair of two lists, up to a part of the largest element."""
    if isinstance(ours, Tensor):
        ours, theirs = [ours], [theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        torch.testing.assert_close(a, b, rtol=0, atol=tolerance * b.abs().max().item())


class Dispatched(TorchDispatchMode):
    """Records what torch is asked to compute meanwhile: operator, arguments and result of each call."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        self.calls.append((operator, args, result))
        return result


@contextmanager
def saying(*case: object) -> Iterator[None]:
    """An error inside says which case of a loop it is of."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"Case: {case}")
        raise


def read_plainly(classifier, hs, readout=None):
    """Returns what the head gets of the states of one text: (T, D) -> (D,)."""
    readout = readout or classifier.config.readout
    if readout == "attention":
        return attention_weights(classifier.attention, hs) @ hs
    return {"last": hs[-1], "mean": hs.mean(dim=0), "max": hs.amax(dim=0)}[readout]


def attention_weights(attention, hs):
    """(T,) by the equations, a time step at a time."""
    scores = torch.stack([sum(attention.v * torch.tanh(attention.W.T @ h + attention.b)) for h in hs])
    return scores.exp() / scores.exp().sum()
