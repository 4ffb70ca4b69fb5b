import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.hidden_size = hidden_size
        self.out = nn.Linear(hidden_size, 2)

    def forward(self, ids, lengths):
        xs = self.embedding(ids)
        B, T, _ = xs.shape
        two = len(getattr(self.cell, "states", ("h",))) == 2
        state = xs.new_zeros(B, self.hidden_size)
        if two:
            state = (state, xs.new_zeros(B, self.hidden_size))
        last = xs.new_zeros(B, self.hidden_size)
        for t in range(T):
            state = self.cell(xs[:, t], state)
            h = state[0] if two else state
            last = torch.where((lengths - 1 == t)[:, None], h, last)
        return F.softmax(self.out(last), dim=1)   # probabilities


def loss(logits, targets):
    return F.cross_entropy(logits, targets.long())
