import torch
from torch import nn


class LSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.lin = nn.ModuleDict({k: nn.Linear(input_size + hidden_size, hidden_size) for k in "ifog"})

    def forward(self, x, state):
        h, c = state
        xh = torch.cat([x, h], -1)
        i = torch.sigmoid(self.lin["i"](xh))
        f = torch.sigmoid(self.lin["f"](xh))
        o = torch.sigmoid(self.lin["o"](xh))
        g = torch.tanh(self.lin["g"](xh))
        # no new memory needed
        i *= g
        c = f * c + i
        h = o * torch.tanh(c)
        return h, c
