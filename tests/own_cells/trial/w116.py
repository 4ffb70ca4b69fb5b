import torch
import torch.nn as nn


class MyLSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        H, E = hidden_size, input_size
        s = 1 / H ** 0.5
        self.W = nn.Parameter(torch.empty(4, H, E).uniform_(-s, s))
        self.U = nn.Parameter(torch.empty(4, H, H).uniform_(-s, s))
        self.b = nn.Parameter(torch.zeros(4, H))

    def lin(self, k, x, h):
        return x @ self.W[k].T + h @ self.U[k].T + self.b[k]

    def forward(self, x, state):
        h, c = state
        f = torch.sigmoid(self.lin(0, x, h))
        i = torch.sigmoid(self.lin(1, x, h))
        o = torch.sigmoid(self.lin(2, x, h))
        g = torch.tanh(self.lin(3, x, h))
        c = f * c + i * g
        h = torch.tanh(c)
        return (h, c)
