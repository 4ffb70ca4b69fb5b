import torch
import torch.nn as nn


class MyRNN(nn.Module):
    """one step of a simple recurrent net"""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        # combine the word with what we know so far
        a = self.i2h(x)
        b = self.h2h(h)
        h_new = a + b
        return h_new
