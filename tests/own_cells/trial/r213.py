import torch
from torch import nn


class Celda(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.tam = hidden_size
        # orden: candidato, actualizacion, reinicio
        self.entradas = nn.ParameterList([nn.Parameter(torch.empty(input_size, hidden_size)) for _ in range(3)])
        self.estados = nn.ParameterList([nn.Parameter(torch.empty(hidden_size, hidden_size)) for _ in range(3)])
        self.sesgos = nn.ParameterList([nn.Parameter(torch.zeros(hidden_size)) for _ in range(3)])
        for W, U in zip(self.entradas, self.estados):
            nn.init.kaiming_uniform_(W, a=5 ** 0.5)
            nn.init.orthogonal_(U)

    @property
    def W(self):
        return torch.cat(list(self.entradas), dim=1)

    @property
    def U(self):
        return torch.cat(list(self.estados), dim=1)

    def forward(self, x, h):
        de_x = torch.addmm(torch.cat(list(self.sesgos)), x, self.W)
        de_h = h.mm(self.U)
        n, z, r = zip(de_x.split(self.tam, 1), de_h.split(self.tam, 1))
        r = torch.sigmoid(sum(r))
        z = torch.sigmoid(sum(z))
        n = torch.tanh(n[0] + r * n[1])   # reinicio despues del producto
        return (1 - z) * h + z * n
