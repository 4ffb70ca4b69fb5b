"""A look inside says what nudges to states, single reviews and the cells themselves say."""

import json
import math

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.inspection.trace import norms
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.holds import Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.symbols import KINDS
from rnn_core.tasks.classes import cross_entropies
from rnn_core.training.gradient_flow import MOST_DISTANCES, _means, check_look, look_at_layer, look_inside
from tests.nn.variants import read_plainly

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
@pytest.mark.parametrize(("cell", "layers"), [*((cell, 1) for cell in KINDS), ("gru", 3)])
def test_a_look_is_that_of_nudges_and_slow_steps(cell, layers, readout):
    """Each layer by itself; gradients are those of nudges to its states."""
    classifier = make(cell=cell, layers=layers, readout=readout).eval()
    ids, lengths, labels = batch()
    whole, packed = look_inside(classifier, ids, lengths, labels), packing(lengths)
    assert whole["distance"] == list(range(7))  # so few are not grouped
    assert layers > 1 or look_at_layer(whole, 1) is whole
    declared, to_the_end = classifier.config.declared, lengths[packed.rows] - 1 - packed.times
    for number, looked_into in enumerate(classifier.layers):
        nudges = [torch.zeros(14, 4, dtype=torch.float64, requires_grad=True) for _ in declared.states]
        xs, steps = classifier.inputs(ids, packed), []
        for one in classifier.layers:
            holds = Holds(added=dict(zip(one.states, nudges, strict=True)) if one is looked_into else {})
            steps.append(packed_steps(unroll(one, xs, packed, naive=True, holds=holds)))
            xs = steps[-1].h
        read = torch.stack([read_plainly(classifier, xs[packed.rows == row]) for row in range(3)])
        loss = cross_entropies(classifier.head(read), labels).sum()
        slopes = dict(zip(declared.states, torch.autograd.grad(loss, nudges), strict=True))
        inside, computed = look_at_layer(whole, number + 1), declared.complete(steps[number]._asdict())
        for name, vectors, places in (("gradients", slopes, to_the_end), ("norms", computed, packed.times)):
            for letter, means in inside[name].items():
                each = vectors[letter].norm(dim=1)
                assert means == pytest.approx([each[places == n].mean().item() for n in range(7)], rel=1e-4)
        for letter, shares in inside["gates"].items():
            values = computed[letter]
            assert shares == pytest.approx([one.sum().item() / 56 for one in (values < 0.1, values > 0.9)])
        prefix = f"upper.{number - 1}." if number else "cell."
        weights = {f"{prefix}{name}": w.norm().item() for name, w in looked_into.named_parameters()}
        found = inside["weights"].items()
        assert {n: w for n, w in found if n.startswith(("cell.", "upper."))} == pytest.approx(weights)


def test_a_norm_too_small_to_be_squared_is_no_zero():
    """The square of 1e-25 is 1e-50, and 32 bits end at 1e-45."""
    vectors = torch.full((4, 9), 1e-25)
    means = _means(vectors, torch.tensor([0, 1, 1, 0]), torch.tensor([0, 1]))
    assert means == pytest.approx([3e-25, 3e-25])
    assert norms(vectors.numpy()) == pytest.approx([3e-25] * 4)


def test_the_states_and_gates_are_those_of_the_cell():
    for cell, states, gates in (("elman", "h", ["slope"]), ("gru", "h", "rz"), ("lstm", "hc", "ifo")):
        inside = look_inside(make(cell=cell), *batch())
        assert set(inside["gates"]) == {*gates}
        assert set(inside["gradients"]) == set(inside["norms"]) == {*states}


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


def test_layers_whose_lists_do_not_fit_are_refused():
    inside = look_inside(make(layers=2), *batch())
    check_look(inside)
    inside["below"][0]["norms"]["h"].pop()
    with pytest.raises(ValueError, match="the norms of h inside must be as many"):
        check_look(inside)
