# Task 4: update-unbalanced
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W_r, self.W_z, self.W_n = (nn.Linear(input_size, hidden_size) for _ in range(3))
        self.U_r, self.U_z, self.U_n = (nn.Linear(hidden_size, hidden_size, bias=False) for _ in range(3))

    def forward(self, x, h):
        r = torch.sigmoid(self.W_r(x) + self.U_r(h))
        z = torch.sigmoid(self.W_z(x) + self.U_z(h))
        n = torch.tanh(self.W_n(x) + self.U_n(r * h))
        return 1 - z * h + z * n
