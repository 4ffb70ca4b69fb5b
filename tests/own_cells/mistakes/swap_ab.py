# Task 5: forget-input-exchanged
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
        gates = x @ self.W + h @ self.U + self.b
        i, f, g, o = gates.chunk(4, dim=1)
        i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
        g = torch.tanh(g)
        c_new = i * c + f * g
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
