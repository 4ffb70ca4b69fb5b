import torch
import torch.nn as nn
from rnn_core import see


class Elman(nn.Module):
    """W and U as two linear layers (each brings its bias)."""

    quantities = {"a": {"name": "before tanh", "latex": r"xW + hU + b"}}

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.vom_wort = nn.Linear(input_size, hidden_size)
        self.vom_zustand = nn.Linear(hidden_size, hidden_size)
        self.initialisieren()

    def initialisieren(self):
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.orthogonal_(p)
            else:
                nn.init.zeros_(p)

    def forward(self, x, h):
        a = see("a", self.vom_wort(x) + self.vom_zustand(h))
        return see("h", a.tanh())
