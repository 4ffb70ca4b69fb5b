"""A classifier of reviews around a recurrent cell, with one logit."""

import torch
from torch import nn


def run(cell, xs, lengths):
    """The state of each review after its last word, (B, H), of xs (B, T, E) and lengths (B,)."""
    B, T, _ = xs.shape
    h = xs.new_zeros(B, cell.hidden_size)
    hs = []
    for t in range(T):
        h = cell(xs[:, t], h)
        hs.append(h)
    return torch.stack(hs, dim=1)[torch.arange(B), lengths - 1]


class Classifier(nn.Module):
    """Ids become vectors, vectors a state, the state a logit."""

    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        """The logits, (B,), of ids (B, T) and lengths (B,)."""
        xs = self.embedding(ids)  # (B, T, E)
        h = run(self.cell, xs, lengths)  # (B, H)
        return self.head(h).squeeze(1)


def loss(logits, targets):
    """The mean over the reviews of -log of the probability of what is right."""
    return nn.functional.binary_cross_entropy_with_logits(logits, targets.to(logits))
