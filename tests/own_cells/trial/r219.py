import torch


def run(cell, xs, lengths):
    """sorted, longest first: the rows that still run are always the first ones"""
    order = torch.argsort(lengths, descending=True)
    xs = xs.index_select(0, order)
    n = lengths[order]
    h = xs.new_zeros(xs.shape[0], cell.hidden_size)
    finished = []
    for t in range(int(n[0])):
        count = int((n > t).sum())
        if count < h.shape[0]:
            finished.insert(0, h[count:])
            h = h[:count]
        h = cell(xs[:count, t], h)
    out = torch.cat([h] + finished)
    return out.index_select(0, torch.argsort(order))
