"""Task 5: an LSTM for one time step.

x (B, E)   one word of each of the B reviews
h (B, H)   the hidden state of each of the B reviews so far
c (B, H)   the cell state of each of the B reviews so far

i input gate, f forget gate, o output gate, g candidate: (B, H) each.
"""

import torch
from torch import nn

from rnn_core import see


class MyLSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):  # E and H
        super().__init__()
        # Make the weights here: for each of i, f, o and g a W (E, H), a U (H, H) and a b (H,).

    def forward(self, x, state):
        h, c = state
        # Compute i, f, o and g, then the new c and the new h, and return both: h, c.
        # Write f = see("f", torch.sigmoid(...)) and f is drawn on the pages Read and Cells.
        raise NotImplementedError("Write the time step here.")
