import torch
from torch import nn


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size ** -0.5
        self.W = nn.ParameterDict()
        self.b = nn.ParameterDict()
        for name in ("r", "z", "n"):
            self.W[name] = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-k, k))
            self.b[name] = nn.Parameter(torch.zeros(hidden_size))
        self.U = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))

    def pre(self, name, x, h):
        return x @ self.W[name] + h @ self.U + self.b[name]

    def forward(self, x, h):
        reset = self.pre("r", x, h).sigmoid()
        update = self.pre("z", x, h).sigmoid()
        cand = self.pre("n", x, reset * h).tanh()
        return h + update * (cand - h)
