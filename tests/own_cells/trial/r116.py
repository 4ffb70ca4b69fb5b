import torch
import torch.nn as nn
import torch.nn.functional as F
from rnn_core import see


class Gate(nn.Module):
    def __init__(self, input_size, hidden_size, act):
        super().__init__()
        self.wx = nn.Linear(input_size, hidden_size)
        self.wh = nn.Linear(hidden_size, hidden_size)
        nn.init.orthogonal_(self.wh.weight)
        nn.init.zeros_(self.wh.bias)
        self.act = act

    def forward(self, x, h):
        return self.act(self.wx(x) + self.wh(h))


class LSTM(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.vergessen = Gate(input_size, hidden_size, torch.sigmoid)
        self.schreiben = Gate(input_size, hidden_size, torch.sigmoid)
        self.lesen = Gate(input_size, hidden_size, torch.sigmoid)
        self.inhalt = Gate(input_size, hidden_size, torch.tanh)
        nn.init.ones_(self.vergessen.wx.bias)

    def initial_state(self, batch_size):
        p = self.vergessen.wx.weight
        return (p.new_zeros(batch_size, self.hidden_size), p.new_zeros(batch_size, self.hidden_size))

    def forward(self, x, state):
        h, c = state
        neu = self.schreiben(x, h) * self.inhalt(x, h)
        c_neu = see("f", self.vergessen(x, h)) * c + neu
        return see("o", self.lesen(x, h)) * torch.tanh(c_neu), c_neu
