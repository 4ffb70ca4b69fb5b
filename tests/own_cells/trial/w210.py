import torch
from torch import nn
from rnn_core import see


class GruZelle(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.r_x = nn.Linear(input_size, hidden_size)
        self.r_h = nn.Linear(hidden_size, hidden_size, bias=False)
        self.z_x = nn.Linear(input_size, hidden_size)
        self.z_h = nn.Linear(hidden_size, hidden_size, bias=False)
        self.n_x = nn.Linear(input_size, hidden_size)
        self.n_h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        r = see("r", torch.sigmoid(self.r_x(x) + self.r_h(h)))
        z = see("z", torch.sigmoid(self.z_x(x) + self.z_h(h)))
        n = see("n", torch.sigmoid(self.n_x(x) + self.n_h(r * h)))
        return (1 - z) * h + z * n
