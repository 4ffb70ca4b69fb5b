import torch
from torch import nn
import torch.nn.functional as F


def run(cell, xs, lengths):
    B, T, _ = xs.shape
    h = xs.new_zeros(B, cell.hidden_size)
    hs = []
    for t in range(T):
        h = cell(xs[:, t], h)
        hs.append(h)
    return torch.stack(hs, dim=1)[torch.arange(B), lengths - 1]


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.cell = cell
        table = torch.randn(vocab_size, embedding_size) * 0.1
        table[0] = 0          # <pad>
        self.table = nn.Parameter(table)
        self.v = nn.Parameter(torch.randn(hidden_size, 1) / hidden_size ** 0.5)
        self.a = nn.Parameter(torch.zeros(1))

    def forward(self, ids, lengths):
        xs = F.embedding(ids, self.table, padding_idx=0)
        return run(self.cell, xs, lengths) @ self.v + self.a      # (B, 1)


def loss(logits, targets):
    # -log sigmoid(+l) for positive, -log sigmoid(-l) for negative reviews
    sign = 2 * targets.to(logits) - 1
    return F.softplus(-sign * logits.flatten()).mean()
