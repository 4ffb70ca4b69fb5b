import torch
import torch.nn as nn


class JoinedGRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.to_candidate = nn.Linear(hidden_size + input_size, hidden_size)
        self.to_gates = nn.Linear(hidden_size + input_size, 2 * hidden_size)
        for m in (self.to_candidate, self.to_gates):
            for block in m.weight.data.split(hidden_size):
                nn.init.orthogonal_(block)
            nn.init.zeros_(m.bias)
        self.to_gates.bias.data[:hidden_size] = 1.0     # begin by remembering

    def forward(self, x, h):
        g = torch.sigmoid(self.to_gates(torch.cat((h, x), dim=-1)))
        z = g[:, :self.hidden_size]
        r = g[:, self.hidden_size:]
        h_tilde = torch.tanh(self.to_candidate(torch.cat((r * h, x), dim=-1)))
        return torch.lerp(h_tilde, h, z)
