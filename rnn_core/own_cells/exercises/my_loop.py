"""A cell run over a batch of reviews, one time step after another."""

import torch


def run(cell, xs, lengths):
    """The state of each review after its last word, (B, H), of xs (B, T, E) and lengths (B,).

    A cell with two states gets and returns a tuple of them.
    """
    B, T, _ = xs.shape
    state = tuple(xs.new_zeros(B, cell.hidden_size) for _ in cell.states)
    hs = []
    for t in range(T):
        if len(state) == 1:
            state = (cell(xs[:, t], state[0]),)
        else:
            state = cell(xs[:, t], state)
        hs.append(state[0])
    return torch.stack(hs, dim=1)[torch.arange(B), lengths - 1]  # (B, T, H) -> (B, H)
