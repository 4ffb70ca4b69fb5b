import torch
from torch import nn


class LSTM1Product(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size ** -0.5
        self.big = nn.Parameter(torch.empty(input_size + hidden_size, 4 * hidden_size).uniform_(-k, k))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def forward(self, x, state):
        h, c = state
        a = torch.addmm(self.b, torch.cat([x, h], 1), self.big)
        # g | o | i | f
        B = a.shape[0]
        g, o, i, f = a.view(B, 4, -1).unbind(1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c
