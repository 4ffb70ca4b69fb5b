import torch
import torch.nn as nn
import torch.nn.functional as F


class GRUCellScratch(nn.Module):
    """GRU from scratch, pytorch layout (r, z, n)."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.i2g = nn.Linear(input_size, 3 * hidden_size)
        self.h2g = nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x, h):
        x = F.dropout(x, 0.1)  # against overfitting
        xr, xz, xn = self.i2g(x).chunk(3, 1)
        hr, hz, hn = self.h2g(h).chunk(3, 1)
        r = torch.sigmoid(xr + hr)
        z = torch.sigmoid(xz + hz)
        n = torch.tanh(xn + r * hn)
        return z * h + (1 - z) * n
