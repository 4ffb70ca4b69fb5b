import torch
import torch.nn as nn
import torch.nn.functional as F


class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        # r, z, n
        self.layers_x = [nn.Linear(input_size, hidden_size) for _ in range(3)]
        self.layers_h = [nn.Linear(hidden_size, hidden_size) for _ in range(3)]

    def forward(self, x, h):
        r = torch.sigmoid(self.layers_x[0](x) + self.layers_h[0](h))
        z = torch.sigmoid(self.layers_x[1](x) + self.layers_h[1](h))
        n = torch.tanh(self.layers_x[2](x) + r * self.layers_h[2](h))
        return n + z * (h - n)
