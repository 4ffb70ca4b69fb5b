import torch
from torch import nn
from rnn_core import see


class Tor(nn.Module):
    def __init__(self, n_ein, n_zustand):
        super().__init__()
        self.A = nn.Parameter(torch.randn(n_ein, n_zustand) * n_ein ** -0.5)
        self.R = nn.Parameter(torch.randn(n_zustand, n_zustand) * n_zustand ** -0.5)

    def forward(self, x, h):
        return torch.einsum("be,eh->bh", x, self.A) + torch.einsum("bk,kh->bh", h, self.R)


class LSTM(nn.Module):
    states = ("h", "c")
    quantities = {
        "o": {"name": "output gate", "role": "shows", "bounds": (0, 1)},
        "g": {"name": "candidate", "role": "proposes", "bounds": (-1, 1)},
    }

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.ausgang = Tor(input_size, hidden_size)
        self.vorschlag = Tor(input_size, hidden_size)
        self.vergessen = Tor(input_size, hidden_size)
        self.eingang = Tor(input_size, hidden_size)

    def initial_state(self, batch_size):
        leer = self.ausgang.R.new_zeros(batch_size, self.hidden_size)
        return leer, leer.clone()

    def forward(self, x, state):
        h, c = state
        o = see("o", self.ausgang(x, h).sigmoid())
        g = see("g", self.vorschlag(x, h).tanh())
        f = see("f", self.vergessen(x, h).sigmoid())
        i = see("i", self.eingang(x, h).sigmoid())
        c_neu = g * i + c * f
        return o * c_neu.tanh(), c_neu
