import torch
from torch import nn

sig = torch.sigmoid


class LangesGedaechtnis(nn.Module):
    states = ("h", "c")

    def __init__(self, input_size, hidden_size):
        super().__init__()

        def W():
            return nn.Parameter(torch.randn(input_size, hidden_size) * 0.1)

        def U():
            return nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1)

        def b():
            return nn.Parameter(torch.zeros(hidden_size))

        self.W_i, self.U_i, self.b_i = W(), U(), b()
        self.W_f, self.U_f, self.b_f = W(), U(), b()
        self.W_o, self.U_o, self.b_o = W(), U(), b()
        self.W_g, self.U_g, self.b_g = W(), U(), b()

    def forward(self, x, state):
        h, c = state
        i = sig(x @ self.W_i + h @ self.U_i + self.b_i)
        f = sig(x @ self.W_f + h @ self.U_f + self.b_f)
        o = sig(x @ self.W_o + h @ self.U_o + self.b_o)
        g = torch.tanh(x @ self.W_g + h @ self.U_g + self.b_g)
        c_neu = f * c + i * g
        h_neu = torch.tanh(c_neu)
        return h_neu, c_neu
