"""Recurrences one above the other: each is the cell run on the states below it."""

import dataclasses

import pytest
import torch

from rnn_core.bench.reference import torch_module
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.nn.sequence import run, watch
from tests.nn.variants import read_plainly

V, H, E = 12, 5, 3
LENGTHS = torch.tensor([9, 6, 6, 1])
PACKED = packing(LENGTHS)
CELLS = ["elman", "gru", "lstm"]


def make(layers=2, **settings):
    torch.manual_seed(6)
    sizes = {"hidden_size": H, "embedding_size": E, "initialisation": "uniform"}
    return Classifier(ModelConfig(layers=layers, **sizes | settings), V).double()


def batch():
    torch.manual_seed(1)
    return torch.randint(0, V, (len(LENGTHS), int(LENGTHS[0])))


def plainly(cell, xs, packed=PACKED):
    return torch.cat([step.h for step in unroll(cell, xs, packed, naive=True)])


@pytest.mark.parametrize("input_", ["embedding", "one-hot"])
@pytest.mark.parametrize(("cell", "layers"), [("elman", 2), ("gru", 3), ("lstm", 4)])
def test_a_layer_is_the_cell_run_on_the_states_below(cell, layers, input_):
    model = make(layers, cell=cell, input=input_)
    words = states = model.inputs(batch(), PACKED)
    assert len(model.layers) == layers
    for layer, of_layer in enumerate(model.layers, 1):
        torch.testing.assert_close(model.below(layer, words, PACKED), states)
        states = plainly(of_layer, states)
    torch.testing.assert_close(model.states(words, PACKED), states)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("readout", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_logits_and_gradients_equal_those_of_the_equations_one_review_at_a_time(cell, readout, bidirectional):
    model = make(3, cell=cell, readout=readout, bidirectional=bidirectional)
    ids, theirs = batch(), []
    for row, length in zip(ids, LENGTHS.tolist(), strict=True):
        hs, alone = model.embed(row[:length]), packing(torch.tensor([length]))
        for layer in range(3):
            states = [plainly(model.layers[layer], hs, alone)]
            if bidirectional:  # the layer above reads both
                states.append(plainly(model.backward_layers[layer], hs.flip(0), alone).flip(0))
            hs = torch.cat(states, dim=1)
        read = read_plainly(model, hs)
        if readout == "last" and bidirectional:
            read = torch.cat([hs[-1, :H], hs[0, H:]])
        theirs.append(model.head(read))
    ours, theirs = model(ids, LENGTHS), torch.stack(theirs)
    torch.testing.assert_close(ours, theirs)
    weights = list(model.parameters())
    of_both = [torch.autograd.grad((logits**2).sum(), weights) for logits in (ours, theirs)]
    for a, b in zip(*of_both, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("settings", [{"cell": "elman"}, {"cell": "gru", "reset": "after"}, {"cell": "lstm"}])
def test_two_layers_equal_those_of_torch_in_values_and_gradients(settings):
    model = make(2, **settings)
    module = torch_module(*model.layers)
    xs = torch.randn(4 * 7, E).double()
    ours, theirs = xs.clone().requires_grad_(), xs.clone().requires_grad_()
    packed = packing(torch.full((4,), 7))
    states, (of_torch, _) = model.states(ours, packed), module(theirs.view(7, 4, E))
    torch.testing.assert_close(states, of_torch.reshape(28, H))
    d = torch.randn_like(states)
    states.backward(d)
    of_torch.backward(d.view(7, 4, H))
    torch.testing.assert_close(ours.grad, theirs.grad)
    for cell, layer in zip(model.layers, ("l0", "l1"), strict=True):  # z of torch is one minus ours
        of_cell, parameter = cell.U.grad.T, module.get_parameter(f"weight_hh_{layer}").grad
        if settings["cell"] == "lstm":
            i, f, o, g = of_cell.chunk(4)
            of_cell = torch.cat([i, f, g, o])
        if settings["cell"] == "gru":
            r, z, n = of_cell.chunk(3)
            of_cell = torch.cat([r, -z, n])
        torch.testing.assert_close(of_cell, parameter)


def test_one_layer_is_to_the_bit_what_a_cell_and_a_head_are():
    model = make(1, bidirectional=True)
    assert {name.split(".")[0] for name in model.state_dict()} == {
        "embedding",
        "cell",
        "backward_cell",
        "head",
    }
    alone = make(1)
    xs = alone.inputs(batch(), PACKED)
    assert torch.equal(alone.read(xs, PACKED), run(alone.cell, xs, PACKED))
    assert torch.equal(alone.states(xs, PACKED), run(alone.cell, xs, PACKED, every=True))


def test_the_first_weights_of_one_layer_are_drawn_as_before_there_were_more():
    one, two = make(1), make(2)
    assert torch.equal(one.embedding.weight, two.embedding.weight)
    assert torch.equal(one.cell.W, two.cell.W)
    torch.manual_seed(6)
    embedding = torch.nn.Embedding(V, E, padding_idx=0)
    assert torch.equal(one.embedding.weight, embedding.weight.double())


def test_watched_states_of_any_layer_have_the_gradient_of_a_nudge():
    model = make(2, cell="lstm")
    xs = model.inputs(batch(), PACKED).detach()
    watched = {layer: watch(cell, PACKED) for layer, cell in enumerate(model.layers, 1)}
    logits = model.head(model.pool(model.states(xs, PACKED, watched), PACKED)).sum()
    d_lower = torch.autograd.grad(logits, watched[1][0])[0]
    t, unit, nudge = 4, 2, 1e-6  # the first row at time step 4

    def nudged(change):
        cell, hs = model.layers[0], []
        alone = packing(LENGTHS[:1])
        state = cell.initial_state(1)
        for now, x in enumerate(xs[PACKED.rows == 0]):
            step = cell.naive(x.unsqueeze(0), state)
            state = [part.clone() for part in step[:2]]
            if now == t:
                state[0][0, unit] += change
            hs.append(state[0])
        return model.head(plainly(model.layers[1], torch.cat(hs), alone)[-1]).sum().item()

    with torch.no_grad():
        measured = (nudged(nudge) - nudged(-nudge)) / (2 * nudge)
    assert d_lower[PACKED.starts[t], unit].item() == pytest.approx(measured, rel=1e-6)


def test_dropout_lies_between_layers_while_training_and_nowhere_else():
    model = make(3, layer_dropout=0.5)
    xs = model.inputs(batch(), PACKED)
    assert torch.equal(model.train().below(1, xs, PACKED), xs)
    dropped = model.below(2, xs, PACKED)
    zeros = (dropped == 0).double().mean()
    assert 0.3 < zeros < 0.7
    states = run(model.cell, xs, PACKED, every=True)
    torch.testing.assert_close(dropped[dropped != 0], 2 * states[dropped != 0])
    torch.testing.assert_close(model.eval().below(2, xs, PACKED), states)


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}, {"input": "one-hot"}, {"cell": "lstm"}])
def test_parameters_are_counted_without_building_the_network(settings):
    config = ModelConfig(layers=3, **settings)
    built = sum(weights.numel() for weights in Classifier(config, V).parameters())
    assert count_parameters(config, V) == built
    assert count_parameters(dataclasses.replace(config, layers=2), V) < built


def test_layers_that_no_laptop_holds_are_refused_in_words():
    with pytest.raises(
        ConfigError, match=r"at most 50,000,000 weights together.*got 301,989,888\. Choose fewer"
    ):
        RunConfig().with_settings(layers=4, hidden_size=2_048, cell="lstm", bidirectional=True)
    RunConfig().with_settings(layers=4, hidden_size=512, cell="lstm", bidirectional=True)


@pytest.mark.parametrize("layers", [0, 5])
def test_no_layer_and_five_layers_are_refused_in_words(layers):
    with pytest.raises(ConfigError, match=rf"Layers must be between 1 and 4, got {layers}\."):
        RunConfig().with_settings(layers=layers)
