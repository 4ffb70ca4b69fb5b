"""A network read slowly, as the second way: by the naive cells, one time step of one layer after another."""

import copy
from functools import partial

import torch

from rnn_core.nn.classifier import ids_before
from rnn_core.tasks.classes import compared
from tests.nn.variants import read_plainly


def as_computed(t, letter, values):
    """What a cell goes on with at time step t in the place of a quantity: holds nothing."""
    return values


def inputs(classifier, ids):
    """What the lowest cells get at each time step of a window: (T, E), or with one-hot input the ids."""
    ids = torch.tensor(ids)
    return classifier.embed(ids, ids_before(ids)).detach()


def with_projected_inputs(classifier, ids):
    """A network with one-hot input as one that gets the rows of W themselves, and these rows, (T, D*G*H)."""
    other = copy.deepcopy(classifier)
    lowest = [*other.layers[:1], *other.backward_layers[:1]]
    rows = torch.cat([cell.W.detach()[list(ids)] for cell in lowest], dim=1)
    for cell, picked in zip(lowest, torch.eye(rows.shape[1]).to(rows).chunk(len(lowest), dim=1), strict=True):
        cell.one_hot, cell.W = False, torch.nn.Parameter(picked)
    return other, rows


def computed_slowly(cell, xs, hold=as_computed):
    """All that a cell computes, (T, H) by letter."""
    state, steps = cell.initial_state(1), []
    for t, x in enumerate(xs):
        steps.append(cell.naive(x[None], state, partial(hold, t)))
        state = steps[-1][: cell.state_size]
    return {
        letter: torch.cat(of) for letter, of in zip(steps[0]._fields, zip(*steps, strict=True), strict=True)
    }


def read_slowly(classifier, xs, layer=None, hold=as_computed):
    """What the cell of a layer computes that reads forwards, and each state of the top layer, (T, D*H)."""
    layer, every = layer or len(classifier.layers), []
    for number, cell in enumerate(classifier.layers, 1):
        every.append(computed_slowly(cell, xs, hold if number == layer else as_computed))
        hs = every[-1]["h"]
        if classifier.config.bidirectional:
            back = computed_slowly(classifier.backward_layers[number - 1], xs.flip(0))["h"].flip(0)
            hs = torch.cat([hs, back], dim=1)
        xs = hs
    return every[layer - 1], xs


def answer_slowly(classifier, hs):
    """The answer as it is compared, (1 or K,), given each state of the top layer."""
    if not classifier.config.bidirectional or classifier.readout.mixes_units:
        return compared(classifier.head(read_plainly(classifier, hs)))
    forwards, back = hs.chunk(2, dim=1)  # each is read in its own order
    read = torch.cat([read_plainly(classifier, one) for one in (forwards, back.flip(0))])
    return compared(classifier.head(read))


def answers_slowly(classifier, xs, layer=None, hold=as_computed):
    """The answer to each beginning of a window, each read alone, (T, 1 or K)."""
    beginnings = (xs[: t + 1] for t in range(len(xs)))
    return torch.stack(
        [answer_slowly(classifier, read_slowly(classifier, one, layer, hold)[1]) for one in beginnings]
    )
