import torch


def run(cell, xs, lengths):
    """Runs a cell over xs; once a text is over its state stays as it was."""
    xs = xs.transpose(0, 1)  # time first
    T, B, E = xs.shape
    h = xs.new_zeros(B, cell.hidden_size)
    state = (h, h) if len(getattr(cell, "states", ("h",))) == 2 else (h,)
    for t in range(T):
        new = cell(xs[t], state if len(state) == 2 else state[0])
        if not isinstance(new, tuple):
            new = (new,)
        m = (lengths > t).to(xs.dtype).to(xs.device)[:, None]
        state = tuple(m * n + (1 - m) * o for n, o in zip(new, state))
    return state[0]
