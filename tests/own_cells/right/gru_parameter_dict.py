# Task 4:
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.p = nn.ParameterDict()
        for k in "rzn":
            self.p["W" + k] = nn.Parameter(torch.randn(input_size, hidden_size) * 0.1)
            self.p["U" + k] = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1)
            self.p["b" + k] = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        def gate(k, s):
            return x @ self.p["W" + k] + s @ self.p["U" + k] + self.p["b" + k]

        r = torch.sigmoid(gate("r", h))
        z = torch.sigmoid(gate("z", h))
        n = torch.tanh(gate("n", r * h))
        return h - z * h + z * n
