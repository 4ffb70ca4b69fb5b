import torch
from torch import nn


class CoupledLSTM(nn.Module):
    # only one gate for forgetting and writing: i = 1 - f
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.A = nn.Linear(input_size, 3 * hidden_size)
        self.B = nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x, state):
        h, c = state
        f, o, g = (self.A(x) + self.B(h)).chunk(3, dim=1)
        f = f.sigmoid()
        c = f * c + (1 - f) * g.tanh()
        h = o.sigmoid() * c.tanh()
        return h, c
