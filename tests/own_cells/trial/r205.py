import torch


def run(cell, xs, lengths):
    B = xs.size(0)
    h = torch.zeros(B, cell.hidden_size).type_as(xs)
    result = torch.zeros_like(h)
    t = 0
    while t < xs.size(1):
        h = cell(xs[:, t, :], h)
        t += 1
        finished = (lengths == t).view(B, 1)   # this was their last word
        result = torch.where(finished, h, result)
    return result
