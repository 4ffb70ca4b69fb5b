# Task 5: forget-input-exchanged
import torch
from torch import nn


class Cell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        for k in "ifog":
            setattr(self, "W_" + k, nn.Parameter(torch.randn(input_size, hidden_size) * 0.1))
            setattr(self, "U_" + k, nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1))
            setattr(self, "b_" + k, nn.Parameter(torch.zeros(hidden_size)))

    def forward(self, x, state):
        h, c = state
        c = torch.sigmoid(x @ self.W_i + h @ self.U_i + self.b_i) * c + torch.sigmoid(
            x @ self.W_f + h @ self.U_f + self.b_f
        ) * torch.tanh(x @ self.W_g + h @ self.U_g + self.b_g)
        return torch.sigmoid(x @ self.W_o + h @ self.U_o + self.b_o) * torch.tanh(c), c
