import torch
from torch import nn
from rnn_core import see


class Gate(nn.Module):
    """activation([x, h] W + b)"""

    def __init__(self, input_size, hidden_size, activation):
        super().__init__()
        self.layer = nn.Linear(input_size + hidden_size, hidden_size)
        self.activation = activation

    def forward(self, x, h):
        return self.activation(self.layer(torch.cat((x, h), -1)))


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.reset = Gate(input_size, hidden_size, torch.sigmoid)
        self.update = Gate(input_size, hidden_size, torch.sigmoid)
        self.candidate = Gate(input_size, hidden_size, torch.tanh)

    def forward(self, x, h):
        r = see("r", self.reset(x, h))
        z = see("z", self.update(x, h))
        n = see("n", self.candidate(x, r * h))
        return torch.lerp(h, n, z)
