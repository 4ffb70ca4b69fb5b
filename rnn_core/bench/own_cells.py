"""The cost of a cell being one's own: the same equations beside our cell, in training and in reading."""

from collections.abc import Iterator

import torch

from rnn_core.bench.report import Row
from rnn_core.bench.reviews import TOKENS, reader
from rnn_core.bench.timing import alternate
from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.outline import outline
from rnn_core.inspection.trace import trace
from rnn_core.nn.cells import Cell
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.file_cell import file_cell
from rnn_core.own_cells.here import run_own_code_here
from rnn_core.own_cells.process import close_all
from rnn_core.own_cells.remote_cell import remote_cell
from rnn_core.own_cells.submission import Submission
from rnn_core.paths import own_cells_folder
from rnn_core.symbols import CELLS

_B, _T, _E, _H = 64, 200, 32, 128


def fused_lstm() -> CellFile:
    """Our solution of the task to fuse products: the weights of our LSTM, in their order."""
    exercise = EXERCISES["6"]
    return CellFile.of(own_cells_folder() / exercise.file_name, exercise.solution.encode())


def own_cells(rounds: int) -> Iterator[Row]:
    """An LSTM as a cell of one's own: a step of training in one loop, and a text read by its process."""
    run_own_code_here()  # code of ours, in a command of its own
    file = fused_lstm()
    found = outline(file)
    letters = (*found.states, *found.seen)
    ours: Cell = CELLS["lstm"].cell_class(_E, _H)
    ours.initialise("orthogonal", 1.0)
    own = file_cell(Submission(file.source, str(file.path), file.digest), letters)(_E, _H)
    own.own.load_state_dict(ours.state_dict())
    packed, xs = packing(torch.full((_B,), _T)), torch.randn(_B * _T, _E).requires_grad_()
    d_last = torch.randn(_B, _H)

    def back(cell: Cell) -> None:
        for weights in (xs, *cell.parameters()):
            weights.grad = None
        for step in unroll(cell, xs, packed):
            h = step.h
        h.backward(d_last)

    *_, medians = alternate({"own": lambda: back(own), "ours": lambda: back(ours)}, rounds)
    yield Row(
        case="own-cell-step",
        against=f"our fused LSTM cell in the same loop: B={_B}, T={_T}, E={_E}, H={_H}, forward and backward",
        ours_ms=medians["own"],
        reference_ms=medians["ours"],
        at_least=0.87,
    )
    (model, text), (other, _) = reader("lstm"), reader("lstm")
    try:
        elsewhere = remote_cell(file, letters, found.states)(_E, _H)
        elsewhere.load_state_dict(
            {f"own.{name}": one for name, one in model.classifier.cell.state_dict().items()}
        )
        other.classifier.cell = elsewhere
        both = {"own": lambda: trace(other, text), "ours": lambda: trace(model, text)}
        *_, medians = alternate(both, rounds)
    finally:
        close_all()
    yield Row(
        case="own-cell-read-400",
        against=f"our LSTM on {TOKENS} tokens, at most 100 ms less than a cell in a process of its own",
        ours_ms=medians["own"],
        reference_ms=medians["ours"],
    )
