# Task 1:
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.both = nn.Linear(hidden_size + input_size, hidden_size)

    def forward(self, x, h):
        return self.both(torch.cat([h, x], dim=1)).tanh()
