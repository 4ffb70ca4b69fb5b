# Task :
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "s", "t")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.l = nn.Linear(input_size + 3 * hidden_size, hidden_size)

    def forward(self, x, state):
        a, b, d = state
        a = torch.tanh(self.l(torch.cat([x, a, b, d], 1)))
        return a, 0.9 * b + 0.1 * a, 0.5 * d + 0.5 * a
