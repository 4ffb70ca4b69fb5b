import torch


def run(cell, xs, lengths):
    n, steps = xs.shape[:2]
    h = torch.zeros(n, cell.hidden_size, dtype=xs.dtype, device=xs.device)
    for t in range(steps):
        running = torch.nonzero(lengths > t).flatten()
        if len(running) == 0:
            break
        # detach, otherwise: "modified by an inplace operation"
        old = h.detach()
        new = cell(xs[running, t], old[running])
        h = old.index_copy(0, running, new)
    return h
