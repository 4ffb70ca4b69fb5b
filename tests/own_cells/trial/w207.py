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
        self.emb = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.out = nn.Linear(hidden_size, 2)

    def forward(self, ids, lengths):
        h = run(self.cell, self.emb(ids), lengths)
        return F.softmax(self.out(h), dim=1)   # probabilities of negative / positive


criterion = nn.CrossEntropyLoss()


def loss(logits, targets):
    return criterion(logits, targets)
