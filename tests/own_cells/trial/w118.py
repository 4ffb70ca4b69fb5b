import torch
import torch.nn as nn


class FusedGRU(nn.Module):
    """all weights are in two big matrices"""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size ** -0.5
        self.W = nn.Parameter(torch.empty(3 * hidden_size, input_size).uniform_(-k, k))
        self.U = nn.Parameter(torch.empty(3 * hidden_size, hidden_size).uniform_(-k, k))
        self.b = nn.Parameter(torch.empty(3 * hidden_size).uniform_(-k, k))
        self.bn = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        Wr, Wz, Wn = self.W.chunk(3)
        Ur, Uz, Un = self.U.chunk(3)
        br, bz, bn = self.b.chunk(3)
        r = torch.sigmoid(x @ Wr.T + h @ Ur.T + br)
        z = torch.sigmoid(x @ Wz.T + h @ Uz.T + bz)
        n = torch.tanh(x @ Wn.T + bn + r * (h @ Un.T + self.bn))
        return (1 - z) * n + z * h
