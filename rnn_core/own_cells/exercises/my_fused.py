"""An LSTM whose gates share two products: one with x, one with h."""

import torch
from torch import nn

from rnn_core import see


class MyFused(nn.Module):
    """The weights of i, f, o and g stand side by side, in this order."""

    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        bound = hidden_size**-0.5
        self.W = nn.Parameter(torch.empty(input_size, 4 * hidden_size).uniform_(-bound, bound))
        self.U = nn.Parameter(torch.empty(hidden_size, 4 * hidden_size).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, state):
        """The new h and c, (B, H) each, of x (B, E) and the old ones."""
        h, c = state
        i, f, o, g = (x @ self.W + h @ self.U + self.b).chunk(4, dim=-1)  # (B, 4H) -> (B, H) each
        i, f, o = see("i", torch.sigmoid(i)), see("f", torch.sigmoid(f)), see("o", torch.sigmoid(o))
        g = see("g", torch.tanh(g))
        c = f * c + i * g
        return o * torch.tanh(c), c
