# Task 1: shared-weights
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Linear(input_size, hidden_size)

    def forward(self, x, h):
        return torch.tanh(self.W(x) + self.W(h))
