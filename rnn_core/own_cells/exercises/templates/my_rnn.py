"""Task 1: the plain cell for one time step.

x (B, E)   one word of each of the B reviews, as a vector of E numbers
h (B, H)   the state of each of the B reviews so far, H numbers each
"""

import torch
from torch import nn


class MyRNN(nn.Module):
    def __init__(self, input_size, hidden_size):  # E and H
        super().__init__()
        # Make the weights here: W (E, H), U (H, H) and b (H,).
        # nn.Parameter(tensor) is a tensor that training changes.

    def forward(self, x, h):
        # x is (B, E), h is (B, H): return the new h, (B, H).
        raise NotImplementedError("Write the time step here.")
