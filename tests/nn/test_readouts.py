"""What is read of a text, up to each token and a token further on; and the weights of attention."""

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import Classifier, make_readout
from rnn_core.nn.packing import packing
from rnn_core.nn.readouts import Attention, Readout
from tests.nn.variants import attention_weights

LENGTHS = [7, 4, 4, 1]


def made(size=5, units=3):
    torch.manual_seed(3)
    attention = Attention(size, units).double()
    for weights in attention.parameters():
        torch.nn.init.normal_(weights)
    packed = packing(torch.tensor(LENGTHS))
    return attention, torch.randn(len(packed.rows), size).double().requires_grad_(), packed


def rows_of(values, packed):
    return [values[packed.rows == row] for row in range(len(packed.lengths))]


@pytest.mark.parametrize("name", READOUTS)
def test_what_is_read_so_far_is_what_is_read_of_the_beginning_and_follows_step_by_step(name):
    torch.manual_seed(4)
    readout, hs = make_readout(ModelConfig(readout=name, hidden_size=5)).double(), torch.randn(9, 5).double()
    so_far, plainly = readout.so_far(hs), Readout.so_far(readout, hs)
    for fast, stepwise in zip(so_far, plainly, strict=True):
        torch.testing.assert_close(fast, stepwise)
    for t, read in enumerate(so_far[0], 1):
        torch.testing.assert_close(readout.pool(hs[:t], packing(torch.tensor([t])))[0], read)


def test_a_readout_that_is_called_like_another_part_of_a_network_is_refused(monkeypatch):
    monkeypatch.setattr(READOUTS, "_values", {**READOUTS, "head": READOUTS["mean"]})
    with pytest.raises(ConfigError, match="A readout can't be called head"):
        Classifier(ModelConfig(readout="head", hidden_size=5), 9)


def test_the_weights_of_each_row_sum_to_one_and_are_those_of_the_equations():
    attention, hs, packed = made()
    weights = attention.weights(hs, packed)
    assert (weights > 0).all()
    for ours, states in zip(rows_of(weights, packed), rows_of(hs, packed), strict=True):
        torch.testing.assert_close(ours.sum(), torch.tensor(1.0).double())
        torch.testing.assert_close(ours, attention_weights(attention, states))


def test_the_readout_is_the_sum_of_the_states_times_their_weights():
    attention, hs, packed = made()
    for ours, states in zip(attention.pool(hs, packed), rows_of(hs, packed), strict=True):
        torch.testing.assert_close(ours, attention_weights(attention, states) @ states)


def test_its_gradients_are_those_of_finite_differences():
    attention, hs, packed = made()
    torch.autograd.gradcheck(lambda *_: attention.pool(hs, packed), (hs, *attention.parameters()))


def test_weights_change_with_the_query_as_derived():
    attention, hs, packed = made()
    states = rows_of(hs, packed)[0]
    alone = packing(torch.tensor([len(states)]))
    change = torch.autograd.functional.jacobian(
        lambda v: torch.func.functional_call(_Weights(attention), {"attention.v": v}, (states, alone)),
        attention.v,
    )  # (T, A)
    a, weights = torch.tanh(states @ attention.W + attention.b), attention.weights(states, alone)
    torch.testing.assert_close(change, weights.unsqueeze(1) * (a - weights @ a))


class _Weights(torch.nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.attention = attention

    def forward(self, hs, packed):
        return self.attention.weights(hs, packed)


def test_without_a_query_it_is_the_mean():
    attention, hs, packed = made()
    attention.v.data.zero_()
    torch.testing.assert_close(attention.pool(hs, packed), packed.mean(hs))


@pytest.mark.parametrize("scale", [1e3, 1e6])
def test_a_large_score_takes_all_the_weight_without_overflow(scale):
    attention, hs, packed = made()
    attention.v.data.mul_(scale)
    weights = attention.weights(hs, packed)
    for ours, states in zip(rows_of(weights, packed), rows_of(hs, packed), strict=True):
        assert ours.argmax() == attention.scores(states).argmax()
        assert ours.max() > 0.99
