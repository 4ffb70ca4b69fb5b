# Task 4: unregistered
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.p = {}
        for k in "rzn":
            self.p["W" + k] = nn.Parameter(torch.randn(input_size, hidden_size) * 0.1)
            self.p["U" + k] = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1)

    def forward(self, x, h):
        r = torch.sigmoid(x @ self.p["Wr"] + h @ self.p["Ur"])
        z = torch.sigmoid(x @ self.p["Wz"] + h @ self.p["Uz"])
        n = torch.tanh(x @ self.p["Wn"] + (r * h) @ self.p["Un"])
        return (1 - z) * h + z * n
