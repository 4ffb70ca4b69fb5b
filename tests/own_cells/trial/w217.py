import torch
from torch import nn
import torch.nn.functional as F


class LSTMStep(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.H = hidden_size
        self.Wx = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.Wh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.zeros(4 * hidden_size))
        nn.init.xavier_uniform_(self.Wx)
        nn.init.xavier_uniform_(self.Wh)

    def forward(self, x, state):
        h, c = state
        a = F.linear(x, self.Wx, self.bias) + F.linear(h, self.Wh)
        i, f, g, o = a.split(self.H, dim=-1)
        new_h = torch.zeros(x.shape[0], self.H)
        new_c = torch.zeros(x.shape[0], self.H)
        new_c[:] = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        new_h[:] = torch.sigmoid(o) * torch.tanh(new_c)
        return new_h, new_c
