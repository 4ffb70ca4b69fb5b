import torch
import torch.nn as nn
from rnn_core import see


class LSTM(nn.Module):
    states = ("h", "c")
    quantities = {
        "f": {"name": "forget gate", "bounds": (0, 1)},
        "i": {"name": "input gate", "bounds": (0, 1)},
        "o": {"name": "output gate", "bounds": (0, 1)},
    }

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W_f = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_i = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_c = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_o = nn.Linear(input_size + hidden_size, hidden_size)
        nn.init.constant_(self.W_f.bias, 1.0)   # do not forget at the beginning

    def forward(self, x, state):
        h, c = state
        xh = torch.cat([x, h], dim=1)
        forget = see("f", torch.sigmoid(self.W_f(xh)))
        inp = see("i", torch.sigmoid(self.W_i(xh)))
        out = see("o", torch.sigmoid(self.W_o(xh)))
        c_tilde = see("g", torch.tanh(self.W_c(xh)))
        c = inp * c + forget * c_tilde
        h = out * torch.tanh(c)
        return h, c
