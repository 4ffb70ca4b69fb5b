"""Where the tokens of a batch lie, and what is read of them, against slow loops; the weights of attention."""

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import Classifier, make_readout
from rnn_core.nn.packing import packing
from rnn_core.nn.readouts import Readout
from tests.nn.variants import read_plainly
from tests.refusals import refusals

every_batch = pytest.mark.parametrize("lengths", [[5, 5, 3, 2, 2, 1], [4], [1], [1, 1, 1], [3, 3]], ids=str)


def tokens(lengths):
    """(time step, row) of each token, time step after time step."""
    return [(t, row) for t in range(lengths[0]) for row, length in enumerate(lengths) if length > t]


@every_batch
def test_tokens_lie_time_step_after_time_step(lengths):
    packed = packing(torch.tensor(lengths))
    assert list(zip(packed.times.tolist(), packed.rows.tolist(), strict=True)) == tokens(lengths)
    assert packed.lengths.tolist() == lengths
    assert packed.running == [sum(length > t for length in lengths) for t in range(lengths[0])]
    assert all(type(rows) is int for rows in packed.running)
    assert [tokens(lengths)[start][0] for start in packed.starts.tolist()] == [*range(lengths[0])]
    ends = [tokens(lengths)[i] for i in packed.last.tolist()]
    assert ends == [(length - 1, row) for row, length in enumerate(lengths)]


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)], ids=str)
@every_batch
def test_packed_values_are_those_of_their_tokens(lengths, shape):
    padded = torch.randn(len(lengths), lengths[0] + 2, *shape)  # wider than the longest row
    packed = packing(torch.tensor(lengths)).pack(padded)
    assert torch.equal(packed, torch.stack([padded[row, t] for t, row in tokens(lengths)]))


def test_ids_stay_whole_numbers_when_packed():
    assert packing(torch.tensor([2, 1])).pack(torch.tensor([[5, 6], [7, 0]])).tolist() == [5, 7, 6]


def pack(*lengths):
    return packing(torch.tensor(lengths, dtype=torch.int64))


test_lengths_that_do_not_descend_are_refused = refusals(
    ValueError,
    {
        "up": (lambda: pack(3, 1, 2), ("lengths must come the longest first, none below 1", "got [3, 1, 2]")),
        "none": (lambda: pack(2, 0), "got [2, 0]"),
        "below none": (lambda: pack(3, -1), "got [3, -1]"),
        "no row": (lambda: pack(), "got []"),
    },
)


def made(name, dtype=torch.float64):
    """A readout of states of 5 numbers, whose weights, where it has any, are something."""
    torch.manual_seed(3)
    readout = make_readout(ModelConfig(readout=name, hidden_size=5))
    for weights in readout.parameters():
        torch.nn.init.normal_(weights)
    return readout.to(dtype)


def plain(readout, name, states):
    return read_plainly(torch.nn.ModuleDict({name: readout}), states, name)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", READOUTS)
@every_batch
def test_a_readout_is_that_of_a_slow_loop(lengths, name, dtype):
    readout, packed = made(name, dtype), packing(torch.tensor(lengths))
    hs = torch.randn(sum(lengths), 5, dtype=dtype, requires_grad=True)
    expected = torch.stack([plain(readout, name, hs[packed.rows == row]) for row in range(len(lengths))])
    ours, d = readout.pool(hs, packed), torch.randn_like(expected)
    torch.testing.assert_close(ours, expected)
    inputs = [hs, *readout.parameters()]
    torch.testing.assert_close(*(torch.autograd.grad(read, inputs, d) for read in (ours, expected)))


@pytest.mark.parametrize("name", READOUTS)
def test_so_far_is_the_readout_of_the_beginning(name):
    """Also a step at a time."""
    readout, hs = made(name), torch.randn(9, 5).double()
    so_far = readout.so_far(hs)
    torch.testing.assert_close(so_far, Readout.so_far(readout, hs))
    for t, read in enumerate(so_far[0], 1):
        torch.testing.assert_close(readout.pool(hs[:t], pack(t))[0], read)


def test_a_part_of_a_network_gives_no_readout_its_name(monkeypatch):
    monkeypatch.setattr(READOUTS, "_values", {**READOUTS, "head": READOUTS["mean"]})
    with pytest.raises(ConfigError, match="A readout can't be called head"):
        Classifier(ModelConfig(readout="head", hidden_size=5), 9)


@pytest.mark.parametrize("scale", [0.0, 1e3, 1e6])
def test_a_large_score_takes_all_the_weight(scale):
    """Without overflow; without a query what is read is the mean."""
    readout, hs, packed = made("attention"), torch.randn(16, 5).double(), pack(7, 4, 4, 1)
    readout.v.data.mul_(scale)
    weights = readout.weights(hs, packed)
    if not scale:
        torch.testing.assert_close(readout.pool(hs, packed), packed.mean(hs))
        return
    for row in range(4):
        ours = weights[packed.rows == row]
        assert ours.argmax() == readout.scores(hs[packed.rows == row]).argmax()
        assert ours.max() > 0.99
