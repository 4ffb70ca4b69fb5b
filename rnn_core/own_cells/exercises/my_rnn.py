"""The plain recurrent cell (Elman, 1990)."""

import torch
from torch import nn


class MyRNN(nn.Module):
    """One time step: h' = tanh(x W + h U + b)."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        bound = hidden_size**-0.5  # so that the sums stay where tanh is not flat
        self.W = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-bound, bound))
        self.U = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        """The new state, (B, H), of x (B, E) and h (B, H)."""
        return torch.tanh(x @ self.W + h @ self.U + self.b)
