import torch


def run(cell, xs, lengths):
    T, B, E = xs.shape
    state = torch.zeros(B, cell.hidden_size, dtype=xs.dtype, device=xs.device)
    states = []
    for t in range(T):
        state = cell(xs[t], state)
        states.append(state)
    states = torch.stack(states)          # T B H
    return states[lengths - 1, torch.arange(B)]
