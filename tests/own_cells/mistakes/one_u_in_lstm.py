# Task 5: shared-recurrent
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.x = nn.ModuleDict({name: nn.Linear(input_size, hidden_size) for name in "ifog"})
        self.U = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, state):
        h, c = state
        u = self.U(h)
        i, f, o = (torch.sigmoid(self.x[name](x) + u) for name in "ifo")
        g = torch.tanh(self.x["g"](x) + u)
        c = f * c + i * g
        return o * torch.tanh(c), c
