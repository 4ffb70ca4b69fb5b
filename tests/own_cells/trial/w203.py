import torch
from torch import nn
import torch.nn.functional as F


class SimpleRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.x2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        # 1. word -> hidden
        h = self.x2h(x)
        # 2. hidden -> hidden
        h = h + self.h2h(h)
        # 3. squash
        return torch.tanh(h)
