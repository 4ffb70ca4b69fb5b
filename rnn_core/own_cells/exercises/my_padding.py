"""A cell run over a batch of reviews; those that have ended are left out."""

import torch


def run(cell, xs, lengths):
    """The state of each review after its last word, (B, H), of xs (B, T, E) and lengths (B,).

    Sorted by length, the longest first, the reviews still running are the first ones. A cell with two states
    gets and returns a tuple of them.
    """
    order = lengths.argsort(descending=True)
    xs, lengths = xs[order], lengths[order]
    state = tuple(xs.new_zeros(len(xs), cell.hidden_size) for _ in cell.states)
    ended = []  # the last h of each review, the longest last
    for t in range(int(lengths[0])):
        count = int((lengths > t).sum())  # how many reviews are still running
        ended.append(state[0][count:])
        x, state = xs[:count, t], tuple(part[:count] for part in state)
        state = (cell(x, state[0]),) if len(state) == 1 else cell(x, state)
    ended.append(state[0])
    h = torch.cat(ended[::-1])  # (B, H), the longest first
    return h[order.argsort()]
