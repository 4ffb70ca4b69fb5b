import torch
from torch import nn


class FastLSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        std = hidden_size ** -0.5
        self.weight = nn.Parameter(torch.empty(input_size + hidden_size, 4 * hidden_size).uniform_(-std, std))
        self.bias = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, state):
        h, c = state
        o, i, g, f = torch.addmm(self.bias, torch.cat((x, h), 1), self.weight).chunk(4, 1)
        c = torch.addcmul(torch.sigmoid(f) * c, torch.sigmoid(i), torch.tanh(g))
        return torch.sigmoid(o) * torch.tanh(c), c
