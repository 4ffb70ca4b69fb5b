# Task 1: unregistered
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.parts = [nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)]

    def forward(self, x, h):
        return torch.tanh(self.parts[0](x) + self.parts[1](h))
