# Task 1:
import torch
import torch.nn.functional as F
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.M = nn.Parameter(torch.randn(input_size + hidden_size + 1, hidden_size) * 0.1)

    def forward(self, x, h):
        return torch.tanh(F.pad(torch.cat([x, h], 1), (0, 1), value=1.0) @ self.M)
