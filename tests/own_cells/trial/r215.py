import torch
from torch import nn
from rnn_core import see


class PeepholeLSTM(nn.Module):
    """Gers & Schmidhuber: the gates look at c as well."""

    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()
        k = hidden_size ** -0.5
        p = {}
        for g in "ifog":
            p["W_" + g] = nn.Parameter(torch.empty(input_size, hidden_size).uniform_(-k, k))
            p["U_" + g] = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-k, k))
            p["b_" + g] = nn.Parameter(torch.zeros(hidden_size))
        for g in "ifo":
            p["peep_" + g] = nn.Parameter(torch.empty(hidden_size).uniform_(-k, k))
        self.p = nn.ParameterDict(p)

    def forward(self, x, state):
        h, c = state
        p = self.p
        i = see("i", torch.sigmoid(x @ p["W_i"] + h @ p["U_i"] + p["peep_i"] * c + p["b_i"]))
        f = see("f", torch.sigmoid(x @ p["W_f"] + h @ p["U_f"] + p["peep_f"] * c + p["b_f"]))
        g = see("g", torch.tanh(x @ p["W_g"] + h @ p["U_g"] + p["b_g"]))
        c = f * c + i * g
        o = see("o", torch.sigmoid(x @ p["W_o"] + h @ p["U_o"] + p["peep_o"] * c + p["b_o"]))
        return o * torch.tanh(c), c
