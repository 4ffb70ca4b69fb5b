# Task 5: two-biases
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.a = nn.Linear(input_size + hidden_size, 4 * hidden_size)
        self.forget_bias = nn.Parameter(torch.ones(1))

    def forward(self, x, state):
        h, c = state
        i, f, o, g = self.a(torch.cat((x, h), 1)).chunk(4, 1)
        c = torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
