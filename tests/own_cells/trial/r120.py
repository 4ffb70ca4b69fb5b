import torch
from torch.nn.utils.rnn import pack_padded_sequence


def run(cell, xs, lengths):
    packed = pack_padded_sequence(xs, lengths.cpu(), batch_first=True, enforce_sorted=False)
    two = len(getattr(cell, "states", ("h",))) == 2
    B = xs.shape[0]
    h = xs.new_zeros(B, cell.hidden_size)
    state = (h, h.clone()) if two else (h,)
    done = []
    at = 0
    for n in packed.batch_sizes.tolist():
        if n < len(state[0]):
            done.insert(0, state[0][n:])     # these rows are at their end
            state = tuple(s[:n] for s in state)
        x = packed.data[at:at + n]
        at += n
        new = cell(x, state if two else state[0])
        state = new if two else (new,)
    final = torch.cat([state[0]] + done)
    return final[packed.unsorted_indices]
