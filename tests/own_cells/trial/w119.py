import torch


def run(cell, xs, lengths):
    B, T, E = xs.shape
    h = xs.new_zeros(B, cell.hidden_size)
    c = xs.new_zeros(B, cell.hidden_size)
    lstm = len(getattr(cell, "states", ("h",))) == 2
    for t in range(T):
        if lstm:
            h_new, c_new = cell(xs[:, t], (h, c))
        else:
            h_new, c_new = cell(xs[:, t], h), c
        # only the rows that are not finished
        mask = (t <= lengths).unsqueeze(1)
        h = torch.where(mask, h_new, h)
        c = torch.where(mask, c_new, c)
    return h
