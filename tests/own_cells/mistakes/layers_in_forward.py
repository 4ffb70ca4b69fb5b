# Task 1: unregistered
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.n = hidden_size

    def forward(self, x, h):
        W = nn.Linear(x.shape[1], h.shape[1])
        U = nn.Linear(h.shape[1], h.shape[1])
        return torch.tanh(W(x) + U(h))
