"""An LSTM (Hochreiter and Schmidhuber, 1997; the forget gate: Gers et al., 2000)."""

import torch
from torch import nn

from rnn_core import see


class MyLSTM(nn.Module):
    """Three gates and a candidate, a product for each."""

    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()

        def weights(*shape):
            bound = hidden_size**-0.5
            return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

        self.W_i, self.U_i = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.W_f, self.U_f = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.W_o, self.U_o = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.W_g, self.U_g = weights(input_size, hidden_size), weights(hidden_size, hidden_size)
        self.b_i = nn.Parameter(torch.zeros(hidden_size))
        self.b_f = nn.Parameter(torch.ones(hidden_size))  # remember by default (Jozefowicz et al., 2015)
        self.b_o = nn.Parameter(torch.zeros(hidden_size))
        self.b_g = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x, state):
        """The new h and c, (B, H) each, of x (B, E) and the old ones."""
        h, c = state
        i = see("i", torch.sigmoid(x @ self.W_i + h @ self.U_i + self.b_i))
        f = see("f", torch.sigmoid(x @ self.W_f + h @ self.U_f + self.b_f))
        o = see("o", torch.sigmoid(x @ self.W_o + h @ self.U_o + self.b_o))
        g = see("g", torch.tanh(x @ self.W_g + h @ self.U_g + self.b_g))
        c = f * c + i * g
        return o * torch.tanh(c), c
