import torch


def mask_of(lengths, T, like):
    t = torch.arange(T, device=like.device)
    return (t[None, :] < lengths.to(like.device)[:, None]).to(like.dtype).unsqueeze(-1)   # (B, T, 1)


def run(cell, xs, lengths):
    B, T, _ = xs.shape
    m = mask_of(lengths, T, xs)
    h = torch.zeros(B, cell.hidden_size, dtype=xs.dtype, device=xs.device)
    for t in range(int(lengths.max())):
        h = m[:, t] * cell(xs[:, t], h) + (1 - m[:, t]) * h
    return h
