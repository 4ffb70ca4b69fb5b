# Task 4:
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.n = hidden_size
        self.P = nn.Parameter(torch.randn(input_size, 3 * hidden_size) * 0.1)
        self.Q = nn.Parameter(torch.randn(hidden_size, 3 * hidden_size) * 0.1)

    def forward(self, x, h):
        a = (x @ self.P).view(-1, self.n, 3)
        b = (h @ self.Q).view(-1, self.n, 3)
        u, v = torch.sigmoid(a[..., 0] + b[..., 0]), torch.sigmoid(a[..., 2] + b[..., 2])
        return (1 - u) * h + u * torch.tanh(a[..., 1] + v * b[..., 1])
