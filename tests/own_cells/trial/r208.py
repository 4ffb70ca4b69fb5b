import torch
import torch.nn as nn

bce = nn.CrossEntropyLoss(reduction="mean")


class Classifier(nn.Module):
    """two logits: [negative, positive]"""

    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.cell = cell
        self.H = hidden_size
        self.woerter = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.kopf = nn.Linear(hidden_size, 2)
        nn.init.xavier_normal_(self.kopf.weight)
        nn.init.zeros_(self.kopf.bias)

    def forward(self, ids, lengths):
        xs = self.woerter(ids)
        h = torch.zeros(ids.shape[0], self.H, dtype=xs.dtype, device=xs.device)
        history = []
        for t in range(ids.shape[1]):
            h = self.cell(xs[:, t], h)
            history.append(h)
        history = torch.stack(history)                       # (T, B, H)
        idx = (lengths - 1).reshape(1, -1, 1).expand(1, -1, self.H)
        pooled = history.gather(0, idx).squeeze(0)           # (B, H)
        return self.kopf(pooled)


def loss(logits, targets):
    return bce(logits, targets.long())
