import torch
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.cell = cell
        self.hidden_size = hidden_size
        self.embed = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        x = self.embed(ids)
        h = x.new_zeros(x.size(0), self.hidden_size)
        for x_t in x.unbind(dim=1):
            h = self.cell(x_t, h)
        # h is now the last hidden state
        return self.fc(h).squeeze(-1)


def loss(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
