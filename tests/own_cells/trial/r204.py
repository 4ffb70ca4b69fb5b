import torch


def zeros_for(cell, xs):
    """(B, H) zeros, one for each state the cell has"""
    make = lambda: xs.new_zeros(xs.shape[0], cell.hidden_size)
    names = getattr(cell, "states", None)
    if names and len(names) > 1:
        return tuple(make() for _ in names)
    return make()


def run(cell, xs, lengths):
    state = zeros_for(cell, xs)
    seq = []
    for x in xs.transpose(0, 1):
        state = cell(x, state)
        seq.append(state[0] if isinstance(state, tuple) else state)
    seq = torch.stack(seq, 1)
    where = (lengths.to(seq.device).long() - 1)[:, None, None].expand(-1, 1, seq.shape[-1])
    return torch.gather(seq, 1, where)[:, 0]
