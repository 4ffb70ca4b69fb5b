# Task 4: units-alike
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.zeros(3, input_size, hidden_size))
        self.U = nn.Parameter(torch.zeros(3, hidden_size, hidden_size))

    def forward(self, x, h):
        r, z = torch.sigmoid(x @ self.W[0] + h @ self.U[0]), torch.sigmoid(x @ self.W[1] + h @ self.U[1])
        n = torch.tanh(x @ self.W[2] + (r * h) @ self.U[2])
        return (1 - z) * h + z * n
