import torch


def run(cell, xs, lengths):
    """masked: finished rows keep their state"""
    batch, steps, _ = xs.shape
    several = len(getattr(cell, "states", ("h",))) > 1
    zero = xs.new_zeros(batch, cell.hidden_size)
    state = (zero, zero) if several else zero
    alive_at = torch.arange(steps, device=xs.device)[None, :] < lengths.to(xs.device)[:, None]   # (B, T)
    for t in range(steps):
        new = cell(xs[:, t], state)
        keep = alive_at[:, t, None]
        if several:
            state = tuple(torch.where(keep, n, o) for n, o in zip(new, state))
        else:
            state = torch.where(keep, new, state)
    return state[0] if several else state
