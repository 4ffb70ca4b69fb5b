"""A cell's forward and backward pass: its three forms, torch's, the least it takes, beside other cells."""

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_core.bench.reference import torch_module
from rnn_core.config.run import RunConfig
from rnn_core.machine import alternate
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import make_cell
from rnn_core.nn.kernels import Factor
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.nn.sequence import BLOCK, run
from rnn_core.processes.asking import apart
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import finish
from rnn_core.symbols import CELLS

BESIDE = "lstm"
"""The cell beside whose time that of each other one is said."""


class FormTimes(NamedTuple):
    """Times of each form, or of each of several cells."""

    milliseconds: dict[str, float]
    """The median so far, by name. Of forms: naive, fused, sequence, torch and floor; no torch where it has
    nothing beside; own is a cell that is measured beside these forms of another one."""
    rounds: int


def time_forms(
    cell: Cell, *, batch_size: int = 64, length: int = 256, rounds: int = 5
) -> Iterator[FormTimes]:
    """Time all forms of this cell, with as many threads as torch has; an answer after each round."""
    forms = Forms(cell, batch_size, length)
    names = ("naive", "fused", "sequence", *(["torch"] if cell.declared.torch_module else []), "floor")
    functions: dict[str, Callable[[], object]] = {name: getattr(forms, name) for name in names}
    for number, medians in enumerate(alternate(functions, rounds), start=1):
        yield FormTimes(medians, number)


def time_cells(
    cells: Mapping[str, Cell], *, batch_size: int = 64, length: int = 256, rounds: int = 5
) -> Iterator[FormTimes]:
    """Time the form in which each of these trains, as `time_forms` does."""
    functions = {name: Forms(cell, batch_size, length).sequence for name, cell in cells.items()}
    for number, medians in enumerate(alternate(functions, rounds), start=1):
        yield FormTimes(medians, number)


def usual_cell(name: str, **sizes: int) -> Cell:
    """An untrained cell of the sizes that a run has unless its settings, or these, say otherwise."""
    config = RunConfig().with_settings(**CELLS[name].run_settings, **sizes)
    return make_cell(config.model, vocab_size=1)


class Forms:
    """B random sequences of T time steps, and what each form does with them, forwards and backwards."""

    def __init__(self, cell: Cell, batch_size: int, length: int) -> None:
        self.cell, self.B, self.T = cell, batch_size, length
        self.in_bfloat16 = copy.copy(cell)  # with the very same weights
        self.in_bfloat16.trains_in_bfloat16 = True
        self.packing = packing(torch.full((batch_size,), length))
        # Time first: packed for us, and what torch's modules prefer.
        self.xs = torch.randn(length * batch_size, cell.input_size).requires_grad_()
        self.d_last = torch.randn(batch_size, cell.hidden_size)

    def naive(self) -> None:
        """A product per gate, in an autograd loop."""
        self._backward(self._unrolled(naive=True))

    def fused(self) -> None:
        """The products joined, in an autograd loop."""
        self._backward(self._unrolled(naive=False))

    def sequence(self) -> None:
        """The whole sequence, the way back by hand."""
        self._backward(run(self.cell, self.xs, self.packing))

    def sequence_in_bfloat16(self) -> None:
        """Returns the sequence form with products in bfloat16."""
        self._backward(run(self.in_bfloat16, self.xs, self.packing))

    def torch(self) -> None:
        """torch's module."""
        hs, _ = self.module(self.xs.view(self.T, self.B, -1))
        self._backward(hs[-1], self.module)

    def torch_in_bfloat16(self) -> None:
        """torch's module as torch itself mixes precisions."""
        with torch.autocast("cpu", torch.bfloat16):
            hs, _ = self.module(self.xs.view(self.T, self.B, -1))
        self._backward(hs[-1].float(), self.module)

    def floor(self) -> None:
        """The matrix products of the sequence form, and nothing else."""
        with torch.no_grad():
            for W, x in self.products:
                W.product(x)

    def _unrolled(self, *, naive: bool) -> Tensor:
        for step in unroll(self.cell, self.xs, self.packing, naive=naive):
            h = step.h
        return h

    def _backward(self, last: Tensor, of: nn.Module | None = None) -> None:
        for weights in (self.xs, *(of or self.cell).parameters()):
            weights.grad = None
        last.backward(self.d_last)

    @cached_property
    def module(self) -> nn.RNNBase:
        """torch's module beside the cell."""
        return torch_module(self.cell)

    @cached_property
    def products(self) -> list[tuple[Factor, Tensor]]:
        """The factors of every product, of the right shapes, the right one first."""
        E, H, width = self.cell.input_size, self.cell.hidden_size, sum(self.cell.widths)
        widths = self.cell.products_with_state()
        rows = self.B * BLOCK
        x, h, da = torch.randn(rows, E), torch.randn(rows, H), torch.randn(rows, width)
        W, W_T = Factor(torch.randn(E, width)), Factor(torch.randn(width, E))
        parts = [(Factor(torch.randn(H, m)), Factor(torch.randn(m, H)), torch.randn(rows, m)) for m in widths]
        of_step = [pair for U, U_T, da_U in parts for pair in ((U, h[: self.B]), (U_T, da_U[: self.B]))]
        products = []
        for t in range(self.T):
            products += of_step
            if t % BLOCK == 0:
                n = self.B * min(BLOCK, self.T - t)
                products += [(W, x[:n]), (W_T, da[:n]), (Factor(da[:n]), x[:n].t())]
                products += [(Factor(da_U[:n]), h[:n].t()) for *_, da_U in parts]
        return products


_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_megabytes(cell: str, form: str, batch_size: int, length: int) -> float | None:
    """Megabytes that a step of this form adds; None where the system is not Linux, which keeps such a record.

    Each measurement takes a process of its own, so that none finds memory that another has left.
    """
    if not _FORGET.exists():
        return None
    threads, bounds = torch.get_num_threads(), Bounds(memory=None)
    steps = apart(
        _measure, bounds, cell=cell, form=form, batch_size=batch_size, length=length, threads=threads
    )
    return float(finish(steps))


def _measure(cell: str, form: str, batch_size: int, length: int, threads: int) -> float:
    torch.set_num_threads(threads)
    made = usual_cell(cell)
    getattr(Forms(made, batch_size, 2), form)()  # what torch sets up at its first call is not the step's
    step = getattr(Forms(made, batch_size, length), form)
    _FORGET.write_text("5")  # the highest point is where it is now
    before = _highest_point()
    step()
    return _highest_point() - before


def _highest_point() -> float:
    """Megabytes of memory that this process had at most."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1e3
