import torch
import torch.nn as nn


class PlainCell(nn.Module):
    """Elman cell, homework 1"""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        k = 1.0 / hidden_size ** 0.5
        self.W = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-k, k))
        self.U = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, h):
        from_word = torch.matmul(x, self.W)
        from_past = torch.matmul(h, self.U)
        h_new = from_word + from_past + self.b
        return h_new
