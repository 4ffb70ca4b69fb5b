import torch
from torch import nn


class MyFused(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        k = hidden_size ** -0.5
        self.W = nn.Parameter(torch.empty(input_size, 4 * hidden_size).uniform_(-k, k))
        self.U = nn.Parameter(torch.empty(hidden_size, 4 * hidden_size).uniform_(-k, k))
        self.b = nn.Parameter(torch.zeros(4 * hidden_size))

    def part(self, k, x, h):
        cols = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
        return x @ self.W[:, cols] + h @ self.U[:, cols] + self.b[cols]

    def forward(self, x, state):
        h, c = state
        i = torch.sigmoid(self.part(0, x, h))
        f = torch.sigmoid(self.part(1, x, h))
        o = torch.sigmoid(self.part(2, x, h))
        g = torch.tanh(self.part(3, x, h))
        c = f * c + i * g
        return o * torch.tanh(c), c
