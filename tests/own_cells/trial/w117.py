import torch
from torch import nn


class Lstm(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.lx = nn.Linear(input_size, hidden_size * 4)
        self.lh = nn.Linear(hidden_size, hidden_size * 4, bias=False)

    def forward(self, x, state):
        h, c = state
        a = self.lx(x) + self.lh(h)
        f, i, g, o = torch.split(a, a.shape[1] // 4, dim=1)
        f, i, o = torch.sigmoid(f), torch.sigmoid(i), torch.sigmoid(o)
        g = torch.tanh(g)
        # update the memory in place, this saves an allocation
        f *= c
        i *= g
        c = f + i
        h = o * torch.tanh(c)
        return h, c
