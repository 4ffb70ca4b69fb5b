"""A cell of my own: one time step.

x (B, E)   one word of each of the B texts
h (B, H)   the state of each of the B texts so far
"""

import torch
from torch import nn

from rnn_core import see


class MyCell(nn.Module):
    def __init__(self, input_size, hidden_size):  # E and H
        super().__init__()
        # Make the weights here, each one an nn.Parameter.

    def forward(self, x, h):
        # Return the new h, (B, H).
        # Write z = see("z", ...) and z is drawn on the pages Read and Cells, and can be held there.
        raise NotImplementedError("Write the time step here.")
