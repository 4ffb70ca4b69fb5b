import torch
from torch import nn
from rnn_core import see


class GatedUnit(nn.Module):
    """GRU: z decides how much of the old state stays, r resets."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.gates = nn.Linear(input_size + hidden_size, 2 * hidden_size)
        self.cand_x = nn.Linear(input_size, hidden_size)
        self.cand_h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        z, r = torch.sigmoid(self.gates(torch.cat([x, h], 1))).chunk(2, 1)
        z, r = see("z", z), see("r", r)
        n = see("n", torch.tanh(self.cand_x(x) + self.cand_h(h)))
        new = (1 - z) * n + z * h
        # now the reset gate throws away what is not needed
        return r * new
