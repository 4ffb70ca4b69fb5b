# Task 1: rows-mixed
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(hidden_size, input_size) * 0.1)
        self.U = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1)
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        a = self.W @ x.T + self.U @ h.T
        return torch.tanh(a.reshape(len(x), -1) + self.b)
