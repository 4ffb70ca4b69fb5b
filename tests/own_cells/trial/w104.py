import torch


def run(cell, xs, lengths):
    B, T, E = xs.shape
    n_states = len(getattr(cell, "states", ("h",)))
    zeros = [xs.new_zeros(B, cell.hidden_size) for _ in range(n_states)]
    state = zeros[0] if n_states == 1 else tuple(zeros)
    result = xs.new_zeros(B, cell.hidden_size)
    for t in range(T - 1):
        state = cell(xs[:, t], state)
        h = state[0] if isinstance(state, tuple) else state
        # keep the state as long as the review has not ended
        inside = (t < lengths).unsqueeze(1)
        result = torch.where(inside, h, result)
    return result
