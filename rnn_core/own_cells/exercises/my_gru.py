"""A GRU (Cho et al., 2014), with the reset before the product, and z = 1 takes the candidate."""

import torch
from torch import nn

from rnn_core import see


class MyGRU(nn.Module):
    """Two gates and a candidate, a product for each."""

    def __init__(self, input_size, hidden_size):
        super().__init__()

        def weights(*shape):
            bound = hidden_size**-0.5
            return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

        self.W_r, self.U_r = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.W_z, self.U_z = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.W_n, self.U_n = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.b_r = nn.Parameter(torch.zeros(hidden_size))
        self.b_z = nn.Parameter(torch.zeros(hidden_size))
        self.b_n = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        """The new state, (B, H), of x (B, E) and h (B, H)."""
        r = see("r", torch.sigmoid(x @ self.W_r + h @ self.U_r + self.b_r))
        z = see("z", torch.sigmoid(x @ self.W_z + h @ self.U_z + self.b_z))
        n = see("n", torch.tanh(x @ self.W_n + (r * h) @ self.U_n + self.b_n))
        return (1 - z) * h + z * n
