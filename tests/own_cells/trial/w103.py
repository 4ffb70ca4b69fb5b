import math

import torch
import torch.nn as nn
from rnn_core import see


class PlainCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super(PlainCell, self).__init__()
        self.W = nn.Parameter(torch.empty(hidden_size, input_size))
        self.U = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.b = nn.Parameter(torch.empty(hidden_size))
        self.hidden_size = hidden_size
        self.reset_parameters()

    def reset_parameters(self):
        stdv = math.sqrt(self.hidden_size)
        for p in self.parameters():
            nn.init.uniform_(p, -stdv, stdv)

    def forward(self, x, h):
        a = see("a", x @ self.W.T + h @ self.U.T + self.b)
        return torch.tanh(a)
