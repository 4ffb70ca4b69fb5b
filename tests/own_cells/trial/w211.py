import torch
from torch import nn


def mat(rows, cols):
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, cols)))


class MyGRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        E, H = input_size, hidden_size
        self.W_r, self.U_r, self.b_r = mat(E, H), mat(H, H), nn.Parameter(torch.zeros(H))
        self.W_z, self.U_z, self.b_z = mat(E, H), mat(H, H), nn.Parameter(torch.zeros(H))
        self.W_n, self.U_n, self.b_n = mat(E, H), mat(H, H), nn.Parameter(torch.zeros(H))

    def forward(self, x, h):
        r = torch.sigmoid(x @ self.W_r + h @ self.U_r + self.b_r)
        z = torch.sigmoid(x @ self.W_z + h @ self.U_z + self.b_z)
        h = r * h   # reset
        n = torch.tanh(x @ self.W_n + h @ self.U_n + self.b_n)
        return (1 - z) * h + z * n
