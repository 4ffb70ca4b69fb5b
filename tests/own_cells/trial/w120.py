import torch


def run(cell, xs, lengths):
    # longest first, then only the first n rows are still running
    lengths, order = torch.sort(lengths, descending=True)
    xs = xs[order]
    two = len(getattr(cell, "states", ("h",))) == 2
    hs = xs.new_zeros(len(xs), cell.hidden_size)
    state = (hs, hs) if two else (hs,)
    for t in range(int(lengths[0])):
        n = int((lengths > t).sum())
        now = tuple(s[:n] for s in state)
        new = cell(xs[:n, t], now if two else now[0])
        if not two:
            new = (new,)
        state = tuple(torch.cat([a, s[n:]]) for a, s in zip(new, state))
    return state[0]
