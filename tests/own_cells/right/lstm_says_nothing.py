# Task 5:
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.l1 = nn.Linear(input_size, 4 * hidden_size)
        self.l2 = nn.Linear(hidden_size, 4 * hidden_size)
        nn.init.orthogonal_(self.l2.weight)
        with torch.no_grad():
            self.l1.bias[hidden_size : 2 * hidden_size] = 3.0

    def forward(self, x, state):
        a, b = state
        q = self.l1(x) + self.l2(a)
        k = q.shape[1] // 4
        p = torch.sigmoid(q[:, k:])
        b = p[:, :k] * b + p[:, k : 2 * k] * torch.tanh(q[:, :k])
        return p[:, 2 * k :] * torch.tanh(b), b
