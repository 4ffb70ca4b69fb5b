import torch
import torch.nn as nn
import torch.nn.functional as F


def last_state(cell, xs, lengths, hidden_size):
    B, T = xs.shape[:2]
    n = len(getattr(cell, "states", ("h",)))
    state = tuple(xs.new_zeros(B, hidden_size) for _ in range(n))
    for t in range(T):
        new = cell(xs[:, t], state if n > 1 else state[0])
        new = new if n > 1 else (new,)
        running = (t < lengths)[:, None]
        state = tuple(torch.where(running, a, b) for a, b in zip(new, state))
    return state[0]


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.embed = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.cell = cell
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        h = last_state(self.cell, self.embed(ids), lengths, self.hidden_size)
        return self.head(h).squeeze(-1)


def loss(logits, targets):
    # one logit: p = sigmoid(logit)
    return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
