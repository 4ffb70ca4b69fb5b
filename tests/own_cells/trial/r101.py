import torch
import torch.nn as nn


class elman(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.from_input = nn.Linear(input_size, hidden_size)
        self.from_state = nn.Linear(hidden_size, hidden_size)  # has a bias as well, like nn.RNN

    def forward(self, x, h):
        return torch.tanh(self.from_state(h) + self.from_input(x))
