import torch
from torch import nn
import torch.nn.functional as F


class OneProductLSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.M = nn.Parameter(torch.empty(4 * hidden_size, hidden_size + input_size))
        self.v = nn.Parameter(torch.zeros(4 * hidden_size))
        nn.init.xavier_normal_(self.M)
        self.v.data[hidden_size:2 * hidden_size] = 1.0

    def forward(self, x, hc):
        h, c = hc
        big = F.linear(torch.cat([h, x], -1), self.M, self.v)
        g, f, i, o = big.view(x.shape[0], 4, -1).unbind(1)
        c = c * torch.sigmoid(f) + torch.sigmoid(i) * torch.tanh(g)
        return torch.tanh(c) * torch.sigmoid(o), c
