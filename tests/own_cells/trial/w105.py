import torch


def get_h(state):
    if isinstance(state, tuple):
        return state[0]
    return state


def detach(state):
    if isinstance(state, tuple):
        return tuple(s.detach() for s in state)
    return state.detach()


def run(cell, xs, lengths):
    batch, time, _ = xs.size()
    if len(getattr(cell, "states", ["h"])) == 2:
        state = (xs.new_zeros(batch, cell.hidden_size), xs.new_zeros(batch, cell.hidden_size))
    else:
        state = xs.new_zeros(batch, cell.hidden_size)
    outputs = []
    for t in range(time):
        state = cell(xs[:, t, :], detach(state))  # otherwise "backward through the graph a second time"
        outputs.append(get_h(state))
    outputs = torch.stack(outputs, dim=1)
    return outputs[torch.arange(batch), lengths - 1]
