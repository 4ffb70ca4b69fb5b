import torch
import torch.nn as nn
from rnn_core import see


class Peephole(nn.Module):
    """LSTM with peepholes (Gers & Schmidhuber)."""

    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.fx = nn.Linear(input_size, hidden_size)
        self.fh = nn.Linear(hidden_size, hidden_size, bias=False)
        self.ix = nn.Linear(input_size, hidden_size)
        self.ih = nn.Linear(hidden_size, hidden_size, bias=False)
        self.ox = nn.Linear(input_size, hidden_size)
        self.oh = nn.Linear(hidden_size, hidden_size, bias=False)
        self.gx = nn.Linear(input_size, hidden_size)
        self.gh = nn.Linear(hidden_size, hidden_size, bias=False)
        self.pf = nn.Parameter(torch.randn(hidden_size) * 0.1)
        self.pi = nn.Parameter(torch.randn(hidden_size) * 0.1)
        self.po = nn.Parameter(torch.randn(hidden_size) * 0.1)

    def forward(self, x, state):
        h, c = state
        f = see("f", torch.sigmoid(self.fx(x) + self.fh(h) + self.pf * c))
        i = see("i", torch.sigmoid(self.ix(x) + self.ih(h) + self.pi * c))
        g = see("g", torch.tanh(self.gx(x) + self.gh(h)))
        c = f * c + i * g
        o = see("o", torch.sigmoid(self.ox(x) + self.oh(h) + self.po * c))
        return o * torch.tanh(c), c
