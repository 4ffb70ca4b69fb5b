# Task 6:
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Linear(input_size, 3 * hidden_size)
        self.U = nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x, h):
        a_x, a_h = self.W(x).reshape(*h.shape, 3), self.U(h).reshape(*h.shape, 3)
        r, z = torch.sigmoid(a_x + a_h)[..., :2].permute(2, 0, 1)
        n = torch.tanh(a_x[..., 2] + r * a_h[..., 2])
        return z * h + (1 - z) * n
