import torch
from torch import nn

# h' = tanh(W x + U h + b)
class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.n = hidden_size
        # stored the other way round so that no transpose is needed
        self.Wx = nn.Parameter(torch.randn(input_size, hidden_size) / input_size ** 0.5)
        self.Wh = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden_size, hidden_size)))
        self.bias = nn.Parameter(torch.zeros(1, hidden_size))

    def initial_state(self, batch_size):
        return torch.zeros(batch_size, self.n, dtype=self.Wx.dtype, device=self.Wx.device)

    def forward(self, x, h):
        s = torch.matmul(x, self.Wx) + torch.matmul(h, self.Wh) + self.bias
        e = 2 * torch.sigmoid(2 * s) - 1   # the same as tanh
        return e
