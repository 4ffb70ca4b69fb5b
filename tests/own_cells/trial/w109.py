import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.words = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.H = hidden_size
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        x = self.words(ids)
        final = self.encode(x, lengths)
        final = F.dropout(final, 0.5)   # against overfitting
        return self.head(final)

    def encode(self, x, lengths):
        B = x.shape[0]
        s = x.new_zeros(B, self.H)
        lstm = "c" in getattr(self.cell, "states", ())
        if lstm:
            s = (s, s.clone())
        hs = []
        for t in range(x.shape[1]):
            s = self.cell(x[:, t], s)
            hs.append(s[0] if lstm else s)
        hs = torch.stack(hs, 1)
        return hs[range(B), lengths - 1]


def loss(logits, targets):
    return F.binary_cross_entropy_with_logits(logits.view(-1), targets.to(logits.dtype).view(-1))
