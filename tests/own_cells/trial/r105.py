import torch

# I go through each review by itself, so that I don't have to think of padding. Slow but simple.

def start(cell, xs):
    z = xs.new_zeros(1, cell.hidden_size)
    return (z, z.clone()) if len(getattr(cell, "states", "h")) == 2 else z


def run(cell, xs, lengths):
    rows = []
    for b in range(len(xs)):
        s = start(cell, xs)
        for t in range(int(lengths[b])):
            s = cell(xs[b:b + 1, t], s)
        rows.append(s[0] if isinstance(s, (tuple, list)) else s)
    return torch.cat(rows, dim=0)
