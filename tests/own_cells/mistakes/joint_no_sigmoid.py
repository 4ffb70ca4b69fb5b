# Task 5: no-nonlinearity
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.n = hidden_size
        self.W = nn.Parameter(torch.randn(input_size, 4 * hidden_size) * 0.1)
        self.U = nn.Parameter(torch.randn(hidden_size, 4 * hidden_size) * 0.1)
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, state):
        h, c = state
        i, f, g, o = (x @ self.W + h @ self.U + self.b).chunk(4, 1)
        c = f * c + i * torch.tanh(g)
        return o * torch.tanh(c), c
