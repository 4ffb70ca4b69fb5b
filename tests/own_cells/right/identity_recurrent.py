# Task 1: relu
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(input_size, hidden_size) * 0.01)
        self.U = nn.Parameter(torch.eye(hidden_size))
        self.b = nn.Parameter(torch.zeros(1, hidden_size))

    def forward(self, x, h):
        y = x @ self.W
        y += h @ self.U
        y += self.b
        return y.clamp(min=0)
