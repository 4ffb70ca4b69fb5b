"""The whole network: readouts, heads, and padding that is truly skipped."""

import copy
import itertools
import pickle

import pytest
import torch
from torch.optim.swa_utils import AveragedModel
from torch.utils.checkpoint import checkpoint

from rnn_core.config.model_settings import ModelConfig
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from tests.nn.variants import read_plainly, saying

V = 30
CELLS = ["elman", "gru", "lstm"]
VARIANTS = [{"cell": "elman"}, {"cell": "gru"}, {"cell": "gru", "reset": "after"}, {"cell": "lstm"}]
INPUTS = ["embedding", "one-hot"]
READOUTS = ["last", "mean", "max", "attention"]


def make(**settings):
    torch.manual_seed(5)
    model = Classifier(ModelConfig(**{"hidden_size": 6, "embedding_size": 4, **settings}), V).double()
    if model.config.bigrams:
        model.bigrams.know(torch.randint(3, V, (300, 2)).unique(dim=0))
        torch.nn.init.normal_(model.bigrams.vectors.weight[1:])
    if model.config.counted_bigrams:
        pairs = torch.randint(3, V, (300, 2)).unique(dim=0)
        model.counted.know(pairs)
        model.counted.set_odds(torch.randn(len(pairs)), torch.randn(5, len(pairs)))
    return model


@pytest.mark.parametrize("readout", READOUTS)
def test_skipping_padding_equals_one_review_at_a_time(readout):
    for cell, input_ in itertools.product(CELLS, INPUTS):
        model = make(cell=cell, readout=readout, input=input_)
        ids = torch.randint(3, V, (5, 9))
        lengths = torch.tensor([9, 7, 7, 2, 1])
        together = model(ids, lengths)
        alone = [model(ids[i : i + 1, :n], torch.tensor([n])) for i, n in enumerate(lengths.tolist())]
        with saying(cell, input_):
            torch.testing.assert_close(together, torch.cat(alone))


def test_what_stands_beyond_the_end_of_a_review_changes_nothing():
    model = make(readout="max")
    ids = torch.randint(3, V, (2, 6))
    other = ids.clone()
    other[1, 3:] = 0
    lengths = torch.tensor([6, 3])
    assert torch.equal(model(ids, lengths), model(other, lengths))


def test_padding_that_is_read_does_change_the_answer():
    model = make()
    ids = torch.tensor([[5, 6, 7, 0, 0]])
    read, skipped = model(ids, torch.tensor([5])), model(ids, torch.tensor([3]))
    assert (read - skipped).abs().item() > 1e-4


def plain(model, ids, lengths):
    """The network as one would write it first: one review at a time, by the equations."""
    logits = []
    for row, length in zip(ids, lengths.tolist(), strict=True):
        words, alone = row[:length], packing(torch.tensor([length]))
        xs = model.embed(words, torch.tensor([0, *words.tolist()[:-1]]))
        directions = [unroll(model.cell, xs, alone, naive=True)]
        if model.config.bidirectional:
            directions.append(unroll(model.backward_cell, xs.flip(0), alone, naive=True))
        hs = [torch.cat([step.h for step in steps]) for steps in directions]
        if model.config.readout == "last":
            logits.append(model.head(torch.cat([h[-1] for h in hs])))
            continue
        hs[1:] = [h.flip(0) for h in hs[1:]]
        logits.append(model.head(read_plainly(model, torch.cat(hs, dim=1))))
    return torch.stack(logits)


RECIPES = {
    "both directions": {"bidirectional": True},
    "both, one-hot": {"bidirectional": True, "input": "one-hot", "cell": "lstm"},
    "bigrams": {"bigrams": 300},
    "counted bigrams": {"counted_bigrams": 300},
    "all bigrams in both": {"bigrams": 300, "counted_bigrams": 400, "bidirectional": True},
    "bigrams in both": {"bigrams": 300, "bidirectional": True, "head": "two-logit"},
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_so_they_do_with_the_settings_of_a_recipe(recipe):
    for readout in READOUTS:
        with saying(readout):
            check_by_the_equations(make(**recipe, readout=readout))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: "-".join(variant.values()))
