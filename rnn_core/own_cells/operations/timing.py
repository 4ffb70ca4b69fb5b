"""How long a cell takes where its code runs: what is timed on Cells against the forms of other cells."""

import time

import torch

from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.own_cells.child import Tensors
from rnn_core.own_cells.file_cell import file_cell
from rnn_core.own_cells.submission import Submission
from rnn_core.warm_process import Said


def time_pass(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The `milliseconds` of a pass forwards and back through B random rows of T time steps."""
    E, H, B, T = (said[size] for size in "EHBT")
    cell, packed = file_cell(submission)(E, H), packing(torch.full((B,), T))
    xs, d_last = torch.randn(B * T, E).requires_grad_(), torch.randn(B, H)
    began = time.perf_counter()
    for step in unroll(cell, xs, packed):
        last = step.h
    last.backward(d_last)
    return {"milliseconds": (time.perf_counter() - began) * 1e3}, {}
