import torch
from torch import nn


def run(cell, xs, lengths):
    """The loop of Task 2 as we write it: put yours in its place."""
    B, T, _ = xs.shape  # (B, T, E)
    h = xs.new_zeros(B, cell.hidden_size)
    hs = []
    for t in range(T):
        h = cell(xs[:, t], h)
        hs.append(h)
    return torch.stack(hs, dim=1)[torch.arange(B), lengths - 1]  # (B, H)


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.cell = cell
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        vectors = self.embedding(ids)
        state = run(self.cell, vectors, lengths)
        return self.head(state)


def loss(logits, targets):
    return nn.functional.binary_cross_entropy_with_logits(logits[:, 0], targets.to(logits))
