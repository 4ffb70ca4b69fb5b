import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.readout = nn.Linear(hidden_size, 1, bias=True)

    def last_state(self, vectors, lengths):
        h = vectors.new_zeros(len(vectors), self.hidden_size)
        for t in range(vectors.shape[1]):
            keep = (t >= lengths).unsqueeze(1)
            h_new = self.cell(vectors[:, t], h)
            h = torch.where(keep, h, h_new)
        return h

    def forward(self, ids, lengths):
        return self.readout(self.last_state(self.embedding(ids), lengths)).squeeze(1)


def loss(logits, targets):
    return binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
