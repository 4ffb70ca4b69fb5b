import torch


def run(cell, xs, lengths):
    B, T, _ = xs.shape
    H = cell.hidden_size
    states = getattr(cell, "states", ("h",))
    if len(states) > 1:
        state = tuple(torch.zeros(B, H, dtype=xs.dtype, device=xs.device) for _ in states)
    else:
        state = torch.zeros(B, H, dtype=xs.dtype, device=xs.device)
    all_h = []
    for x in xs.unbind(dim=1):
        state = cell(x, state)
        all_h.append(state[0] if len(states) > 1 else state)
    all_h = torch.stack(all_h, dim=1)
    index = (lengths.long() - 1).to(xs.device)
    return all_h[torch.arange(B, device=xs.device), index]
