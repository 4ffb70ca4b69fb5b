import torch
from torch import nn


def gate(layers, x, h):
    return layers["x"](x) + layers["h"](h)


class CoupledLSTM(nn.Module):
    """what is forgotten is written: f = 1 - i"""

    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()

        def pair():
            return nn.ModuleDict({"x": nn.Linear(input_size, hidden_size),
                                  "h": nn.Linear(hidden_size, hidden_size, bias=False)})

        self.write = pair()
        self.show = pair()
        self.propose = pair()

    def forward(self, x, state):
        h, c = state
        i = torch.sigmoid(gate(self.write, x, h))
        f = 1.0 - i
        o = torch.sigmoid(gate(self.show, x, h))
        g = torch.tanh(gate(self.propose, x, h))
        c = torch.addcmul(f * c, i, g)
        return o * torch.tanh(c), c
