"""A look inside says what nudges to states, single reviews and the cells themselves say."""

import json
import math

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.inspection.trace import norms
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.symbols import KINDS
from rnn_core.tasks.classes import cross_entropies
from rnn_core.training.gradient_flow import MOST_DISTANCES, _means, at_layer, check_look, look_inside
from tests.nn.variants import looped_with_nudges, read_plainly

pytestmark = pytest.mark.slow  # it goes back through many networks

V = 12
LENGTHS = [7, 5, 2]


def make(dtype=torch.float64, **settings):
    torch.manual_seed(4)
    classifier = Classifier(ModelConfig(hidden_size=4, embedding_size=3, head_dropout=0.5, **settings), V)
    return classifier.to(dtype)


def batch(lengths=LENGTHS):
    torch.manual_seed(5)
    ids = torch.randint(3, V, (len(lengths), max(lengths)))
    return ids, torch.tensor(lengths), torch.arange(len(lengths)) % 2


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("cell", KINDS)
def test_gradients_are_those_of_nudges_to_a_state(cell, readout):
    classifier = make(cell=cell, readout=readout).eval()
    ids, lengths, labels = batch()
    inside = look_inside(classifier, ids, lengths, labels)
    assert inside["distance"] == list(range(7))  # so few are not grouped
    nudged = classifier.cell
    found = {letter: [[] for _ in range(7)] for letter in nudged.states}
    for row, length in enumerate(LENGTHS):
        xs, alone = classifier.embed(ids[row, :length]), packing(lengths[row : row + 1])
        nudges = [torch.zeros(length, 4, dtype=torch.float64, requires_grad=True) for _ in nudged.states]
        hs = looped_with_nudges(nudged, xs, alone, nudges, every=True)
        logits = classifier.head(read_plainly(classifier, hs).unsqueeze(0))
        losses = cross_entropies(logits, labels[row : row + 1])
        for letter, slopes in zip(nudged.states, torch.autograd.grad(losses, nudges), strict=True):
            for distance, norm in enumerate(slopes.norm(dim=1).flip(0).tolist()):
                found[letter][distance].append(norm)
    for letter, gradients in inside["gradients"].items():
        assert gradients == pytest.approx([sum(some) / len(some) for some in found[letter]], rel=1e-4)


def test_a_norm_too_small_to_be_squared_is_no_zero():
    """The square of 1e-25 is 1e-50, and 32 bits end at 1e-45."""
    vectors = torch.full((4, 9), 1e-25)
    means = _means(vectors, torch.tensor([0, 1, 1, 0]), torch.tensor([0, 1]))
    assert means == pytest.approx([3e-25, 3e-25])
    assert norms(vectors.numpy()) == pytest.approx([3e-25] * 4)


@pytest.mark.parametrize(
    ("cell", "states", "gates"),
    [("elman", {"h"}, {"slope"}), ("gru", {"h"}, {"r", "z"}), ("lstm", {"h", "c"}, {"i", "f", "o"})],
)
def test_the_states_and_gates_are_those_of_the_cell(cell, states, gates):
    inside = look_inside(make(cell=cell), *batch())
    assert set(inside["gates"]) == gates
    assert set(inside["gradients"]) == set(inside["norms"]) == states
    assert len(set(map(tuple, inside["gradients"].values()))) == len(states)


@pytest.mark.parametrize(("bias", "shares"), [(1e3, [0.0, 1.0]), (-1e3, [1.0, 0.0])], ids=["open", "shut"])
def test_a_forced_gate_counts_as_open_or_shut(bias, shares):
    """An update gate that is shut lets every gradient through."""
    classifier = make(cell="gru")
    classifier.cell.b.data[4:8] = bias  # z
    inside = look_inside(classifier, *batch([7]))
    assert inside["gates"]["z"] == shares
    gradients = inside["gradients"]["h"]
    assert (gradients == pytest.approx([gradients[0]] * 7)) == (bias < 0)


def test_many_distances_are_grouped():
    classifier = make(torch.float32, cell="gru")
    inside = look_inside(classifier, *batch([400, 399, 10]))
    assert len(inside["distance"]) <= MOST_DISTANCES
    assert inside["distance"][0] == 0
    assert inside["distance"] == sorted(set(inside["distance"]))
    assert len(inside["gradients"]["h"]) == len(inside["norms"]["h"]) == len(inside["distance"])
    assert all(map(math.isfinite, inside["gradients"]["h"] + inside["norms"]["h"]))
    assert json.loads(json.dumps(inside))["distance"] == inside["distance"]


@pytest.mark.parametrize("training", [True, False])
def test_a_look_changes_nothing(training):
    classifier, asked = make(cell="lstm", word_dropout=0.5).train(training), batch()
    before, rng = {n: w.clone() for n, w in classifier.state_dict().items()}, torch.get_rng_state()
    assert look_inside(classifier, *asked) == look_inside(classifier, *asked)
    assert torch.equal(torch.get_rng_state(), rng)
    assert classifier.training is training
    assert all(torch.equal(weights, before[name]) for name, weights in classifier.state_dict().items())
    assert all(weights.grad is None for weights in classifier.parameters())


def test_a_unit_that_ignores_the_text_is_still():
    classifier = make(cell="elman")
    with torch.no_grad():
        classifier.cell.W[:, 1] = 0
        classifier.cell.U[:, 1] = 0
        classifier.cell.b[1] = 20.0  # h is 1, whatever comes
    assert look_inside(classifier, *batch())["still"] == 0.25


def test_padding_is_counted_where_it_is_read():
    ids, lengths, labels = batch([4, 4])
    ids[0, 2:] = 0
    assert look_inside(make(), ids, lengths, labels)["padding"] == 0.25


@pytest.mark.parametrize(("layers", "layer"), [(1, 1), (3, 1), (3, 2), (3, 3)])
def test_each_layer_has_gradients_norms_and_gates(layers, layer):
    classifier = make(cell="gru", layers=layers).eval()
    ids, lengths, labels = batch()
    whole = look_inside(classifier, ids, lengths, labels)
    inside = at_layer(whole, layer)
    assert layers > 1 or inside is whole
    assert ("below" in whole) == (layers > 1)
    packed, hs = packing(lengths), None
    xs = classifier.inputs(ids, packed)
    for number, cell in enumerate(classifier.layers, 1):
        steps = list(unroll(cell, xs, packed))
        xs = torch.cat([step.h for step in steps])
        if number == layer:
            hs, gates = xs, torch.cat([step.z for step in steps])
    loss = cross_entropies(classifier.head(xs[packed.last]), labels).sum()
    name = "cell.U" if layer == 1 else f"upper.{layer - 2}.U"
    assert {known for known in inside["weights"] if known.endswith(".U")} == {name}
    weight = classifier.layers[layer - 1].U.detach().norm().item()
    assert inside["weights"][name] == pytest.approx(weight)
    assert inside["gates"]["z"][1] == pytest.approx((gates > 0.9).double().mean().item())
    for t in range(7):
        norms = hs[packed.times == t].norm(dim=1)
        assert inside["norms"]["h"][t] == pytest.approx(norms.mean().item())
    # Only the last state has no later one of its layer through which the loss reaches it, too.
    d = torch.autograd.grad(loss, hs)[0][packed.last]
    assert inside["gradients"]["h"][0] == pytest.approx(d.norm(dim=1).mean().item())


def test_layers_whose_lists_do_not_fit_are_refused():
    inside = look_inside(make(layers=2), *batch())
    check_look(inside)
    inside["below"][0]["norms"]["h"].pop()
    with pytest.raises(ValueError, match="the norms of h inside must be as many"):
        check_look(inside)
