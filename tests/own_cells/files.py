"""Files with own cells, for tests."""

from pathlib import Path

from rnn_core.cell_files.folder import CellFile

LEAKY = '''import torch
from torch import nn
from rnn_core import see


class Leaky(nn.Module):
    """Half of the old state stays."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(input_size, hidden_size) / 4)
        self.U = nn.Parameter(torch.randn(hidden_size, hidden_size) / 4)

    def forward(self, x, h):
        n = see("n", torch.tanh(x @ self.W + h @ self.U))
        return (h + n) / 2
'''
"""A cell with one state, and its line 15, where what a test puts before it runs in each time step."""

AT = 14


def a_file(source, name="leaky", folder=Path("/nowhere")):
    """A file as it is read from the disk."""
    return CellFile.of(folder / f"{name}.py", source.encode())


def leaky_that(statement):
    """The leaky cell with a statement before its first line of `forward`, line 15."""
    lines = LEAKY.splitlines(keepends=True)
    return a_file("".join([*lines[:AT], f"        {statement}\n", *lines[AT:]]))
