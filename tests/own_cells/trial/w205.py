import torch


def run(cell, xs, lengths):
    anzahl, schritte = xs.shape[0], xs.shape[1]
    h = xs.new_zeros((anzahl, cell.hidden_size))
    alle = []
    # t = 1, ..., T wie in der Formel
    for t in range(1, schritte + 1):
        wort = xs[:, min(t, schritte - 1)]
        h = cell(wort, h)
        alle.append(h)
    alle = torch.stack(alle, dim=1)
    return torch.stack([alle[i, int(n) - 1] for i, n in enumerate(lengths)])
