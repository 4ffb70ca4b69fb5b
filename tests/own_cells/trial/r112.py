import torch
from torch import nn
from rnn_core import see

NAMES = ["cand", "upd", "res"]


class EinGRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size ** -0.5
        self.p = nn.ParameterDict()
        for name in NAMES:
            self.p["w_" + name] = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-k, k))
            self.p["u_" + name] = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))
            self.p["b_" + name] = nn.Parameter(torch.empty(hidden_size).uniform_(-k, k))
        self.p["c_cand"] = nn.Parameter(torch.zeros(hidden_size))   # inner bias, as in cuDNN

    def inp(self, name, x):
        return torch.einsum("be,eh->bh", x, self.p["w_" + name]) + self.p["b_" + name]

    def rec(self, name, h):
        return torch.einsum("bk,kh->bh", h, self.p["u_" + name])

    def forward(self, x, h):
        upd = see("upd", torch.sigmoid(self.inp("upd", x) + self.rec("upd", h)))
        res = see("res", torch.sigmoid(self.inp("res", x) + self.rec("res", h)))
        cand = torch.tanh(self.inp("cand", x) + res * (self.rec("cand", h) + self.p["c_cand"]))
        return h - upd * (h - cand)