def test_logits_and_gradients_equal_those_of_the_equations_one_review_at_a_time(variant):
    for input_, readout in itertools.product(INPUTS, READOUTS):
        with saying(input_, readout):
            check_by_the_equations(make(**variant, input=input_, readout=readout))


def check_by_the_equations(model):
    ids, lengths = torch.randint(0, V, (6, 14)), torch.tensor([14, 13, 5, 5, 2, 1])
    ours, theirs = model(ids, lengths), plain(model, ids, lengths)
    torch.testing.assert_close(ours, theirs)
    weights = list(model.parameters())
    of_both = [torch.autograd.grad((logits**2).sum(), weights) for logits in (ours, theirs)]
    for a, b in zip(*of_both, strict=True):
        torch.testing.assert_close(a, b)


def averaged(model):
    return AveragedModel(model)


def pickled(model):
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled, averaged])
@pytest.mark.parametrize("cell", CELLS)
def test_a_copy_says_the_same_and_keeps_its_own_weights(cell, copied):
    model = make(cell=cell)
    ids, lengths = torch.randint(3, V, (3, 9)), torch.tensor([9, 4, 1])
    before = model(ids, lengths)
    twin = copied(model)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(2)
    assert torch.equal(twin(ids, lengths), before)
    assert not torch.equal(model(ids, lengths), before)


@pytest.mark.parametrize("cell", CELLS)
def test_checkpointing_changes_no_gradient(cell):
    model = make(cell=cell)
    ids, lengths = torch.randint(3, V, (3, 20)), torch.tensor([20, 4, 1])
    once, twice = (
        torch.autograd.grad(logits.sum(), list(model.parameters()))
        for logits in (model(ids, lengths), checkpoint(model, ids, lengths, use_reentrant=False))
    )
    for a, b in zip(once, twice, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("readout", READOUTS)
def test_padding_is_a_zero_vector_that_is_not_trained(readout):
    model = make(readout=readout)
    model(torch.tensor([[5, 0, 0]]), torch.tensor([3])).sum().backward()
    assert torch.equal(model.embedding.weight[0], torch.zeros(4, dtype=torch.float64))
    assert torch.equal(model.embedding.weight.grad[0], torch.zeros(4, dtype=torch.float64))
    assert model.embedding.weight.grad[5].abs().sum() > 0


def test_word_dropout_replaces_words_and_leaves_special_tokens():
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


def test_words_that_were_dropped_leave_their_bigrams_which_have_a_dropout_of_their_own():
    model = make(bigrams=300, word_dropout=0.9)
    pair = model.bigrams.known[0].item()
    before, word = (torch.full((200,), part) for part in divmod(pair, V))
    torch.manual_seed(0)
    xs = model.train().embed(word, before)
    vector, words = model.bigrams(before[:1], word[:1]), model.embedding.weight
    assert vector.abs().sum() > 0
    assert {tuple(x) for x in (xs - vector).detach().round(decimals=9).tolist()} == {
        tuple(x) for x in words[[2, word[0].item()]].detach().round(decimals=9).tolist()
    }


def test_a_network_with_bigrams_asks_for_the_ids_before():
    with pytest.raises(ValueError, match="needs the ids before"):
        make(bigrams=300).embed(torch.tensor([3]))


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_are_counted_without_building_the_network(cell):
    for settings in (
        {},
        {"input": "one-hot"},
        {"head": "two-logit"},
        {"reset": "after"},
        {"bigrams": 40},
        {"counted_bigrams": 40},
        {"bidirectional": True},
        {"readout": "attention"},
        {"readout": "attention", "bidirectional": True},
    ):
        config = ModelConfig(cell=cell, **settings)
        built = sum(weights.numel() for weights in Classifier(config, V).parameters())
        assert count_parameters(config, V) == built, settings


def of_classes(K, **settings):
    torch.manual_seed(5)
    return Classifier(ModelConfig(hidden_size=6, embedding_size=4, **settings), V, K).double()


def test_a_head_for_many_classes_has_a_logit_for_each_whatever_the_setting_for_two_says():
    for head in ("one-logit", "two-logit"):
        assert of_classes(7, head=head).head.out_features == 7
    more = count_parameters(ModelConfig(hidden_size=6), V, 7) - count_parameters(
        ModelConfig(hidden_size=6), V
    )
    assert more == 6 * (6 + 1)
