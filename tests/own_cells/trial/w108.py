import torch
from torch import nn


class Classifier(nn.Module):
    """embedding -> rnn -> linear -> one logit"""

    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.hidden_size = hidden_size
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        e = self.emb(ids)
        h = e.new_zeros(ids.size(0), self.hidden_size)
        if len(getattr(self.cell, "states", ("h",))) == 2:
            c = torch.zeros_like(h)
            for t in range(ids.size(1)):
                h, c = self.cell(e[:, t], (h, c))
        else:
            for t in range(ids.size(1)):
                h = self.cell(e[:, t], h)
        # h is now the state after the last word
        return self.fc(h).squeeze(1)


bce = nn.BCEWithLogitsLoss()


def loss(logits, targets):
    return bce(logits, targets.to(logits.dtype))
