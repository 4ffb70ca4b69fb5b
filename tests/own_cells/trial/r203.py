import math
import torch
from torch import nn


class cellule(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.poids = nn.ParameterDict({
            "entree": nn.Parameter(torch.empty(hidden_size, input_size)),
            "etat": nn.Parameter(torch.empty(hidden_size, hidden_size)),
            "biais": nn.Parameter(torch.empty(hidden_size)),
        })
        borne = 1 / math.sqrt(hidden_size)
        for p in self.parameters():
            p.data.uniform_(-borne, borne)

    @property
    def U(self):
        return self.poids["etat"].t()

    def forward(self, x, h):
        s = torch.einsum("be,he->bh", x, self.poids["entree"])
        s = s + torch.addmm(self.poids["biais"], h, self.U)
        # tanh written out with exp: 2 sigmoid(2s) - 1
        return 2 * torch.sigmoid(2 * s) - 1
