import torch
import torch.nn as nn
from rnn_core import see


class GRU(nn.Module):
    """As in the PyTorch manual."""

    quantities = {
        "r": {"name": "reset gate", "bounds": (0, 1), "latex": r"\sigma(W_{ir}x + b_{ir} + W_{hr}h + b_{hr})"},
        "z": {"name": "update gate", "bounds": (0, 1)},
        "n": {"name": "candidate", "bounds": (-1, 1)},
    }

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.ir = nn.Linear(input_size, hidden_size)
        self.hr = nn.Linear(hidden_size, hidden_size)
        self.iz = nn.Linear(input_size, hidden_size)
        self.hz = nn.Linear(hidden_size, hidden_size)
        self.in_ = nn.Linear(input_size, hidden_size)
        self.hn = nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h):
        r = see("r", torch.sigmoid(self.ir(x) + self.hr(h)))
        z = see("z", torch.sigmoid(self.iz(x) + self.hz(h)))
        n = see("n", torch.tanh(self.in_(x) + r * self.hn(h)))
        return (1 - z) * n + z * h
