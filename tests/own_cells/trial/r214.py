import torch
from torch import nn
import torch.nn.functional as F


class LSTMCell(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.w_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.w_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.b_ih = nn.Parameter(torch.zeros(4 * hidden_size))
        self.b_hh = nn.Parameter(torch.zeros(4 * hidden_size))
        nn.init.xavier_uniform_(self.w_ih)
        for block in self.w_hh.data.chunk(4):
            nn.init.orthogonal_(block)
        with torch.no_grad():
            self.b_ih[hidden_size:2 * hidden_size].fill_(1.0)  # forget bias (Jozefowicz)

    def forward(self, x, state):
        h, c = state
        a = F.linear(x, self.w_ih, self.b_ih) + F.linear(h, self.w_hh, self.b_hh)
        i, f, g, o = a.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return (h, c)
