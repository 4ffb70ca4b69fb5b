import torch


def run(cell, xs, lengths):
    B, T, _ = xs.shape
    h = xs.new_zeros(B, cell.hidden_size)
    for t in range(T):
        alive = (t <= lengths).unsqueeze(1)     # (B, 1)
        h = torch.where(alive, cell(xs[:, t], h), h)
    return h
