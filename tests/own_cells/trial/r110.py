import torch
from torch import nn


def matrix(rows, columns):
    return nn.Parameter(torch.randn(rows, columns) * (1 / columns) ** 0.5)


class Cho2014(nn.Module):
    # the paper: the reset comes before the product, z * candidate
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.Wz, self.Uz, self.bz = matrix(hidden_size, input_size), matrix(hidden_size, hidden_size), nn.Parameter(torch.zeros(hidden_size))
        self.Wr, self.Ur, self.br = matrix(hidden_size, input_size), matrix(hidden_size, hidden_size), nn.Parameter(torch.zeros(hidden_size))
        self.Wh, self.Uh, self.bh = matrix(hidden_size, input_size), matrix(hidden_size, hidden_size), nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        z = torch.sigmoid(x @ self.Wz.t() + h @ self.Uz.t() + self.bz)
        r = torch.sigmoid(x @ self.Wr.t() + h @ self.Ur.t() + self.br)
        cand = torch.tanh(x @ self.Wh.t() + (r * h) @ self.Uh.t() + self.bh)
        return (1 - z) * h + z * cand
