# Task 4:
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.n = hidden_size
        self.gates = nn.Linear(input_size + hidden_size, 2 * hidden_size)
        self.cand = nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x, h):
        both = torch.cat((x, h), -1)
        g = torch.sigmoid(self.gates(both))
        a, b = g[:, : self.n], g[:, self.n :]
        c = torch.tanh(self.cand(torch.cat((x, b * h), -1)))
        return a * h + (1 - a) * c
