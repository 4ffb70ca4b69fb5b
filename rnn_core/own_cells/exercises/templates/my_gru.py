"""Task 4: a GRU for one time step.

x (B, E)   one word of each of the B reviews
h (B, H)   the state of each of the B reviews so far

r reset gate, z update gate, n candidate: (B, H) each.
"""

import torch
from torch import nn

from rnn_core import see


class MyGRU(nn.Module):
    def __init__(self, input_size, hidden_size):  # E and H
        super().__init__()
        # Make the weights here: for each of r, z and n a W (E, H), a U (H, H) and a b (H,).

    def forward(self, x, h):
        # Compute r, z and n and return the new h, (B, H).
        # Write z = see("z", torch.sigmoid(...)) and z is drawn on the pages Read and Cells.
        raise NotImplementedError("Write the time step here.")
