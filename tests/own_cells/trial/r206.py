import torch


def run(cell, xs, lengths):
    # every review on its own, a batch of one
    letzte = []
    for zeile, n in zip(xs, lengths.tolist()):
        h = zeile.new_zeros(1, cell.hidden_size)
        for wort in zeile[:n]:
            h = cell(wort[None], h)
        letzte.append(h)
    return torch.cat(letzte)
