"""The whole network: its layers, directions, inputs and readouts against the equations, a text at a time."""

import copy
import pickle

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.nn.sequence import run
from rnn_core.symbols import CELLS
from tests.nn.variants import read_plainly, saying

V, H = 30, 6
LENGTHS = torch.tensor([9, 6, 6, 2, 1])
PACKED = packing(LENGTHS)
FOLDS = torch.tensor([1, -1, 0, 4, 1])  # whose counts of bigrams each row leaves out
NETWORKS = {
    "plain": {},
    "one-hot": {"input": "one-hot"},
    "two logits": {"head": "two-logit"},
    "seven classes": {"classes": 7},
    "seven, whatever is set for two": {"classes": 7, "head": "two-logit"},
    "both, one-hot": {"bidirectional": True, "input": "one-hot", "cell": "lstm"},
    "bigrams": {"bigrams": 300},
    "counted bigrams": {"counted_bigrams": 300},
    "all bigrams in both": {"bigrams": 300, "counted_bigrams": 400, "bidirectional": True},
    "three layers in both": {"layers": 3, "bidirectional": True, "cell": "lstm"},
    "four layers, one-hot": {"layers": 4, "input": "one-hot", "cell": "elman"},
}


def make(classes=2, **settings):
    torch.manual_seed(5)
    sizes = {"hidden_size": H, "embedding_size": 4, "initialisation": "uniform"}
    model = Classifier(ModelConfig(**{**sizes, **settings}), V, classes).double()
    pairs = torch.randint(3, V, (300, 2)).unique(dim=0)
    if model.config.bigrams:
        model.bigrams.know(pairs)
        torch.nn.init.normal_(model.bigrams.vectors.weight[1:])
    if model.config.counted_bigrams:
        model.counted.know(pairs)
        model.counted.set_odds(torch.randn(len(pairs)), torch.randn(5, len(pairs)))
    return model


def batch():
    """Ids of which some stand beyond the end of their row, where nothing may read them."""
    torch.manual_seed(1)
    return torch.randint(0, V, (len(LENGTHS), int(LENGTHS[0]) + 2))


def plainly(cell, xs, packed):
    return torch.cat([step.h for step in unroll(cell, xs, packed, naive=True)])


def plain(model, ids):
    """The network as one would write it first: one text at a time, by the equations."""
    logits = []
    for row, length, fold in zip(ids, LENGTHS.tolist(), FOLDS, strict=True):
        words, alone = row[:length], packing(torch.tensor([length]))
        hs = model.embed(words, torch.tensor([0, *words.tolist()[:-1]]), fold.expand(length))
        for layer, cell in enumerate(model.layers):
            states = [plainly(cell, hs, alone)]
            if model.config.bidirectional:  # the layer above reads both
                states.append(plainly(model.backward_layers[layer], hs.flip(0), alone).flip(0))
            hs = torch.cat(states, dim=1)
        read = read_plainly(model, hs)
        if model.config.readout == "last" and model.config.bidirectional:
            read = torch.cat([hs[-1, :H], hs[0, H:]])
        logits.append(model.head(read))
    return torch.stack(logits)


def check_by_the_equations(model):
    ids = batch()
    ours, theirs = model(ids, LENGTHS, FOLDS), plain(model, ids)
    torch.testing.assert_close(ours, theirs)
    weights = list(model.parameters())
    torch.testing.assert_close(
        *(torch.autograd.grad((logits**2).sum(), weights) for logits in (ours, theirs))
    )
    assert count_parameters(model.config, V, model.classes) == sum(one.numel() for one in weights)
    of_two = 2 if model.config.head == "two-logit" else 1
    assert ours.shape[1] == (model.classes if model.classes > 2 else of_two)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_a_network_is_what_its_equations_say(network):
    for readout in READOUTS:
        with saying(readout):
            check_by_the_equations(make(**network, readout=readout))


@pytest.mark.parametrize("variant", CELLS)
def test_one_of_any_cell_is_what_its_equations_say(variant):
    check_by_the_equations(make(**CELLS[variant].run_settings, layers=2, bidirectional=True))


def test_more_layers_leave_the_first_weights():
    one, two = make(bidirectional=True), make(layers=2)
    parts = {name.split(".")[0] for name in one.state_dict()}
    assert parts == {"embedding", "cell", "backward_cell", "head"}
    torch.manual_seed(5)
    embedding = torch.nn.Embedding(V, 4, padding_idx=0)
    for model in (one, two):
        assert torch.equal(model.embedding.weight, embedding.weight.double())
    assert torch.equal(one.cell.W, two.cell.W)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), AveragedModel],
    ids=["copied", "pickled", "averaged"],
)
@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_a_copy_says_the_same_and_keeps_its_weights(cell, copied):
    model = make(cell=cell)
    before = model(batch(), LENGTHS)
    twin = copied(model)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2)
    assert torch.equal(twin(batch(), LENGTHS), before)
    assert not torch.equal(model(batch(), LENGTHS), before)


@pytest.mark.parametrize("readout", READOUTS)
def test_padding_is_a_zero_vector_that_is_not_trained(readout):
    model = make(readout=readout)
    model(torch.tensor([[5, 0, 0]]), torch.tensor([3])).sum().backward()
    assert not model.embedding.weight[0].any()
    assert not model.embedding.weight.grad[0].any()
    assert model.embedding.weight.grad[5].any()


def test_word_dropout_leaves_special_tokens():
    model = make(word_dropout=0.9)
    ids = torch.cat([torch.tensor([[0, 1]]), torch.full((1, 200), 7)], dim=1)
    torch.manual_seed(0)
    xs = model.train().embed(ids)[0]
    unknown, word = model.embedding.weight[2], model.embedding.weight[7]
    replaced = (xs[2:] == unknown).all(dim=1)
    assert 150 < replaced.sum() < 200
    assert ((xs[2:] == word).all(dim=1) | replaced).all()
    assert torch.equal(xs[:2], model.embedding.weight[:2])
    assert torch.equal(model.eval().embed(ids)[0, 2:], word.expand(200, -1))


def test_a_dropped_word_leaves_its_bigram():
    """Bigrams have a dropout of their own."""
    model = make(bigrams=300, word_dropout=0.9)
    pair = model.bigrams.known[0].item()
    before, word = (torch.full((200,), part) for part in divmod(pair, V))
    torch.manual_seed(0)
    xs = model.train().embed(word, before)
    vector, words = model.bigrams(before[:1], word[:1]), model.embedding.weight
    assert vector.any()
    found, expected = (xs - vector).unique(dim=0), words[[2, word[0].item()]].unique(dim=0)
    torch.testing.assert_close(found.round(decimals=9).unique(dim=0), expected.round(decimals=9))


def test_layer_dropout_lies_between_layers_in_training():
    model = make(layers=3, layer_dropout=0.5)
    xs = model.inputs(batch(), PACKED)
    assert torch.equal(model.train().below(1, xs, PACKED), xs)
    dropped = model.below(2, xs, PACKED)
    assert 0.3 < (dropped == 0).double().mean() < 0.7
    states = run(model.cell, xs, PACKED, every=True)
    torch.testing.assert_close(dropped[dropped != 0], 2 * states[dropped != 0])
    torch.testing.assert_close(model.eval().below(2, xs, PACKED), states)
