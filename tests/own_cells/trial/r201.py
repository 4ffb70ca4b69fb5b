import torch
from torch import nn


class RNNZelle(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.linear = nn.Linear(hidden_size + input_size, hidden_size)

    def forward(self, x, h):
        # [h | x]  (B, H+E)
        zusammen = torch.cat([h, x], dim=1)
        return torch.tanh(self.linear(zusammen))
