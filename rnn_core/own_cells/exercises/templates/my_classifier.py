"""Task 3: embedding, readout, head and loss.

ids (B, T)       the words of B reviews as whole numbers; 0 is <pad>, behind the end of short reviews
lengths (B,)     how many words each review really has, from 1 to T
targets (B,)     1 for a positive review, 0 for a negative one
"""

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
        self.cell = cell  # cell(x, h) returns the new h
        # Make the embedding and the head here.

    def forward(self, ids, lengths):
        # Return the logits: (B,) or (B, 1) for one logit, (B, 2) for two.
        raise NotImplementedError("Write the network here.")


def loss(logits, targets):
    # Return one number: the mean over the reviews.
    raise NotImplementedError("Write the loss here.")
