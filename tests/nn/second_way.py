"""Two ways through a batch: all forms of a cell, and its equations one by one in plain torch."""

import torch
from torch.nn.functional import one_hot

from rnn_core.equations.equations import read_cell
from rnn_core.nn.cells import Cell
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run, run_on, steps
from tests.equations.slowly import time_steps
from tests.nn.variants import E, H


def made(text, name="typed", E=E, H=H, **settings):
    """A cell of equations whose every weight is something."""
    torch.manual_seed(2)
    cell = Cell(read_cell(text), E, H, kind=name, **settings).double()
    with torch.no_grad():
        for weights in cell.parameters():
            weights.normal_(0, 0.4)
        if cell.one_hot:
            cell.clear_padding()
    return cell


def differences(cell, lengths, *, given):
    """The distance of a cell and its equations: in all that is computed, and in each gradient of h.

    Each is relative to the largest number there, or to 1. h, of each time step or of the last, comes from the
    pass, from the loop by which states are watched, and from that which trains where there is no pass. Rows
    begin with a state that is `given`, or with the cell's own.
    """
    torch.manual_seed(sum(lengths))
    packed, (B, T), H = packing(torch.tensor(lengths)), (len(lengths), lengths[0]), cell.hidden_size
    xs = torch.randn(B, T, cell.input_size, dtype=torch.float64, requires_grad=True)
    ids = torch.randint(cell.input_size, (B, T))
    as_vectors = one_hot(ids, cell.input_size) * (ids > 0).unsqueeze(2)  # padding is zeros
    begin = tuple(torch.rand(B, H).double().add(0.5).requires_grad_() for _ in cell.states if given)
    added = {name: torch.zeros(B, T, H, dtype=torch.float64, requires_grad=True) for name in cell.states}
    slow = [*time_steps(
        cell.equations, {name: cell.weight(name) for name in cell.equations.weights},
        as_vectors.double() if cell.one_hot else xs, H, begin,
        lambda t, name, values: values + added[name][:, t] if name in added else values,
    )]  # fmt: skip
    names = [f"{letter}'" if letter in added else letter for letter in cell.step_type._fields]
    expected = [packed.pack(torch.stack([now[name].expand(B, H) for now in slow], dim=1)) for name in names]
    ends = [values[packed.last] for values in expected[: cell.state_size]] if given else []
    read = packed.pack(ids if cell.one_hot else xs)
    ds = {True: torch.randn(len(read), H).double(), False: torch.randn(B, H).double()}
    wanted = [*([] if cell.one_hot else [xs]), *begin, *cell.parameters()]

    def with_gradients(every, seen, watched):
        loss = (seen[0] * ds[every]).sum() + sum((end * ds[False]).sum() for end in seen[1:])
        how = {"retain_graph": True, "materialize_grads": True}
        return [*seen, *torch.autograd.grad(loss, [*wanted, *watched], **how)]

    def apart(found, expected):
        pairs = [*zip(found, expected, strict=True)]
        assert all(a.shape == b.shape for a, b in pairs)
        return [((a - b).abs().max() / b.abs().max().clamp_min(1)).item() for a, b in pairs]

    def forwards(**how):
        """Returns h and, where rows begin with a given state, the states that they end with."""
        if not given:
            return [run(cell, read, packed, **how)]
        h, ends = run_on(cell, read, packed, begin, **how)
        return [h, *ends]

    found = [] if given else apart(steps(cell, read, packed), expected)
    for naive in (True, False):
        found += apart(packed_steps(unroll(cell, read, packed, naive=naive, state=begin or None)), expected)
    for every, h, watched in ((True, expected[0], added), (False, expected[0][packed.last], {})):
        theirs = with_gradients(every, [h, *ends], watched.values())
        for one_pass in (cell.one_pass, None):
            cell.one_pass, kept = one_pass, cell.one_pass
            ours = forwards(every=every, watched=[packed.pack(one) for one in watched.values()])
            with torch.no_grad():
                found += apart(forwards(every=every), [h, *ends])
            cell.one_pass = kept
            found += apart(with_gradients(every, ours, watched.values()), theirs)
    return found
